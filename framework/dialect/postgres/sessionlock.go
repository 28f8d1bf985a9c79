package postgres

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/uptrace/bun"
)

// LockSession implements dialect.Fence. The lock is polled on the connection
// that does the work, so that lock and work die together. idle_session_timeout
// frees it from a holder that was stopped.
func (d Dialect) LockSession(ctx context.Context, conn bun.Conn, l dialect.SessionLock) (ok bool, pid int64, err error) {
	prelude := fmt.Sprintf("SET statement_timeout = %s; SET idle_session_timeout = %s; SET idle_in_transaction_session_timeout = %[2]s; SET lock_timeout = %[3]s; "+
		"DO $leaven$ BEGIN PERFORM %[4]s; END $leaven$; ",
		millis(l.StatementTimeout), millis(l.IdleTimeout), millis(l.LockTimeout), checkInterval("false"))
	if l.Role != "" {
		prelude += "SET ROLE " + d.Quote(l.Role) + "; "
	}
	err = d.queryRow(ctx, conn, prelude, fmt.Sprintf("SELECT pg_try_advisory_lock(%d), pg_backend_pid()", l.Key.Number), &ok, &pid)
	return ok, pid, err
}

// UnlockSession implements dialect.Fence. The pool would hand the connection on
// with all that the migration and we have set; a RESET would also undo what the
// program had set when it connected. So the pool drops the connection.
func (d Dialect) UnlockSession(ctx context.Context, conn bun.Conn, l dialect.SessionLock) error {
	_, err := conn.ExecContext(ctx, fmt.Sprintf("DO $leaven$ BEGIN PERFORM pg_advisory_unlock(%d); END $leaven$", l.Key.Number))
	if rerr := conn.Raw(func(any) error { return driver.ErrBadConn }); rerr != nil && !errors.Is(rerr, driver.ErrBadConn) && err == nil {
		err = rerr
	}
	return err
}

// HoldsSession implements dialect.Fence.
func (d Dialect) HoldsSession(ctx context.Context, conn bun.Conn, key dialect.LockKey) (bool, error) {
	var holds bool
	err := conn.QueryRowContext(ctx, "SELECT "+holdsLock(key.Number)).Scan(&holds)
	return holds, err
}

// holdsLock is the condition that the session, or its transaction, has the lock.
// pg_locks shows a bigint key as two halves, with objsubid 1.
func holdsLock(key int64) string {
	return fmt.Sprintf("EXISTS (SELECT 1 FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted AND objsubid = 1 "+
		"AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()) AND ((classid::bigint << 32) | objid::bigint) = %d)", key)
}
