package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// mixed are migrations of all kinds: operations, SQL of their own, one that reads,
// and on PostgreSQL other schemas.
func mixed(kind string) []migrate.Migration {
	raw := func(sql ...string) []op.Op {
		var ops []op.Op
		for _, s := range sql {
			ops = append(ops, op.SQL{All: s})
		}
		return ops
	}
	reads := migrate.Migration{Down: nothing, Up: func(ctx context.Context, db bun.IDB) error {
		if n, err := db.NewSelect().Table("authors").Count(ctx); err != nil || n > 0 {
			return fmt.Errorf("%d authors, %w", n, err)
		}
		_, err := db.ExecContext(ctx, "CREATE INDEX authors_born ON authors (born)")
		return err
	}}
	set := []migrate.Migration{
		change("", "", makes("authors"), op.AddColumn{Table: "authors", Column: schema.Column{Name: "nick", Type: schema.Text}}),
		change("", "", raw("ALTER TABLE authors ADD COLUMN born bigint")...),
		change("", "", op.DropColumn{Table: "authors", Name: "nick"}),
		reads,
		change("", "", raw("CREATE VIEW born AS SELECT born FROM authors")...),
		change("", "", op.RenameColumn{Table: "authors", Name: "name", To: "called"}),
		change("", "", raw("INSERT INTO authors (id, called) VALUES (1, 'a')")...),
	}
	if kind == "postgres" {
		set = append(set,
			change("", "", raw("CREATE SCHEMA app", "CREATE TABLE app.rooms (nr int PRIMARY KEY, mood text CHECK (mood <> 'sad'))", "CREATE EXTENSION pg_trgm")...),
			change("", "", op.CreateSchema{Name: "far"}, op.CreateTable{Schema: "far", Name: "stars", Columns: []schema.Column{{Name: "id", Type: schema.BigInt, NotNull: true}}, PrimaryKey: []string{"id"}}),
			change("", "", raw("ALTER TABLE app.rooms DROP CONSTRAINT rooms_mood_check", "CREATE TYPE far.size AS ENUM ('s', 'l')")...))
	}
	for i := range set {
		set[i].ID = fmt.Sprintf("202601%02d090000_step", i+1)
		if i > 0 {
			set[i].After = []string{set[i-1].ID}
		}
	}
	return set
}

// forgotten is a database on which n migrations ran, and whose history is gone.
func forgotten(t *testing.T, kind string, n int) (db *bun.DB, app App) {
	t.Helper()
	db, address := database(t, kind)
	app = App{Name: "migrate", Registry: migrate.NewRegistry(), Environ: []string{"DATABASE_URL=" + address}}
	for _, m := range mixed(kind) {
		app.Registry.Register(m)
	}
	if _, stderr, code := outputOf(t, app, "up", fmt.Sprint(n)); code != 0 {
		t.Fatal(stderr)
	}
	for _, table := range []string{"leaven_history", "leaven_history_log"} {
		if _, err := db.Exec("DROP TABLE " + table); err != nil {
			t.Fatal(err)
		}
	}
	return db, app
}

// What ran is found again, whatever the migrations are made of.
func TestBaselineFindsWhatRan(t *testing.T) {
	for _, kind := range []string{"postgres", "sqlite"} {
		for i, m := range mixed(kind) {
			t.Run(fmt.Sprint(kind, " ", i+1), func(t *testing.T) {
				t.Parallel()
				_, app := forgotten(t, kind, i+1)
				want := m.ID
				if i == 5 {
					want = "20260107090000_step" // does nothing to the structure
				}
				out, stderr, code := outputOf(t, app, "baseline", "--dry-run", "--json")
				var v struct{ Fits string }
				if err := json.Unmarshal([]byte(out), &v); err != nil || code != 0 || v.Fits != want {
					t.Errorf("%d, %v: fits %q, want %q\n%s%s", code, err, v.Fits, want, out, stderr)
				}
			})
		}
	}
}

// What SQL of the migrations' own made is missed, and what a stranger made is not.
func TestBaselineLooksBehindSQL(t *testing.T) {
	for _, kind := range []string{"postgres", "sqlite"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			db, app := forgotten(t, kind, 10)
			last := len(mixed(kind))
			do := func(sql string) {
				t.Helper()
				if _, err := db.Exec(sql); err != nil {
					t.Fatal(err)
				}
			}
			do("CREATE TABLE strangers (id int)")
			do("ALTER TABLE authors ADD COLUMN strange int")
			out, stderr, code := outputOf(t, app, "baseline", "--dry-run")
			if code != 0 || !strings.Contains(out, fmt.Sprintf("has the schema of 202601%02d090000_step", last)) ||
				!strings.Contains(stderr, "not ours, and left alone: column authors.strange and table strangers") {
				t.Errorf("%d\n%s%s", code, out, stderr)
			}
			do("DROP INDEX authors_born")
			out, stderr, code = outputOf(t, app, "baseline")
			if code != 4 || !strings.Contains(out, "add index authors_born on authors") || strings.Contains(out, "strange\n") {
				t.Errorf("%d\n%s%s", code, out, stderr)
			}
		})
	}
}

// To look, nothing is done that reaches beyond the database that is looked into.
func TestBaselineReachesNowhere(t *testing.T) {
	for _, kind := range []string{"postgres", "sqlite"} {
		for _, role := range []bool{false, true} {
			t.Run(fmt.Sprint(kind, " ", role), func(t *testing.T) {
				t.Parallel()
				db, address := database(t, kind)
				app := App{Name: "migrate", Registry: migrate.NewRegistry(), Environ: []string{"DATABASE_URL=" + address}}
				var reached atomic.Bool
				app.Registry.Register(migrate.Migration{ID: authors, Down: nothing, Up: func(ctx context.Context, db bun.IDB) error {
					migrate.AfterCommit(ctx, func(context.Context) error { reached.Store(true); return nil })
					if err := op.Run(ctx, db, makes("authors")); err != nil || !role {
						return err
					}
					return op.Run(ctx, db, op.SQL{All: "CREATE ROLE leaven_test_reached"})
				}})
				if err := op.Run(t.Context(), db, makes("authors")); err != nil {
					t.Fatal(err)
				}
				out, stderr, code := outputOf(t, app, "baseline")
				if code != 0 || !strings.Contains(out, "has the schema of "+authors) || reached.Load() ||
					strings.Contains(stderr, authors+" reaches beyond its database") != role {
					t.Errorf("%d, %t\n%s%s", code, reached.Load(), out, stderr)
				}
			})
		}
	}
}

// A migration that needs rows cannot be run on none: then what operations say is
// compared, and that is told.
func TestBaselineOfWhatNeedsRows(t *testing.T) {
	for _, kind := range []string{"postgres", "sqlite"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			db, address := database(t, kind)
			app := App{Name: "migrate", Registry: migrate.NewRegistry(), Environ: []string{"DATABASE_URL=" + address}}
			app.Registry.Register(change(authors, "", makes("authors")))
			app.Registry.Register(migrate.Migration{ID: posts, After: []string{authors}, Down: nothing, Up: func(ctx context.Context, db bun.IDB) error {
				if n, err := db.NewSelect().Table("authors").Count(ctx); err != nil || n == 0 {
					return fmt.Errorf("nobody wrote anything: %d, %v", n, err)
				}
				return nil
			}})
			if err := op.Run(t.Context(), db, makes("authors")); err != nil {
				t.Fatal(err)
			}
			out, stderr, code := outputOf(t, app, "baseline", "--dry-run")
			if code != 0 || !strings.Contains(out, "has the schema of "+posts) || !strings.Contains(stderr, posts+" could not be run in a scratch database") {
				t.Errorf("%d\n%s%s", code, out, stderr)
			}
		})
	}
}

// Schemas and extensions that are there already are not in the way of migrations
// that make them.
func TestReplayBesideWhatIsThere(t *testing.T) {
	t.Parallel()
	_, app := forgotten(t, "postgres", 10)
	app.Models = []any{&schema.Schema{Tables: []*schema.Table{{Schema: "far", Name: "stars", PrimaryKey: []string{"id"}, Columns: []schema.Column{{Name: "id", Type: schema.BigInt, NotNull: true}}}}, Schemas: []string{"far"}}}
	for _, words := range [][]string{{"check", "--replay", "--include", "stars"}, {"new", "--replay", "--diff", "--include", "stars", "--dir", t.TempDir()}} {
		out, stderr, code := outputOf(t, app, words...)
		if strings.Contains(stderr, "already exists") {
			t.Errorf("%v: %d\n%s%s", words, code, out, stderr)
		}
	}
}

// What a pending migration renames is no stranger, and its new name not a difference
// that is still to be written.
func TestCheckKnowsWhatIsPending(t *testing.T) {
	for _, kind := range []string{"postgres", "sqlite"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			_, address := database(t, kind)
			app := App{Name: "migrate", Registry: migrate.NewRegistry(), Environ: []string{"DATABASE_URL=" + address}}
			for _, m := range mixed(kind)[:1] {
				app.Registry.Register(m)
			}
			checked := op.AddCheck{Table: "authors", Check: schema.Check{Name: "authors_name_check", Expr: schema.Expr("name <> ''")}}
			app.Registry.Register(change("20260102090000_step", "20260101090000_step", checked))
			app.Registry.Register(change("20260103090000_step", "20260102090000_step", op.RenameColumn{Table: "authors", Name: "name", To: "called"}, op.DropColumn{Table: "authors", Name: "nick"}))
			want := makes("authors").(op.CreateTable)
			want.Columns[1].Name = "called"
			app.Models = []any{&schema.Schema{Tables: []*schema.Table{{Name: "authors", Columns: want.Columns, PrimaryKey: want.PrimaryKey,
				Checks: []schema.Check{{Name: "authors_name_check", Expr: schema.Expr("called <> ''")}}}}}}
			if _, stderr, code := outputOf(t, app, "up", "2"); code != 0 {
				t.Fatal(stderr)
			}
			out, stderr, code := outputOf(t, app, "check")
			if code != 3 || !strings.Contains(out, "differ as long as they are") || strings.Contains(stderr, "not ours") || strings.Contains(stderr, "migrate new") {
				t.Errorf("%d\n%s%s", code, out, stderr)
			}
		})
	}
}
