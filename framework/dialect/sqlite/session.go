package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/uptrace/bun"
)

// The lock of a session
//
// A NoTx migration commits as it likes, so SQLite's write lock cannot fence it.
// Its runner holds a second database beside the first instead: the connection
// attaches the file "<database>-leaven-<key>" in exclusive locking mode, in which
// SQLite keeps the file's lock over commits until the file is detached or the
// connection ends, however it ends (kill -9 too). It works in every driver, on
// every system and between processes, and no state is kept in Go. The file has
// one page and stays; it must not be deleted while a runner works.
//
// The two locks look at each other, so that a transaction and a NoTx migration
// of the same key never run at once: Claim takes the write lock and then looks
// whether somebody has the file; LockSession takes the file and then looks
// whether somebody has the write lock. Who comes second sees the first; when both
// see each other, both give way and try again. A claim that finds that nobody else
// has committed since the one before it does not look: who has taken the file
// commits its row as running before it works, and for that it needs the write lock
// first, and the history unchanged.
//
// A database in memory belongs to one connection, and its lock always is free.

// lock is the second database as one connection sees it.
type lock struct {
	path  string // its file; empty for a database in memory
	alias string // its name when attached
	held  bool   // attached here, and so locked by this connection
}

// lockOf finds the lock of key.
func lockOf(ctx context.Context, db bun.IDB, key dialect.LockKey) (lock, error) {
	l := lock{alias: fmt.Sprintf("leaven_%016x", uint64(key.Number))}
	rows, err := db.QueryContext(ctx, "PRAGMA database_list")
	if err != nil {
		return l, err
	}
	defer rows.Close()
	for rows.Next() {
		var seq int
		var name string
		var file sql.NullString
		if err := rows.Scan(&seq, &name, &file); err != nil {
			return l, err
		}
		switch {
		case name == l.alias:
			l.held = true
		case name == "main" && file.String != "":
			l.path = fmt.Sprintf("%s-leaven-%016x", file.String, uint64(key.Number))
		}
	}
	return l, rows.Err()
}

// heldElsewhere reports whether another connection than db has the lock of key.
// Claim calls it with the write lock held.
func (d Dialect) heldElsewhere(ctx context.Context, db bun.IDB, key dialect.LockKey) (held bool, err error) {
	l, err := lockOf(ctx, db, key)
	if err != nil || l.held || l.path == "" {
		return false, err
	}
	if _, err := os.Stat(l.path); errors.Is(err, os.ErrNotExist) {
		return false, nil // nobody ever had it
	}
	err = withoutWaiting(ctx, db, func() error {
		// Attaching reads the file's schema, which its holder does not allow.
		if err := l.attach(ctx, db); err != nil {
			held = d.Classify(err).Class == dialect.Busy
			return d.unlessBusy(err)
		}
		return l.detach(ctx, db)
	})
	return held, err
}

// Holders implements dialect.Fence. It tells of a runner with a NoTx migration;
// one inside a transaction has SQLite's write lock, which an application has as
// well, and what it has done is not visible to others.
func (d Dialect) Holders(ctx context.Context, control bun.IDB, key dialect.LockKey) (out []dialect.Session, err error) {
	err = onOne(ctx, control, func(db bun.IDB) error {
		l, err := lockOf(ctx, db, key)
		if err != nil {
			return err
		}
		held := l.held
		if !held {
			held, err = d.heldElsewhere(ctx, db, key)
		}
		if held {
			out = []dialect.Session{{}}
		}
		return err
	})
	return out, err
}

// LockSession implements dialect.Fence. Taking a lock that the session has is no
// fault. pid is 0: a connection to a file has no name.
func (d Dialect) LockSession(ctx context.Context, conn bun.Conn, s dialect.SessionLock) (ok bool, pid int64, err error) {
	if s.Role != "" {
		return false, 0, fmt.Errorf("sqlite has no roles: leave the role %q out of the settings", s.Role)
	}
	l, err := lockOf(ctx, conn, s.Key)
	if err != nil || l.held {
		return l.held, 0, err
	}
	err = withoutWaiting(ctx, conn, func() error { return l.take(ctx, conn) })
	if d.unlessBusy(err) != nil {
		return false, 0, fmt.Errorf("the runners' lock, the file %s, cannot be taken; its directory must be writable: %w", l.path, err)
	}
	return err == nil, 0, nil
}

// take attaches the file, locks it for good, and makes sure that no transaction
// is writing now.
func (l lock) take(ctx context.Context, conn bun.Conn) error {
	if err := l.attach(ctx, conn); err != nil {
		return err
	}
	for _, statement := range []string{
		"PRAGMA " + l.alias + ".locking_mode = EXCLUSIVE",
		"PRAGMA " + l.alias + ".journal_mode = MEMORY", // no second file
		"PRAGMA " + l.alias + ".user_version = 1",      // a write, to take the lock
		"BEGIN IMMEDIATE",
		"ROLLBACK",
	} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return errors.Join(err, l.detach(context.WithoutCancel(ctx), conn))
		}
	}
	return nil
}

func (l lock) attach(ctx context.Context, db bun.IDB) error {
	file := l.path
	if file == "" {
		file = ":memory:"
	}
	_, err := db.ExecContext(ctx, "ATTACH "+literal(file)+" AS "+l.alias)
	return err
}

func (l lock) detach(ctx context.Context, db bun.IDB) error {
	_, err := db.ExecContext(ctx, "DETACH "+l.alias)
	return err
}

// UnlockSession implements dialect.Fence. A connection that has ended, or does
// not have the lock, has nothing to give back. A transaction that the migration
// has left open is rolled back; where even then the lock stays, the pool drops
// the connection, which frees it.
func (Dialect) UnlockSession(ctx context.Context, conn bun.Conn, s dialect.SessionLock) error {
	l, err := lockOf(ctx, conn, s.Key)
	if errors.Is(err, sql.ErrConnDone) || errors.Is(err, driver.ErrBadConn) {
		return nil
	}
	if err != nil || !l.held {
		return err
	}
	if l.detach(ctx, conn) == nil {
		return nil
	}
	_, _ = conn.ExecContext(ctx, "ROLLBACK") // there may be none
	if l.detach(ctx, conn) == nil {
		return nil
	}
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	return nil
}

// HoldsSession implements dialect.Fence.
func (Dialect) HoldsSession(ctx context.Context, conn bun.Conn, key dialect.LockKey) (bool, error) {
	l, err := lockOf(ctx, conn, key)
	return l.held, err
}

// withoutWaiting runs fn with the connection's busy_timeout at 0. db is one
// connection.
func withoutWaiting(ctx context.Context, db bun.IDB, fn func() error) (err error) {
	var before int
	if err := db.QueryRowContext(ctx, "PRAGMA busy_timeout").Scan(&before); err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, "PRAGMA busy_timeout = 0"); err != nil {
		return err
	}
	defer func() {
		_, restoreErr := db.ExecContext(context.WithoutCancel(ctx), fmt.Sprintf("PRAGMA busy_timeout = %d", before))
		if err == nil {
			err = restoreErr
		}
	}()
	return fn()
}

// onOne runs fn on one connection of db.
func onOne(ctx context.Context, db bun.IDB, fn func(bun.IDB) error) error {
	pool, ok := db.(*bun.DB)
	if !ok {
		return fn(db)
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return fn(conn)
}
