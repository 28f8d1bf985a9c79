package bench

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/uptrace/bun"
	bunmigrate "github.com/uptrace/bun/migrate"
)

// bunMigrations are the same n migrations for bun's own migrator. It leaves
// transactions to them.
func bunMigrations(n int) *bunmigrate.Migrations {
	set := bunmigrate.NewMigrations()
	for i := 1; i <= n; i++ {
		set.Add(bunmigrate.Migration{Name: fmt.Sprintf("%05d", i), Up: bunFunc(tiny(i)), Down: bunFunc(drop(i))})
	}
	return set
}

func bunFunc(statement string) func(context.Context, *bunmigrate.Migrator, *bunmigrate.Migration) error {
	return func(ctx context.Context, m *bunmigrate.Migrator, _ *bunmigrate.Migration) error {
		return m.DB().RunInTx(ctx, &sql.TxOptions{}, func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.ExecContext(ctx, statement)
			return err
		})
	}
}

// bunUp is what bun's documentation lets a program do when it starts.
func bunUp(ctx context.Context, db *bun.DB, set *bunmigrate.Migrations, n int) error {
	return bunLocked(ctx, db, set, func(m *bunmigrate.Migrator) error {
		g, err := m.Migrate(ctx)
		if err == nil && len(g.Migrations) != n {
			err = fmt.Errorf("bun applied %d instead of %d", len(g.Migrations), n)
		}
		return err
	})
}

// bunMoving applies migrations, or reverts the last group, which they were.
func bunMoving() func(context.Context, *bun.DB, int, int) error {
	programs := each(bunMigrations)
	return func(ctx context.Context, db *bun.DB, from, to int) error {
		if to < from {
			return bunDown(ctx, db, programs[from], from-to)
		}
		return bunUp(ctx, db, programs[to], to-from)
	}
}

// bunDown reverts the last group.
func bunDown(ctx context.Context, db *bun.DB, set *bunmigrate.Migrations, n int) error {
	return bunLocked(ctx, db, set, func(m *bunmigrate.Migrator) error {
		g, err := m.Rollback(ctx)
		if err == nil && len(g.Migrations) != n {
			err = fmt.Errorf("bun reverted %d instead of %d", len(g.Migrations), n)
		}
		return err
	})
}

func bunLocked(ctx context.Context, db *bun.DB, set *bunmigrate.Migrations, f func(*bunmigrate.Migrator) error) error {
	m := bunmigrate.NewMigrator(db, set)
	if err := m.Init(ctx); err != nil {
		return err
	}
	if err := m.Lock(ctx); err != nil {
		return err
	}
	if err := f(m); err != nil {
		return err
	}
	return m.Unlock(ctx)
}

// bunRecorded makes the rows of n applied migrations for bun.
func bunRecorded(tb testing.TB, db *bun.DB, n int) {
	tb.Helper()
	ctx := tb.Context()
	m := bunmigrate.NewMigrator(db, bunMigrations(n))
	if err := m.Init(ctx); err != nil {
		tb.Fatal(err)
	}
	rows := make([]bunmigrate.Migration, n)
	for i := range rows {
		rows[i] = bunmigrate.Migration{Name: fmt.Sprintf("%05d", i+1), GroupID: 1, MigratedAt: time.Now()}
	}
	if _, err := db.NewInsert().Model(&rows).ModelTableExpr("bun_migrations").Exec(ctx); err != nil {
		tb.Fatal(err)
	}
}

// bunStatus reads what its status shows.
func bunStatus(ctx context.Context, db *bun.DB, set *bunmigrate.Migrations) error {
	_, err := bunmigrate.NewMigrator(db, set).MigrationsWithStatus(ctx)
	return err
}
