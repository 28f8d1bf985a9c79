package migrate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/history"
	"github.com/leavendb/leaven/framework/op"
	"github.com/uptrace/bun"
)

// logLimit is for the log entry of a failed try: the run ends with its error
// anyway.
const logLimit = 5 * time.Second

// failed ends the run with the error of a try that is not repeated.
func (r *run) failed(ctx context.Context, g *group, f *failure) error {
	switch f.stage {
	case connecting:
		return r.m.databaseError("connecting", f.err)
	case claiming:
		return r.m.databaseError("claiming "+g.steps[0].ID, f.err)
	}
	k := f.known
	if k == nil {
		k = g.known[0]
	}
	if r.hasEnded(ctx, g, f) {
		return r.endedItself(ctx, g, k, f)
	}
	r.logAttempt(ctx, g, f, history.Failed)
	r.emit(Event{Kind: Failed, ID: k.ID, Direction: g.dir, Attempt: g.tries, Elapsed: f.elapsed, Err: f.err, Message: f.err.Error()})
	return r.stepError(g, k, f)
}

// ofStatement tells that the failure is that of the last failed statement, as far
// as the hook sees them. Some drivers' errors do not compare, only their words do.
func (f *failure) ofStatement() bool {
	number, _, _, err := f.trace.failure()
	return number > 0 && (errors.Is(f.err, err) || strings.Contains(f.err.Error(), err.Error()))
}

// stepError tells what failed, where, and what is true now.
func (r *run) stepError(g *group, k *Known, f *failure) *StepError {
	e := &StepError{ID: k.ID, Direction: g.dir, File: k.Where(), Fault: f.fault, Stack: f.out.stack, Err: f.err}
	if f.out.line > 0 {
		e.File = fmt.Sprintf("%s:%d", k.file(g.dir), f.out.line)
	}
	if number, sql, line, err := f.trace.failure(); number > 0 {
		swallowed := f.stage == settling && f.fault.Class == dialect.Aborted
		if swallowed {
			e.Err, e.Fault = fmt.Errorf("it went on after an error, which had already undone its transaction: %w", err), r.m.d.Classify(err)
		}
		if swallowed || f.ofStatement() {
			e.Statement, e.SQL = number, shorten(sql, sqlShown)
			if line > 0 {
				e.File = fmt.Sprintf("%s:%d", k.file(g.dir), line)
			}
		}
	}
	var oe *op.Error
	if errors.As(e.Err, &oe) && oe.SQL != "" {
		// Without the limits that op.Run had put around it.
		e.SQL = shorten(oe.SQL, sqlShown)
		if e.Fault.Position > oe.Offset {
			e.Fault.Position -= oe.Offset
		}
	}
	var placed interface{ Place() string } // of an SQL file
	if errors.As(f.err, &placed) {
		e.File = placed.Place()
	}
	e.State = "rolled back; nothing of it remains"
	e.Next = fmt.Sprintf("correct %s, then run: %s", e.File, g.dir)
	switch {
	case k.NoTx:
		e.State = "it ran outside a transaction: what it had done remains, and it is recorded as interrupted"
		e.Next = fmt.Sprintf("look at the database; when it is to run again from the beginning, run: resolve --pending %s\nwhen all of its work is there, run: resolve --applied %s", k.ID, k.ID)
		if k.Rerunnable {
			e.Next = fmt.Sprintf("correct %s, then run: %s; it is Rerunnable", e.File, g.dir)
		}
	case errors.Is(f.err, errSelfWait):
		if f.out.abandoned {
			e.State = notReturned
		}
		e.Next = "use the db that the function is given for everything, then run: " + g.dir.String()
	case len(g.known) > 1:
		e.State = fmt.Sprintf("all %d migrations of the run were rolled back together; nothing of them remains", len(g.known))
	case f.fault.Class == dialect.ReadTimeout:
		e.State = "unknown to us: the server may still be running the statement; its transaction was not committed"
		e.Next = "open the database without a client-side time limit (pgdriver.WithReadTimeout(0))"
	}
	return e
}

// How many bytes of a statement are shown, and of a message are kept in the log.
const (
	sqlShown    = 500
	messageKept = 2000
)

func shorten(text string, limit int) string {
	if len(text) > limit {
		return strings.ToValidUTF8(text[:limit], "") + " …"
	}
	return text
}

// notReturned is the state after a function was given up.
const notReturned = "its function did not return; its transaction ends with this process, if not before"

// hasEnded tells that a migration has ended the runner's transaction by itself.
// Where the connection did not live to tell, its row does: nobody else sees that
// of a transaction which has not ended, and none is left of one rolled back. The
// row tells too where the database may have rolled back without being asked.
func (r *run) hasEnded(ctx context.Context, g *group, f *failure) bool {
	undone := f.ended && r.undoes(f)
	switch {
	case f.ended && !undone, f.stage != working && f.stage != settling, g.known[0].NoTx, !f.ours && !undone, r.unreachable(f):
		return f.ended
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), logLimit)
	defer cancel()
	f.ended = false // if it cannot be seen now, the next run sees it
	if r.linked(ctx) != nil {
		return false
	}
	var left bool
	err := r.m.asRole(ctx, r.link, func(db bun.IDB) (err error) {
		left, err = r.m.store.Unfinished(ctx, db, f.attempt.id)
		return err
	})
	if err != nil {
		r.refresh(r.link.valid())
	}
	f.ended = left
	return left
}

// undoes tells that a fault is one with which the database may have rolled the
// whole transaction back, and not only the statement.
func (r *run) undoes(f *failure) bool {
	return r.m.d.Capabilities().FaultsUndo && (f.cancelled || f.fault.Class == dialect.Full || f.fault.Class == dialect.Cancelled)
}

// unreachable tells that there will be no other connection.
func (r *run) unreachable(f *failure) bool {
	return f.out.abandoned && r.m.db.Stats().MaxOpenConnections == 1
}

// endedItself is for a migration that has committed or rolled back by itself.
// What it did is not known, nor what those did that ran in the same transaction,
// so that the history must say so: after a COMMIT our rows are there, after a
// ROLLBACK they are written again.
func (r *run) endedItself(ctx context.Context, g *group, k *Known, f *failure) error {
	r.logAttempt(ctx, g, f, history.Interrupted)
	r.emit(Event{Kind: Failed, ID: k.ID, Direction: g.dir, Attempt: g.tries, Elapsed: f.elapsed, Err: f.err, Message: f.err.Error()})
	e := &HistoryError{
		Kind: ErrInterrupted, IDs: g.ids(), Detail: errEnded.Error() + ", so what it has done is not known",
		State: "it was run, and is recorded as interrupted",
	}
	if len(e.IDs) > 1 {
		e.Detail = "one of them " + strings.TrimPrefix(e.Detail, "it ")
		e.State = "they were run, and are recorded as interrupted"
	}
	if !errors.Is(f.err, errEnded) {
		e.Detail += "; then it failed: " + f.err.Error()
	}
	for _, id := range e.IDs {
		e.Next = append(e.Next, "resolve --applied "+id, "resolve --pending "+id)
	}
	r.atLast(ctx, func(ctx context.Context, tx bun.Tx) error {
		v, err := r.m.viewOn(ctx, tx)
		if err != nil {
			return err
		}
		for i, id := range e.IDs {
			var statement string
			switch {
			case g.dir == Down:
				statement = r.m.store.SetState([]string{id}, history.Applied, history.Reverting, newAttempt())
			case !v.has(id):
				h := r.m.identity().record(g.known[i], newAttempt())
				h.Batch, h.Target = r.batch, r.head
				statement = r.m.store.InsertRunning([]history.Record{h})
			default:
				continue
			}
			entry := r.entries(g, f.attempt, history.Begun)[i : i+1]
			for _, sql := range []string{statement, r.m.store.Append(entry)} {
				if _, err := tx.ExecContext(ctx, sql); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return e
}

// atLast runs fn under the runners' lock also when the run is to stop, if that is
// possible soon.
func (r *run) atLast(ctx context.Context, fn func(context.Context, bun.Tx) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), logLimit)
	defer cancel()
	b := newBudget(logLimit)
	for ctx.Err() == nil {
		v, f := r.underLock(ctx, fn)
		if v == done || f != nil && !f.fault.Retryable() {
			return
		}
		if f != nil {
			r.refresh(false)
		}
		select {
		case <-ctx.Done():
		case <-time.After(b.next(10*time.Millisecond, 200*time.Millisecond)):
		}
	}
}

// cancelled ends a run whose context has ended.
func (r *run) cancelled(ctx context.Context, g *group, f *failure) error {
	k := f.known
	if k == nil {
		k = g.known[0]
	}
	if f.trace != nil && !f.out.abandoned {
		r.seeEnd(f.trace.session.Load())
	}
	if r.hasEnded(ctx, g, f) {
		return r.endedItself(ctx, g, k, f)
	}
	r.logAttempt(ctx, g, f, history.Interrupted)
	e := &StoppedError{ID: k.ID, State: "rolled back; nothing of it remains", Err: context.Cause(ctx)}
	if k.NoTx {
		e.State = "it ran outside a transaction: what it had done remains, and it is recorded as interrupted"
		if !k.Rerunnable {
			e.Next = []string{"resolve --applied " + k.ID, "resolve --pending " + k.ID}
		}
	}
	if f.out.abandoned {
		e.State = notReturned
	}
	r.emit(Event{Kind: Failed, ID: k.ID, Direction: g.dir, Attempt: g.tries, Elapsed: f.elapsed, Err: e, Message: e.State})
	return e
}

func (r *run) lockFailed(ctx context.Context, g *group, f *failure) error {
	k := g.known[0]
	if f.known != nil {
		k = f.known
	}
	r.logAttempt(ctx, g, f, history.Failed)
	e := &LockError{ID: k.ID, Waited: g.lock.spent(), Blockers: g.blockers, Err: f.err}
	r.emit(Event{Kind: Failed, ID: k.ID, Direction: g.dir, Attempt: g.tries, Err: e, Message: e.Error()})
	return e
}

// logAttempt appends the end of a try to the log, if the database can be reached:
// the log is for people, nothing depends on it but the COMMIT of successes.
func (r *run) logAttempt(ctx context.Context, g *group, f *failure, outcome history.Outcome) {
	if f.attempt == nil || f.stage < working || r.unreachable(f) {
		return
	}
	entries := r.entries(g, f.attempt, outcome)
	if f.known != nil {
		for _, e := range entries {
			if e.ID == f.known.ID {
				entries = []history.LogEntry{e}
			}
		}
	}
	for i := range entries {
		entries[i].Code, entries[i].Message = f.fault.Code, f.fault.Message
		if entries[i].Message == "" {
			entries[i].Message = f.err.Error()
		}
		entries[i].Message = shorten(r.m.o.Redact(entries[i].Message), messageKept)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), logLimit)
	defer cancel()
	if r.linked(ctx) != nil {
		return
	}
	err := r.m.asRole(ctx, r.link, func(db bun.IDB) error {
		_, err := db.ExecContext(ctx, r.m.store.Append(entries))
		return err
	})
	if err != nil {
		r.refresh(r.link.valid())
	}
}
