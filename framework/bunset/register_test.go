package bunset_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leavendb/leaven/framework/adopt"
	"github.com/leavendb/leaven/framework/bunset"
	_ "github.com/leavendb/leaven/framework/dialect/postgres"
	_ "github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
	bunmigrate "github.com/uptrace/bun/migrate"
)

var next = bunmigrate.WithTemplateData(map[string]int{"Next": 2})

// both runs a test on PostgreSQL and on SQLite.
func both(t *testing.T, test func(t *testing.T, db *bun.DB)) {
	t.Helper()
	t.Run("postgres", func(t *testing.T) { t.Parallel(); db, _ := pgtest.New(t); test(t, db) })
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); db, _ := sqlitetest.New(t); test(t, db) })
}

func migrator(t *testing.T, db *bun.DB, all *bunmigrate.Migrations, o bunset.Options) (*migrate.Migrator, *migrate.Registry) {
	t.Helper()
	r := migrate.NewRegistry()
	bunset.Register(r, all, o)
	m, err := migrate.New(db, migrate.Options{Registry: r})
	if err != nil {
		t.Fatal(err)
	}
	return m, r
}

var ids = []string{"20240101000000_users", "20240102000000_orders", "20240103000000_more_users", "20240104000000_prices_1"}

// A set runs as it is, in its order, with migrations of ours behind it.
func TestSetRuns(t *testing.T) {
	both(t, func(t *testing.T, db *bun.DB) {
		db.SetMaxOpenConns(2) // one for the runner, and one to cancel it
		m, r := migrator(t, db, set(), bunset.Options{Migrator: []bunmigrate.MigratorOption{next}, Sources: []fs.FS{sqlFiles}})
		r.Register(migrate.Migration{ID: "20250101000000_ours", Up: func(ctx context.Context, db bun.IDB) error {
			_, err := db.ExecContext(ctx, "INSERT INTO orders VALUES (10)")
			return err
		}, Down: func(context.Context, bun.IDB) error { return nil }})
		report, err := m.Up(t.Context(), migrate.Head)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(append(ids[:4:4], "20250101000000_ours"), report.IDs()); diff != "" {
			t.Errorf("order (-want +got):\n%s", diff)
		}
		if got := counts(t, db); got != "3 users, 3 orders" {
			t.Error(got)
		}
		if report, err := m.Up(t.Context(), migrate.Head); err != nil || len(report.Steps) > 0 {
			t.Errorf("again: %v, %v", report.Steps, err)
		}
		var final *migrate.IrreversibleError
		if _, err := m.Down(t.Context(), migrate.Base); !errors.As(err, &final) || final.ID != ids[3] {
			t.Errorf("a migration without a down file was reverted: %v", err)
		}
	})
}

func counts(t *testing.T, db *bun.DB) string {
	t.Helper()
	users, err := db.NewSelect().Table("users").Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	orders, err := db.NewSelect().Table("orders").Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d users, %d orders", users, orders)
}

// Switch: bun has applied some, its history is adopted, the rest runs here.
func TestSwitch(t *testing.T) {
	both(t, func(t *testing.T, db *bun.DB) {
		ctx := t.Context()
		first := bunmigrate.NewMigrations()
		for _, b := range set().Sorted()[:2] {
			first.Add(b)
		}
		theirs := bunmigrate.NewMigrator(db, first, bunmigrate.WithTableName("renamed"), bunmigrate.WithLocksTableName("renamed_locks"))
		if err := theirs.Init(ctx); err != nil {
			t.Fatal(err)
		}
		if err := theirs.Lock(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := theirs.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		m, _ := migrator(t, db, set(), bunset.Options{Migrator: []bunmigrate.MigratorOption{next}})
		q := adopt.Query{IDs: ids}
		h, err := adopt.Find(ctx, db, m.Dialect(), q)
		if err != nil {
			t.Fatal(err)
		}
		plan := adopt.NewPlan(ids, nil, h, nil)
		if faults := plan.Refusals(); len(faults) != 1 || faults[0].Kind != adopt.Locked {
			t.Errorf("bun is at work: %v", faults)
		}
		if err := theirs.Unlock(ctx); err != nil {
			t.Fatal(err)
		}
		if h, err = adopt.Again(ctx, db, m.Dialect(), h, q); err != nil || len(h.Faults) > 0 {
			t.Fatal(h.Faults, err)
		}
		if diff := cmp.Diff(ids[:2], plan.Mark); diff != "" || h.Tool != "bun" {
			t.Fatalf("%s (-want +got):\n%s", h.Tool, diff)
		}
		if _, err := m.StampOnly(ctx, plan.Mark, migrate.StampOptions{}); err != nil {
			t.Fatal(err)
		}
		if report, err := m.Up(ctx, migrate.Head); err != nil || !cmp.Equal(report.IDs(), ids[2:]) {
			t.Errorf("%v, %v", report.IDs(), err)
		}
		if got := counts(t, db); got != "3 users, 2 orders" {
			t.Error(got)
		}
	})
}

// What a migration does wrong is said, and the history tells that it is open.
func TestMisbehaviour(t *testing.T) {
	for _, c := range []struct {
		name     string
		up, down bunmigrate.MigrationFunc
		want     string
	}{
		{name: "a panic", up: func(context.Context, *bun.DB) error { panic("so it is") }, want: "so it is"},
		{name: "an error", up: func(ctx context.Context, db *bun.DB) error {
			_, err := db.ExecContext(ctx, "SELECT * FROM nowhere")
			return err
		}, want: "nowhere"},
		{name: "the database beside a transaction", up: func(ctx context.Context, db *bun.DB) error {
			return db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
				_, err := db.ExecContext(ctx, "SELECT 1")
				return err
			})
		}, want: "use the transaction for everything inside"},
		{name: "a transaction left open", up: func(ctx context.Context, db *bun.DB) error {
			_, err := db.BeginTx(ctx, nil)
			return err
		}, want: "left a transaction open"},
		{name: "an empty down", up: one, down: func(context.Context, *bun.DB) error { return nil }, want: "nothing was reverted"},
		{name: "no down", up: one, want: "as one that is nil does: nothing was reverted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			db, _ := sqlitetest.New(t)
			all := bunmigrate.NewMigrations()
			add(all, c.up, c.down)
			m, _ := migrator(t, db, all, bunset.Options{})
			_, err := m.Up(t.Context(), migrate.Head)
			if err == nil {
				_, err = m.Down(t.Context(), migrate.Base)
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %s", err, c.want)
			}
			var step *migrate.StepError
			if !errors.As(err, &step) || !strings.HasPrefix(step.File, "20240101000000_bad.go") {
				t.Errorf("where: %+v", step)
			}
			if _, err := m.Up(t.Context(), migrate.Head); !errors.Is(err, migrate.ErrInterrupted) {
				t.Errorf("it was run again: %v", err)
			}
			if n := db.Stats().InUse; n != 0 {
				t.Errorf("%d connections were kept", n)
			}
		})
	}
}

// Rows may be open while something is written, as with a pool, and goroutines take
// turns.
func TestManyAtOnce(t *testing.T) {
	both(t, func(t *testing.T, db *bun.DB) {
		all := bunmigrate.NewMigrations()
		add(all, func(ctx context.Context, db *bun.DB) error {
			if _, err := db.ExecContext(ctx, "CREATE TABLE numbers (n bigint)"); err != nil {
				return err
			}
			if _, err := db.ExecContext(ctx, "INSERT INTO numbers VALUES (1), (2), (3)"); err != nil {
				return err
			}
			rows, err := db.QueryContext(ctx, "SELECT n FROM numbers")
			if err != nil {
				return err
			}
			defer func() { _ = rows.Close() }()
			for rows.Next() {
				var n int
				if err := rows.Scan(&n); err != nil {
					return err
				}
				if _, err := db.NewRaw("INSERT INTO numbers VALUES (?)", n+10).Exec(ctx); err != nil {
					return err
				}
			}
			failed := make(chan error)
			for range 4 {
				go func() {
					_, err := db.ExecContext(ctx, "INSERT INTO numbers VALUES (100)")
					failed <- err
				}()
			}
			for range 4 {
				err = errors.Join(err, <-failed)
			}
			s, prepareErr := db.PrepareContext(ctx, "SELECT count(*) FROM numbers")
			if prepareErr != nil {
				return prepareErr
			}
			defer func() { _ = s.Close() }()
			var n int
			if scanErr := s.QueryRowContext(ctx).Scan(&n); n != 10 {
				err = errors.Join(err, scanErr, fmt.Errorf("%d numbers", n))
			}
			return errors.Join(err, rows.Err())
		}, nil)
		m, _ := migrator(t, db, all, bunset.Options{})
		if _, err := m.Up(t.Context(), migrate.Head); err != nil {
			t.Error(err)
		}
	})
}

func one(ctx context.Context, db *bun.DB) error {
	_, err := db.ExecContext(ctx, "SELECT 1")
	return err
}

//line 20240101000000_bad.go:1
func add(all *bunmigrate.Migrations, up, down bunmigrate.MigrationFunc) { all.MustRegister(up, down) }
