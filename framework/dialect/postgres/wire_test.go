package postgres

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/driver/pgdriver"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/internal/pgtest"
)

// roundTrips counts how often a connection turns from writing to reading.
type roundTrips struct {
	net.Conn
	n     *atomic.Int64
	wrote bool
}

func (c *roundTrips) Write(p []byte) (int, error) { c.wrote = true; return c.Conn.Write(p) }

func (c *roundTrips) Read(p []byte) (int, error) {
	if c.wrote {
		c.n.Add(1)
		c.wrote = false
	}
	return c.Conn.Read(p)
}

// counted opens a pool of ours on one connection, with a count of its round trips.
func counted(t *testing.T, url string) (*bun.DB, *atomic.Int64) {
	t.Helper()
	config, err := ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	n := new(atomic.Int64)
	c := newConnector(config)
	c.dial = func(ctx context.Context, h Host, e encryption) (net.Conn, error) {
		conn, err := config.dial(ctx, h, e)
		if err != nil {
			return nil, err
		}
		return &roundTrips{Conn: conn, n: n}, nil
	}
	db := bun.NewDB(sql.OpenDB(c), pgdialect.New())
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	if err := db.Ping(); err != nil {
		t.Fatal(err)
	}
	n.Store(0)
	return db, n
}

func TestBeginTravelsWithTheFirstStatement(t *testing.T) {
	_, url := pgtest.New(t)
	db, trips := counted(t, url)
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
		{"a COMMIT at the end of a query", nil, func(tx bun.Tx) error {
			_, err1 := tx.Exec("INSERT INTO t VALUES (1)")
			_, err2 := tx.Exec("INSERT INTO t VALUES (2); COMMIT")
			return errors.Join(err1, err2)
		}, 2},
		{"a COMMIT with the only query", nil, func(tx bun.Tx) error { _, err := tx.Exec("INSERT INTO t VALUES (1); COMMIT"); return err }, 1},
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
	if err := want(db, "SELECT count(*)::text FROM t", "8"); err != nil {
		t.Error(err)
	}
}

// want compares the one text that a query returns.
func want(db bun.IDB, query, text string) error {
	var got string
	if err := db.QueryRowContext(context.Background(), query).Scan(&got); err != nil {
		return err
	}
	if got != text {
		return fmt.Errorf("%s: got %q, want %q", query, got, text)
	}
	return nil
}

func TestTransactionsStayTrue(t *testing.T) {
	_, url := pgtest.New(t)
	db, _ := counted(t, url)
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
			if _, err := tx.Exec("INSERT INTO t VALUES (2)"); code(err) != "25P02" {
				t.Errorf("after the error: %v, want 25P02", err)
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
		_, err1 := tx.Exec("COMMIT; SELECT 1/0")
		if code(err1) != "22012" {
			t.Error(err1)
		}
		if _, err := tx.Exec("SELECT 1"); err != nil {
			t.Errorf("as without us, no transaction is open: %v", err)
		}
		_ = tx.Rollback()
	})
	t.Run("own BEGIN on a pinned connection", func(t *testing.T) {
		conn, err := db.Conn(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		ctx := context.Background()
		for _, q := range []string{"BEGIN", "INSERT INTO t VALUES (9)", "ROLLBACK", "BEGIN", "COMMIT"} {
			if _, err := conn.ExecContext(ctx, q); err != nil {
				t.Fatal(q, err)
			}
		}
		if err := want(conn, "SELECT count(*)::text FROM t", "0"); err != nil {
			t.Error(err)
		}
	})
}

func TestPositionsCountFromTheStatement(t *testing.T) {
	_, url := pgtest.New(t)
	db, _ := counted(t, url)
	for _, opts := range []*sql.TxOptions{nil, {Isolation: sql.LevelSerializable, ReadOnly: true}} {
		for _, query := range []string{"SELECT 'ä', nothing", "SELEC 1", "SELECT 1 FROM t WHERE"} {
			_, err := db.Exec(query)
			alone := Dialect{}.Classify(err)
			tx, _ := db.BeginTx(context.Background(), opts)
			_, err = tx.Exec(query)
			_ = tx.Rollback()
			if f := (Dialect{}).Classify(err); f != alone || f.Position == 0 {
				t.Errorf("%s: in a transaction %+v, alone %+v", query, f, alone)
			}
		}
	}
}

func TestCopyFromWorksAlsoAsTheFirstStatement(t *testing.T) {
	_, url := pgtest.New(t)
	db, _ := counted(t, url)
	ctx := context.Background()
	conn, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "CREATE TABLE t (n int)"); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{"BEGIN", ""} {
		if q != "" {
			if _, err := conn.ExecContext(ctx, q); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := pgdriver.CopyFrom(ctx, conn, strings.NewReader("1\n2\n"), "COPY t FROM STDIN"); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if _, err := pgdriver.CopyTo(ctx, conn, &out, "COPY t TO STDOUT"); err != nil || out.String() != "1\n2\n1\n2\n" {
		t.Errorf("%q %v", out.String(), err)
	}
	if _, err := conn.ExecContext(ctx, "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := want(conn, "SELECT count(*)::text FROM pg_tables WHERE tablename = 't'", "1"); err != nil {
		t.Error(err)
	}
}

func TestLargeResultsPassWhole(t *testing.T) {
	_, url := pgtest.New(t)
	db, _ := counted(t, url)
	err := db.RunInTx(context.Background(), nil, func(ctx context.Context, tx bun.Tx) error {
		for range 2 { // with BEGIN and without
			rows, err := tx.Query("SELECT n, repeat('x', n % 3000) FROM generate_series(1, 5000) n")
			if err != nil {
				return err
			}
			sum := 0
			for rows.Next() {
				var n int
				var text string
				if err := rows.Scan(&n, &text); err != nil {
					return err
				}
				if len(text) != n%3000 {
					return fmt.Errorf("row %d has %d characters", n, len(text))
				}
				sum += n
			}
			if err := rows.Err(); err != nil || sum != 12502500 {
				return fmt.Errorf("%d %v", sum, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestNoticesAndNotificationsBetweenMessages(t *testing.T) {
	_, url := pgtest.New(t)
	db, _ := counted(t, url)
	other, _ := counted(t, url)
	ctx := context.Background()
	if _, err := db.Exec("LISTEN c"); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		if _, err := other.Exec("SELECT pg_notify('c', repeat('x', 7000))"); err != nil {
			t.Fatal(err)
		}
		err := db.RunInTx(ctx, nil, func(_ context.Context, tx bun.Tx) error {
			_, err := tx.Exec("DO $$ BEGIN RAISE WARNING 'hello'; END $$; DROP TABLE IF EXISTS nothing")
			return err
		})
		// pgdriver itself does not know notifications outside its listener: what
		// counts is that it gets them whole.
		if err != nil && !strings.Contains(err.Error(), "unexpected message 'A'") {
			t.Fatal(i, err)
		}
		if err != nil {
			return
		}
	}
}

func TestNetConnClosesAStuckStatement(t *testing.T) {
	_, url := pgtest.New(t)
	mine, _ := counted(t, url)
	pgxDB := bun.NewDB(sql.OpenDB(stdlib.GetConnector(pgxConfig(t, url))), pgdialect.New())
	t.Cleanup(func() { _ = pgxDB.Close() })
	for name, db := range map[string]*bun.DB{"ours": mine, "pgdriver": pgtest.Open(t, url), "pgx": pgxDB} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			conn, err := db.Conn(ctx)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			var network net.Conn
			if err := conn.Raw(func(c any) error { network = NetConn(c); return nil }); err != nil || network == nil {
				t.Fatal(network, err)
			}
			var pid int
			if err := conn.QueryRowContext(ctx, "SELECT pg_backend_pid()").Scan(&pid); err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() {
				_, err := conn.ExecContext(ctx, "SELECT pg_sleep(60)")
				done <- err
			}()
			await(t, url, fmt.Sprintf("SELECT count(*)::text FROM pg_stat_activity WHERE pid = %d AND wait_event = 'PgSleep'", pid))
			_ = network.Close()
			err = <-done
			if f := (Dialect{}).Classify(err); f.Class != dialect.ConnectionLost {
				t.Errorf("%v is %+v", err, f)
			}
		})
	}
	if NetConn(nil) != nil || NetConn(7) != nil || NetConn((*pgdriver.Driver)(nil)) != nil {
		t.Error("what is no connection has no network connection")
	}
}
