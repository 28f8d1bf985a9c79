package bench

import (
	"context"
	"fmt"
	"testing"

	"github.com/leavendb/leaven/framework/dialect/postgres"
	_ "github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
)

func id(i int) string { return fmt.Sprintf("%05d_view", i) }

// tiny is the one statement of a migration, which makes no files, in every
// database's SQL.
func tiny(i int) string {
	return fmt.Sprintf("CREATE VIEW t%05d AS SELECT 1 AS id", i)
}

func drop(i int) string { return fmt.Sprintf("DROP VIEW t%05d", i) }

// registry holds n migrations of one statement, numbered from 1.
func registry(n int) *migrate.Registry {
	r := migrate.NewRegistry()
	for i := 1; i <= n; i++ {
		r.Register(migrate.Migration{ID: id(i), Up: run(tiny(i)), Down: run(drop(i))})
	}
	return r
}

func run(statement string) migrate.Func {
	return func(ctx context.Context, db bun.IDB) error {
		_, err := db.ExecContext(ctx, statement)
		return err
	}
}

func migrator(tb testing.TB, db *bun.DB, o migrate.Options) *migrate.Migrator {
	tb.Helper()
	m, err := migrate.New(db, o)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// up applies everything and expects n steps.
func up(ctx context.Context, m *migrate.Migrator, n int) error {
	return expect(n)(m.Up(ctx, migrate.Head))
}

// expect turns a report of another number of steps into an error: what was not
// done was not measured.
func expect(n int) func(*migrate.Report, error) error {
	return func(r *migrate.Report, err error) error {
		if err == nil && len(r.Steps) != n {
			err = fmt.Errorf("%d steps instead of %d", len(r.Steps), n)
		}
		return err
	}
}

// recorded makes the history of n applied migrations, without their views.
func recorded(tb testing.TB, db *bun.DB, r *migrate.Registry) {
	tb.Helper()
	if _, err := migrator(tb, db, migrate.Options{Registry: r}).Stamp(tb.Context(), migrate.Head, migrate.StampOptions{}); err != nil {
		tb.Fatal(err)
	}
}

// opened is a pool as the framework opens it, closed at the end of the test.
func opened(tb testing.TB, url string) *bun.DB {
	tb.Helper()
	db, err := postgres.Dialect{}.Open(tb.Context(), url)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db
}
