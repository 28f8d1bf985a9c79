package pgtest

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/uptrace/bun"
)

// Standby starts two servers for this test alone, a primary and a read-only hot
// standby that follows it, and answers with the URLs of their database postgres.
// Both are stopped when the test ends; the test may end one of them before, see
// [Kill]. It costs some seconds. It takes the same binaries as New, but never the
// server of TEST_DATABASE_URL. See [CatchUp].
func Standby(t testing.TB) (primary, standby string) {
	t.Helper()
	r, err := private(t, plan{Standby: true})
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return r.URL, r.Standby
}

// Alone starts a server for this test alone, as Standby does, and answers with
// the URL of its database postgres. Whenever it ends it is started again at once,
// at the same address: [Kill] is an immediate restart.
func Alone(t testing.TB) string {
	t.Helper()
	r, err := private(t, plan{Again: true})
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return r.URL
}

// Durable starts a server for this test alone, as Standby does, which writes to
// disk what is committed, as servers do by default, and answers with the URL of
// its database postgres. What takes time there takes it for everybody.
func Durable(t testing.TB) string {
	t.Helper()
	r, err := private(t, plan{Durable: true})
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return r.URL
}

// Kill ends the server of one test, as a crash or "pg_ctl stop -m immediate" does:
// without telling anybody and without writing down what is only in memory.
func Kill(t testing.TB, url string) {
	t.Helper()
	maintain(t, url, func(ctx context.Context, db *bun.DB) error {
		var pid int
		err := db.QueryRowContext(ctx, "SELECT split_part(pg_read_file('postmaster.pid'), E'\n', 1)::int").Scan(&pid)
		if err != nil {
			return err
		}
		return syscall.Kill(pid, syscall.SIGQUIT)
	})
}

// private runs what only this test uses.
func private(t testing.TB, want plan) (running, error) {
	a, err := serverAccount()
	if err != nil {
		return running{}, err
	}
	var o origin
	if want.Pooler == "" {
		o, err = find(a)
	} else {
		o, err = findPooler(a)
	}
	if err != nil {
		return running{}, err
	}
	dir, err := a.place("pgtest-"+token(), os.TempDir(), "/tmp", "/var/tmp")
	if err != nil {
		return running{}, err
	}
	use, err := lock(filepath.Join(dir, usersLock), shared)
	if err != nil {
		return running{}, err
	}
	p, err := newPlan(dir, o)
	if err != nil {
		return running{}, err
	}
	p.Standby, p.Durable, p.Again, p.Pooler, p.Private = want.Standby, want.Durable, want.Again, want.Pooler, true
	r, done, err := hire(p)
	if err != nil {
		_ = use.Close()
		return running{}, err
	}
	t.Cleanup(func() {
		_ = use.Close()
		<-done
	})
	return r, nil
}

// CatchUp waits until the standby shows all that the primary has committed.
func CatchUp(t testing.TB, primary, standby string) {
	t.Helper()
	var written string
	maintain(t, primary, func(ctx context.Context, db *bun.DB) error {
		// Commits are asynchronous; one that is not puts all before it on disk too.
		return db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.ExecContext(ctx, "SET LOCAL synchronous_commit = local; SELECT pg_logical_emit_message(true, 'pgtest', '')")
			return err
		})
	})
	maintain(t, primary, func(ctx context.Context, db *bun.DB) error {
		return db.QueryRowContext(ctx, "SELECT pg_current_wal_flush_lsn()::text").Scan(&written)
	})
	maintain(t, standby, func(ctx context.Context, db *bun.DB) error {
		for {
			var there bool
			err := db.QueryRowContext(ctx, "SELECT coalesce(pg_last_wal_replay_lsn() >= ?::pg_lsn, false)", written).Scan(&there)
			if err != nil || there {
				return err
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(10 * time.Millisecond):
			}
		}
	})
}
