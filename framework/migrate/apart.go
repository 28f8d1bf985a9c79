package migrate

import (
	"context"
	"fmt"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/history"
	"github.com/uptrace/bun"
)

// apart is one try of a NoTx migration. The runners' lock belongs to the session
// that does the work, so that both die together. The row is committed before the
// work as running and after it as applied; what is found running while nobody has
// the lock was interrupted.
func (r *run) apart(ctx context.Context, g *group) (verdict, *failure) {
	if err := r.linked(ctx); err != nil {
		return 0, r.fail(connecting, err)
	}
	r.link.part(nil)
	base := context.WithoutCancel(ctx)
	lock, idle := g.timeouts(r.m.o)
	s := dialect.SessionLock{Key: r.m.store.Key(), Role: r.m.o.Role, StatementTimeout: r.m.o.StatementTimeout, IdleTimeout: idle, LockTimeout: lock}
	got, pid, err := r.m.d.LockSession(base, r.link.Conn, s)
	if err != nil {
		r.refresh(false)
		return 0, r.fail(claiming, err)
	}
	if !got {
		r.link.stained = true
		return busy, nil
	}
	w := r.watch(ctx, g, r.attempt(g))
	w.pid.Store(pid)
	v, f := r.underSession(base, w, g, w.attempt, s)
	r.triedApart(base, w, s, f)
	return v, f
}

// triedApart ends a try outside a transaction.
func (r *run) triedApart(ctx context.Context, w *watch, s dialect.SessionLock, f *failure) {
	w.stop()
	switch {
	case f != nil && f.out.abandoned:
		r.link = nil
	case r.link != nil:
		err := r.m.d.UnlockSession(ctx, r.link.Conn, s)
		r.link.stained = false
		r.refresh(err == nil)
	}
	w.tell(f)
	if f != nil && f.stage == working {
		// Part of another may be done, and is not done again.
		f.ours = w.g.known[0].Rerunnable && (f.ours || f.ofStatement())
	}
}

// underSession works while the session has the lock.
func (r *run) underSession(ctx context.Context, w *watch, g *group, a *attempt, s dialect.SessionLock) (verdict, *failure) {
	k := g.known[0]
	if v, f := r.markRunning(ctx, g, a); v != done {
		return v, f
	}
	st := &step{id: k.ID, dir: g.dir, emit: r.emit}
	g.ran = []*step{st}
	begun := time.Now()
	r.emit(Event{Kind: Started, ID: k.ID, Direction: g.dir, Attempt: g.tries})
	w.trace.begin(func() string { return k.file(g.dir) })
	failed := func(out outcome) *failure {
		f := r.fail(working, out.err)
		f.known, f.out, f.elapsed = k, out, time.Since(begun)
		if f.ours = false; !out.abandoned {
			// It may have left a transaction open; outside one this changes nothing.
			_, _ = r.link.ExecContext(ctx, "ROLLBACK")
			f.ours = !r.link.valid()
		}
		return f
	}
	out := w.call(st, r.env(g, a, 0), k.function(g.dir), r.link.Conn, func(out outcome) *failure {
		f := failed(out)
		r.triedApart(ctx, w, s, f)
		return f
	})
	a.reports[0].Elapsed, a.records[0].Elapsed = time.Since(begun), time.Since(begun)
	if out.err != nil {
		return 0, failed(out)
	}
	if holds, err := r.m.d.HoldsSession(ctx, r.link.Conn, r.m.store.Key()); err != nil || !holds {
		if err == nil {
			err = fmt.Errorf("the runners' lock was lost while it ran")
		}
		f := r.fail(settling, err)
		f.known, f.elapsed = k, time.Since(begun)
		return 0, f
	}
	return r.markDone(ctx, g, a)
}

// markRunning commits the row as running or reverting. moved: the history, or an
// interrupted row that is to be run again, has changed.
func (r *run) markRunning(ctx context.Context, g *group, a *attempt) (verdict, *failure) {
	c := r.claim(g, a, r.view.token())
	if old := g.steps[0].Record; old != nil {
		to := history.Running
		if g.dir == Down {
			to = history.Reverting
		}
		c.Write = r.m.store.SetState(g.ids(), old.State, to, a.id) + " AND attempt = " + r.m.d.Literal(old.Attempt)
	}
	v, f := r.marking(ctx, func(tx bun.Tx) (verdict, error) {
		claimed, err := r.m.d.Claim(ctx, tx, c)
		switch {
		case err != nil:
			return 0, err
		case !claimed.Locked:
			return busy, nil
		case claimed.Token != c.Want, claimed.Rows != 1:
			return moved, nil
		}
		_, err = tx.ExecContext(ctx, r.m.store.Append(r.entries(g, a, history.Begun)))
		return done, err
	})
	if f != nil {
		f.stage = claiming
	}
	return v, f
}

// markDone commits the row as applied, or removes the one that was reverted. The
// work is done and must not be done again for that: on SQLite, whoever else is
// writing is waited for.
func (r *run) markDone(ctx context.Context, g *group, a *attempt) (verdict, *failure) {
	mark := func(tx bun.Tx) (verdict, error) {
		claimed, err := r.m.d.Claim(ctx, tx, dialect.Claim{Key: r.m.store.Key(), Role: r.m.o.Role})
		switch {
		case err != nil:
			return 0, err
		case !claimed.Locked:
			return busy, nil
		}
		s := r.settle(g, a)
		s.CommitIf = 0 // marking does it
		settled, err := r.m.d.Settle(ctx, tx, claimed, s)
		if err == nil && settled.Rows != 1 {
			err = fmt.Errorf("its history row was changed while it ran")
		}
		return done, err
	}
	v, f := r.marking(ctx, mark)
	for b := newBudget(markFor); v == busy && !b.over(); v, f = r.marking(ctx, mark) {
		r.saysWaiting("another program is writing")
		time.Sleep(b.next(10*time.Millisecond, 200*time.Millisecond))
	}
	if v == busy {
		f = r.fail(settling, fmt.Errorf("another program kept writing, so that its history row could not be written"))
	}
	if f != nil {
		f.known = g.known[0]
		return 0, f
	}
	if v == done {
		r.committed(g, a)
	}
	return v, nil
}

// marking runs fn in a transaction of the session, and commits it if fn says
// done.
func (r *run) marking(ctx context.Context, fn func(bun.Tx) (verdict, error)) (verdict, *failure) {
	tx, err := r.link.BeginTx(ctx, r.m.d.TxOptions())
	if err != nil {
		f := r.fail(settling, err)
		if f.fault.Class == dialect.Busy {
			return busy, nil
		}
		return 0, f
	}
	v, err := fn(tx)
	if err != nil || v != done {
		f := r.fail(settling, err)
		_ = tx.Rollback() // the connection's state is looked at when the lock is given back
		if err == nil {
			return v, nil
		}
		return 0, f
	}
	if err := tx.Commit(); err != nil {
		f := r.fail(committing, err)
		f.doubt = r.lost(f.fault)
		return 0, f
	}
	return done, nil
}

// lockAgain answers op.Env.Again for a migration outside a transaction, which as
// a whole is not tried again: a strong lock that was refused to one statement is.
func (r *run) lockAgain() func(context.Context, error) bool {
	var b *budget
	return func(ctx context.Context, err error) bool {
		if r.m.d.Classify(err).Class != dialect.LockTimeout {
			return false
		}
		if b == nil {
			b = newBudget(r.m.o.LockWait)
		}
		return !b.over() && r.rest(ctx, b.next(lockFirst, lockLast)) == nil
	}
}
