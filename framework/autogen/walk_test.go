package autogen_test

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
)

// edits are changes of three models of the reference application.
var edits = []struct{ file, old, to string }{
	{"user.go", "Nickname    *string   `bun:\"type:varchar(80)\"", "Phone       *string   `bun:\"type:varchar(20)\"`\n\tNickname    *string   `bun:\"type:varchar(120)\""},
	{"image.go", "AltText     string    `bun:\"type:text,nullzero\"`", "Caption     string    `bun:\"type:text,nullzero\" leaven:\"renamed_from:alt_text\"`"},
	{"project.go", "Address   string    `bun:\"type:text,nullzero\"`", "Address   string    `bun:\"type:text,nullzero\"`\n\tVATNumber string    `bun:\"type:varchar(20),notnull,default:''\" leaven:\"index\"`"},
}

// The walk: change three models, write the migration, apply it, look, revert it,
// look, apply it again.
func TestWalk(t *testing.T) {
	top, err := filepath.Abs("../..")
	check(t, err)
	dir := t.TempDir()
	replace := map[string]string{}
	for _, e := range edits {
		path := filepath.Join(top, "models", e.file)
		text, err := os.ReadFile(path)
		check(t, err)
		if !strings.Contains(string(text), e.old) {
			t.Fatalf("%s has no %s", e.file, e.old)
		}
		replace[path] = filepath.Join(dir, e.file)
		check(t, os.WriteFile(replace[path], []byte(strings.Replace(string(text), e.old, e.to, 1)), 0o600))
	}
	first := reference(t, top, replace, "build")
	grown, files := maps.Clone(replace), 0
	var walkers []walker
	for _, kind := range []string{"sqlite", "postgres"} { // the file that is written beside one runs on both
		w := walker{T: t, bin: first, dir: filepath.Join(t.TempDir(), "migrations")}
		check(t, os.CopyFS(w.dir, os.DirFS(filepath.Join(top, "migrations"))))
		if kind == "postgres" {
			_, w.url = pgtest.New(t)
		} else {
			_, path := sqlitetest.New(t)
			w.url = "sqlite:" + path
		}
		w.must(0, "up")
		w.says(w.must(4, "check"), "add users.phone", "rename images.alt_text")
		out := w.must(0, "new", "phones and captions", "--dir", w.dir)
		w.says(out, "rename images.alt_text")
		wrote := regexp.MustCompile(`Wrote (\S+)`).FindAllStringSubmatch(out, -1)
		if len(wrote) < 2 {
			t.Fatalf("%d files; an index of a table that is used has one of its own:\n%s", len(wrote), out)
		}
		for _, f := range wrote {
			if kind == "sqlite" {
				grown[filepath.Join(top, "migrations", filepath.Base(f[1]))] = f[1]
				files++
			}
		}
		walkers = append(walkers, w)
	}
	reference(t, top, grown, "vet")
	second := reference(t, top, grown, "build")
	for _, w := range walkers {
		w.bin = second
		w.says(w.must(3, "check"), "pending")
		w.must(0, "validate")
		w.must(0, "up")
		w.says(w.must(0, "check"), "agree")
		w.must(0, "down", "--steps", strconv.Itoa(files), "--yes")
		w.says(w.must(3, "check"), "pending", "add users.phone")
		w.must(0, "up")
		w.must(0, "check", "--replay")
		w.must(0, "check")
	}
	w := walkers[0]
	w.bin = second
	w.says(w.must(0, "new", "--dir", w.dir), "Nothing to write")
}

// reference builds or vets the reference application with other files.
func reference(t *testing.T, top string, replace map[string]string, verb string) string {
	t.Helper()
	dir := t.TempDir()
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	check(t, err)
	list, bin := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "migrate")
	check(t, os.WriteFile(list, overlay, 0o600))
	args := []string{"vet", "-overlay", list, "./migrations", "./models"}
	if verb == "build" {
		args = []string{"build", "-overlay", list, "-o", bin, "./cmd/migrate"}
	}
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = top
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", verb, err, out)
	}
	return bin
}

// walker is one walk.
type walker struct {
	*testing.T
	bin, url, dir string
}

// must runs a command that ends with the code, and returns what it prints.
func (w walker) must(code int, args ...string) string {
	w.Helper()
	cmd := exec.CommandContext(w.Context(), w.bin, args...)
	cmd.Env, cmd.Dir = []string{"DATABASE_URL=" + w.url, "PATH=" + os.Getenv("PATH")}, filepath.Dir(w.dir)
	out, err := cmd.CombinedOutput()
	got := 0
	if e := (*exec.ExitError)(nil); errors.As(err, &e) {
		got = e.ExitCode()
	} else {
		check(w.T, err)
	}
	if got != code {
		w.Fatalf("%q ended with %d, want %d:\n%s", args, got, code, out)
	}
	return string(out)
}

func (w walker) says(out string, texts ...string) {
	w.Helper()
	for _, text := range texts {
		if !strings.Contains(out, text) {
			w.Errorf("nothing about %q in:\n%s", text, out)
		}
	}
}
