package apps

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// desk is an application that exists, with its data.
func desk(t *testing.T, proxy string) (m made, migration []byte) {
	t.Helper()
	offline(t)
	m = made{filepath.Join(t.TempDir(), "desk")}
	archive, err := txtar.ParseFile(filepath.Join("testdata", "desk.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.Files {
		if f.Name == "migration.go" {
			migration = f.Data
			continue
		}
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
	return m, migration
}

// Leaven is added to an application that makes its own tables and has data, and
// the first migration takes over from there.
func TestInit(t *testing.T) {
	proxy := proxyOf(t)
	m, migration := desk(t, proxy)
	if out := m.leaven(t, 0, "init", "--dry-run"); !strings.Contains(out, "Would write") {
		t.Error(out)
	}
	if _, err := os.Stat(filepath.Join(m.dir, "cmd", "migrate")); err == nil {
		t.Fatal("a dry run has written")
	}
	out := m.leaven(t, 0, "init")
	for _, want := range []string{
		"+.PHONY: migrate-up", "+replace github.com/leavendb/leaven => ", "new       internal/store/all.go", "added to  Makefile", "added to  .gitignore",
		"Note:  store.All in internal/store lists the models (Customer): keep it complete", "Note:  internal/store/customer.go:20 creates tables while the program runs", "Next:  go run ./cmd/migrate",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	m.do(t, `test -z "$(gofmt -l .)" && go vet ./...`)
	if out := m.do(t, "go run ./cmd/migrate"); !strings.Contains(out, "./data/app.db") {
		t.Error(out)
	}
	if err := os.WriteFile(filepath.Join(m.dir, "migrations", "20260101090000_customers.go"), migration, 0o644); err != nil {
		t.Fatal(err)
	}
	if out := m.do(t, "make migrate-up"); !strings.Contains(out, "Applied 1 migration") {
		t.Error(out)
	}
	if out := m.do(t, "go run ./cmd/desk"); !strings.Contains(out, "2 customers, the first is Ada") {
		t.Error(out)
	}
	if out := m.leaven(t, 0, "init"); !strings.HasPrefix(out, "Nothing to do: all of it is here.") {
		t.Errorf("the second time: %s", out)
	}
	m.leaven(t, 0, "migration", "one more")
	m.do(t, "go run ./cmd/migrate up && go run ./cmd/migrate validate")
	m.read(t, proxy)
}
