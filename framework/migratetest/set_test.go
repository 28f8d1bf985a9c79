package migratetest_test

import (
	"context"
	"strings"
	"testing"

	_ "github.com/leavendb/leaven/framework/dialect/postgres"
	_ "github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/witness"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/migratetest"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// both runs a test with a set for each kind of database.
func both(t *testing.T, test func(t *testing.T, address string)) {
	t.Helper()
	t.Run("postgres", func(t *testing.T) { t.Parallel(); test(t, pgtest.URL(t)) })
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); test(t, "") })
}

func sql(statements ...string) migrate.Func {
	return func(ctx context.Context, db bun.IDB) error {
		for _, s := range statements {
			if _, err := db.ExecContext(ctx, s); err != nil {
				return err
			}
		}
		return nil
	}
}

func registry(all ...migrate.Migration) *migrate.Registry {
	r := migrate.NewRegistry()
	for _, m := range all {
		r.Register(m)
	}
	return r
}

func users() migrate.Migration {
	return migrate.Migration{ID: "0001_users", Up: sql("CREATE TABLE users (id bigint PRIMARY KEY, name text)"), Down: sql("DROP TABLE users")}
}

var entered = map[string][]string{"0001_users": {"INSERT INTO users VALUES (1, 'Ada'), (2, 'Alan')"}}

// Each test has a migrated database of its own.
func TestFresh(t *testing.T) {
	both(t, func(t *testing.T, address string) {
		set := &migratetest.Set{Address: address, Options: migrate.Options{Registry: registry(users())}}
		for range 3 {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				db := set.Fresh(t)
				if _, err := db.ExecContext(t.Context(), "INSERT INTO users VALUES (1, 'me')"); err != nil {
					t.Fatal(err)
				}
				if n, err := db.NewSelect().Table("users").Count(t.Context()); n != 1 || err != nil {
					t.Errorf("%d users, %v", n, err)
				}
				if steps, err := set.Migrator(t, db).Plan(t.Context(), migrate.Up, migrate.Head); len(steps) > 0 || err != nil {
					t.Errorf("%v is pending, %v", steps, err)
				}
			})
		}
	})
}

// One migration, from the state before it.
func TestBefore(t *testing.T) {
	both(t, func(t *testing.T, address string) {
		set := &migratetest.Set{Address: address, Rows: entered, Options: migrate.Options{Registry: registry(users(),
			migrate.Migration{ID: "0002_shout", Up: sql("UPDATE users SET name = upper(name)"), Down: sql("UPDATE users SET name = lower(name)")},
			migrate.Migration{ID: "0003_more", Up: sql("SELECT * FROM nowhere")})}}
		b := set.Before(t, "0002_shout")
		b.Up()
		if got := name(t, b.DB); got != "ADA" {
			t.Error(got)
		}
		b.Down()
		if got := name(t, b.DB); got != "ada" {
			t.Error(got)
		}
	})
}

func name(t *testing.T, db *bun.DB) (name string) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), "SELECT name FROM users WHERE id = 1").Scan(&name); err != nil {
		t.Fatal(err)
	}
	return name
}

// What is wrong with a migration is found. What finds it is the same on each kind
// of database, so that PostgreSQL is asked about one fault only.
func TestFaultsAreFound(t *testing.T) {
	both(t, func(t *testing.T, address string) {
		release := make(chan struct{})
		t.Cleanup(func() { close(release) })
		for _, c := range []struct {
			name   string
			second migrate.Migration
			want   string // empty: nothing is wrong
		}{
			{"nothing", migrate.Migration{Up: sql("CREATE TABLE orders (id bigint)"), Down: sql("DROP TABLE orders")}, ""},
			{"no down", migrate.Migration{Up: sql("SELECT 1")}, ""},
			{"a failure", migrate.Migration{Up: sql("SELECT * FROM nowhere")}, "0002_x, up: "},
			{"a down that fails", migrate.Migration{Up: sql("SELECT 1"), Down: sql("SELECT * FROM nowhere")}, "0002_x, down: "},
			{"a down that forgets", migrate.Migration{Up: sql("CREATE TABLE IF NOT EXISTS orders (id bigint)"), Down: sql("SELECT 1")}, "0002_x, down: the structure is another one"},
			{"lost rows", migrate.Migration{Up: sql("DELETE FROM users WHERE id = 2"), Down: sql("SELECT 1")}, "0002_x, down: the rows of users are others"},
			{"a goroutine", migrate.Migration{Up: func(context.Context, bun.IDB) error { go func() { <-release }(); return nil }}, "0002_x has left a goroutine"},
		} {
			if address != "" && c.name != "lost rows" {
				continue
			}
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				c.second.ID = "0002_x"
				set := &migratetest.Set{Address: address, Rows: entered, Options: migrate.Options{Registry: registry(users(), c.second)}}
				got := witness.Of(t, set.Stairway)
				if c.want == "" && got != "" || !strings.Contains(got, c.want) {
					t.Errorf("got %q, want %q", got, c.want)
				}
			})
		}
	})
}

func TestUpDownUp(t *testing.T) {
	both(t, func(t *testing.T, address string) {
		set := &migratetest.Set{Address: address, Options: migrate.Options{Registry: registry(users())}}
		if got := witness.Of(t, set.UpDownUp); got != "" {
			t.Error(got)
		}
	})
}

type User struct {
	bun.BaseModel `bun:"table:users"`
	ID            int64  `bun:",pk"`
	Name          string `bun:",nullzero"`
	Age           int    `bun:",notnull"`
}

// What the models have and the migrations have not is told, and the other way
// round.
func TestNoDrift(t *testing.T) {
	r := registry(migrate.Migration{ID: "0001_users", Change: migrate.Reversible(op.CreateTable{Name: "users", PrimaryKey: []string{"id"},
		Columns: []schema.Column{{Name: "id", Type: schema.BigInt, NotNull: true}, {Name: "old", Type: schema.Text}}})})
	set := &migratetest.Set{Options: migrate.Options{Registry: r}, Models: []any{(*User)(nil)}}
	if got := witness.Of(t, set.NoDrift); !strings.Contains(got, "age") || !strings.Contains(got, "old") {
		t.Error(got)
	}
	set.ModelOptions.Exclude = []string{"us*"}
	set.NoDrift(t)
}
