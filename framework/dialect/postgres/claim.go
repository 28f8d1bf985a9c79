package postgres

import (
	"context"
	"crypto/rand"
	"fmt"
	"strconv"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/uptrace/bun"
)

// Claim implements dialect.Fence in one message: settings, the lock, and then a
// statement whose snapshot is younger than the lock, which compares the token and
// writes. Where nothing was written, a second message tells why. What was claimed
// ahead needs no message.
func (d Dialect) Claim(ctx context.Context, tx bun.Tx, c dialect.Claim) (dialect.Claimed, error) {
	before, known := c.Session.(session)
	s := before.claiming(c)
	out := dialect.Claimed{Tx: s.tx()}
	if rows := s.conn.take(c.Write, out.Tx); rows > 0 {
		return dialect.Claimed{Locked: true, Token: c.Want, Rows: rows, PID: s.pid, Tx: out.Tx, Session: s}, nil
	}
	mark := d.Literal(out.Tx)
	write := d.guarded(c, mark)
	var err error
	switch {
	case c.Write == "":
	case known:
		out.Rows, err = d.claimAgain(ctx, tx, c, s, mark, write)
	default:
		var interval string
		out.Rows, err = d.write(ctx, tx, d.firstClaim(c, mark, ""), write+" RETURNING "+about+", coalesce(current_setting('client_connection_check_interval', true), '')",
			&s.pid, &s.searchPath, &s.role, &interval)
		s.watches = interval == "1s"
		if l, _ := c.Known.(acquaintance); d.packs && l.pid != 0 && l.pid == s.pid {
			s.prepared = newPrepared()
			s.prepared.claim(write) // so that the next one is compared with it
		}
	}
	out.Locked, out.Token = true, c.Want // which is the condition
	if err == nil && out.Rows == 0 {
		prelude := ""
		if known || c.Write == "" {
			prelude = d.firstClaim(c, mark, s.prepared.missed())
		}
		err = d.queryRow(ctx, tx, prelude, "SELECT "+isMarked(mark)+", "+textOf(c.Token)+", "+about, &out.Locked, &out.Token, &s.pid, &s.searchPath, &s.role)
		if err == nil && known && out.Locked && out.Token == c.Want && c.Write != "" {
			out.Rows, err = d.exec(ctx, tx, "", write)
		}
	}
	out.PID, out.Session = s.pid, s
	return out, err
}

// claiming is the session in the next claim.
func (s session) claiming(c dialect.Claim) session {
	if s.mark == "" {
		s.mark = rand.Text()
	}
	l, _ := c.Known.(acquaintance)
	s.conn = l.conn
	s.want, s.key, s.claims = c.Role, c.Key.Number, s.claims+1
	return s
}

// isMarked is the condition that the lock was got for the transaction of a claim.
func isMarked(mark string) string { return "current_setting('leaven.tx') = " + mark }

// guarded is the claim's statement under its conditions.
func (d Dialect) guarded(c dialect.Claim, mark string) string {
	if c.Token == "" {
		return c.Write + " AND (" + isMarked(mark) + ")"
	}
	return c.Write + " AND (" + isMarked(mark) + " AND (" + c.Token + ")::text = " + d.Literal(c.Want) + ")"
}

// about is what the first claim on a connection asks.
const about = "pg_backend_pid(), current_setting('search_path'), current_setting('leaven.role')"

// firstClaim takes the lock in a session of which nothing is known, and evaluates
// more expressions: mark tells afterwards that it was got.
func (d Dialect) firstClaim(c dialect.Claim, mark, more string) string {
	prelude := limits(c) + silently(fmt.Sprintf("set_config('leaven.tx', CASE WHEN pg_try_advisory_xact_lock(%d) THEN %s ELSE '' END, true), %s, "+
		"set_config('leaven.role', current_setting('role'), true)%s", c.Key.Number, mark, checkInterval("true"), more))
	return prelude + d.setRole(c.Role)
}

// claimAgain claims on a connection that is known. Nothing is read, which saves
// the client time.
func (d Dialect) claimAgain(ctx context.Context, tx bun.Tx, c dialect.Claim, s session, mark, write string) (int64, error) {
	n, err := d.exec(ctx, tx, d.lockAgain(c, s, mark), s.prepared.claim(write))
	return n, s.lost(err)
}

// lockAgain takes the lock in a session that is known. Behind a pooler, it may be
// another one each time. Nor is there a lock where a migration has left something
// behind, of which nobody was told yet.
func (d Dialect) lockAgain(c dialect.Claim, s session, mark string, differing ...string) string {
	lock := "SELECT set_config('leaven.tx', CASE WHEN pg_backend_pid() = " + strconv.FormatInt(s.pid, 10) +
		" AND current_setting('search_path') = " + d.Literal(s.searchPath) + " AND current_setting('role') = " + d.Literal(s.role) +
		" AND coalesce(current_setting('leaven.restored', true), '') = ''" +
		" AND pg_try_advisory_xact_lock(" + strconv.FormatInt(s.key, 10) + ") THEN " + mark + " ELSE '' END, true)"
	if s.prepared == nil {
		lock = limits(c) + lock + ", " + checkInterval("true")
	} else {
		lock = s.prepared.text("lock", lock+s.limits(c)+s.prepared.planOnce(), differing...)
	}
	return lock + "; " + d.setRole(c.Role)
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
