package migrate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/history"
	"github.com/uptrace/bun"
)

// Limits of trying again.
const (
	clashLimit   = 5           // deadlocks and the like, for one migration
	lossLimit    = 3           // lost connections, for one migration
	reconnectFor = time.Minute // until a server that went away must be back
	openFor      = 10 * time.Second
	markFor      = time.Minute     // what a NoTx migration has done
	lockFirst    = time.Second / 2 // pauses between tries for a strong lock
	lockLast     = 5 * time.Second
)

// do performs a group, as often as it takes. moved means that the plan must be
// made anew.
func (r *run) do(ctx context.Context, g *group) (verdict, error) {
	perform := r.transact
	if g.known[0].NoTx {
		perform = r.apart
	}
	for {
		g.tries++
		v, f := perform(ctx, g)
		switch {
		case f != nil && f.doubt:
			committed, err := r.resolveCommit(ctx, g, f)
			if err != nil {
				return 0, err
			}
			if committed {
				r.settledElsewhere(ctx, g, f)
				return done, nil
			}
			if f.doubt = false; !f.refused {
				f.fault.Class = dialect.ConnectionLost
			}
		case v == done:
			r.finished(ctx, g)
			return done, nil
		case v == moved:
			g.tries--
			return moved, nil
		case v == fkAgain:
			g.fkOff = true
			g.tries--
			continue
		case v == busy:
			g.tries--
			changed, err := r.awaitRunner(ctx)
			if changed || err != nil {
				return moved, err
			}
			continue
		}
		if err := r.again(ctx, g, f); err != nil {
			return 0, err
		}
	}
}

// again decides whether a failed try is repeated, and waits for the right time;
// its error ends the run.
func (r *run) again(ctx context.Context, g *group, f *failure) error {
	if f.cancelled {
		return r.cancelled(ctx, g, f)
	}
	if err := r.notOneTx(g, f); err != nil {
		return err
	}
	if !r.retryable(f) {
		return r.failed(ctx, g, f)
	}
	r.emit(Event{Kind: Retrying, ID: g.steps[0].ID, Direction: g.dir, Attempt: g.tries, Message: string(f.fault.Class), Err: f.err})
	switch f.fault.Class {
	case dialect.LockTimeout:
		if g.lock == nil {
			g.lock = newBudget(r.m.o.LockWait)
		}
		if g.lock.over() {
			return r.lockFailed(ctx, g, f)
		}
		return r.rest(ctx, g.lock.next(lockFirst, lockLast))
	case dialect.ConnectionLost, dialect.Unavailable:
		if g.losses++; g.losses > lossLimit {
			return r.failed(ctx, g, f)
		}
		return r.reconnect(ctx)
	}
	if g.clash == nil {
		g.clash = newBudget(time.Hour)
	}
	if g.clashes++; g.clashes > clashLimit {
		return r.failed(ctx, g, f)
	}
	r.logAttempt(ctx, g, f, history.Failed)
	return r.rest(ctx, g.clash.next(50*time.Millisecond, time.Second))
}

// retryable is an allow-list. In the migration's function a fault counts only if
// it was our own transaction that failed; a function that may have committed
// something is run again only if it says so.
func (r *run) retryable(f *failure) bool {
	fault := f.fault
	if f.stage == settling && fault.Class == dialect.Aborted {
		// The function has swallowed the error that counts.
		_, _, _, err := f.trace.failure()
		fault = r.m.d.Classify(err)
	}
	if f.out.stack != "" || f.ended || !fault.Retryable() {
		return false
	}
	f.fault = fault
	return f.stage != working || f.ours
}

// reconnect opens a new connection as soon as the server lets us.
func (r *run) reconnect(ctx context.Context) error {
	b := newBudget(reconnectFor)
	for {
		r.refresh(false)
		err := r.open(ctx)
		if err == nil {
			if err = r.ping(ctx); err == nil {
				return nil
			}
		}
		if f := r.m.d.Classify(err); !f.Retryable() || b.over() {
			return err
		}
		if err := r.rest(ctx, b.next(50*time.Millisecond, 2*time.Second)); err != nil {
			return err
		}
	}
}

func (r *run) ping(ctx context.Context) error {
	_, err := r.link.ExecContext(context.WithoutCancel(ctx), "SELECT 1")
	return r.m.databaseError("connecting again", err)
}

// resolveCommit finds out what became of a COMMIT whose answer was lost. Having
// the lock proves that the old session has ended; the log entry, with the lock or
// without, that it had committed.
func (r *run) resolveCommit(ctx context.Context, g *group, f *failure) (committed bool, err error) {
	r.emit(Event{Kind: Waiting, ID: g.steps[0].ID, Direction: g.dir, Message: "whether COMMIT was done is not known: finding out", Err: f.err})
	unknown := func(err error) error {
		return &DatabaseError{Kind: ErrUnreachable, Fault: f.fault, Err: errors.Join(f.err, err),
			Doing: fmt.Sprintf("finding out whether the COMMIT of %s was done", g.steps[0].ID)}
	}
	b := newBudget(reconnectFor)
	for {
		if err := r.reconnect(ctx); err != nil {
			return false, unknown(err)
		}
		look := func(ctx context.Context, db bun.IDB) error {
			committed, err = r.m.store.Committed(ctx, db, f.attempt.id)
			return err
		}
		// The lock may still be held, by what was claimed behind the COMMIT.
		_ = r.m.asRole(context.WithoutCancel(ctx), r.link, func(db bun.IDB) error { return look(context.WithoutCancel(ctx), db) })
		if err == nil && committed {
			return true, nil
		}
		v, fresh := r.underLock(ctx, func(ctx context.Context, tx bun.Tx) error { return look(ctx, tx) })
		switch {
		case v == done && fresh == nil:
			return committed, nil
		case b.over():
			return false, unknown(nil)
		case fresh != nil && !fresh.fault.Retryable():
			return false, unknown(fresh.err)
		}
		if err := r.rest(ctx, b.next(20*time.Millisecond, time.Second)); err != nil {
			return false, unknown(err)
		}
	}
}

// settledElsewhere takes up what had been committed after all.
func (r *run) settledElsewhere(ctx context.Context, g *group, f *failure) {
	for i := range f.attempt.reports {
		f.attempt.reports[i].Resolved = true
	}
	r.committed(g, f.attempt)
	// Another runner may have gone on since. A token that cannot match lets the
	// next step begin by reading the history.
	r.view.Change = "unknown"
	r.note(g.steps[0].ID + ": the answer to COMMIT was lost; it had been committed")
	r.finished(ctx, g)
}

func (r *run) finished(ctx context.Context, g *group) {
	r.afterCommit(ctx, g.ran)
	for _, s := range r.report.Steps[len(r.report.Steps)-len(g.steps):] {
		r.emit(Event{Kind: Finished, ID: s.ID, Direction: s.Direction, Attempt: s.Attempts, Elapsed: s.Elapsed})
	}
}

// pollWhile is the longest pause between two looks at a history that is moving,
// so that who waits ends soon after who works.
const pollWhile = 20 * time.Millisecond

// awaitRunner waits a little for the runner that has the lock, and on while that
// one gets on and there is still something to do; changed tells that it has moved
// the history.
func (r *run) awaitRunner(ctx context.Context) (changed bool, err error) {
	all := r.rowsAfter()
	for seen := r.view.token(); ; changed = true {
		if r.waiting.over() {
			return false, r.heldTooLong(ctx)
		}
		r.saysWaiting("another runner is at work")
		if err := r.rest(ctx, r.waiting.next(10*time.Millisecond, 200*time.Millisecond)); err != nil {
			return false, err
		}
		if r.link == nil {
			return changed, nil
		}
		var token string
		var rows int
		err := r.m.asRole(context.WithoutCancel(ctx), r.link, func(db bun.IDB) error {
			return db.QueryRowContext(context.WithoutCancel(ctx), r.m.store.ProgressQuery()).Scan(&token, &rows)
		})
		if err != nil {
			r.refresh(false)
			return changed, nil //nolint:nilerr // the next try meets the same fault, and knows what to do
		}
		if token == seen || rows == all {
			return changed || token != seen, nil
		}
		seen, r.waiting.pause = token, min(r.waiting.pause, pollWhile)
	}
}

// rowsAfter is how many rows there are when all that this run wants is done.
func (r *run) rowsAfter() int {
	if r.dir == Down {
		return len(r.view.Records) - len(r.left())
	}
	return len(r.view.Records) + len(r.left())
}

func (r *run) saysWaiting(why string) {
	if b := r.waiting; time.Since(b.said) >= time.Second {
		b.said = time.Now()
		r.emit(Event{Kind: Waiting, Message: why, Elapsed: b.spent()})
	}
}

func (r *run) heldTooLong(ctx context.Context) error {
	e := &LockError{Waited: r.waiting.spent()}
	if control := r.m.control(); control != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), controlLimit)
		defer cancel()
		e.Blockers, _ = r.m.d.Holders(ctx, control, r.m.store.Key()) // a courtesy
	}
	return e
}
