package postgres

import (
	"context"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/uptrace/bun"
)

// PostgreSQL is the fence: a transaction-level advisory lock belongs to the
// transaction that does the work, so whoever holds the lock is who can commit,
// and the lock ends with the transaction however that ends. Behind a pooler in
// transaction mode this stays true, while everything here is SET LOCAL and
// leaks to nobody.

// session is what a claim has seen of its session, before it changed anything.
type session struct {
	pid        int64
	searchPath string
	role       string // "none" or a role
	want       string // the role that the claim has set; empty: none
	key        int64
	mark       string // names the transactions of the claims, with their number
	claims     int
	watches    bool      // the server shall look for us during a long statement
	ours       bool      // the connection has a wire of ours
	prepared   *prepared // nil: the session may be another one the next time
}

// Claim implements dialect.Fence in one message: settings, the lock, and then a
// statement whose snapshot is younger than the lock, which compares the token and
// writes. Where nothing was written, a second message tells why.
func (d Dialect) Claim(ctx context.Context, tx bun.Tx, c dialect.Claim) (dialect.Claimed, error) {
	s, known := c.Session.(session)
	if s.mark == "" {
		s.mark = rand.Text()
	}
	s.want, s.key, s.claims = c.Role, c.Key.Number, s.claims+1
	out := dialect.Claimed{Tx: s.mark + strconv.Itoa(s.claims)}
	mark := d.Literal(out.Tx)
	cond := "current_setting('leaven.tx') = " + mark
	write := c.Write + " AND (" + cond + ")"
	if c.Token != "" {
		write = c.Write + " AND (" + cond + " AND (" + c.Token + ")::text = " + d.Literal(c.Want) + ")"
	}

	var err error
	switch {
	case c.Write == "":
	case known:
		out.Rows, err = d.claimAgain(ctx, tx, c, s, mark, write)
	default:
		var interval string
		out.Rows, err = d.write(ctx, tx, d.firstClaim(c, mark), write+" RETURNING "+about+", coalesce(current_setting('client_connection_check_interval', true), '')",
			&s.pid, &s.searchPath, &s.role, &interval)
		s.watches = interval == "1s"
		l, _ := c.Known.(acquaintance)
		s.ours = l.ours
		if d.packs && l.pid != 0 && l.pid == s.pid {
			s.prepared = newPrepared()
			s.prepared.text("claim", write) // so that the next one is compared with it
		}
	}
	out.Locked, out.Token = true, c.Want // which is the condition
	if err == nil && out.Rows == 0 {
		prelude := ""
		if known || c.Write == "" {
			prelude = d.firstClaim(c, mark)
		}
		err = d.queryRow(ctx, tx, prelude, "SELECT "+cond+", "+textOf(c.Token)+", "+about, &out.Locked, &out.Token, &s.pid, &s.searchPath, &s.role)
		if err == nil && known && out.Locked && out.Token == c.Want && c.Write != "" {
			out.Rows, err = d.exec(ctx, tx, "", write)
		}
	}
	out.PID, out.Session = s.pid, s
	return out, err
}

// about is what the first claim on a connection asks.
const about = "pg_backend_pid(), current_setting('search_path'), current_setting('leaven.role')"

// firstClaim takes the lock in a session of which nothing is known: mark tells
// afterwards that it was got.
func (d Dialect) firstClaim(c dialect.Claim, mark string) string {
	prelude := limits(c) + silently(fmt.Sprintf("set_config('leaven.tx', CASE WHEN pg_try_advisory_xact_lock(%d) THEN %s ELSE '' END, true), %s, "+
		"set_config('leaven.role', current_setting('role'), true)", c.Key.Number, mark, checkInterval("true")))
	return prelude + d.setRole(c.Role)
}

// claimAgain claims on a connection that is known. Nothing is read, which saves
// the client time. Behind a pooler, the session may be another one each time.
func (d Dialect) claimAgain(ctx context.Context, tx bun.Tx, c dialect.Claim, s session, mark, write string) (int64, error) {
	lock := "SELECT set_config('leaven.tx', CASE WHEN pg_backend_pid() = " + strconv.FormatInt(s.pid, 10) +
		" AND current_setting('search_path') = " + d.Literal(s.searchPath) + " AND current_setting('role') = " + d.Literal(s.role) +
		" AND pg_try_advisory_xact_lock(" + strconv.FormatInt(s.key, 10) + ") THEN " + mark + " ELSE '' END, true)"
	if s.prepared == nil {
		lock = limits(c) + lock + ", " + checkInterval("true")
	} else {
		lock = s.prepared.text("lock", lock+s.limits(c))
	}
	n, err := d.exec(ctx, tx, lock+"; "+d.setRole(c.Role), s.prepared.text("claim", write))
	return n, s.lost(err)
}

// limits are those of the transaction, as more expressions of a SELECT.
func (s session) limits(c dialect.Claim) string {
	expressions := ", set_config('statement_timeout', '" + millis(c.StatementTimeout) + "', true), set_config('idle_in_transaction_session_timeout', '" +
		millis(c.IdleTimeout) + "', true), set_config('lock_timeout', '" + millis(c.LockTimeout) + "', true)"
	if s.watches {
		expressions += ", set_config('client_connection_check_interval', '1000', true)"
	}
	return expressions
}

// limits are the settings of the transaction, as commands. If they are not
// prepared, they cost less than expressions.
func limits(c dialect.Claim) string {
	return "SET LOCAL statement_timeout = " + millis(c.StatementTimeout) + "; SET LOCAL idle_in_transaction_session_timeout = " + millis(c.IdleTimeout) +
		"; SET LOCAL lock_timeout = " + millis(c.LockTimeout) + "; "
}

func (d Dialect) setRole(role string) string {
	if role == "" {
		return ""
	}
	return "SET LOCAL ROLE " + d.Quote(role) + "; "
}

// textOf is the text that a SELECT of one value gives; that of none is empty.
func textOf(query string) string {
	if query == "" {
		return "''"
	}
	return "(" + query + ")::text"
}

// silently evaluates expressions and returns no rows: a message may hold only one
// statement that does (pgdriver). A DO block can do that too, but its expressions
// are planned one by one, which costs more than all of the rest. What must be
// remembered travels in settings of the transaction.
func silently(expressions string) string {
	return "DECLARE leaven NO SCROLL CURSOR FOR SELECT " + expressions + "; MOVE ALL IN leaven; CLOSE leaven; "
}

// write runs a statement with RETURNING behind prelude, scans the last of its
// rows and returns their number.
func (d Dialect) write(ctx context.Context, db bun.IDB, prelude, statement string, dest ...any) (n int64, err error) {
	if !d.packs {
		if _, err := db.ExecContext(ctx, prelude); err != nil {
			return 0, err
		}
		prelude = ""
	}
	rows, err := db.QueryContext(ctx, prelude+statement)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return 0, err
		}
		n++
	}
	return n, rows.Err()
}

// exec runs a statement behind prelude and returns the number of rows that the
// statement hit. Rows of the prelude are thrown away.
func (d Dialect) exec(ctx context.Context, db bun.IDB, prelude, statement string) (int64, error) {
	if !d.packs && prelude != "" {
		if _, err := db.ExecContext(ctx, prelude); err != nil {
			return 0, err
		}
		prelude = ""
	}
	res, err := db.ExecContext(ctx, prelude+statement)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// queryRow scans the one row of query, which runs after prelude: in the same
// message where the driver lets a message hold several statements.
func (d Dialect) queryRow(ctx context.Context, db bun.IDB, prelude, query string, dest ...any) error {
	if !d.packs && prelude != "" {
		if _, err := db.ExecContext(ctx, prelude); err != nil {
			return err
		}
		prelude = ""
	}
	return db.QueryRowContext(ctx, prelude+query).Scan(dest...)
}

// checkInterval lets the server notice a dead client during a long statement,
// unless it is set to do so anyway, on the platforms where it can (elsewhere it
// refuses the setting); local is "true" for the transaction alone.
func checkInterval(local string) string {
	return "CASE WHEN current_setting('client_connection_check_interval', true) = '0' AND version() ~ 'linux|darwin|bsd' " +
		"THEN set_config('client_connection_check_interval', '1s', " + local + ") END"
}

func millis(t time.Duration) string { return strconv.FormatInt(t.Milliseconds(), 10) }

// Settle implements dialect.Fence in one message. The conditions are written
// into the statements, because a migration that has ended our transaction leaves
// us in autocommit, where a write could not be taken back. Nothing is written
// either where the migration has left other settings behind: that takes longer.
func (d Dialect) Settle(ctx context.Context, tx bun.Tx, c dialect.Claimed, s dialect.Settle) (dialect.Settled, error) {
	was, _ := c.Session.(session)
	if s.Write == "" {
		return d.settleSlowly(ctx, tx, was, s)
	}
	switch {
	case s.CommitIf == 0 || s.Log == "":
	case was.ours:
		return d.settleAndCommit(ctx, tx, c, was, s)
	default:
		return d.settleQuickly(ctx, tx, c, was, s)
	}
	during := d.Literal(was.during())
	cond := " AND (current_setting('leaven.tx', true) = " + d.Literal(c.Tx) + " AND current_setting('search_path') = " + d.Literal(was.searchPath) +
		" AND current_setting('leaven.left') = " + during + ")"
	// A role that the migration has left behind may have no right to write here,
	// and that is asked before the condition is.
	prelude := "SELECT set_config('leaven.left', current_setting('role'), true), set_config('role', " + during + ", true); "
	if s.Log != "" {
		prelude += s.Log + cond + "; "
	}
	n, err := d.exec(ctx, tx, prelude, s.Write+cond)
	if err != nil || n > 0 {
		return dialect.Settled{Ours: true, Rows: n}, err
	}
	return d.settleSlowly(ctx, tx, was, s)
}

// settleQuickly is Settle for a number of rows that is known before, in two
// statements. It reads nothing: for rows in a transaction, database/sql begins a
// goroutine.
func (d Dialect) settleQuickly(ctx context.Context, tx bun.Tx, c dialect.Claimed, was session, s dialect.Settle) (dialect.Settled, error) {
	during := d.Literal(was.during())
	left := was.prepared.text("left", "SELECT set_config('leaven.left', current_setting('role'), true), set_config('role', "+during+", true) WHERE current_setting('role') <> "+during)
	settle := was.prepared.text("settle", "WITH h AS ("+s.Write+" AND (current_setting('leaven.tx', true) = "+d.Literal(c.Tx)+" AND current_setting('search_path') = "+d.Literal(was.searchPath)+
		" AND coalesce(current_setting('leaven.left', true), '') = '') RETURNING 1) "+s.Log+" AND (SELECT count(*) FROM h) = "+strconv.FormatInt(s.CommitIf, 10))
	n, err := d.exec(ctx, tx, left+"; ", settle)
	if err != nil || n > 0 {
		return dialect.Settled{Ours: true, Rows: s.CommitIf}, was.lost(err)
	}
	return d.settleSlowly(ctx, tx, was, s)
}

// settleAndCommit is Settle with COMMIT at its end. A condition that is not met must
// be an error here, at which the server stops. So what the migration has left behind
// is put back first, which costs nothing while there is nothing, and is no
// condition; and what says that the transaction is ours is not lost in a RESET ALL.
func (d Dialect) settleAndCommit(ctx context.Context, tx bun.Tx, c dialect.Claimed, was session, s dialect.Settle) (dialect.Settled, error) {
	path, role, during := d.Literal(was.searchPath), d.Literal(was.role), d.Literal(was.during())
	message := was.prepared.text("left", "SELECT current_setting('search_path'), current_setting('role'), set_config('search_path', "+path+", false), "+
		"set_config('role', "+role+", false), set_config('role', "+during+", true) "+
		"WHERE current_setting('search_path') <> "+path+" OR current_setting('role') <> "+during) + "; " +
		was.prepared.text("settle", "WITH h AS ("+s.Write+" AND (current_setting('leaven.tx', true) = "+d.Literal(c.Tx)+" OR "+holdsLock(was.key)+") RETURNING 1) "+
			s.Log+" AND CASE (SELECT count(*) FROM h) WHEN "+strconv.FormatInt(s.CommitIf, 10)+" THEN true ELSE ("+d.Literal(notHit)+" || (SELECT count(*) FROM h))::boolean END") +
		andCommit
	out := dialect.Settled{Ours: true, Rows: s.CommitIf, Committed: true}
	left := session{searchPath: was.searchPath, role: was.during()}
	_, err := d.write(ctx, tx, "", message, &left.searchPath, &left.role, new(any), new(any), new(any))
	switch f := d.Classify(err); {
	case err == nil:
		if left.searchPath != was.searchPath {
			out.Restored = append(out.Restored, "search_path")
		}
		if left.role != was.during() {
			out.Restored = append(out.Restored, "role")
		}
	case strings.Contains(f.Message, notHit):
		return dialect.Settled{}, nil
	case errors.Is(err, sql.ErrTxDone), f.Class == dialect.IdleTimeout, f.Code != "" && f.Class != dialect.ConnectionLost && f.Class != dialect.Unavailable:
		out.Committed = false // it was not begun, or the server has refused
	}
	return out, was.lost(err)
}

// notHit begins the error with which settleAndCommit stops the server.
const notHit = "the history has other rows than leaven wrote: "

// during is the role in which the transaction works.
func (s session) during() string {
	if s.want != "" {
		return s.want
	}
	return s.role
}

// settleSlowly asks first whether the transaction is ours and how it was left: it
// is ours while it holds the lock that Claim has taken, which only its end gives
// back. (RESET ALL would make forget what Claim has set.)
func (d Dialect) settleSlowly(ctx context.Context, tx bun.Tx, was session, s dialect.Settle) (dialect.Settled, error) {
	var out dialect.Settled
	var path, role string
	err := tx.QueryRowContext(ctx, "SELECT "+holdsLock(was.key)+", current_setting('search_path'), coalesce(nullif(current_setting('leaven.left', true), ''), current_setting('role'))").
		Scan(&out.Ours, &path, &role)
	if err != nil || !out.Ours || s.Write == "" && s.Log == "" {
		return out, err
	}
	prelude := ""
	if path != was.searchPath {
		out.Restored = append(out.Restored, "search_path")
		prelude += fmt.Sprintf("SELECT set_config('search_path', %s, false); ", d.Literal(was.searchPath))
	}
	if role != was.during() {
		out.Restored = append(out.Restored, "role")
		prelude += fmt.Sprintf("SELECT set_config('role', %s, false), set_config('role', %s, true); ", d.Literal(was.role), d.Literal(was.during()))
	}
	if s.Log != "" {
		prelude += s.Log + "; "
	}
	out.Rows, err = d.exec(ctx, tx, prelude, s.Write)
	return out, err
}

// TxOptions implements dialect.Fence: whatever the database's default is, a
// statement after the lock must see what was committed before it.
func (Dialect) TxOptions() *sql.TxOptions {
	return &sql.TxOptions{Isolation: sql.LevelReadCommitted}
}

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

// Pooled implements dialect.Fence: two connections that share one server
// process, or one connection whose process changes, are behind a pooler that
// gives out sessions by transaction.
func (d Dialect) Pooled(ctx context.Context, conn, other bun.Conn) (bool, error) {
	pid := func(c bun.Conn) (n int64, err error) {
		err = c.QueryRowContext(ctx, "SELECT pg_backend_pid()").Scan(&n)
		return n, err
	}
	var first int64
	for range 3 { // a busy pooler may give out another process once by chance
		a, err := pid(conn)
		if err != nil {
			return false, err
		}
		if first != 0 && a != first {
			return true, nil
		}
		first = a
		if other.Conn == nil {
			continue
		}
		b, err := pid(other)
		if err != nil {
			return false, err
		}
		if a == b {
			return true, nil
		}
	}
	return false, nil
}

// Cancel implements dialect.Fence.
func (d Dialect) Cancel(ctx context.Context, control bun.IDB, pid int64) error {
	_, err := control.ExecContext(ctx, "SELECT pg_cancel_backend("+strconv.FormatInt(pid, 10)+")")
	return err
}

// Blockers implements dialect.Fence.
func (d Dialect) Blockers(ctx context.Context, control bun.IDB, pid int64) ([]dialect.Session, error) {
	return sessions(ctx, control, fmt.Sprintf("a.pid = ANY (pg_blocking_pids(%d))", pid))
}

// BlockedBy implements dialect.Fence.
func (d Dialect) BlockedBy(ctx context.Context, control bun.IDB, pid int64) ([]dialect.Session, error) {
	return sessions(ctx, control, fmt.Sprintf("a.wait_event_type = 'Lock' AND %[1]d = ANY (pg_blocking_pids(a.pid)) AND EXISTS (SELECT 1 FROM pg_catalog.pg_stat_activity o "+
		"WHERE o.pid = %[1]d AND o.state = 'idle in transaction' AND o.client_addr IS NOT DISTINCT FROM a.client_addr AND a.query_start > o.xact_start)", pid))
}

// Holders implements dialect.Fence.
func (d Dialect) Holders(ctx context.Context, control bun.IDB, key dialect.LockKey) ([]dialect.Session, error) {
	return sessions(ctx, control, fmt.Sprintf("a.pid IN (SELECT l.pid FROM pg_catalog.pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 "+
		"AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()) AND ((l.classid::bigint << 32) | l.objid::bigint) = %d)", key.Number))
}

func sessions(ctx context.Context, control bun.IDB, where string) ([]dialect.Session, error) {
	rows, err := control.QueryContext(ctx, "SELECT a.pid, coalesce(a.application_name, ''), coalesce(a.usename::text, ''), coalesce(a.state, ''), coalesce(left(a.query, 200), ''), "+
		"coalesce(extract(epoch FROM clock_timestamp() - a.xact_start), 0)::float8 FROM pg_catalog.pg_stat_activity a WHERE "+where+" ORDER BY a.xact_start NULLS LAST, a.pid")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []dialect.Session
	for rows.Next() {
		var s dialect.Session
		var age float64
		if err := rows.Scan(&s.PID, &s.Application, &s.User, &s.State, &s.Query, &age); err != nil {
			return nil, err
		}
		s.Age = time.Duration(age * float64(time.Second))
		out = append(out, s)
	}
	return out, rows.Err()
}

// ForeignKeys implements dialect.Fence: PostgreSQL changes tables in place.
func (Dialect) ForeignKeys(context.Context, bun.Conn, bool) (bool, error) { return true, nil }

// CheckForeignKeys implements dialect.Fence: PostgreSQL has checked them already.
func (Dialect) CheckForeignKeys(context.Context, bun.IDB) ([]string, error) { return nil, nil }

// ServerTime implements dialect.Dialect.
func (Dialect) ServerTime() string { return "clock_timestamp()" }

// Describe implements dialect.Dialect.
func (Dialect) Describe(ctx context.Context, db bun.IDB) (dialect.Server, error) {
	s := dialect.Server{Product: "PostgreSQL"}
	err := db.QueryRowContext(ctx, "SELECT current_setting('server_version'), current_database(), current_user::text, pg_is_in_recovery() OR current_setting('transaction_read_only')::bool").
		Scan(&s.Version, &s.Database, &s.User, &s.ReadOnly)
	s.Version, _, _ = strings.Cut(s.Version, " ")
	return s, err
}
