package migrate

import (
	"context"
	"fmt"

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
