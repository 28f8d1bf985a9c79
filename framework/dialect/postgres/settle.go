package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/uptrace/bun"
)

// Settle implements dialect.Fence in one message. The conditions are written
// into the statements, because a migration that has ended our transaction leaves
// us in autocommit, where a write could not be taken back. Nothing is written
// either where the migration has left other settings behind: that takes longer.
func (d Dialect) Settle(ctx context.Context, tx bun.Tx, c dialect.Claimed, s dialect.Settle) (dialect.Settled, error) {
	was, _ := c.Session.(session)
	if s.Write == "" {
		return d.settleSlowly(ctx, tx, was, s)
	}
	if was.conn != nil && s.CommitIf != 0 && s.Log != "" {
		return d.settleAndCommit(ctx, tx, was, s)
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

// settleAndCommit is Settle with COMMIT at its end. A condition that is not met must
// be an error here, at which the server stops. So what the migration has left behind
// is put back first, which costs nothing while there is nothing, and is no
// condition; and the transaction is ours if it is the one that Claim's rows were
// written in, which no RESET ALL makes forget.
func (d Dialect) settleAndCommit(ctx context.Context, tx bun.Tx, was session, s dialect.Settle) (dialect.Settled, error) {
	met := "true"
	if was.prepared != nil {
		met = planAsEver + " IS NOT NULL"
	}
	settle := "WITH h AS (" + s.Write + " AND xmin = pg_current_xact_id()::xid RETURNING 1) " +
		s.Log + " AND CASE (SELECT count(*) FROM h) WHEN " + strconv.FormatInt(s.CommitIf, 10) + " THEN " + met + " ELSE (" + d.Literal(notHit) + " || pg_current_xact_id())::boolean END"
	var l *last
	if s.Next != nil {
		l = d.andClaim(was, settle, *s.Next)
	} else {
		l = &last{message: was.prepared.text("left", d.putBack(was, "")) + "; " + was.prepared.text("settle", settle) + "; COMMIT"}
	}
	was.conn.ends(l)
	_, err := tx.ExecContext(ctx, l.message)
	out := dialect.Settled{Ours: true, Rows: s.CommitIf, Committed: true, Restored: strings.Fields(l.restored)}
	switch f := d.Classify(err); {
	case err == nil:
	case strings.Contains(f.Message, notHit):
		return dialect.Settled{}, nil
	case errors.Is(err, sql.ErrTxDone), f.Class == dialect.Aborted, f.Class == dialect.IdleTimeout:
		out.Committed = false // nothing of it was begun
	case s.Next != nil: // what was refused may be the claim
	case f.Code != "" && f.Class != dialect.ConnectionLost && f.Class != dialect.Unavailable:
		out.Committed = false
	}
	return out, was.lost(err)
}

// andClaim is the message that settles and claims next, in a transaction with the
// isolation of this one. Nothing in it is read: the claim does not succeed where
// something was put back, and then it is asked for.
func (d Dialect) andClaim(was session, settle string, c dialect.Claim) *last {
	next := was.claiming(c)
	mark := d.Literal(next.tx())
	claim := was.prepared.claim(d.guarded(c, mark))
	of := was.prepared.replaced()
	return &last{
		message: was.prepared.text("left, told later", d.putBack(was, "leaven.restored"), of...) + "; " + was.prepared.text("settle", settle, of...) + "; COMMIT AND CHAIN; " +
			d.lockAgain(c, next, mark, mark) + claim,
		early: &early{write: c.Write, tx: next.tx()},
	}
}

// putBack puts back what the migration has left behind, and tells what that was: in
// the setting, or else in its row. Usually there is nothing, and what is behind ELSE
// costs nothing.
func (d Dialect) putBack(was session, setting string) string {
	path, role, during := d.Literal(was.searchPath), d.Literal(was.role), d.Literal(was.during())
	pathKept, roleKept := "current_setting('search_path') = "+path, "current_setting('role') = "+during
	left := "concat_ws(' ', CASE WHEN NOT " + pathKept + " THEN 'search_path' END, CASE WHEN NOT " + roleKept + " THEN 'role' END)"
	if setting != "" {
		left = "set_config(" + d.Literal(setting) + ", " + left + ", false)"
	}
	return "SELECT CASE WHEN " + pathKept + " AND " + roleKept + " THEN '' ELSE " + left +
		" || left(set_config('search_path', " + path + ", false) || set_config('role', " + role + ", false) || set_config('role', " + during + ", true), 0) END" + was.prepared.planOnce()
}

// notHit begins the error with which settleAndCommit stops the server.
const notHit = "the history has other rows than leaven wrote in transaction "

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
