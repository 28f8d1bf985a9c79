package migratetest

import (
	"context"
	"sync"
	"testing"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/model"
	"github.com/uptrace/bun"
)

// Set is what is tested: migrations, and where their databases are made. A package
// of tests has one, in a variable, so that its template is made once. The zero
// value is right for the migrations of migrate.Register on SQLite; the dialect must
// be imported. It is safe for concurrent use; its fields are set before that.
type Set struct {
	// Options are those of the migrator; Registry and Context count above all.
	Options migrate.Options

	// Address is a database of a PostgreSQL server on which the user may make
	// databases: postgres://... Nothing is written into it. Empty: SQLite, in files
	// that the test's end removes.
	Address string

	// Rows are statements that enter data, by the ID of the migration after which
	// they are run: what people have written by the time of the next one.
	Rows map[string][]string

	// Changes names the tables whose rows a migration changes for good, by its ID:
	// reverting it does not bring them back, and that is as it should be.
	Changes map[string][]string

	// Models are what the migrations should make, as cli.App has them: for NoDrift.
	Models []any

	// ModelOptions say how Models are read, as in cli.App.
	ModelOptions model.Options

	template template
}

// Empty returns a database with nothing in it, which is gone when the test ends.
func (s *Set) Empty(t testing.TB) *bun.DB {
	t.Helper()
	return s.make(t, false)
}

// Fresh returns a migrated database, which is gone when the test ends. The first
// call migrates one; each is a copy of that, which takes milliseconds. No test
// sees what another one writes.
func (s *Set) Fresh(t testing.TB) *bun.DB {
	t.Helper()
	return s.make(t, true)
}

// Migrator returns a migrator for a database of the set.
func (s *Set) Migrator(t testing.TB, db *bun.DB) *migrate.Migrator {
	t.Helper()
	m, err := migrate.New(db, s.Options)
	if err != nil {
		t.Fatal("migratetest: ", err)
	}
	return m
}

// Before is the database as it is before one migration: with all that run before
// it, and their Rows.
type Before struct {
	DB       *bun.DB
	Migrator *migrate.Migrator

	id string
	t  testing.TB
}

// Before prepares a database for a migration, named by its ID: enter what is of
// interest, call Up, and look at what became of it.
func (s *Set) Before(t testing.TB, id string) *Before {
	t.Helper()
	db := s.Empty(t)
	w := &walk{TB: t, set: s, db: db, m: s.Migrator(t, db), d: s.dialect(t, db)}
	for _, m := range s.registry().Migrations() {
		if m.ID == id {
			return &Before{DB: db, Migrator: w.m, id: id, t: t}
		}
		w.up(m.ID)
		w.enter(m.ID)
	}
	t.Fatalf("migratetest: no migration is called %q", id)
	return nil
}

// Up applies the migration, and fails the test where it fails.
func (b *Before) Up() {
	b.t.Helper()
	b.step(b.Migrator.Up)
}

// Down reverts it, and fails the test where that fails.
func (b *Before) Down() {
	b.t.Helper()
	b.step(b.Migrator.Down)
}

func (b *Before) step(way func(context.Context, migrate.Target) (*migrate.Report, error)) {
	b.t.Helper()
	report, err := way(b.t.Context(), migrate.Steps(1))
	if err != nil {
		b.t.Fatal(err)
	}
	if ids := report.IDs(); len(ids) != 1 || ids[0] != b.id {
		b.t.Fatalf("migratetest: %v ran, and not %s: Up comes before Down, each once", ids, b.id)
	}
}

func (s *Set) registry() *migrate.Registry {
	if s.Options.Registry != nil {
		return s.Options.Registry
	}
	return migrate.DefaultRegistry()
}

func (s *Set) dialect(t testing.TB, db *bun.DB) dialect.Dialect {
	t.Helper()
	d, err := dialect.For(db)
	if err != nil {
		t.Fatal("migratetest: ", err)
	}
	return d
}

// template is the database that is copied.
type template struct {
	once   sync.Once
	err    error
	file   []byte // SQLite
	server server // PostgreSQL
}
