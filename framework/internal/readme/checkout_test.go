package readme

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// checkout is a fresh copy of the repository and a person who sits before it:
// with a home of their own and nothing set, but with this machine's Go caches,
// so that SQLite is not built again.
type checkout struct {
	dir string
	env []string
}

// repository is the top of this one.
func repository(t *testing.T) string {
	t.Helper()
	top, err := filepath.Abs(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return top
}

// desk is where the copies lie, one after the other: Go builds a package again
// when its folder has another name.
var desk string

func TestMain(m *testing.M) {
	var err error
	if desk, err = os.MkdirTemp("", "leaven-readme-"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(desk)
	os.Exit(code)
}

func newCheckout(t *testing.T) checkout {
	t.Helper()
	if err := os.RemoveAll(desk); err != nil {
		t.Fatal(err)
	}
	c := checkout{dir: filepath.Join(desk, "leaven"), env: newcomer(t)}
	if err := copyTree(repository(t), c.dir); err != nil {
		t.Fatal(err)
	}
	return c
}

// own is what a clone does not have: what git ignores, and settings of whoever
// works here.
var own = []string{".git", "bin", "data", ".env"}

func copyTree(from, to string) error {
	return fs.WalkDir(os.DirFS(from), ".", func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case slices.Contains(own, path):
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		case e.IsDir():
			return os.MkdirAll(filepath.Join(to, path), 0o755)
		case !e.Type().IsRegular():
			return nil
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // an editor's file, gone again
		}
		if err != nil {
			return err
		}
		text, err := os.ReadFile(filepath.Join(from, path))
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, path), text, info.Mode().Perm())
	})
}

// newcomer is the environment.
func newcomer(t *testing.T) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "-json",
		"GOCACHE", "GOMODCACHE", "GOPATH", "GOENV", "GOPROXY", "GONOPROXY", "GOPRIVATE", "GOSUMDB", "GONOSUMDB", "GOTOOLCHAIN").Output()
	if err != nil {
		t.Fatal("go env:", err)
	}
	settings := map[string]string{}
	if err := json.Unmarshal(out, &settings); err != nil {
		t.Fatal(err)
	}
	env := []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH"), "GOFLAGS=", "LANG=C.UTF-8"}
	if tmp := os.Getenv("TMPDIR"); tmp != "" {
		env = append(env, "TMPDIR="+tmp)
	}
	for name, value := range settings {
		env = append(env, name+"="+value)
	}
	return env
}

// run runs a line as bash would, and returns what it printed and its exit code.
func (c checkout) run(t *testing.T, line string, env ...string) (output string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-c", line)
	cmd.Dir, cmd.Env = c.dir, append(slices.Clone(c.env), env...)
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s: %v\n%s", line, err, out)
	}
	t.Logf("$ %s\n%s", line, out)
	return string(out), cmd.ProcessState.ExitCode()
}

// must is run for what has to succeed.
func (c checkout) must(t *testing.T, line string, env ...string) string {
	t.Helper()
	out, code := c.run(t, line, env...) // logs both
	if code != 0 {
		t.Fatalf("exit code %d, want 0", code)
	}
	return out
}

// has reports whether a file or folder is there.
func (c checkout) has(path string) bool {
	_, err := os.Stat(filepath.Join(c.dir, filepath.FromSlash(strings.TrimSuffix(path, "/"))))
	return err == nil
}

func (c checkout) write(t *testing.T, path, text string) {
	t.Helper()
	full := filepath.Join(c.dir, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
