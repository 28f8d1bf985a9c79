package apps

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/internal/emptyroot"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/uptrace/bun"
)

// image is an empty root that has only what the last stage of a Dockerfile holds,
// and the few things of its base; and how a container of it begins.
type image struct {
	root            string
	env             []string
	entrypoint, cmd []string
}

// build runs the Dockerfile's own commands in the application's folder, and lays
// what it copies into an empty root.
func (m made) build(t *testing.T) image {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(m.dir, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	im := image{root: emptyroot.New(t)}
	m.follow(t, string(text), filepath.Join(t.TempDir(), "out"), &im)
	return im
}

var (
	mounts   = regexp.MustCompile(`--mount=\S+ `)
	outPath  = regexp.MustCompile(`(^|\s)/out\b`)
	fromStep = regexp.MustCompile(`--from=build `)
)

// follow goes through the steps: RUN of the stage build is run, COPY of the last
// stage fills the root, and what is left of that says how it begins.
func (m made) follow(t *testing.T, text, out string, im *image) {
	t.Helper()
	ran := 0
	stage := ""
	stages := strings.Split(text, "\nFROM ")
	last := stages[len(stages)-1]
	for step := range strings.Lines(text) {
		word, rest, _ := strings.Cut(strings.TrimSpace(step), " ")
		switch {
		case word == "FROM":
			_, stage, _ = strings.Cut(rest, " AS ")
		case word == "RUN" && stage == "build":
			ran++
			m.do(t, outPath.ReplaceAllString(mounts.ReplaceAllString(rest, ""), "${1}"+out))
		}
	}
	if ran == 0 {
		t.Fatal("the Dockerfile builds nothing")
	}
	for step := range strings.Lines(last) {
		word, rest, _ := strings.Cut(strings.TrimSpace(step), " ")
		switch word {
		case "COPY":
			im.copy(t, fromStep.ReplaceAllString(rest, ""), out)
		case "ENV":
			im.env = append(im.env, rest)
		case "ENTRYPOINT":
			im.entrypoint = words(t, rest)
		case "CMD":
			im.cmd = words(t, rest)
		}
	}
}

// words is a command in the form that needs no shell.
func words(t *testing.T, text string) (list []string) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &list); err != nil || len(list) == 0 {
		t.Fatalf("%s needs a shell: %v", text, err)
	}
	return list
}

// copy does what COPY does: files into a folder, or a folder to a path.
func (im image) copy(t *testing.T, words, out string) {
	t.Helper()
	owner := ""
	var paths []string
	for w := range strings.FieldsSeq(words) {
		if o, ok := strings.CutPrefix(w, "--chown="); ok {
			owner = o
			continue
		}
		paths = append(paths, w)
	}
	to := paths[len(paths)-1]
	for _, from := range paths[:len(paths)-1] {
		target := to
		if strings.HasSuffix(to, "/") {
			target = path.Join(to, path.Base(from))
		}
		source := filepath.Join(out, strings.TrimPrefix(from, "/out"))
		if b, err := exec.Command("cp", "-r", source, filepath.Join(im.root, target)).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
		if owner != "" {
			emptyroot.Give(t, filepath.Join(im.root, target))
		}
	}
}

// command is a program of the image, in the image, as its user.
func (im image) command(t *testing.T, env []string, program string, words ...string) *exec.Cmd {
	t.Helper()
	return emptyroot.Command(t, im.root, slices.Concat(im.env, env), program, words...)
}

// container is what starts where nobody names a command.
func (im image) container(t *testing.T, env []string) *exec.Cmd {
	t.Helper()
	all := slices.Concat(im.entrypoint, im.cmd)
	return im.command(t, env, all[0], all[1:]...)
}

// run runs a program of the image to its end.
func (im image) run(t *testing.T, code int, env []string, program string, words ...string) string {
	t.Helper()
	out, err := im.command(t, env, program, words...).CombinedOutput()
	var exit *exec.ExitError
	got := 0
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		t.Fatalf("an empty root needs root or user namespaces (sysctl kernel.unprivileged_userns_clone=1): %v", err)
	}
	if got != code {
		t.Fatalf("%s %s: exit code %d, want %d\n%s", program, strings.Join(words, " "), got, code, out)
	}
	return string(out)
}

// The image of the Dockerfile migrates and serves, on both databases, with no
// shell, no root and nothing to write to but /data.
func TestImage(t *testing.T) {
	m := theShop(t)
	im := m.build(t)
	_, url := pgtest.New(t)
	secret := filepath.Join(im.root, "etc", "database_url")
	if err := os.WriteFile(secret, []byte(url+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, database := range []string{"DATABASE_URL=sqlite:/data/shop.db", "DATABASE_URL_FILE=/etc/database_url"} {
		t.Run(database, func(t *testing.T) {
			env := []string{"APP_ENV=production", "ADDR=127.0.0.1:0", database}
			if out := im.run(t, 1, append(env, "MIGRATE_ON_START=require"), "/shop"); !strings.Contains(out, "migrations are pending") {
				t.Error(out)
			}
			im.run(t, 0, env, "/migrate", "wait", "--for", "60s")
			im.run(t, 3, env, "/migrate", "status", "--exit-code")
			im.run(t, 0, env, "/migrate", "up")
			for _, mode := range []string{"require", "wait", "off"} {
				im.serve(t, im.command(t, append(env, "MIGRATE_ON_START="+mode), "/shop"))
			}
			im.run(t, 0, env, "/migrate", "down", "--yes")
			if out := im.serve(t, im.container(t, env)); !strings.Contains(out, "Applied 1 migration") {
				t.Error(out)
			}
			im.forget(t, strings.TrimPrefix(database, "DATABASE_URL="), url)
			if out := im.serve(t, im.container(t, env)); !strings.Contains(out, "1 migration is recorded as applied without being run") {
				t.Error(out)
			}
			if out := im.serve(t, im.container(t, env)); !strings.Contains(out, "Nothing to do") {
				t.Error(out)
			}
		})
	}
	im.writesSources(t)
	im.run(t, 2, []string{"APP_ENV=production"}, "/migrate", "up")
	im.run(t, 6, []string{"DATABASE_URL=sqlite:/shop.db"}, "/migrate", "up")
	im.run(t, 1, []string{"DATABASE_URL=sqlite:/shop.db", "MIGRATE_ON_START=no"}, "/shop")
	if _, err := os.Stat(filepath.Join(im.root, "shop.db")); err == nil {
		t.Error("it has written to the root")
	}
}

// writesSources does what `compose run --rm migrate new` does: the sources lie in
// /src, and belong to the user who runs it.
func (im image) writesSources(t *testing.T) {
	t.Helper()
	dir := filepath.Join(im.root, "src", "migrations")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	emptyroot.Give(t, dir)
	cmd := im.command(t, nil, "/migrate", "new", "add invoices", "--empty")
	cmd.Dir = "/src"
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if written, _ := filepath.Glob(filepath.Join(dir, "*_add_invoices.go")); len(written) != 1 {
		t.Errorf("wrote %q", written)
	}
}

// forget makes the database one that was there before its migrations.
func (im image) forget(t *testing.T, address, server string) {
	t.Helper()
	var db *bun.DB
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		db = sqlitetest.Open(t, filepath.Join(im.root, path))
	} else {
		db = pgtest.Open(t, server)
	}
	defer db.Close()
	for _, table := range []string{"leaven_history", "leaven_history_log"} {
		if _, err := db.Exec("DROP TABLE " + table); err != nil {
			t.Fatal(err)
		}
	}
}

// The two commands that leaven prints, typed as they are, serve on a database that
// was migrated.
func TestNewShopByItsTwoCommands(t *testing.T) {
	m := theShop(t)
	if len(m.next) != 2 {
		t.Fatalf("not two commands, but %q", m.next)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", strings.Join(m.next, " && "))
	cmd.Env = append(os.Environ(), "ADDR=127.0.0.1:0")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // go run has a process below it, and passes no signals on
	served(t, cmd, func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) })
	if _, err := os.Stat(filepath.Join(m.dir, "data", "app.db")); err != nil {
		t.Error(err)
	}
}

// serve starts the server, asks it something, and stops it as Docker does. It returns
// what it says before it listens.
func (im image) serve(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	before, rest := served(t, cmd, func() error { return cmd.Process.Signal(syscall.SIGTERM) })
	if code := cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("after SIGTERM: exit code %d\n%s", code, rest)
	}
	return before
}

// served starts a server, asks it something, and stops it. It returns what it says
// before it listens, and in the end.
func served(t *testing.T, cmd *exec.Cmd, stop func() error) (first, last string) {
	t.Helper()
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if cmd.ProcessState == nil {
			_ = stop()
		}
	}()
	var before bytes.Buffer
	_, addr, _ := strings.Cut(line(t, io.TeeReader(log, &before), "listening"), "addr=")
	line(t, log, "ready")
	ask := func(method, path, body string, want int) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, "http://"+addr+path, bytes.NewBufferString(body))
		if err != nil {
			t.Fatal(err)
		}
		client := http.Client{Timeout: 20 * time.Second}
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if text, _ := io.ReadAll(answer.Body); answer.StatusCode != want {
			t.Errorf("%s %s: %d, want %d: %s", method, path, answer.StatusCode, want, text)
		}
	}
	ask("GET", "/livez", "", http.StatusOK)
	ask("GET", "/readyz", "", http.StatusOK)
	ask("POST", "/products", `{"name": "tea"}`, http.StatusCreated)
	ask("GET", "/products", "", http.StatusOK)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(log)
	_ = cmd.Wait()
	return before.String(), string(rest)
}
