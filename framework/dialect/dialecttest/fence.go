package dialecttest

import (
	"context"
	"database/sql/driver"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/uptrace/bun"
)

var (
	key   = dialect.LockKey{Name: "leaven:dialecttest", Number: -0x1234567890abcdef}
	other = dialect.LockKey{Name: "leaven:another", Number: 7}
)

const (
	count  = "SELECT CAST(count(*) AS text) FROM history"
	write  = "INSERT INTO history (id, state) SELECT 'a', 'running' WHERE 1 = 1"
	finish = "UPDATE history SET state = 'applied' WHERE id = 'a'"
	logged = "INSERT INTO history_log (id) SELECT 'a' WHERE 1 = 1"
)

// history makes the tables that claims and settles write to.
func (d *database) history() *database {
	d.Helper()
	d.exec("CREATE TABLE history (id text PRIMARY KEY, state text)", "CREATE TABLE history_log (id text)")
	return d
}

// state is what others see of the history.
func (d *database) state() string {
	d.Helper()
	return d.text("SELECT coalesce(max(state), 'none') FROM history") + " " + d.text("SELECT CAST(count(*) AS text) FROM history_log")
}

func (d *database) begin() bun.Tx {
	d.Helper()
	tx, err := d.db.BeginTx(d.Context(), d.dialect.TxOptions())
	d.must(err)
	d.Cleanup(func() { _ = tx.Rollback() })
	return tx
}

func (d *database) claimed(tx bun.Tx) dialect.Claimed {
	d.Helper()
	c, err := d.dialect.Claim(d.Context(), tx, dialect.Claim{Key: key, Token: count, Want: "0", Write: write})
	d.must(err)
	if !c.Locked || c.Rows != 1 || c.Token != "0" {
		d.Fatalf("claim of a free lock: %+v", c)
	}
	return c
}

// locked tries a claim from begin to rollback, and reports whether it got the
// lock. A begin that finds the database busy did not.
func (d *database) locked(key dialect.LockKey) bool {
	d.Helper()
	tx, err := d.db.BeginTx(d.Context(), d.dialect.TxOptions())
	if d.dialect.Classify(err).Class == dialect.Busy {
		return false
	}
	d.must(err)
	defer func() { _ = tx.Rollback() }()
	c, err := d.dialect.Claim(d.Context(), tx, dialect.Claim{Key: key, Write: write})
	d.must(err)
	if !c.Locked && c.Rows != 0 {
		d.Errorf("a claim without the lock has written: %+v", c)
	}
	return c.Locked
}

func (g Target) claim(t *testing.T) {
	t.Run("one at a time", func(t *testing.T) {
		d := g.open(t).history()
		b := d.again()
		tx := d.begin()
		d.claimed(tx)
		if b.locked(key) {
			t.Error("two connections have the lock")
		}
		d.must(tx.Rollback())
		if !b.locked(key) {
			t.Error("the lock is not free after a rollback")
		}
		if got := d.state(); got != "none 0" {
			t.Errorf("after the rollback: %s", got)
		}
	})
	t.Run("another key", func(t *testing.T) {
		d := g.open(t).history()
		if !d.dialect.Capabilities().ManyWriters {
			t.Log("one writer at a time: keys do not matter to transactions")
			return
		}
		d.claimed(d.begin())
		tx := d.again().begin()
		c, err := d.dialect.Claim(t.Context(), tx, dialect.Claim{Key: other})
		if d.must(err); !c.Locked {
			t.Error("the lock of another key is taken")
		}
	})
	t.Run("the history has changed", func(t *testing.T) {
		d := g.open(t).history()
		tx := d.begin()
		c, err := d.dialect.Claim(t.Context(), tx, dialect.Claim{Key: key, Token: count, Want: "7", Write: write})
		d.must(err)
		if !c.Locked || c.Token != "0" || c.Rows != 0 {
			t.Errorf("claimed %+v", c)
		}
		d.must(tx.Commit())
		if got := d.state(); got != "none 0" {
			t.Errorf("it has written: %s", got)
		}
	})
	t.Run("nothing to write", func(t *testing.T) {
		d := g.open(t).history()
		tx := d.begin()
		c, err := d.dialect.Claim(t.Context(), tx, dialect.Claim{Key: key, Token: count, Want: "0"})
		if d.must(err); !c.Locked || c.Rows != 0 {
			t.Errorf("claimed %+v", c)
		}
		s, err := d.dialect.Settle(t.Context(), tx, c, dialect.Settle{})
		if d.must(err); !s.Ours {
			t.Errorf("settled %+v", s)
		}
		d.must(tx.Commit())
	})
	t.Run("a row that is there", func(t *testing.T) {
		d := g.open(t).history()
		tx := d.begin()
		c, err := d.dialect.Claim(t.Context(), tx, dialect.Claim{Key: key, Write: finish})
		if d.must(err); !c.Locked || c.Rows != 0 {
			t.Errorf("an update of no row: %+v", c)
		}
	})
}

func (g Target) settle(t *testing.T) {
	ok := dialect.Settle{Write: finish, Log: logged}
	for _, c := range []struct {
		name string
		work []string // "!" before a statement: it fails, and the error is swallowed
		ours bool
		want string // the history afterwards
	}{
		{"work", []string{"CREATE TABLE t (a int)"}, true, "applied 1"},
		{"nothing", nil, true, "applied 1"},
		{"savepoints of its own", []string{"SAVEPOINT a", "CREATE TABLE t (a int)", "ROLLBACK TO SAVEPOINT a", "SAVEPOINT b"}, true, "applied 1"},
		{"its own commit", []string{"CREATE TABLE t (a int)", "COMMIT"}, false, "running 0"},
		{"its own commit and begin", []string{"COMMIT", "BEGIN"}, false, "running 0"},
		{"its own commit, begin and savepoint", []string{"COMMIT", "BEGIN", "SAVEPOINT leaven_step"}, false, "running 0"},
		{"its own rollback", []string{"CREATE TABLE t (a int)", "ROLLBACK"}, false, "none 0"},
		{"its own rollback and begin", []string{"ROLLBACK", "BEGIN"}, false, "none 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := g.open(t).history()
			conn, err := d.db.Conn(t.Context())
			d.must(err)
			defer conn.Close()
			tx, err := conn.BeginTx(t.Context(), d.dialect.TxOptions())
			d.must(err)
			claimed := d.claimed(tx)
			for _, sql := range c.work {
				if _, err := tx.ExecContext(t.Context(), sql); err != nil {
					t.Fatalf("%s: %v", sql, err)
				}
			}
			s, err := d.dialect.Settle(t.Context(), tx, claimed, ok)
			d.must(err)
			if s.Ours != c.ours || c.ours != (s.Rows == 1) {
				t.Errorf("settled %+v", s)
			}
			if s.Ours {
				d.must(tx.Commit())
			} else {
				_ = tx.Rollback() // there may be none
			}
			_ = conn.Raw(func(any) error { return driver.ErrBadConn })
			if got := d.state(); got != c.want {
				t.Errorf("history %q, want %q", got, c.want)
			}
		})
	}
	t.Run("no row", func(t *testing.T) {
		d := g.open(t).history()
		tx := d.begin()
		s, err := d.dialect.Settle(t.Context(), tx, d.claimed(tx), dialect.Settle{Write: "UPDATE history SET state = 'x' WHERE id = 'zz'"})
		if d.must(err); !s.Ours || s.Rows != 0 {
			t.Errorf("settled %+v", s)
		}
	})
	t.Run("a swallowed error", func(t *testing.T) {
		d := g.open(t).history()
		tx := d.begin()
		claimed := d.claimed(tx)
		if _, err := tx.ExecContext(t.Context(), "SELECT * FROM nowhere"); err == nil {
			t.Fatal("there is a table nowhere")
		}
		s, err := d.dialect.Settle(t.Context(), tx, claimed, ok)
		if g.ErrorAborts {
			if d.dialect.Classify(err).Class != dialect.Aborted {
				t.Errorf("settled %+v, %v: the error went unnoticed", s, err)
			}
			return
		}
		if d.must(err); !s.Ours || s.Rows != 1 {
			t.Errorf("settled %+v", s)
		}
	})
}

func (g Target) sessionLock(t *testing.T) {
	l := dialect.SessionLock{Key: key}
	open := func(t *testing.T) (d *database, conn bun.Conn, b *database) {
		d = g.open(t).history()
		conn, err := d.db.Conn(t.Context())
		d.must(err)
		t.Cleanup(func() { _ = conn.Close() })
		got, _, err := d.dialect.LockSession(t.Context(), conn, l)
		if d.must(err); !got {
			t.Fatal("the free lock was not got")
		}
		return d, conn, d.again()
	}
	t.Run("excludes", func(t *testing.T) {
		d, conn, b := open(t)
		d.holds(conn, true)
		if b.sessionLocked(l) {
			t.Error("two sessions have the lock")
		}
		if b.locked(key) {
			t.Error("a transaction got the lock of a session")
		}
		if h, err := d.dialect.Holders(t.Context(), b.db, key); err != nil || len(h) != 1 {
			t.Errorf("holders %v, %v", h, err)
		}
		d.must(d.dialect.UnlockSession(t.Context(), conn, l))
		if !b.locked(key) || !b.sessionLocked(l) {
			t.Error("the lock is not free after unlocking")
		}
		if h, err := d.dialect.Holders(t.Context(), b.db, key); err != nil || len(h) != 0 {
			t.Errorf("holders %v, %v", h, err)
		}
	})
	t.Run("survives commits", func(t *testing.T) {
		d, conn, b := open(t)
		for _, sql := range []string{"BEGIN", "CREATE TABLE t (a int)", "COMMIT", "INSERT INTO t VALUES (1)", "BEGIN", "DELETE FROM t", "ROLLBACK"} {
			if _, err := conn.ExecContext(t.Context(), sql); err != nil {
				t.Fatal(err)
			}
		}
		d.holds(conn, true)
		if b.locked(key) || b.sessionLocked(l) {
			t.Error("a commit has freed the lock")
		}
	})
	t.Run("its own transactions", func(t *testing.T) {
		d, conn, _ := open(t)
		tx, err := conn.BeginTx(t.Context(), d.dialect.TxOptions())
		d.must(err)
		c := d.claimed(tx)
		s, err := d.dialect.Settle(t.Context(), tx, c, dialect.Settle{Write: finish, Log: logged})
		if d.must(err); !s.Ours {
			t.Errorf("settled %+v", s)
		}
		d.must(tx.Commit())
		d.holds(conn, true)
	})
	t.Run("waits for no transaction", func(t *testing.T) {
		d := g.open(t).history()
		b := d.again()
		tx := d.begin()
		d.claimed(tx)
		if b.sessionLocked(l) {
			t.Error("a session got the lock of a transaction")
		}
		d.must(tx.Rollback())
		if !b.sessionLocked(l) {
			t.Error("the lock is not free after a rollback")
		}
	})
	t.Run("dies with the connection", func(t *testing.T) {
		_, conn, b := open(t)
		_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // the pool closes it
		// A server may notice a little later.
		for deadline := time.Now().Add(10 * time.Second); !b.sessionLocked(l); {
			if time.Now().After(deadline) {
				t.Fatal("the lock has outlived its connection")
			}
		}
	})
	t.Run("another key", func(t *testing.T) {
		d, _, b := open(t)
		if !b.sessionLocked(dialect.SessionLock{Key: other}) {
			t.Error("the lock of another key is taken")
		}
		_ = d
	})
}

func (d *database) holds(conn bun.Conn, want bool) {
	d.Helper()
	got, err := d.dialect.HoldsSession(d.Context(), conn, key)
	if d.must(err); got != want {
		d.Errorf("holds the lock: %t, want %t", got, want)
	}
}

// sessionLocked tries to take the lock and gives it back.
func (d *database) sessionLocked(l dialect.SessionLock) bool {
	d.Helper()
	conn, err := d.db.Conn(d.Context())
	d.must(err)
	defer conn.Close()
	ok, _, err := d.dialect.LockSession(d.Context(), conn, l)
	d.must(err)
	if ok {
		d.must(d.dialect.UnlockSession(context.WithoutCancel(d.Context()), conn, l))
	}
	return ok
}
