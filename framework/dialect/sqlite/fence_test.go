package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/driver/sqliteshim"
)

var key = dialect.LockKey{Name: "leaven:test", Number: 42}

// deferred opens a database whose transactions begin without a lock.
func deferred(t *testing.T, path string) *bun.DB {
	t.Helper()
	db, err := sql.Open(sqliteshim.ShimName, "file:"+path+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return bun.NewDB(db, sqlitedialect.New())
}

// Runners whose transactions begin deferred wait for each other, and each sees
// what the one before it has committed.
func TestClaimsOfDeferredTransactionsRace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	d := sqlite.Dialect{}
	exec(t, deferred(t, path), "CREATE TABLE n (v int)")
	const runners, rounds = 4, 25
	var wg sync.WaitGroup
	for range runners {
		db := deferred(t, path)
		wg.Go(func() {
			for range rounds {
				err := db.RunInTx(t.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
					c, err := d.Claim(ctx, tx, dialect.Claim{Key: key, Token: "SELECT 'x'", Want: "x", Write: "INSERT INTO n SELECT count(*) FROM n"})
					if err != nil || !c.Locked || c.Rows != 1 {
						return errors.Join(err, fmt.Errorf("claimed %+v", c))
					}
					s, err := d.Settle(ctx, tx, c, dialect.Settle{})
					if err == nil && !s.Ours {
						err = errors.New("not ours")
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got := values(t, deferred(t, path), "SELECT count(DISTINCT v) || ' ' || max(v) FROM n"); got != fmt.Sprintf("%d %d", runners*rounds, runners*rounds-1) {
		t.Errorf("the runners have seen stale states: %s", got)
	}
}

// An earlier claim on the connection spares a later one its questions only while
// nobody else has committed.
func TestClaimsAfterTheFirst(t *testing.T) {
	d := sqlite.Dialect{}
	const unasked = "SELECT 1 FROM nowhere" // fails if it is run
	for name, c := range map[string]struct {
		between func(t *testing.T, other *bun.DB)
		key     int64
		token   string
		locked  bool
		found   string
	}{
		"nothing happened":              {token: unasked, locked: true, found: "x"},
		"another has read":              {token: unasked, locked: true, found: "x", between: func(t *testing.T, other *bun.DB) { values(t, other, "SELECT count(*) FROM n") }},
		"another key":                   {key: 7, token: "SELECT 'y'", locked: true, found: "y"},
		"another has written elsewhere": {token: "SELECT 'x'", locked: true, found: "x", between: func(t *testing.T, other *bun.DB) { exec(t, other, "CREATE TABLE t (a int)") }},
		"another has written to it":     {token: "SELECT count(*) FROM n", locked: true, found: "2", between: func(t *testing.T, other *bun.DB) { exec(t, other, "INSERT INTO n VALUES (7)") }},
		"a NoTx migration has begun": {token: unasked, between: func(t *testing.T, other *bun.DB) {
			conn, err := other.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = conn.Close() })
			if ok, _, err := d.LockSession(t.Context(), conn, dialect.SessionLock{Key: key}); !ok || err != nil {
				t.Fatal(ok, err)
			}
			exec(t, conn, "INSERT INTO n VALUES (7)") // its row
		}},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.db")
			exec(t, deferred(t, path), "CREATE TABLE n (v int)")
			conn, err := deferred(t, path).Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			claim := func(c dialect.Claim, end func(bun.Tx) error) dialect.Claimed {
				t.Helper()
				tx, err := conn.BeginTx(t.Context(), nil)
				if err != nil {
					t.Fatal(err)
				}
				c.Want, c.Write = "x", "INSERT INTO n SELECT 1 WHERE 1 = 1"
				out, err := d.Claim(t.Context(), tx, c)
				if err := errors.Join(err, end(tx)); err != nil {
					t.Fatal(err)
				}
				return out
			}
			first := claim(dialect.Claim{Key: key, Token: "SELECT 'x'"}, bun.Tx.Rollback)
			first = claim(dialect.Claim{Key: key, Token: unasked, Session: first.Session}, bun.Tx.Commit)
			if c.between != nil {
				c.between(t, deferred(t, path))
			}
			k := key
			k.Number += c.key
			got := claim(dialect.Claim{Key: k, Token: c.token, Session: first.Session}, bun.Tx.Rollback)
			if got.Locked != c.locked || got.Token != c.found || (got.Rows == 1) != (got.Token == "x") {
				t.Errorf("claimed %+v", got)
			}
			if (got.Session != nil) != (got.Token == "x") {
				t.Errorf("%+v is handed on", got.Session)
			}
		})
	}
}

// A claim leaves nothing behind, not even a changed header.
func TestClaimLeavesNothing(t *testing.T) {
	db, path := sqlitetest.New(t)
	exec(t, db, "PRAGMA journal_mode = DELETE", "CREATE TABLE t (a int)")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	err = db.RunInTx(t.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
		c, err := sqlite.Dialect{}.Claim(ctx, tx, dialect.Claim{Key: key, Token: "SELECT 'a'", Want: "b", Write: "INSERT INTO t VALUES (1)"})
		if !c.Locked || c.Rows != 0 {
			t.Errorf("claimed %+v", c)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(path)
	if err != nil || string(after) != string(before) {
		t.Errorf("the file has changed (%v)", err)
	}
}

// What ends the transaction behind the migration's back is seen.
func TestSettleSeesRollbacksOfSQLite(t *testing.T) {
	for name, statement := range map[string]string{
		"a conflict clause": "INSERT OR ROLLBACK INTO t VALUES (1)",
		"a trigger":         "DELETE FROM t",
	} {
		t.Run(name, func(t *testing.T) {
			db, _ := sqlitetest.New(t)
			exec(t, db, "CREATE TABLE t (a int UNIQUE)", "INSERT INTO t VALUES (1)",
				"CREATE TRIGGER no BEFORE DELETE ON t BEGIN SELECT RAISE(ROLLBACK, 'no'); END")
			tx, err := db.BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer tx.Rollback()
			d := sqlite.Dialect{}
			c, err := d.Claim(t.Context(), tx, dialect.Claim{Key: key, Write: "INSERT INTO t VALUES (2)"})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := tx.ExecContext(t.Context(), statement); err == nil {
				t.Fatal("no error")
			}
			s, err := d.Settle(t.Context(), tx, c, dialect.Settle{Write: "INSERT INTO t VALUES (3)"})
			if err != nil || s.Ours {
				t.Errorf("settled %+v, %v", s, err)
			}
		})
	}
}

func TestRolesAreRefused(t *testing.T) {
	db, _ := sqlitetest.New(t)
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, _, err := (sqlite.Dialect{}).LockSession(t.Context(), conn, dialect.SessionLock{Key: key, Role: "owner"}); err == nil {
		t.Error("a session takes a role")
	}
	tx, err := conn.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := (sqlite.Dialect{}).Claim(t.Context(), tx, dialect.Claim{Key: key, Role: "owner"}); err == nil {
		t.Error("a transaction takes a role")
	}
	if _, err := (sqlite.Dialect{}).ForeignKeys(t.Context(), conn, false); err == nil {
		t.Error("foreign keys are switched inside a transaction")
	}
}

// A database in memory has one connection, and its lock is its own.
func TestSessionLockInMemory(t *testing.T) {
	d := sqlite.Dialect{}
	db, err := d.Open(t.Context(), "sqlite::memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, want := range []bool{true, true} { // taking it twice is no fault
		if ok, _, err := d.LockSession(t.Context(), conn, dialect.SessionLock{Key: key}); ok != want || err != nil {
			t.Fatal(ok, err)
		}
	}
	exec(t, conn, "BEGIN", "CREATE TABLE t (a int)", "COMMIT")
	if ok, err := d.HoldsSession(t.Context(), conn, key); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if err := d.UnlockSession(t.Context(), conn, dialect.SessionLock{Key: key}); err != nil {
		t.Fatal(err)
	}
	if ok, err := d.HoldsSession(t.Context(), conn, key); ok || err != nil {
		t.Fatal(ok, err)
	}
}

// A migration that leaves a transaction open does not keep the lock by it.
func TestUnlockOfAnOpenTransaction(t *testing.T) {
	d := sqlite.Dialect{}
	db, _ := sqlitetest.New(t)
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	l := dialect.SessionLock{Key: key}
	if ok, _, err := d.LockSession(t.Context(), conn, l); !ok || err != nil {
		t.Fatal(ok, err)
	}
	exec(t, conn, "CREATE TABLE t (a int)", "BEGIN IMMEDIATE", "INSERT INTO t VALUES (1)")
	if err := d.UnlockSession(t.Context(), conn, l); err != nil {
		t.Fatal(err)
	}
	if h, err := d.Holders(t.Context(), again(t, db), key); len(h) != 0 || err != nil {
		t.Errorf("holders %v, %v", h, err)
	}
	if got := values(t, db, "SELECT count(*) FROM t"); got != "0" {
		t.Errorf("%s rows", got)
	}
	_ = conn.Close()
	if err := d.UnlockSession(t.Context(), conn, l); err != nil {
		t.Errorf("of a connection that has ended: %v", err)
	}
}

// The lock of a session dies with its process, killed without a chance.
func TestSessionLockDiesWithItsProcess(t *testing.T) {
	d := sqlite.Dialect{}
	if path := os.Getenv("LEAVEN_TEST_HOLD"); path != "" {
		conn, err := sqlitetest.Open(t, path).Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if ok, _, err := d.LockSession(t.Context(), conn, dialect.SessionLock{Key: key}); !ok || err != nil {
			t.Fatal(ok, err)
		}
		fmt.Println("held")
		select {}
	}
	db, path := sqlitetest.New(t)
	child := osexec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSessionLockDiesWithItsProcess$")
	child.Env = append(os.Environ(), "LEAVEN_TEST_HOLD="+path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 4)); err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if ok, _, err := d.LockSession(t.Context(), conn, dialect.SessionLock{Key: key}); ok || err != nil {
		t.Errorf("beside the holder: %t, %v", ok, err)
	}
	if h, err := d.Holders(t.Context(), db, key); len(h) != 1 || err != nil {
		t.Errorf("holders %v, %v", h, err)
	}
	_ = child.Process.Kill()
	_ = child.Wait()
	if ok, _, err := d.LockSession(t.Context(), conn, dialect.SessionLock{Key: key}); !ok || err != nil {
		t.Errorf("after the holder: %t, %v", ok, err)
	}
}

// A statement ends with its context.
func TestCancelReachesTheStatement(t *testing.T) {
	db, _ := sqlitetest.New(t)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begin := time.Now()
	_, err := db.ExecContext(ctx, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n")
	if err == nil || time.Since(begin) > 5*time.Second {
		t.Errorf("%v after %s", err, time.Since(begin))
	}
}

func TestDescribe(t *testing.T) {
	db, path := sqlitetest.New(t)
	exec(t, db, "CREATE TABLE t (a int)")
	d := sqlite.Dialect{}
	for url, readOnly := range map[string]bool{sqlite.FileURL(path): false, sqlite.FileURL(path) + "?mode=ro": true, sqlite.FileURL(path) + "?_query_only=1": true} {
		db, err := d.Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		s, err := d.Describe(t.Context(), db)
		if err != nil || s.ReadOnly != readOnly || s.Product != "SQLite" || s.Version < "3" || filepath.Base(s.Database) != "test.db" {
			t.Errorf("%s: %+v, %v", url, s, err)
		}
		_ = db.Close()
	}
	busy, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Rollback()
	if s, err := d.Describe(t.Context(), db); err != nil || s.ReadOnly {
		t.Errorf("beside a writer: %+v, %v", s, err)
	}
	if s, err := d.Describe(t.Context(), busy); err != nil || s.Version == "" {
		t.Errorf("in a transaction: %+v, %v", s, err)
	}
}

// BenchmarkClaim is what the fence adds to a migration.
func BenchmarkClaim(b *testing.B) {
	db, _ := sqlitetest.New(b)
	d := sqlite.Dialect{}
	conn, err := db.Conn(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	// The lock's file exists, as after the first NoTx migration.
	if ok, _, err := d.LockSession(b.Context(), conn, dialect.SessionLock{Key: key}); !ok || err != nil {
		b.Fatal(ok, err)
	}
	if err := d.UnlockSession(b.Context(), conn, dialect.SessionLock{Key: key}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		tx, err := conn.BeginTx(b.Context(), nil)
		if err != nil {
			b.Fatal(err)
		}
		c, err := d.Claim(b.Context(), tx, dialect.Claim{Key: key, Token: "SELECT 'a'", Want: "a"})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := d.Settle(b.Context(), tx, c, dialect.Settle{}); err != nil {
			b.Fatal(err)
		}
		if err := tx.Commit(); err != nil {
			b.Fatal(err)
		}
	}
}
