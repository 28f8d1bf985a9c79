package apps

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// made is an application that leaven has written.
type made struct {
	dir  string
	next []string // the commands that it told to type
}

// generator is the program, built once from this checkout; shared is where shop
// is written once, for tests that only use it.
var generator, shared string

// sharedNext are the commands that were printed when shop was written there.
var sharedNext []string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "leaven-apps-")
	if err != nil {
		panic(err)
	}
	generator, shared = filepath.Join(dir, "leaven"), filepath.Join(dir, "shop")
	if out, err := exec.Command("go", "build", "-o", generator, "github.com/leavendb/leaven/cmd/leaven").CombinedOutput(); err != nil {
		panic(string(out))
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// newShop writes the application shop into a temporary folder, as somebody does
// who has a checkout of Leaven and no network.
func newShop(t *testing.T) made {
	t.Helper()
	offline(t)
	m := made{dir: filepath.Join(t.TempDir(), "shop")}
	m.next = commands(m.leaven(t, 0, "new", m.dir))
	return m
}

// theShop is the application shop as it was written, shared with other tests.
func theShop(t *testing.T) made {
	t.Helper()
	offline(t)
	m := made{dir: shared}
	if _, err := os.Stat(shared); err != nil {
		sharedNext = commands(m.leaven(t, 0, "new", shared))
	}
	m.next = sharedNext
	return m
}

// offline lets the go command use nothing but what is on this machine.
func offline(t *testing.T) {
	t.Helper()
	for name, value := range map[string]string{"GOPROXY": "off", "GOFLAGS": "", "GOWORK": "off", "APP_ENV": "", "DATABASE_URL": "", "MIGRATE_ON_START": ""} {
		t.Setenv(name, value)
	}
}

// leaven runs the program in the application's folder, or where there is none
// yet, and returns what it printed.
func (m made) leaven(t *testing.T, code int, words ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), generator, words...)
	if info, err := os.Stat(m.dir); err == nil && info.IsDir() {
		cmd.Dir = m.dir
	}
	out, _ := cmd.CombinedOutput()
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Fatalf("leaven %s: exit code %d, want %d\n%s", strings.Join(words, " "), got, code, out)
	}
	return string(out)
}

// commands are those behind Next, one in each line.
func commands(said string) (all []string) {
	_, next, _ := strings.Cut(said, "Next:  ")
	for line := range strings.Lines(next) {
		if strings.HasPrefix(line, "Note:") {
			break
		}
		all = append(all, strings.TrimSpace(line))
	}
	return all
}

// do runs a line as a shell does in the application's folder.
func (m made) do(t *testing.T, line string, env ...string) string {
	t.Helper()
	out, code := m.try(t, line, env...)
	if code != 0 {
		t.Fatalf("%s: exit code %d\n%s", line, code, out)
	}
	return out
}

func (m made) try(t *testing.T, line string, env ...string) (string, int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", line)
	cmd.Dir, cmd.Env = m.dir, append(os.Environ(), env...)
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s: %v\n%s", line, err, out)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// The application is fine as it is written: it is formatted, its tests pass, a
// second call has nothing to do, and what its owner has changed is not touched.
func TestNewShop(t *testing.T) {
	m := newShop(t)
	m.do(t, `test -z "$(gofmt -l .)"`)
	m.do(t, "go vet ./... && go test ./...")
	if out := m.do(t, "make"); !strings.Contains(out, "migrate-up") || !strings.Contains(out, "list what can be made") {
		t.Error(out)
	}

	if out := m.leaven(t, 0, "new", m.dir); !strings.Contains(out, "Nothing to do") {
		t.Errorf("the second time: %s", out)
	}
	readme := filepath.Join(m.dir, "Dockerfile")
	if err := os.WriteFile(readme, []byte("FROM mine\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	out := m.leaven(t, 2, "new", m.dir)
	for _, want := range []string{"-FROM mine", "+FROM golang", "State: nothing was written.", "add: --force"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	m.leaven(t, 0, "new", m.dir, "--dry-run", "--force")
	if text, _ := os.ReadFile(readme); string(text) != "FROM mine\n" {
		t.Error("a dry run has written")
	}
	m.leaven(t, 0, "new", m.dir, "--force")
	if text, _ := os.ReadFile(readme); !strings.HasPrefix(string(text), "# syntax") {
		t.Errorf("--force has not written: %s", text)
	}
}

// A new migration can be written and applied while it is the only thing changed.
func TestShopWorkflow(t *testing.T) {
	m := newShop(t)
	if out := m.do(t, "go run ./cmd/migrate up"); !strings.Contains(out, "Applied 1 migration") {
		t.Error(out)
	}
	if out := m.do(t, `make migrate-new NAME="add invoices" && make migrate-up`); !strings.Contains(out, "Applied 1 migration") {
		t.Error(out)
	}
	if out := m.do(t, "make migrate-down && make migrate-status"); !strings.Contains(out, "1 applied, 1 pending") {
		t.Error(out)
	}
	if _, err := os.Stat(filepath.Join(m.dir, "data", "app.db")); err != nil {
		t.Error(err)
	}
}

// line returns the first line of text that has a prefix, without it.
func line(t *testing.T, text io.Reader, contains string) string {
	t.Helper()
	var seen []byte
	one := make([]byte, 1)
	for {
		n, err := text.Read(one)
		if n == 1 {
			seen = append(seen, one[0])
		}
		if n == 1 && one[0] == '\n' || err != nil {
			last := seen[bytes.LastIndexByte(bytes.TrimRight(seen, "\n"), '\n')+1:]
			if bytes.Contains(last, []byte(contains)) {
				return strings.TrimSpace(string(last))
			}
		}
		if err != nil {
			t.Fatalf("no line with %q: %v\n%s", contains, err, seen)
		}
	}
}
