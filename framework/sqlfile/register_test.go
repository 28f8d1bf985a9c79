package sqlfile_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	_ "github.com/leavendb/leaven/framework/dialect/postgres"
	_ "github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/sqlfile"
	"github.com/uptrace/bun"
)

// both runs a test on PostgreSQL and on SQLite.
func both(t *testing.T, test func(t *testing.T, db *bun.DB)) {
	t.Helper()
	t.Run("postgres", func(t *testing.T) { t.Parallel(); db, _ := pgtest.New(t); test(t, db) })
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); db, _ := sqlitetest.New(t); test(t, db) })
}

func tree(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

var shop = map[string]string{
	"0001_users.up.sql":       "CREATE TABLE users (id bigint PRIMARY KEY);\nINSERT INTO users VALUES (1); INSERT INTO users VALUES (2);",
	"0001_users.down.sql":     "DROP TABLE users;",
	"more/0003-orders.sql":    "-- +goose Up\nCREATE TABLE orders (id bigint);\n-- +goose Down\nDROP TABLE orders;",
	"0004_index.sql":          "-- +goose NO TRANSACTION\n-- +goose Up\nCREATE INDEX users_a ON users (id);\nCREATE INDEX users_b ON users (id);\n-- +goose Down\nDROP INDEX users_a; DROP INDEX users_b;",
	"0005_final.tx.up.sql":    "INSERT INTO users VALUES (3)",
	"0006_ours.tx.up.sql":     "INSERT INTO users VALUES (4)",
	"0006_ours.tx.down.sql":   "DELETE FROM users WHERE id = 4",
	"README.md":               "not ours",
	"0009_elsewhere/notes.md": "neither",
}

// Files and Go code run in one order, up and down.
func TestBesideGo(t *testing.T) {
	both(t, func(t *testing.T, db *bun.DB) {
		r := migrate.NewRegistry()
		sqlfile.Register(r, tree(shop))
		r.Register(migrate.Migration{ID: "0002_go", Up: exec("INSERT INTO users VALUES (20)"), Down: exec("DELETE FROM users WHERE id = 20")})
		m, err := migrate.New(db, migrate.Options{Registry: r})
		if err != nil {
			t.Fatal(err)
		}
		report, err := m.Up(t.Context(), migrate.Head)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"0001_users", "0002_go", "0003_orders", "0004_index", "0005_final", "0006_ours"}
		if diff := cmp.Diff(want, report.IDs()); diff != "" {
			t.Errorf("order (-want +got):\n%s", diff)
		}
		if n, err := db.NewSelect().Table("users").Count(t.Context()); n != 5 || err != nil {
			t.Errorf("%d users, %v", n, err)
		}
		if report, err = m.Down(t.Context(), migrate.Steps(1)); err != nil || len(report.IDs()) != 1 {
			t.Error(report, err)
		}
		var final *migrate.IrreversibleError
		if _, err := m.Down(t.Context(), migrate.Base); !errors.As(err, &final) || final.ID != "0005_final" {
			t.Errorf("a file without a down was reverted: %v", err)
		}
	})
}

func exec(sql string) migrate.Func {
	return func(ctx context.Context, db bun.IDB) error {
		_, err := db.ExecContext(ctx, sql)
		return err
	}
}

// A file names its parents as a Go migration does, and numbers count as numbers.
func TestOrder(t *testing.T) {
	r := migrate.NewRegistry()
	sqlfile.Register(r, tree(map[string]string{
		"1_a.up.sql": "", "2_b.up.sql": "", "10_c.up.sql": "",
		"20260101-hotfix.up.sql": "-- why it is here\n-- leaven: after 0010_c",
		"20260101-main.sql":      "-- leaven: after 0010_c\n-- +goose Up",
		"20260102-join.up.sql":   "-- leaven: after 20260101_main, 20260101_hotfix",
	}))
	var order []string
	for _, m := range r.Migrations() {
		order = append(order, m.ID+" "+strings.Join(m.After, " "))
	}
	want := []string{"0001_a ", "0002_b ", "0010_c ", "20260101_hotfix 0010_c", "20260101_main 0010_c", "20260102_join 20260101_main 20260101_hotfix"}
	if diff := cmp.Diff(want, order); diff != "" || len(r.Problems()) > 0 {
		t.Errorf("%v (-want +got):\n%s", r.Problems(), diff)
	}
}

// What an error names is the file and the line, as near as the database tells.
func TestErrorsNameTheLine(t *testing.T) {
	both(t, func(t *testing.T, db *bun.DB) {
		r := migrate.NewRegistry()
		sqlfile.Register(r, tree(map[string]string{"0001_bad.up.sql": "-- é comes first\nSELECT 1;\n\nSELECT 1,\n  nothing\nFROM nowhere;\n"}))
		m, err := migrate.New(db, migrate.Options{Registry: r})
		if err != nil {
			t.Fatal(err)
		}
		_, err = m.Up(t.Context(), migrate.Head)
		line := "0001_bad.up.sql:4"
		if m.Dialect().Name() == "postgres" {
			line = "0001_bad.up.sql:6"
		}
		var step *migrate.StepError
		if !errors.As(err, &step) || !strings.Contains(err.Error(), line+": ") {
			t.Fatalf("got %v, want %s", err, line)
		}
		if step.File != line {
			t.Errorf("the step failed at %s, want %s", step.File, line)
		}
	})
}

// A file that was edited after it was applied is found: each of the two.
func TestEdited(t *testing.T) {
	db, _ := sqlitetest.New(t)
	state := func(change string) (problem error) {
		files := map[string]string{"0001_a.up.sql": "SELECT 1;", "0001_a.down.sql": "SELECT 2;"}
		if change != "" {
			files[change] += " -- edited"
		}
		r := migrate.NewRegistry()
		sqlfile.Register(r, tree(files))
		m, err := migrate.New(db, migrate.Options{Registry: r})
		if err != nil {
			t.Fatal(err)
		}
		_, err = m.Up(t.Context(), migrate.Head)
		return err
	}
	if err := state(""); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"0001_a.up.sql", "0001_a.down.sql"} {
		if err := state(file); !errors.Is(err, migrate.ErrEdited) {
			t.Errorf("%s: %v", file, err)
		}
	}
	if err := state(""); err != nil {
		t.Error(err)
	}
}

func TestProblems(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"sound", shop, nil},
		{"only a down", map[string]string{"0001_a.down.sql": ""}, []string{"0001_a.down.sql:1: there is no 0001_a.up.sql beside it"}},
		{"both kinds", map[string]string{"0001_a.sql": "-- +goose Up\n", "0001_a.up.sql": ""}, []string{"0001_a.sql:1: there are 0001_a.sql and 0001_a.up.sql for one migration: keep one"}},
		{"twice", map[string]string{"0001_a.tx.up.sql": "", "0001_a.up.sql": ""}, []string{"0001_a.up.sql:1: there are two files for one direction: keep 0001_a.up.sql or 0001_a.tx.up.sql"}},
		{"no number", map[string]string{"users.up.sql": ""}, []string{`users.up.sql:1: the ID "users" is malformed: write digits, then optionally _ and letters, digits or _, such as 0001_initial`}},
		{"a fault in the down", map[string]string{"0001_a.up.sql": "", "0001_a.down.sql": "\nSELECT '"}, []string{"0001_a.down.sql:2: a quote or comment is not closed"}},
		{"after, in the down", map[string]string{"0001_a.up.sql": "", "0001_a.down.sql": "-- leaven: after 0000_z"}, []string{"0001_a.down.sql:1: -- leaven: after belongs in 0001_a.up.sql"}},
		{"after what is not there", map[string]string{"0002_a.up.sql": "-- leaven: after 0001_z"}, []string{`0002_a.up.sql:1: 0002_a names the parent "0001_z", which is not registered`}},
		{"two folders", map[string]string{"a/0001_a.up.sql": "", "b/0001_a.up.sql": ""}, []string{"0001_a.up.sql:1: the ID 0001_a is registered twice: also at 0001_a.up.sql:1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := migrate.NewRegistry()
			sqlfile.Register(r, tree(c.files))
			var got []string
			for _, p := range r.Problems() {
				got = append(got, p.String())
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
			for _, f := range migrate.ValidateOffline(migrate.Options{Registry: r}) {
				if c.want == nil && !f.Warning {
					t.Errorf("validate: %+v", f)
				}
			}
		})
	}
}
