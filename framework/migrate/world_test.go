package migrate_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	_ "github.com/leavendb/leaven/framework/dialect/postgres"
	_ "github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// world is one empty database and the migrations for it. The first migration of
// seed makes the table effects, into which each later one writes its number.
type world struct {
	testing.TB
	db       *bun.DB
	open     func(testing.TB) *bun.DB // another pool to the same database
	registry *migrate.Registry
	options  migrate.Options
}

// both runs a test on PostgreSQL and on SQLite.
func both(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	t.Run("postgres", func(t *testing.T) { t.Parallel(); test(t, onPostgres(t)) })
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); test(t, onSQLite(t)) })
}

func onPostgres(t testing.TB) *world {
	db, url := pgtest.New(t)
	return newWorld(t, db, func(t testing.TB) *bun.DB { return pgtest.Open(t, url) })
}

func onSQLite(t testing.TB) *world {
	db, path := sqlitetest.New(t)
	return newWorld(t, db, func(t testing.TB) *bun.DB { return sqlitetest.Open(t, path) })
}

func newWorld(t testing.TB, db *bun.DB, open func(testing.TB) *bun.DB) *world {
	w := &world{TB: t, db: db, open: open, registry: migrate.NewRegistry()}
	w.options.Registry = w.registry
	return w
}

// seed registers the table of effects and n migrations that write to it.
func (w *world) seed(n int) *world {
	w.registry.Register(migrate.Migration{ID: "0000_effects", Change: migrate.Reversible(op.CreateTable{
		Name: "effects", PrimaryKey: []string{"id"},
		Columns: []schema.Column{
			{Name: "id", Type: schema.BigInt, AutoIncrement: true, NotNull: true},
			{Name: "v", Type: schema.Integer, NotNull: true},
		},
	})})
	for i := 1; i <= n; i++ {
		w.registry.Register(effect(i))
	}
	return w
}

// effect is a migration that writes its number, and its negative on the way
// down.
func effect(i int) migrate.Migration {
	return migrate.Migration{
		ID:   fmt.Sprintf("%04d_effect", i),
		Up:   func(ctx context.Context, db bun.IDB) error { return write(ctx, db, i) },
		Down: func(ctx context.Context, db bun.IDB) error { return write(ctx, db, -i) },
	}
}

func write(ctx context.Context, db bun.IDB, v int) error {
	_, err := db.ExecContext(ctx, "INSERT INTO effects (v) VALUES (?)", v)
	return err
}

// add registers a migration as effect does, with what change makes of it.
func (w *world) add(i int, change func(*migrate.Migration)) *world {
	m := effect(i)
	change(&m)
	w.registry.Register(m)
	return w
}

func (w *world) migrator() *migrate.Migrator { return w.migratorOn(w.db) }

func (w *world) migratorOn(db *bun.DB) *migrate.Migrator {
	w.Helper()
	m, err := migrate.New(db, w.options)
	if err != nil {
		w.Fatal(err)
	}
	return m
}

func (w *world) mustUp() *migrate.Report {
	w.Helper()
	r, err := w.migrator().Up(w.ctx(), migrate.Head)
	if err != nil {
		w.Fatal(err)
	}
	return r
}

func (w *world) ctx() context.Context {
	return w.Context()
}

// effects reads what the migrations wrote, in order.
func (w *world) effects() []int {
	w.Helper()
	var vs []int
	if err := w.db.NewRaw("SELECT v FROM effects ORDER BY id").Scan(context.Background(), &vs); err != nil {
		w.Fatal(err)
	}
	return vs
}

// applied reads the history, in applied order: "0001_effect applied".
func (w *world) applied() []string {
	w.Helper()
	var rows []string
	if err := w.db.NewRaw("SELECT id || ' ' || state FROM leaven_history ORDER BY seq").Scan(context.Background(), &rows); err != nil {
		w.Fatal(err)
	}
	return rows
}

// sound checks the invariant of every test that ends well: each effect once, in
// order, and the history says the same.
func (w *world) sound(n int) {
	w.Helper()
	want := []string{"0000_effects applied"}
	var numbers []int
	for i := 1; i <= n; i++ {
		want = append(want, fmt.Sprintf("%04d_effect applied", i))
		numbers = append(numbers, i)
	}
	if diff := cmp.Diff(numbers, w.effects()); diff != "" {
		w.Errorf("effects (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, w.applied()); diff != "" {
		w.Errorf("history (-want +got):\n%s", diff)
	}
}

// equal compares lists.
func equal[T comparable](t testing.TB, what string, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %v\nwant %v", what, got, want)
	}
}
