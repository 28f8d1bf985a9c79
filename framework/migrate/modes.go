package migrate

import (
	"context"
	"errors"
	"fmt"

	"github.com/leavendb/leaven/framework/op"
	"github.com/uptrace/bun"
)

// checkModes refuses, before anything is written, a plan that this connection or
// these options cannot carry.
func (r *run) checkModes(ctx context.Context, steps []Step) error {
	for _, s := range steps {
		if !s.Migration.NoTx {
			continue
		}
		if r.m.o.Tx == TxAll && r.dir == Up {
			return OneTx(steps)
		}
		return r.checkPooler(ctx, s.ID)
	}
	return nil
}

// OneTx refuses steps that cannot be one transaction, as Up does with TxAll.
func OneTx(steps []Step) error {
	for _, s := range steps {
		if s.Migration.NoTx {
			return &ConfigError{
				What: fmt.Sprintf("%s is NoTx, so it cannot be part of one transaction with the others", s.ID),
				Next: "run without --tx all, or apply up to the migration before it first",
			}
		}
	}
	return nil
}

// NotOneTx is the refusal of a migration that cannot be in one transaction with
// another, because err says that it uses what the other adds before that may be
// used. Nil: err says no such thing. Up with TxAll returns it when everything is
// rolled back.
func NotOneTx(id string, err error) error {
	var use *op.UncommittedError
	if !errors.As(err, &use) || use.By == "" {
		return nil
	}
	return &ConfigError{
		What: fmt.Sprintf("%s cannot be part of one transaction with the others: %v", id, use),
		Next: "run without --tx all, or apply up to " + use.By + " first",
	}
}

// notOneTx is a try that ends so.
func (r *run) notOneTx(g *group, f *failure) error {
	if f.known == nil || f.ended {
		return nil
	}
	err := NotOneTx(f.known.ID, f.err)
	if err != nil {
		r.emit(Event{Kind: Failed, ID: f.known.ID, Direction: g.dir, Attempt: g.tries, Elapsed: f.elapsed, Err: err, Message: err.Error()})
	}
	return err
}

// checkPooler refuses session locks behind a pooler that gives every transaction
// another session.
func (r *run) checkPooler(ctx context.Context, id string) error {
	ctx = context.WithoutCancel(ctx)
	var other bun.Conn
	if control := r.m.control(); control != nil {
		// A pool that the program has used up must not hold up the run: one
		// connection tells less, but it tells something.
		limited, cancel := context.WithTimeout(ctx, controlLimit)
		defer cancel()
		if conn, err := control.Conn(limited); err == nil {
			defer conn.Close()
			other = conn
		}
	}
	pooled, err := r.m.d.Pooled(ctx, r.link.Conn, other)
	if err != nil {
		return r.m.databaseError("looking for a connection pooler", err)
	}
	if pooled {
		return &ConfigError{
			What: fmt.Sprintf("%s is NoTx and needs a session of its own, but a connection pooler in transaction mode stands before the server", id),
			Next: "set DIRECT_DATABASE_URL to the server's own address",
		}
	}
	return nil
}
