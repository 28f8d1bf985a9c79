package migrate_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// addNote is an operation that takes the strongest lock on effects.
var addNote = op.AddColumn{Table: "effects", Column: schema.Column{Name: "note", Type: schema.Text}}

// reader is a transaction that has read effects and stays open, as a report or a
// dump does.
func (s *site) reader() bun.Tx {
	s.Helper()
	tx, err := s.open(s).BeginTx(context.Background(), nil)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = tx.Rollback() })
	if _, err := tx.Exec("SELECT v AS long_report FROM effects"); err != nil {
		s.Fatal(err)
	}
	return tx
}

// blocked has effects up to 2, a third migration that changes the table, and a
// reader in its way.
func (s *site) blocked(third func(*migrate.Migration)) bun.Tx {
	s.Helper()
	s.seed(2).mustUp()
	s.add(3, third)
	return s.reader()
}

// counting observes the retries of a run, and tells when there were so many.
func (s *site) counting(n int) <-chan struct{} {
	enough := make(chan struct{})
	s.options.Observe = func(e migrate.Event) {
		if e.Kind == migrate.Retrying {
			if n--; n == 0 {
				close(enough)
			}
		}
	}
	return enough
}

// A change of a table behind a long reader does not make others queue: who reads
// meanwhile is held up for one short try at most.
func TestReadersAreNotHeldUp(t *testing.T) {
	t.Parallel()
	s := pgSite(t)
	long := s.blocked(func(m *migrate.Migration) {
		m.Up = func(ctx context.Context, db bun.IDB) error {
			if err := op.Run(ctx, db, addNote); err != nil {
				return err
			}
			return write(ctx, db, 3)
		}
	})
	enough := s.counting(3)
	ended := s.meanwhile(t.Context(), s.migratorOn(s.open(t)))

	reading := s.open(t)
	var worst time.Duration
	for tries := false; !tries; {
		select {
		case <-enough:
			tries = true
		default:
		}
		begun := time.Now()
		if _, err := reading.Exec("SELECT v FROM effects"); err != nil {
			t.Fatal(err)
		}
		worst = max(worst, time.Since(begun))
		if tries {
			break
		}
		select {
		case err := <-ended:
			t.Fatalf("up ends while the table is read: %v", err)
		case <-time.After(2 * time.Millisecond): // the readers' pace
		}
	}
	t.Logf("the longest read took %s", worst)
	if worst > time.Second {
		t.Errorf("a reader was held up for %s", worst)
	}
	if err := long.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := ends(t, ended); err != nil {
		t.Fatal(err)
	}
	s.sound(3)
	s.quiet()
}

// In the end the wait is given up, and the error says for whom, in a transaction
// and without one.
func TestLockIsGivenUp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*migrate.Migration)
	}{
		{"an operation", func(m *migrate.Migration) {
			m.Up = func(ctx context.Context, db bun.IDB) error { return op.Run(ctx, db, addNote) }
		}},
		{"raw SQL with LockTimeout", func(m *migrate.Migration) {
			m.LockTimeout = 100 * time.Millisecond
			m.Up = func(ctx context.Context, db bun.IDB) error {
				_, err := db.ExecContext(ctx, "ALTER TABLE effects ADD COLUMN note text")
				return err
			}
		}},
		{"NoTx and Rerunnable", func(m *migrate.Migration) {
			m.NoTx, m.Rerunnable, m.LockTimeout = true, true, 100*time.Millisecond
			m.Up = func(ctx context.Context, db bun.IDB) error {
				_, err := db.ExecContext(ctx, "ALTER TABLE effects ADD COLUMN IF NOT EXISTS note text")
				return err
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := pgSite(t)
			long := s.blocked(c.change)
			var pid int64
			if err := long.QueryRow("SELECT pg_backend_pid() AS long_report").Scan(&pid); err != nil {
				t.Fatal(err)
			}
			s.options.LockWait = time.Second
			_, err := s.migrator().Up(t.Context(), migrate.Head)
			var lock *migrate.LockError
			if !errors.As(err, &lock) || lock.ID != "0003_effect" || lock.Waited < time.Second/2 {
				t.Fatalf("up says %v", err)
			}
			if len(lock.Blockers) != 1 || lock.Blockers[0].PID != pid || !strings.Contains(lock.Blockers[0].Query, "long_report") {
				t.Errorf("it is blocked by %+v, not by %d", lock.Blockers, pid)
			}
			s.quietBut(pid)
			if err := long.Rollback(); err != nil {
				t.Fatal(err)
			}
			s.again()
		})
	}
}

// quietBut is quiet, one session aside.
func (s *site) quietBut(pid int64) {
	s.Helper()
	s.until("nobody else is in a transaction", fmt.Sprintf(`SELECT NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
		AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid NOT IN (%d, pg_backend_pid()) AND state LIKE 'idle in transaction%%')`, pid))
}

// A NoTx migration that is not Rerunnable may have done something before the lock
// was refused, so it is not tried again.
func TestLockRefusedInNoTx(t *testing.T) {
	t.Parallel()
	s := pgSite(t)
	s.blocked(func(m *migrate.Migration) {
		m.NoTx, m.LockTimeout = true, 100*time.Millisecond
		m.Up = func(ctx context.Context, db bun.IDB) error {
			if err := write(ctx, db, 3); err != nil {
				return err
			}
			_, err := db.ExecContext(ctx, "ALTER TABLE effects ADD COLUMN note text")
			return err
		}
	})
	_, err := s.migrator().Up(t.Context(), migrate.Head)
	var step *migrate.StepError
	if !errors.As(err, &step) || step.Fault.Class != dialect.LockTimeout || !strings.Contains(step.Next, "resolve --pending 0003_effect") {
		t.Fatalf("up says %v (%+v)", err, step)
	}
	equal(t, "effects", s.effects(), []int{1, 2, 3})
	if _, err := s.migrator().Up(t.Context(), migrate.Head); !errors.Is(err, migrate.ErrInterrupted) {
		t.Errorf("the next run says %v", err)
	}
}

// The limit is for changes of structure. A statement about rows waits as long as
// another transaction has them, also after such a change.
func TestRowLocksAreWaitedFor(t *testing.T) {
	t.Parallel()
	s := pgSite(t)
	s.seed(2).mustUp()
	s.add(3, func(m *migrate.Migration) {
		m.Up = func(ctx context.Context, db bun.IDB) error {
			if err := op.Run(ctx, db, op.CreateTable{Name: "notes", PrimaryKey: []string{"id"}, Columns: []schema.Column{{Name: "id", Type: schema.BigInt, NotNull: true}}},
				op.AddColumn{Table: "notes", Column: schema.Column{Name: "text", Type: schema.Text}}); err != nil {
				return err
			}
			if _, err := db.ExecContext(ctx, "UPDATE effects SET v = v WHERE v = 1 /* backfill */"); err != nil {
				return err
			}
			return write(ctx, db, 3)
		}
	})
	holder, err := s.open(t).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Rollback()
	if _, err := holder.Exec("UPDATE effects SET v = v WHERE v = 1"); err != nil {
		t.Fatal(err)
	}
	s.options.LockTry = 20 * time.Millisecond
	tried := 0
	s.options.Observe = func(e migrate.Event) {
		if e.Kind == migrate.Retrying {
			tried++
		}
	}
	ended := s.meanwhile(t.Context(), s.migratorOn(s.open(t)))
	s.until("the backfill has waited for much longer than one try", `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
		AND wait_event_type = 'Lock' AND query LIKE '%backfill%' AND clock_timestamp() - query_start > interval '500 ms')`)
	if err := holder.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := ends(t, ended); err != nil || tried > 0 {
		t.Fatalf("up says %v after %d retries", err, tried)
	}
	s.sound(3)
}

// A deadlock with the application is tried again.
func TestDeadlockOnce(t *testing.T) {
	t.Parallel()
	s := pgSite(t)
	s.seed(2).mustUp()
	app, err := s.open(t).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer app.Rollback()
	if _, err := app.Exec("SET LOCAL deadlock_timeout = '1h'; UPDATE effects SET v = v WHERE v = 2"); err != nil {
		t.Fatal(err)
	}
	appEnds := make(chan error, 1)
	var once sync.Once
	s.add(3, func(m *migrate.Migration) {
		m.Up = func(ctx context.Context, db bun.IDB) error {
			if _, err := db.ExecContext(ctx, "SET LOCAL deadlock_timeout = '10ms'; UPDATE effects SET v = v WHERE v = 1"); err != nil {
				return err
			}
			once.Do(func() {
				go func() {
					_, err := app.Exec("UPDATE effects SET v = v WHERE v = 1 /* app */")
					if err == nil {
						err = app.Commit()
					}
					appEnds <- err
				}()
				s.until("the application waits", waitsForLock("%/* app */%"))
			})
			if _, err := db.ExecContext(ctx, "UPDATE effects SET v = v WHERE v = 2"); err != nil {
				return err
			}
			return write(ctx, db, 3)
		}
	})
	var retried []string
	s.options.Observe = func(e migrate.Event) {
		if e.Kind == migrate.Retrying {
			retried = append(retried, e.Message)
		}
	}
	report, err := s.migratorOn(s.open(t)).Up(t.Context(), migrate.Head)
	if err != nil {
		t.Fatal(err)
	}
	if err := ends(t, appEnds); err != nil {
		t.Errorf("the application was the victim: %v", err)
	}
	equal(t, "retried", retried, []string{"deadlock"})
	if report.Steps[0].Attempts != 2 {
		t.Errorf("the report says %+v", report.Steps[0])
	}
	s.sound(3)
	s.quiet()
}

// One that comes every time ends the run with what the server said.
func TestDeadlockAlways(t *testing.T) {
	t.Parallel()
	s := pgSite(t)
	s.seed(2)
	tries := 0
	s.add(3, func(m *migrate.Migration) {
		m.Up = func(ctx context.Context, db bun.IDB) error {
			tries++
			_, err := db.ExecContext(ctx, "DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = 'deadlock_detected'; END $$")
			return err
		}
	})
	_, err := s.migrator().Up(t.Context(), migrate.Head)
	var step *migrate.StepError
	if !errors.As(err, &step) || step.Fault.Class != dialect.Deadlock || step.ID != "0003_effect" {
		t.Fatalf("up says %v", err)
	}
	if tries != 6 {
		t.Errorf("it was tried %d times", tries)
	}
	s.sound(2)
	s.quiet()
}

// On SQLite another program may be writing just when a NoTx migration has done
// its work; the work is recorded as soon as that has ended, and not done again.
func TestAnotherWriterWhenNoTxIsDone(t *testing.T) {
	t.Parallel()
	s := sqliteSite(t)
	s.seed(2)
	var app bun.Tx
	s.add(3, func(m *migrate.Migration) {
		m.NoTx = true
		m.Up = func(ctx context.Context, db bun.IDB) error {
			if err := write(ctx, db, 3); err != nil {
				return err
			}
			var err error
			app, err = s.db.BeginTx(ctx, nil)
			return err
		}
	})
	s.options.Observe = func(e migrate.Event) {
		if e.Kind == migrate.Waiting && app.Tx != nil {
			if err := app.Rollback(); err != nil {
				t.Error(err)
			}
			app.Tx = nil
		}
	}
	if _, err := s.migratorOn(s.impatient()).Up(t.Context(), migrate.Head); err != nil {
		t.Fatal(err)
	}
	s.sound(3)
}
