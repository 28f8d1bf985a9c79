package cli

import (
	"bufio"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/leavendb/leaven/framework/internal/emptyroot"
	"github.com/leavendb/leaven/framework/internal/pgproxy"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/uptrace/bun"
)

// deployment is an image and its database. The image holds one static program and
// nothing else; its entrypoint is always the same exec.
type deployment struct {
	*testing.T

	root     string
	url      string // as the image sees it
	db       *bun.DB
	postgres bool
}

// imageIn lays the program into an empty root, built as a Dockerfile builds it.
func imageIn(t *testing.T, root string) {
	t.Helper()
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", filepath.Join(root, "image"), "./testdata/exec_image")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// deploy gives a test an image with a database of its own.
func deploy(t *testing.T, root, kind string) *deployment {
	t.Helper()
	d := &deployment{T: t, root: root, postgres: kind == "postgres"}
	if d.postgres {
		d.db, d.url = pgtest.New(t)
		return d
	}
	dir := filepath.Join(root, "data", strings.NewReplacer("/", "-", " ", "-").Replace(t.Name()))
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	emptyroot.Give(t, dir)
	d.url = "sqlite:/data/" + filepath.Base(dir) + "/app.db"
	return d
}

// file is the SQLite database's, seen from outside.
func (d *deployment) file() string {
	return filepath.Join(d.root, strings.TrimPrefix(d.url, "sqlite:"))
}

// image is the entrypoint of a release with the application behind it, with the
// settings that the scaffold gives it.
func (d *deployment) image(release string, env []string, words ...string) *exec.Cmd {
	env = append([]string{"APP_ENV=production", "MIGRATE_BASELINE=auto", "RELEASE=" + release, "DATABASE_URL=" + d.url}, env...)
	return emptyroot.Command(d, d.root, env, "/image", append(words, "--", "/image", "serve")...)
}

// start runs the entrypoint to the end of the application.
func (d *deployment) start(code int, release string, env ...string) string {
	d.Helper()
	return d.ends(code, d.image(release, env, "exec", "--for", "30s"))
}

func (d *deployment) ends(code int, cmd *exec.Cmd) string {
	d.Helper()
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		d.Fatalf("an empty root needs root or user namespaces (sysctl kernel.unprivileged_userns_clone=1): %v", err)
	}
	got, serves := cmd.ProcessState.ExitCode(), strings.Contains(string(out), "serving as process")
	if got != code || serves != (code == 0) {
		d.Fatalf("exit code %d, want %d\n%s", got, code, out)
	}
	return string(out)
}

// has checks that each migration has been run once and in order.
func (d *deployment) has(release int) {
	d.Helper()
	db := d.db
	if db == nil {
		db = sqlitetest.Open(d, d.file())
	}
	var vs []int
	if err := db.NewRaw("SELECT v FROM effects ORDER BY id").Scan(d.Context(), &vs); err != nil {
		d.Fatal(err)
	}
	var rows []string
	if err := db.NewRaw("SELECT id || ' ' || state FROM leaven_history ORDER BY seq").Scan(d.Context(), &rows); err != nil {
		d.Fatal(err)
	}
	var want []int
	wantRows := []string{"0001_effects applied"}
	for i := 2; i <= release; i++ {
		want, wantRows = append(want, i), append(wantRows, fmt.Sprintf("%04d_effect applied", i))
	}
	if !slices.Equal(vs, want) || !slices.Equal(rows, wantRows) {
		d.Errorf("effects %v, history %q", vs, rows)
	}
}

// TestDeployments runs one static program in an empty root, as a user who is not
// root, on both databases, by the same exec each time.
func TestDeployments(t *testing.T) {
	root := emptyroot.New(t)
	imageIn(t, root)
	if err := os.Mkdir(filepath.Join(root, "data"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"postgres", "sqlite"} {
		for _, c := range []struct {
			name string
			run  func(d *deployment)
		}{
			{"fresh and empty", deployFresh},
			{"existing database with tables at first set-up", deployExisting},
			{"existing database that fits no migration", deployUnfit},
			{"later deploy", deployLater},
			{"restart with nothing new", deployRestart},
			{"image older than the database", deployOlder},
			{"image rolled back", deployRolledBack},
			{"two images at once", deployTwo},
			{"database up late", deployLate},
			{"all forms of settings", deploySettings},
			{"restart on its volume", deployVolume},
			{"process 1", deployFirst},
			{"a migration that fails", deployBroken},
			{"models and no migrations", deployEmpty},
		} {
			t.Run(kind+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				c.run(deploy(t, root, kind))
			})
		}
	}
}

func deployFresh(d *deployment) {
	out := d.start(0, "2")
	if !strings.Contains(out, "Applied 2 migrations") || !strings.Contains(out, "of user 65532") {
		d.Error(out)
	}
	d.has(2)
}

// forget makes a database one that was there before its migrations.
func (d *deployment) forget(also ...string) {
	d.Helper()
	db := d.db
	if db == nil {
		db = sqlitetest.Open(d, d.file())
	}
	for _, statement := range append([]string{"DROP TABLE leaven_history", "DROP TABLE leaven_history_log"}, also...) {
		if _, err := db.Exec(statement); err != nil {
			d.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		d.Fatal(err)
	}
	if d.postgres {
		d.db = pgtest.Open(d, d.url)
	}
}

// deployExisting is a database whose tables were made before it knew migrations. What
// it has is recorded, the rest is applied, and then it is as any other.
func deployExisting(d *deployment) {
	d.start(0, "2")
	d.forget()
	if out := d.start(1, "4", "MIGRATE_BASELINE=off"); !strings.Contains(out, "something else has made it before") || !strings.Contains(out, "--baseline=auto") {
		d.Errorf("without it, it does not say why: %s", out)
	}
	out := d.start(0, "4")
	for _, want := range []string{"2 migrations are recorded as applied without being run, up to 0002_effect", "work on rows was done: 0002_effect", "Applied 2 migrations"} {
		if !strings.Contains(out, want) {
			d.Errorf("%q is not in %s", want, out)
		}
	}
	d.has(4)
	if out := d.start(0, "4"); !strings.Contains(out, "Nothing to do") || strings.Contains(out, "Note:") {
		d.Errorf("the second time: %s", out)
	}
}

// deployUnfit is one that no migration explains: nothing is recorded, nothing is run,
// and the reason is what it lacks.
func deployUnfit(d *deployment) {
	d.start(0, "3")
	d.forget("DROP TABLE step_2", "CREATE TABLE kept (id integer)")
	out := d.start(4, "4")
	for _, want := range []string{"no migration has its schema", "the nearest is ", "add step_2", "State: nothing was recorded, and nothing was run."} {
		if !strings.Contains(out, want) {
			d.Errorf("%q is not in %s", want, out)
		}
	}
	db := d.db
	if db == nil {
		db = sqlitetest.Open(d, d.file())
	}
	if _, err := db.Exec("SELECT 1 FROM leaven_history"); err == nil {
		d.Error("it has made a history")
	}
}

func deployLater(d *deployment) {
	d.start(0, "1")
	if out := d.start(0, "3"); !strings.Contains(out, "Applied 2 migrations") {
		d.Error(out)
	}
	d.has(3)
}

// One statement, no lock and no write: also beside somebody who is writing.
func deployRestart(d *deployment) {
	d.start(0, "2")
	if d.postgres {
		proxy := pgproxy.New(d, d.url, nil)
		for _, mode := range []string{"apply", "wait", "require"} {
			before := len(proxy.Queries())
			d.start(0, "2", "DATABASE_URL="+proxy.URL, "MIGRATE_ON_START="+mode)
			d.oneRead(mode, proxy.Queries()[before:])
		}
		return
	}
	before, err := os.Stat(d.file())
	if err != nil {
		d.Fatal(err)
	}
	writer, err := sqlitetest.Open(d, d.file()).Conn(d.Context())
	if err != nil {
		d.Fatal(err)
	}
	if _, err := writer.ExecContext(d.Context(), "BEGIN IMMEDIATE"); err != nil {
		d.Fatal(err)
	}
	for _, mode := range []string{"apply", "wait", "require"} {
		log := "/tmp/statements-" + mode
		d.start(0, "2", "DATABASE_URL=", "OPEN="+d.url, "STATEMENTS="+log, "MIGRATE_ON_START="+mode)
		text, err := os.ReadFile(filepath.Join(d.root, log))
		if err != nil {
			d.Fatal(err)
		}
		d.oneRead(mode, strings.Split(strings.TrimSuffix(string(text), "\x00"), "\x00"))
	}
	if err := writer.Close(); err != nil {
		d.Fatal(err)
	}
	if after, err := os.Stat(d.file()); err != nil || !after.ModTime().Equal(before.ModTime()) {
		d.Errorf("it has written: %v, %v", after, err)
	}
}

// oneRead checks that statements are one, which locks nothing.
func (d *deployment) oneRead(mode string, q []string) {
	d.Helper()
	if len(q) != 1 || !strings.HasPrefix(strings.TrimSpace(q[0]), "SELECT") || strings.Contains(q[0], "lock") {
		d.Errorf("%s: %d statements: %q", mode, len(q), q)
	}
}

// An old image starts again during a rolling deploy; the new one then has nothing to do.
func deployOlder(d *deployment) {
	d.start(0, "3")
	for _, mode := range []string{"apply", "wait", "require"} {
		if out := d.start(0, "2", "MIGRATE_ON_START="+mode); !strings.Contains(out, "0003_effect") {
			d.Errorf("%s: no word of what is newer: %s", mode, out)
		}
	}
	if out := d.start(0, "3"); !strings.Contains(out, "Nothing to do") {
		d.Error(out)
	}
	d.has(3)
}

// An image that was rolled back works on the newer database, unless it is told not
// to, and the next release goes on from there.
func deployRolledBack(d *deployment) {
	d.start(0, "3")
	if out := d.start(0, "2"); !strings.Contains(out, "the database is newer than this program: 0003_effect") {
		d.Error(out)
	}
	d.start(7, "2", "MIGRATE_STRICT=true")
	d.has(3)
	if out := d.start(0, "4"); !strings.Contains(out, "Applied 1 migration ") {
		d.Error(out)
	}
	d.has(4)
}

// Each migration is applied once, also where both find an existing database.
func deployTwo(d *deployment) {
	for _, release := range []int{5, 7} {
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				cmd := d.image(fmt.Sprint(release), nil, "exec", "--for", "30s")
				if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "serving as process") {
					d.Errorf("%v\n%s", err, out)
				}
			})
		}
		both.Wait()
		d.has(release)
		if release == 5 {
			d.forget()
		}
	}
}

// A server that is not there yet is waited for; a volume is there or is not.
func deployLate(d *deployment) {
	if !d.postgres {
		d.start(6, "2", "DATABASE_URL=sqlite:/nowhere/app.db")
		return
	}
	proxy := pgproxy.New(d, d.url, nil)
	tried := proxy.Away(3)
	go func() {
		<-tried
		proxy.Back()
	}()
	d.start(0, "2", "DATABASE_URL="+proxy.URL)
	d.has(2)
	proxy.Away(1)
	env := []string{"DATABASE_URL=" + proxy.URL}
	if out := d.ends(6, d.image("2", env, "exec", "--for", "200ms")); !strings.Contains(out, "did not answer within") {
		d.Error(out)
	}
}

// deploySettings names the database in each of the ways that there are.
func deploySettings(d *deployment) {
	secret := func(name, text string) string {
		path := fmt.Sprintf("/etc/%s-%t", name, d.postgres)
		if err := os.WriteFile(filepath.Join(d.root, path), []byte(text+"\n"), 0o644); err != nil {
			d.Fatal(err)
		}
		return path
	}
	ways := [][]string{
		{"DATABASE_URL=" + d.url},
		{"DATABASE_URL_FILE=" + secret("url", d.url)},
		{"MIGRATE_DATABASE_URL=" + d.url, "DATABASE_URL=postgres://nobody@127.0.0.1:1/none"},
		{"DIRECT_DATABASE_URL=" + d.url, "DATABASE_URL=postgres://nobody@127.0.0.1:1/none"},
		{"MIGRATE_ENV_FILE=" + secret("env", "DATABASE_URL="+d.url)},
	}
	if u, err := url.Parse(d.url); d.postgres && err == nil {
		name, mode := strings.TrimPrefix(u.Path, "/"), u.Query().Get("sslmode")
		ways = append(ways,
			[]string{"DB_HOST=" + u.Hostname(), "DB_PORT=" + u.Port(), "DB_NAME=" + name, "DB_USER=" + u.User.Username(), "DB_PASSWORD_FILE=" + secret("password", "x"), "DB_SSLMODE=" + mode},
			[]string{"PGHOST=" + u.Hostname(), "PGPORT=" + u.Port(), "PGDATABASE=" + name, "PGUSER=" + u.User.Username(), "PGSSLMODE=" + mode})
	}
	for i, env := range ways {
		cmd := emptyroot.Command(d, d.root, append(env, "APP_ENV=production", "RELEASE="+fmt.Sprint(i+1)), "/image", "entrypoint", "--", "/image", "serve")
		if out := d.ends(0, cmd); !strings.Contains(out, "Applied 1 migration ") {
			d.Errorf("%q: %s", env, out)
		}
	}
	typed := emptyroot.Command(d, d.root, []string{"APP_ENV=production", "RELEASE=" + fmt.Sprint(len(ways)+1)}, "/image", "exec", "--database-url", d.url, "--", "/image", "serve")
	d.ends(0, typed)
	d.has(len(ways) + 1)
	nothing := emptyroot.Command(d, d.root, []string{"APP_ENV=production", "RELEASE=1"}, "/image", "exec", "--", "/image", "serve")
	d.ends(2, nothing)
}

// deployVolume ends the application as a machine does that loses its power, and
// starts another image on what it has left.
func deployVolume(d *deployment) {
	cmd := d.image("2", nil, "exec")
	cmd.Args = append(cmd.Args, "--on")
	d.listening(cmd)
	if err := cmd.Process.Kill(); err != nil {
		d.Fatal(err)
	}
	_ = cmd.Wait()
	d.start(0, "3")
	d.has(3)
}

// listening starts the application and returns what else it says.
func (d *deployment) listening(cmd *exec.Cmd) (first string, rest *bufio.Reader) {
	d.Helper()
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		d.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		d.Fatal(err)
	}
	d.Cleanup(func() { _ = cmd.Process.Kill() })
	rest = bufio.NewReader(pipe)
	if first, err = rest.ReadString('\n'); err != nil {
		d.Fatalf("it does not serve: %v, %q", err, first)
	}
	until(d.T, rest, "listening")
	return first, rest
}

// deployFirst is process 1: what exec becomes has the number, gets the signal, and
// its exit code is the container's.
func deployFirst(d *deployment) {
	cmd := emptyroot.First(d.image("2", nil, "exec"))
	cmd.Args = append(cmd.Args, "--on")
	first, more := d.listening(cmd)
	if first != "serving as process 1 of user 65532: [\"--on\"]\n" {
		d.Error(first)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		d.Fatal(err)
	}
	said := rest(d.T, more)
	if code := codeOf(d.T, cmd.Wait()); code != 7 || said != "stopped by terminated\n" {
		d.Errorf("exit code %d: %q", code, said)
	}
}

// deployBroken does not start what lacks its tables, and says why where Kubernetes
// looks.
func deployBroken(d *deployment) {
	log := filepath.Join(d.root, "tmp", fmt.Sprintf("termination-log-%t", d.postgres))
	if err := os.WriteFile(log, []byte("of the last container"), 0o644); err != nil {
		d.Fatal(err)
	}
	emptyroot.Give(d, log)
	d.start(1, "2broken", "MIGRATE_TERMINATION_LOG=/tmp/"+filepath.Base(log))
	text, err := os.ReadFile(log)
	if err != nil || !strings.HasPrefix(string(text), "Error: migration 9999_broken failed at statement 1.\n") || !strings.Contains(string(text), "\nState: ") {
		d.Errorf("%v\n%s", err, text)
	}
	d.has(2)
	d.start(0, "3", "MIGRATE_ON_START=off")
	d.has(2)
}

func deployEmpty(d *deployment) {
	if out := d.start(2, "0"); !strings.Contains(out, "this program has no migrations") || !strings.Contains(out, "models: 1, whose tables nobody makes") {
		d.Error(out)
	}
	if d.postgres {
		var none sql.NullString
		if err := d.db.QueryRow("SELECT to_regclass('leaven_history')").Scan(&none); err != nil || none.Valid {
			d.Errorf("%v, %v", none, err)
		}
	} else if _, err := os.Stat(d.file()); err == nil {
		d.Error("it has made a file")
	}
}
