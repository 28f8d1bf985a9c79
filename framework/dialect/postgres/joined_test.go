package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/driver/pgdriver"

	"github.com/leavendb/leaven/framework/internal/pgtest"
)

// joining is a connector whose connections are joined.
type joining struct{ driver.Connector }

func (j joining) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := j.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return Dialect{}.Join(c), nil
}

func countedJoined(t *testing.T, url string) (*bun.DB, *atomic.Int64) {
	t.Helper()
	return countedAs(t, url, func(c *connector) driver.Connector { return joining{c} })
}

// joinedTo opens a pool as apps do, on joined connections.
func joinedTo(t *testing.T, url string) *bun.DB {
	t.Helper()
	db := bun.NewDB(sql.OpenDB(joining{pgdriver.NewConnector(pgdriver.WithDSN(url))}), pgdialect.New())
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestJoinedTransactionsNeedNoMessages(t *testing.T) {
	_, url := pgtest.New(t)
	db, trips := countedJoined(t, url)
	ctx := context.Background()
	if _, err := db.Exec("CREATE TABLE t (n int)"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		opts  *sql.TxOptions
		work  func(tx bun.Tx) error
		trips int64
	}{
		{"nothing", nil, func(bun.Tx) error { return nil }, 0},
		{"exec", nil, func(tx bun.Tx) error { _, err := tx.Exec("INSERT INTO t VALUES (1)"); return err }, 2},
		{"exec with arguments", nil, func(tx bun.Tx) error { _, err := tx.Exec("INSERT INTO t VALUES (?)", 1); return err }, 2},
		{"raw exec with arguments", nil, func(tx bun.Tx) error { _, err := tx.Tx.Exec("INSERT INTO t VALUES ($1)", 1); return err }, 2},
		{"query", nil, func(tx bun.Tx) error { var n int; return tx.QueryRow("SELECT 7").Scan(&n) }, 2},
		{"two statements", nil, func(tx bun.Tx) error {
			_, err1 := tx.Exec("INSERT INTO t VALUES (1)")
			_, err2 := tx.Exec("INSERT INTO t VALUES (2)")
			return errors.Join(err1, err2)
		}, 3},
		{"serializable", &sql.TxOptions{Isolation: sql.LevelSerializable}, func(tx bun.Tx) error {
			return want(tx, "SELECT current_setting('transaction_isolation')", "serializable")
		}, 2},
		{"read only", &sql.TxOptions{ReadOnly: true}, func(tx bun.Tx) error {
			return want(tx, "SELECT current_setting('transaction_read_only')", "on")
		}, 2},
		{"serializable and read only", &sql.TxOptions{Isolation: sql.LevelSerializable, ReadOnly: true}, func(tx bun.Tx) error {
			return errors.Join(want(tx, "SELECT current_setting('transaction_isolation')", "serializable"),
				want(tx, "SELECT current_setting('transaction_read_only')", "on"))
		}, 3},
		{"prepared", nil, func(tx bun.Tx) error {
			s, err := tx.Tx.Prepare("SELECT $1::int")
			if err != nil {
				return err
			}
			var n int
			if err := s.QueryRow(5).Scan(&n); err != nil || n != 5 {
				return fmt.Errorf("%d %v", n, err)
			}
			return s.Close()
		}, 5}, // begin, parse, execute, close, commit
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := trips.Load()
			if err := db.RunInTx(ctx, tt.opts, func(_ context.Context, tx bun.Tx) error { return tt.work(tx) }); err != nil {
				t.Fatal(err)
			}
			if got := trips.Load() - before; got != tt.trips {
				t.Errorf("%d round trips, want %d", got, tt.trips)
			}
		})
	}
	if err := want(db, "SELECT count(*)::text FROM t", "5"); err != nil {
		t.Error(err)
	}
}

func TestJoinedTransactionsStayTrue(t *testing.T) {
	_, url := pgtest.New(t)
	db, _ := countedJoined(t, url)
	if _, err := db.Exec("CREATE TABLE t (n int PRIMARY KEY)"); err != nil {
		t.Fatal(err)
	}
	code := func(err error) string { return Dialect{}.Classify(err).Code }
	for _, tt := range []struct {
		name  string
		first string
		code  string
	}{
		{"runtime error", "SELECT 1/0", "22012"},
		{"syntax error, before which no BEGIN runs", "SELEC 1", "42601"},
		{"one bad statement of several", "INSERT INTO t VALUES (1); SELECT 1/0", "22012"},
		{"several, one of which does not parse", "INSERT INTO t VALUES (1); SELEC", "42601"},
		{"not in a transaction", "VACUUM", "25001"},
		{"not in a transaction either", "CREATE DATABASE never", "25001"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tx, err := db.Begin()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := tx.Exec(tt.first); code(err) != tt.code {
				t.Fatalf("first: %v, want %s", err, tt.code)
			}
			// What would otherwise commit by itself.
			if _, err := tx.Exec("INSERT INTO t VALUES (2)"); !errors.Is(err, errNotBegun) {
				t.Errorf("after the error: %v, want %v", err, errNotBegun)
			}
			_ = tx.Rollback()
			if err := want(db, "SELECT count(*)::text FROM t", "0"); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("rollback", func(t *testing.T) {
		tx, _ := db.Begin()
		if _, err := tx.Exec("INSERT INTO t VALUES (3)"); err != nil {
			t.Fatal(err)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		if err := want(db, "SELECT count(*)::text FROM t", "0"); err != nil {
			t.Error(err)
		}
	})
	t.Run("a migration that commits by itself", func(t *testing.T) {
		tx, _ := db.Begin()
		if _, err := tx.Exec("SELECT 1"); err != nil {
			t.Fatal(err)
		}
		_, err1 := tx.Exec("COMMIT; SELECT 1/0")
		if code(err1) != "22012" {
			t.Error(err1)
		}
		if _, err := tx.Exec("SELECT 1"); err != nil {
			t.Errorf("as without us, no transaction is open: %v", err)
		}
		_ = tx.Rollback()
	})
}
