package adopt_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leavendb/leaven/framework/adopt"
	"github.com/leavendb/leaven/framework/dialect"
	_ "github.com/leavendb/leaven/framework/dialect/postgres"
	_ "github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/uptrace/bun"
)

// world is an empty database.
type world struct {
	*testing.T
	db            *bun.DB
	d             dialect.Dialect
	kind, address string
}

// both runs a test on PostgreSQL and on SQLite.
func both(t *testing.T, test func(w world)) {
	t.Helper()
	start := func(t *testing.T, kind, address string, db *bun.DB) {
		d, err := dialect.For(db)
		if err != nil {
			t.Fatal(err)
		}
		test(world{t, db, d, kind, address})
	}
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		db, url := pgtest.New(t)
		start(t, "postgres", url, db)
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		db, path := sqlitetest.New(t)
		start(t, "sqlite", path, db)
	})
}

func (w world) exec(statements ...string) {
	w.Helper()
	for _, s := range statements {
		if _, err := w.db.ExecContext(w.Context(), s); err != nil {
			w.Fatalf("%s: %v", s, err)
		}
	}
}

func (w world) find(q adopt.Query) adopt.History {
	w.Helper()
	h, err := adopt.Find(w.Context(), w.db, w.d, q)
	if err != nil {
		w.Fatal(err)
	}
	return h
}

// built is where the program peers is, once a test has needed it.
var built string

// peers builds the program that runs other tools.
var peers = sync.OnceValues(func() (string, error) {
	program := filepath.Join(built, "peers")
	cmd := exec.Command("go", "build", "-o", program, ".")
	cmd.Dir = filepath.Join("testdata", "peers")
	cmd.Stderr = os.Stderr
	return program, cmd.Run()
})

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "peers")
	if err != nil {
		panic(err)
	}
	built = dir
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// run lets a tool migrate; ok says whether it is to succeed.
func (w world) run(tool, folder, way string, ok bool) {
	w.Helper()
	program, err := peers()
	if err != nil {
		w.Fatal(err)
	}
	out, err := exec.CommandContext(w.Context(), program, tool, w.kind, w.address, folder, way).CombinedOutput()
	if (err == nil) != ok {
		w.Fatalf("%s %s: %v\n%s", tool, way, err, out)
	}
}

func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var counted = []string{"0001_users", "0002_orders", "0003_invoices", "0004_bad"}

// The real goose has applied, and taken back.
func TestGoose(t *testing.T) {
	both(t, func(w world) {
		dir := write(w.T, map[string]string{
			"00001_users.sql":    "-- +goose Up\nCREATE TABLE users (id bigint);\n-- +goose Down\nDROP TABLE users;",
			"00002_orders.sql":   "-- +goose Up\nCREATE TABLE orders (id bigint);\n-- +goose Down\nDROP TABLE orders;",
			"00003_invoices.sql": "-- +goose Up\nCREATE TABLE invoices (id bigint);\n-- +goose Down\nDROP TABLE invoices;",
		})
		w.run("goose", dir, "up", true)
		w.run("goose", dir, "down", true)
		h := w.find(adopt.Query{})
		plan := adopt.NewPlan(counted, nil, h, nil)
		if diff := cmp.Diff(counted[:2], plan.Mark); diff != "" || h.Tool != "goose" || len(plan.Refusals()) > 0 {
			w.Errorf("%s, %v (-want +got):\n%s", h.Tool, plan.Refusals(), diff)
		}
	})
}

// The real golang-migrate keeps one row, and is dirty after a failure.
func TestGolangMigrate(t *testing.T) {
	both(t, func(w world) {
		files := map[string]string{
			"000001_users.up.sql": "CREATE TABLE users (id bigint);", "000001_users.down.sql": "DROP TABLE users;",
			"000002_orders.up.sql": "CREATE TABLE orders (id bigint);", "000002_orders.down.sql": "DROP TABLE orders;",
			"000003_invoices.up.sql": "CREATE TABLE invoices (id bigint);", "000003_invoices.down.sql": "DROP TABLE invoices;",
		}
		dir := write(w.T, files)
		w.run("golang-migrate", dir, "up", true)
		w.run("golang-migrate", dir, "down", true)
		h := w.find(adopt.Query{})
		plan := adopt.NewPlan(counted, nil, h, nil)
		if diff := cmp.Diff(counted[:2], plan.Mark); diff != "" || h.Tool != "golang-migrate" || len(plan.Refusals()) > 0 {
			w.Errorf("%s, %v (-want +got):\n%s", h.Tool, plan.Refusals(), diff)
		}
		files["000004_bad.up.sql"] = "SELECT * FROM nowhere;"
		w.run("golang-migrate", write(w.T, files), "up", false)
		plan = adopt.NewPlan(counted, nil, w.find(adopt.Query{}), nil)
		if faults := plan.Refusals(); len(faults) != 1 || faults[0].Kind != adopt.Dirty {
			w.Errorf("a failed migration: %v", faults)
		}
	})
}
