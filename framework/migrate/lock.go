package migrate

import (
	"context"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/op"
	"github.com/uptrace/bun"
)

// underLock runs fn in a transaction that holds the runners' lock, and commits
// it. busy: the lock was not free, and nothing was done.
func (r *run) underLock(ctx context.Context, fn func(context.Context, bun.Tx) error) (verdict, *failure) {
	if err := r.linked(ctx); err != nil {
		return 0, r.fail(connecting, err)
	}
	ctx = context.WithoutCancel(ctx)
	tx, err := r.link.BeginTx(ctx, r.m.d.TxOptions())
	if err != nil {
		return r.notBegun(err)
	}
	claimed, err := r.m.d.Claim(ctx, tx, dialect.Claim{Key: r.m.store.Key(), Role: r.m.o.Role, IdleTimeout: max(r.m.o.IdleTimeout, 0)})
	if err == nil && claimed.Locked {
		err = fn(ctx, tx)
	}
	if err != nil || !claimed.Locked {
		f := r.fail(claiming, err)
		r.refresh(tx.Rollback() == nil)
		if err == nil {
			return busy, nil
		}
		return 0, f
	}
	if err := tx.Commit(); err != nil {
		f := r.fail(committing, err)
		r.refresh(false)
		return 0, f
	}
	return done, nil
}

// whenFree is underLock, waiting for other runners and for what passes.
func (r *run) whenFree(ctx context.Context, doing string, fn func(context.Context, bun.Tx) error) error {
	return r.whenFreeUnless(ctx, doing, func() bool { return false }, fn)
}

// whenFreeUnless is whenFree, until another runner has done the same.
func (r *run) whenFreeUnless(ctx context.Context, doing string, settled func() bool, fn func(context.Context, bun.Tx) error) error {
	if r.waiting == nil {
		r.waiting = newBudget(r.m.o.RunnerWait)
	}
	tries := 0
	var lock *budget
	for {
		if err := r.stopped(ctx); err != nil {
			return err
		}
		v, f := r.underLock(ctx, fn)
		switch {
		case v == done, v == busy && settled():
			return nil
		case v == busy && r.waiting.over():
			return r.heldTooLong(ctx)
		case v == busy:
			r.saysWaiting("another runner is at work")
			if err := r.rest(ctx, r.waiting.next(10*time.Millisecond, 200*time.Millisecond)); err != nil {
				return err
			}
		case f.fault.Class == dialect.LockTimeout: // an upgrade of the history's format
			if lock == nil {
				lock = newBudget(r.m.o.LockWait)
			}
			if lock.over() {
				return &LockError{Waited: lock.spent(), Table: r.m.store.Name(), Err: f.err}
			}
			if err := r.rest(ctx, lock.next(lockFirst, lockLast)); err != nil {
				return err
			}
		case tries < lossLimit && f.fault.Retryable():
			tries++
			if err := r.reconnect(ctx); err != nil {
				return err
			}
		default:
			return r.m.databaseError(doing, f.err)
		}
	}
}

// ensure makes or upgrades the history tables. made: there was neither, and no
// other runner has made them.
func (r *run) ensure(ctx context.Context) (made bool, err error) {
	settled := func() bool {
		if made = false; r.link == nil {
			return false
		}
		v, err := r.m.viewOn(context.WithoutCancel(ctx), r.link)
		return err == nil && v.Current
	}
	err = r.whenFreeUnless(ctx, "making the history table "+r.m.store.Name(), settled, func(ctx context.Context, tx bun.Tx) (err error) {
		made, err = r.m.store.Ensure(op.WithEnv(ctx, &op.Env{LockTry: max(r.m.o.LockTry, 0), InTx: true}), tx)
		return err
	})
	if err == nil {
		r.view.Current = true
	}
	return made, err
}

// awaitHolder reads the history while holding the lock: what is then running or
// reverting, nobody is at work on.
func (r *run) awaitHolder(ctx context.Context) error {
	if !r.view.Current { // or reading an older format would abort the transaction
		if _, err := r.ensure(ctx); err != nil {
			return err
		}
	}
	return r.whenFree(ctx, "reading the history", func(ctx context.Context, tx bun.Tx) error {
		v, err := r.m.viewOn(ctx, tx)
		r.view = v
		return err
	})
}
