package postgres

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/internal/pgtest"
)

func pgxConfig(t *testing.T, url string) pgx.ConnConfig {
	t.Helper()
	c, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	return *c
}

// await asks the server until query returns 1: another session has got there.
func await(t *testing.T, url, query string) {
	t.Helper()
	db := pgtest.Open(t, url)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		if err := want(db, query, "1"); err == nil {
			return
		}
	}
	t.Fatal("never true: " + query)
}

// drivers are the ways into a database that Classify has to understand.
func drivers(t *testing.T, url string) map[string]*bun.DB {
	t.Helper()
	mine, err := Dialect{}.Open(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	px := bun.NewDB(sql.OpenDB(stdlib.GetConnector(pgxConfig(t, url))), pgdialect.New())
	t.Cleanup(func() { _, _ = mine.Close(), px.Close() })
	return map[string]*bun.DB{"ours": mine, "pgdriver": pgtest.Open(t, url), "pgx": px}
}

func TestClassifyProvokedErrors(t *testing.T) {
	admin, url := pgtest.New(t)
	ctx := context.Background()
	_, guest := pgtest.Role(t, url)
	if _, err := admin.Exec("CREATE TABLE t (n int PRIMARY KEY, a text NOT NULL, b int CHECK (b > 0)); INSERT INTO t VALUES (1, 'secret row', 1); CREATE TYPE mood AS ENUM ('ok')"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		class dialect.Class
		fault dialect.Fault // the fields that must be equal besides
		run   []string      // in one transaction; the last one fails
	}{
		{class: dialect.NoTable, fault: dialect.Fault{Code: "42P01", Position: 15}, run: []string{"SELECT 1 FROM userz"}},
		{class: dialect.NoColumn, fault: dialect.Fault{Code: "42703", Position: 8}, run: []string{"SELECT nope FROM t"}},
		{class: dialect.Exists, fault: dialect.Fault{Code: "42P07"}, run: []string{"CREATE TABLE t ()"}},
		{class: dialect.Exists, fault: dialect.Fault{Code: "42701"}, run: []string{"ALTER TABLE t ADD COLUMN a int"}},
		{class: dialect.Exists, fault: dialect.Fault{Code: "42710"}, run: []string{"CREATE TYPE mood AS ENUM ()"}},
		{class: dialect.Exists, fault: dialect.Fault{Code: "42P06"}, run: []string{"CREATE SCHEMA public"}},
		{class: dialect.Unique, fault: dialect.Fault{Code: "23505", Table: "t", Constraint: "t_pkey"}, run: []string{"INSERT INTO t VALUES (1, 'x', 1)"}},
		{class: dialect.NotNull, fault: dialect.Fault{Code: "23502", Table: "t", Column: "a"}, run: []string{"INSERT INTO t VALUES (2, NULL, 1)"}},
		{class: dialect.Constraint, fault: dialect.Fault{Code: "23514", Table: "t", Constraint: "t_b_check"}, run: []string{"INSERT INTO t VALUES (2, 'x', 0)"}},
		{class: dialect.Aborted, fault: dialect.Fault{Code: "25P02"}, run: []string{"SELECT 1/0", "SELECT 1"}},
		{class: dialect.Cancelled, fault: dialect.Fault{Code: "57014"}, run: []string{"SET LOCAL statement_timeout = 20", "SELECT pg_sleep(20)"}},
		{class: dialect.ReadOnly, fault: dialect.Fault{Code: "25006"}, run: []string{"SET TRANSACTION READ ONLY", "CREATE TABLE x ()"}},
		{class: dialect.EnumUncommitted, fault: dialect.Fault{Code: "55P04", Position: 8}, run: []string{"ALTER TYPE mood ADD VALUE 'new'", "SELECT 'new'::mood"}},
		{class: dialect.ConnectionLost, run: []string{"SELECT pg_terminate_backend(pg_backend_pid())"}},
		{class: dialect.Serialization, fault: dialect.Fault{Code: "40001"}, run: []string{"DO $$ BEGIN RAISE SQLSTATE '40001'; END $$"}},
		{class: dialect.Full, fault: dialect.Fault{Code: "53100"}, run: []string{"DO $$ BEGIN RAISE disk_full; END $$"}},
		{class: dialect.Other, fault: dialect.Fault{Code: "42601", Position: 1}, run: []string{"SELEC 1"}},
	} {
		for name, db := range drivers(t, url) {
			t.Run(string(tt.class)+tt.fault.Code+"/"+name, func(t *testing.T) {
				tx, err := db.BeginTx(ctx, nil)
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = tx.Rollback() }()
				for _, q := range tt.run {
					_, err = tx.ExecContext(ctx, q)
				}
				tt.fault.Class = tt.class
				compare(t, err, tt.fault)
			})
		}
	}
	for name, db := range drivers(t, guest) {
		t.Run("no privilege/"+name, func(t *testing.T) {
			_, err := db.Exec("SELECT * FROM t")
			compare(t, err, dialect.Fault{Class: dialect.NoPrivilege, Code: "42501"})
		})
	}
}

// compare looks at class and, where they are given, at code, position and names.
func compare(t *testing.T, err error, want dialect.Fault) {
	t.Helper()
	got := Dialect{}.Classify(err)
	if got.Class != want.Class || want.Code != "" && got.Code != want.Code || got.Message == "" && err != nil {
		t.Fatalf("%v\n got %+v\nwant %+v", err, got, want)
	}
	if want.Code == "" {
		return
	}
	got.Message, got.Hint = "", ""
	if got != want {
		t.Errorf("%v\n got %+v\nwant %+v", err, got, want)
	}
}

func TestClassifyWaits(t *testing.T) {
	admin, url := pgtest.New(t)
	ctx := context.Background()
	if _, err := admin.Exec("CREATE TABLE a (n int); CREATE TABLE b (n int)"); err != nil {
		t.Fatal(err)
	}
	for name, db := range drivers(t, url) {
		t.Run("lock timeout/"+name, func(t *testing.T) {
			holder, err := admin.BeginTx(ctx, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = holder.Rollback() }()
			if _, err := holder.Exec("LOCK TABLE a"); err != nil {
				t.Fatal(err)
			}
			tx, err := db.BeginTx(ctx, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tx.Rollback() }()
			if _, err := tx.Exec("SET LOCAL lock_timeout = 20"); err != nil {
				t.Fatal(err)
			}
			_, err = tx.Exec("ALTER TABLE a ADD COLUMN m int")
			compare(t, err, dialect.Fault{Class: dialect.LockTimeout, Code: "55P03"})
		})
		t.Run("deadlock/"+name, func(t *testing.T) {
			one, two := begin(t, db), begin(t, db)
			must(t, one, "SET LOCAL deadlock_timeout = 20")
			must(t, two, "SET LOCAL deadlock_timeout = 20")
			must(t, one, "LOCK TABLE a")
			must(t, two, "LOCK TABLE b")
			done := make(chan error, 1)
			go func() { _, err := one.Exec("LOCK TABLE b"); _ = one.Rollback(); done <- err }()
			_, err := two.Exec("LOCK TABLE a")
			_ = two.Rollback()
			if other := <-done; err == nil {
				err = other
			}
			compare(t, err, dialect.Fault{Class: dialect.Deadlock, Code: "40P01"})
		})
		t.Run("idle/"+name, func(t *testing.T) {
			tx := begin(t, db)
			var pid string
			if err := tx.QueryRow("SELECT pg_backend_pid()::text").Scan(&pid); err != nil {
				t.Fatal(err)
			}
			must(t, tx, "SET LOCAL idle_in_transaction_session_timeout = 20")
			await(t, url, "SELECT (1 - count(*))::text FROM pg_stat_activity WHERE pid = "+pid)
			_, err := tx.Exec("SELECT 1")
			// pgdriver by itself tells of the closed connection and not why.
			if f := (Dialect{}).Classify(err); f.Class != dialect.IdleTimeout && (name == "ours" || f.Class != dialect.ConnectionLost) {
				t.Errorf("%v is %+v", err, f)
			}
		})
		t.Run("deadline/"+name, func(t *testing.T) {
			short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
			defer cancel()
			_, err := db.ExecContext(short, "SELECT pg_sleep(20)")
			// pgx says with whose deadline it stopped, which is the caller's.
			if f := (Dialect{}).Classify(err); name != "pgx" && f.Class != dialect.ReadTimeout {
				t.Errorf("%v is %+v", err, f)
			}
		})
	}
}

func TestLastWordsOfASessionAreHeard(t *testing.T) {
	admin, url := pgtest.New(t)
	ctx := context.Background()
	for name, use := range map[string]func(conn bun.Conn) error{
		"exec":    func(conn bun.Conn) error { _, err := conn.ExecContext(ctx, "SELECT 1"); return err },
		"query":   func(conn bun.Conn) error { var n int; return conn.QueryRowContext(ctx, "SELECT 1").Scan(&n) },
		"begin":   func(conn bun.Conn) error { return inTx(ctx, conn, "SELECT 1") },
		"bad":     func(conn bun.Conn) error { return inTx(ctx, conn, "SELEC") },
		"prepare": func(conn bun.Conn) error { _, err := conn.PrepareContext(ctx, "SELECT 1"); return err },
		"begin and prepare": func(conn bun.Conn) error {
			tx, err := conn.BeginTx(ctx, nil)
			if err != nil {
				return err
			}
			defer func() { _ = tx.Rollback() }()
			_, err = tx.Tx.Prepare("SELECT 1")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			db, err := Dialect{}.Open(ctx, url)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			conn, err := db.Conn(ctx)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			var pid string
			if err := conn.QueryRowContext(ctx, "SELECT pg_backend_pid()::text").Scan(&pid); err != nil {
				t.Fatal(err)
			}
			must(t, admin, "SELECT pg_terminate_backend("+pid+")")
			await(t, url, "SELECT (1 - count(*))::text FROM pg_stat_activity WHERE pid = "+pid)
			compare(t, use(conn), dialect.Fault{Class: dialect.ConnectionLost, Code: "57P01"})
		})
	}
}

func inTx(ctx context.Context, conn bun.Conn, query string) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	_, err = tx.Exec(query)
	return err
}

func begin(t *testing.T, db *bun.DB) bun.Tx {
	t.Helper()
	tx, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback() })
	return tx
}

func must(t *testing.T, db bun.IDB, query string) {
	t.Helper()
	if _, err := db.ExecContext(context.Background(), query); err != nil {
		t.Fatal(query, err)
	}
}
