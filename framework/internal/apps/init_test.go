package apps

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// desk is an application that exists, with its data.
func desk(t *testing.T, proxy string) made {
	t.Helper()
	offline(t)
	m := made{dir: filepath.Join(t.TempDir(), "desk")}
	archive, err := txtar.ParseFile(filepath.Join("testdata", "desk.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.Files {
		path := filepath.Join(m.dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	sum, err := os.ReadFile(filepath.Join("..", "..", "..", "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(m.dir, "go.sum"), sum, 0o644); err != nil {
		t.Fatal(err)
	}
	if out := m.do(t, "go run -mod=mod ./cmd/desk", "GOPROXY="+proxy); !strings.Contains(out, "1 customers, the first is Ada") {
		t.Fatal(out)
	}
	return m
}

// Leaven is added to an application that makes its own tables and has data. The two
// commands that init prints write the first migration and record it; then its sources
// change as init shows, and it is an application like any other.
func TestInit(t *testing.T) {
	proxy := proxyOf(t)
	m := desk(t, proxy)
	if out := m.leaven(t, 0, "init", "--dry-run"); !strings.Contains(out, "Would write") {
		t.Error(out)
	}
	if _, err := os.Stat(filepath.Join(m.dir, "cmd", "migrate")); err == nil {
		t.Fatal("a dry run has written")
	}
	out := m.leaven(t, 0, "init")
	for _, want := range []string{
		"+.PHONY: migrate-up", "+replace github.com/leavendb/leaven => ", "new       internal/store/all.go", "added to  Makefile", "added to  .gitignore",
		"Note:  store.All in internal/store lists the models (Customer): keep it complete",
		"Note:  internal/store/customer.go:20 creates tables while the program runs: the change above takes it out", "-		IfNotExists().\n",
		"Note:  cmd/desk/main.go:26 opens the database", "+	if err := migrate.Bootstrap(ctx, db,", "leaven init --patch | git apply",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	next := commands(out)
	if len(next) != 2 {
		t.Fatalf("not two commands, but %q", next)
	}
	m.do(t, `test -z "$(gofmt -l .)" && go vet ./...`)
	if out := m.do(t, next[0]); !strings.Contains(out, "Wrote migrations/") {
		t.Error(out)
	}
	if out := m.do(t, next[1]); !strings.Contains(out, "1 migration is recorded as applied without being run") {
		t.Error(out)
	}
	m.do(t, "go run ./cmd/migrate check")

	m.do(t, generator+" init --patch | git apply --verbose")
	m.do(t, `test -z "$(gofmt -l .)" && go vet ./... && go test ./...`)
	if out := m.do(t, "go run ./cmd/desk"); !strings.Contains(out, "2 customers, the first is Ada") {
		t.Error(out)
	}
	m.do(t, "rm data/app.db && MIGRATE_ON_START=apply go run ./cmd/desk && go run ./cmd/migrate status --exit-code")
	out = m.leaven(t, 0, "init")
	if !strings.HasPrefix(out, "Nothing to do: all of it is here.") || strings.Contains(out, "---") || !strings.Contains(out, "Next:  go run ./cmd/migrate\n") {
		t.Errorf("the second time: %s", out)
	}
	m.leaven(t, 0, "migration", "one more")
	m.do(t, "make migrate-up && go run ./cmd/migrate validate")
	m.read(t, proxy)
}
