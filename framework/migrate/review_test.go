package migrate_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/internal/pgproxy"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// within runs Up to the head and waits for its end.
func (s *site) within(ctx context.Context, m *migrate.Migrator) error {
	s.Helper()
	return ends(s, s.meanwhile(ctx, m))
}

// A NoTx migration that ends its connection every time is not tried for ever:
// that it is planned anew each time does not begin the count again.
func TestLosingTheConnectionIsCountedAcrossPlans(t *testing.T) {
	t.Parallel()
	s := pgSite(t)
	tries := 0
	s.seed(2).add(3, func(m *migrate.Migration) {
		m.NoTx, m.Rerunnable = true, true
		m.Up = func(ctx context.Context, db bun.IDB) error {
			if tries++; tries > 20 {
				return errors.New("this is the 21st try")
			}
			_, err := db.ExecContext(ctx, "SELECT pg_terminate_backend(pg_backend_pid())")
			return err
		}
	})
	if err := s.within(t.Context(), s.migrator()); err == nil || tries != 4 {
		t.Errorf("%d tries, then: %v", tries, err)
	}
	s.quiet()
}

// What a NoTx migration reports of the network elsewhere is its own error.
func TestNoTxOwnNetworkErrorIsNotRetried(t *testing.T) {
	t.Parallel()
	sites(t, func(t *testing.T, s *site) {
		tries := 0
		s.seed(2).add(3, func(m *migrate.Migration) {
			m.NoTx, m.Rerunnable = true, true
			m.Up = func(context.Context, bun.IDB) error {
				tries++
				return fmt.Errorf("post to the service: %w", errReset)
			}
		})
		var step *migrate.StepError
		if err := s.within(t.Context(), s.migrator()); !errors.As(err, &step) || tries != 1 {
			t.Errorf("%d tries, then: %v", tries, err)
		}
	})
}

// Who has only waited for the runners' lock gives the pool its connection back as
// it was.
func TestWaitingForTheSessionLockLeavesNoSettings(t *testing.T) {
	t.Parallel()
	s := pgSite(t)
	s.seed(1).mustUp()
	s.add(2, func(m *migrate.Migration) { m.NoTx = true })
	other, err := s.open(t).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.ExecContext(t.Context(), "SELECT pg_advisory_lock(8547675062605552416)"); err != nil {
		t.Fatal(err)
	}
	s.options.RunnerWait = 50 * time.Millisecond
	s.options.Role = "postgres"
	s.db.SetMaxOpenConns(1)
	if err := s.within(t.Context(), s.migrator()); !errors.Is(err, migrate.ErrLocked) {
		t.Fatalf("up says %v", err)
	}
	var settings string
	if err := s.db.QueryRow("SELECT current_setting('idle_session_timeout') || ' ' || current_setting('idle_in_transaction_session_timeout') || ' ' || current_setting('role')").Scan(&settings); err != nil || settings != "0 0 none" {
		t.Errorf("the pool's connection has the settings %q: %v", settings, err)
	}
}

// AfterCommit may use the pool also where it has one connection.
func TestAfterCommitOnAPoolOfOne(t *testing.T) {
	t.Parallel()
	sites(t, func(t *testing.T, s *site) {
		s.db.SetMaxOpenConns(1)
		n := 0
		for _, noTx := range []bool{false, true} {
			n++
			s.registry.Register(migrate.Migration{ID: fmt.Sprintf("%04d_after", n), NoTx: noTx, Up: func(ctx context.Context, _ bun.IDB) error {
				migrate.AfterCommit(ctx, func(ctx context.Context) error {
					limited, cancel := context.WithTimeout(ctx, patience/3)
					defer cancel()
					return s.db.PingContext(limited)
				})
				return nil
			}})
		}
		report, err := s.migrator().Up(t.Context(), migrate.Head)
		if err != nil || len(report.Notes) != 0 || len(report.Steps) != 2 {
			t.Errorf("%+v, %v", report, err)
		}
	})
}

// A COMMIT whose answer was lost, but which was done, is a commit for AfterCommit
// too.
func TestAfterCommitOfAResolvedCommit(t *testing.T) {
	t.Parallel()
	for _, noTx := range []bool{false, true} {
		t.Run(fmt.Sprint("NoTx ", noTx), func(t *testing.T) {
			t.Parallel()
			s := pgSite(t)
			ran := 0
			s.seed(2).add(3, func(m *migrate.Migration) {
				m.NoTx = noTx
				m.Up = func(ctx context.Context, db bun.IDB) error {
					migrate.AfterCommit(ctx, func(context.Context) error { ran++; return nil })
					return write(ctx, db, 3)
				}
			})
			p := s.through(atThirdCommit(true, pgproxy.Cut, nil))
			report, err := s.migratorOn(s.pool(p.URL)).Up(t.Context(), migrate.Head)
			if err != nil || !report.Steps[len(report.Steps)-1].Resolved || ran != 1 {
				t.Errorf("it ran %d times; %+v, %v", ran, report, err)
			}
			s.sound(3)
		})
	}
}

// A log that somebody has dropped does not make the history look empty.
func TestDroppedLog(t *testing.T) {
	t.Parallel()
	sites(t, func(t *testing.T, s *site) {
		s.seed(2).mustUp()
		if _, err := s.db.Exec("DROP TABLE leaven_history_log"); err != nil {
			t.Fatal(err)
		}
		st, err := s.migrator().Status(t.Context())
		if err != nil || st.Applied != 3 || st.Pending != 0 {
			t.Errorf("status: %+v, %v", st, err)
		}
		report, err := s.migrator().Down(t.Context(), migrate.Steps(1))
		if err != nil || len(report.Steps) != 1 {
			t.Errorf("down: %+v, %v", report, err)
		}
		equal(t, "effects", s.effects(), []int{1, 2, -2})
		s.mustUp()
	})
}

// An interruption is seen also in a table of an older format.
func TestInterruptedInAnOlderFormat(t *testing.T) {
	t.Parallel()
	sites(t, func(t *testing.T, s *site) {
		s.seed(2).mustUp()
		for _, statement := range []string{
			"UPDATE leaven_history SET state = 'running' WHERE id = '0002_effect'",
			"ALTER TABLE leaven_history DROP COLUMN found",
		} {
			if _, err := s.db.Exec(statement); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.within(t.Context(), s.migrator()); !errors.Is(err, migrate.ErrInterrupted) {
			t.Errorf("up says %v", err)
		}
		if err := s.migrator().Resolve(t.Context(), "0002_effect", migrate.Applied, ""); err != nil {
			t.Error(err)
		}
	})
}

// What another runner does while we wait for our turn does not bring up steps
// that were never asked for.
func TestDownIsNotRefusedForStepsBelowIt(t *testing.T) {
	t.Parallel()
	s := pgSite(t)
	s.seed(1).add(2, func(m *migrate.Migration) { m.Down, m.Irreversible = nil, "data is gone" }).add(3, func(*migrate.Migration) {}).add(4, func(*migrate.Migration) {})
	s.mustUp()
	s.behindAnother(t, func(m *migrate.Migrator) error {
		_, err := m.Down(context.Background(), migrate.Steps(2))
		return err
	}, func(err error) {
		if err != nil {
			t.Errorf("down says %v", err)
		}
	}, "DELETE FROM leaven_history WHERE id = '0004_effect'; INSERT INTO leaven_history_log (id, attempt, action, outcome) VALUES ('0004_effect', 'another', 'down', 'done')")
	equal(t, "history", s.applied(), []string{"0000_effects applied", "0001_effect applied", "0002_effect applied"})
}

// A step that was left half done while we waited is seen before ours begins.
func TestInterruptedWhileWaiting(t *testing.T) {
	t.Parallel()
	s := pgSite(t)
	s.seed(2).mustUp()
	s.add(3, func(*migrate.Migration) {})
	s.behindAnother(t, func(m *migrate.Migrator) error {
		_, err := m.Up(context.Background(), migrate.Head)
		return err
	}, func(err error) {
		if !errors.Is(err, migrate.ErrInterrupted) {
			t.Errorf("up says %v", err)
		}
	}, "UPDATE leaven_history SET state = 'reverting', attempt = 'another' WHERE id = '0002_effect'")
	equal(t, "effects", s.effects(), []int{1, 2})
}

// behindAnother runs something that finds the runners' lock taken, does what its
// holder does meanwhile, and lets it go on.
func (s *site) behindAnother(t *testing.T, run func(*migrate.Migrator) error, check func(error), meanwhile string) {
	t.Helper()
	holder, err := s.open(t).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = holder.Rollback() }()
	if _, err := holder.Exec("SELECT pg_advisory_xact_lock(8547675062605552416)"); err != nil {
		t.Fatal(err)
	}
	waits := make(chan struct{})
	said := false
	s.options.Observe = func(e migrate.Event) {
		if e.Kind == migrate.Waiting && !said {
			said = true
			close(waits)
		}
	}
	m := s.migrator()
	ended := make(chan error, 1)
	go func() { ended <- run(m) }()
	<-waits
	if _, err := holder.Exec(meanwhile); err != nil {
		t.Fatal(err)
	}
	if err := holder.Commit(); err != nil {
		t.Fatal(err)
	}
	check(ends(t, ended))
}

// A migration that has committed by itself is interrupted, however it then ends.
func TestOwnCommitAndThen(t *testing.T) {
	t.Parallel()
	const timeout = "SET statement_timeout = 50; SELECT pg_sleep(30)"
	for _, then := range []string{"timeout", "cancelled", "connection lost"} {
		t.Run(then, func(t *testing.T) {
			t.Parallel()
			s := pgSite(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			s.seed(2).add(3, func(m *migrate.Migration) {
				m.Up = func(ctx context.Context, db bun.IDB) error {
					if err := write(ctx, db, 3); err != nil {
						return err
					}
					if _, err := db.ExecContext(ctx, "COMMIT"); err != nil {
						return err
					}
					var err error
					switch then {
					case "timeout":
						_, err = db.ExecContext(ctx, timeout)
					case "cancelled":
						cancel()
						<-ctx.Done()
						return ctx.Err()
					case "connection lost":
						_, err = db.ExecContext(ctx, "SELECT pg_terminate_backend(pg_backend_pid())")
					}
					return err
				}
			})
			if err := s.within(ctx, s.migrator()); !errors.Is(err, migrate.ErrInterrupted) {
				t.Errorf("up says %v", err)
			}
			equal(t, "history", s.applied(), []string{"0000_effects applied", "0001_effect applied", "0002_effect applied", "0003_effect running"})
		})
	}
}

// A Down that rolls the runner's transaction back, and then works on without one,
// is interrupted; the commands that the error names lead out of it.
func TestDownThatRollsBackByItself(t *testing.T) {
	t.Parallel()
	sites(t, func(t *testing.T, s *site) {
		s.seed(1).add(2, func(m *migrate.Migration) {
			m.Down = func(ctx context.Context, db bun.IDB) error {
				if _, err := db.ExecContext(ctx, "ROLLBACK"); err != nil {
					return err
				}
				return write(ctx, db, -2)
			}
		}).mustUp()
		for range 2 {
			if _, err := s.migrator().Down(t.Context(), migrate.Steps(1)); !errors.Is(err, migrate.ErrInterrupted) {
				t.Fatalf("down says %v", err)
			}
		}
		equal(t, "effects", s.effects(), []int{1, 2, -2})
		if err := s.migrator().Resolve(t.Context(), "0002_effect", migrate.Pending, ""); err != nil {
			t.Error(err)
		}
		s.mustUp()
	})
}

// With one transaction for all, one that ends it makes all of them a matter of
// decision, and the error says so.
func TestTxAllOwnEndNamesAll(t *testing.T) {
	t.Parallel()
	for _, ending := range []string{"COMMIT", "ROLLBACK"} {
		t.Run(ending, func(t *testing.T) {
			t.Parallel()
			sites(t, func(t *testing.T, s *site) {
				s.seed(1).mustUp()
				s.options.Tx = migrate.TxAll
				s.add(2, func(m *migrate.Migration) {
					m.Up = func(ctx context.Context, db bun.IDB) error {
						if err := write(ctx, db, 2); err != nil {
							return err
						}
						_, err := db.ExecContext(ctx, ending)
						return err
					}
				}).add(3, func(*migrate.Migration) {})
				_, err := s.migrator().Up(t.Context(), migrate.Head)
				var e *migrate.HistoryError
				if !errors.As(err, &e) || !errors.Is(err, migrate.ErrInterrupted) {
					t.Fatalf("up says %v", err)
				}
				equal(t, "named", e.IDs, []string{"0002_effect", "0003_effect"})
				equal(t, "history", s.applied(), []string{"0000_effects applied", "0001_effect applied", "0002_effect running", "0003_effect running"})
			})
		})
	}
}

// Names of the history that would break out of a statement do not.
func TestHostileNamesOfTheHistory(t *testing.T) {
	t.Parallel()
	sites(t, func(t *testing.T, s *site) {
		hostile := `we"ird '; DROP TABLE x; --\ %s $1 ?`
		s.options.HistoryTable = hostile
		if s.postgres() {
			s.options.HistorySchema = hostile
			if _, err := s.db.Exec("CREATE SCHEMA ?", bun.Ident(hostile)); err != nil {
				t.Fatal(err)
			}
		}
		s.seed(2).add(3, func(m *migrate.Migration) { m.NoTx = true }).mustUp()
		if _, err := s.migrator().Redo(t.Context(), 2); err != nil {
			t.Fatal(err)
		}
		st, err := s.migrator().Status(t.Context())
		if err != nil || st.Applied != 4 {
			t.Errorf("%+v, %v", st, err)
		}
		if log, err := s.migrator().History(t.Context(), 0); err != nil || len(log) != 8+3 {
			t.Errorf("%d entries, %v", len(log), err)
		}
		if _, err := s.migrator().Stamp(t.Context(), migrate.To("0001"), migrate.StampOptions{Purge: true, Reason: hostile}); err != nil {
			t.Error(err)
		}
	})
}

// A schema that is not there is named, and the flag with it.
func TestHistorySchemaThatIsNotThere(t *testing.T) {
	t.Parallel()
	sites(t, func(t *testing.T, s *site) {
		s.options.HistorySchema = "nowhere"
		s.seed(1)
		m, err := migrate.New(s.db, s.options)
		if err == nil {
			_, err = m.Up(t.Context(), migrate.Head)
		}
		var config *migrate.ConfigError
		if !errors.As(err, &config) || !strings.Contains(config.Error(), "nowhere") || !strings.Contains(config.Next, "--history-schema") {
			t.Errorf("up says %v (%+v)", err, config)
		}
	})
}

// What a migration says of its failure is kept, whatever bytes it is made of.
func TestLogOfBrokenText(t *testing.T) {
	t.Parallel()
	sites(t, func(t *testing.T, s *site) {
		s.seed(1).add(2, func(m *migrate.Migration) {
			m.Up = func(context.Context, bun.IDB) error {
				return errors.New("not text: \xff\x00" + strings.Repeat("x", 1<<20))
			}
		})
		s.fails()
		log, err := s.migrator().History(t.Context(), 1)
		if err != nil || log[0].ID != "0002_effect" || !strings.HasPrefix(log[0].Message, "not text: ") || len(log[0].Message) > 10_000 {
			t.Errorf("%s: %d bytes, %v", log[0].ID, len(log[0].Message), err)
		}
	})
}

// An ended context is a stop, wherever it finds the run.
func TestContextEndedBefore(t *testing.T) {
	t.Parallel()
	sites(t, func(t *testing.T, s *site) {
		s.seed(1)
		why := errors.New("not today")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(why)
		if _, err := s.migrator().Up(ctx, migrate.Head); !errors.Is(err, migrate.ErrStopped) || !errors.Is(err, why) {
			t.Errorf("up says %v", err)
		}
	})
}

var errReset = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}

// hole is a decision that lets nothing through from a message on, while both
// connections stay: the server, or the way to it, has stopped answering.
type hole struct {
	words string
	fell  chan struct{}
	once  sync.Once
	ends  chan struct{}
}

func (s *site) hole(words string) *hole {
	h := &hole{words: words, fell: make(chan struct{}), ends: make(chan struct{})}
	s.Cleanup(func() { close(h.ends) })
	return h
}

func (h *hole) decide(m pgproxy.Message) pgproxy.Fate {
	if m.FromServer {
		return pgproxy.Pass
	}
	select {
	case <-h.fell: // nothing passes any more
	default:
		if !m.Says(h.words) {
			return pgproxy.Pass
		}
		h.once.Do(func() { close(h.fell) })
	}
	<-h.ends
	return pgproxy.Cut
}

// A server that does not answer does not hold a run for ever whose context has
// ended, whatever the run is just doing.
func TestCancelledInABlackHole(t *testing.T) {
	t.Parallel()
	for _, words := range []string{
		"CREATE TABLE", "PG_TRY_ADVISORY_XACT_LOCK", "INSERT INTO EFFECTS", "COMMIT", "PG_ADVISORY_UNLOCK",
	} {
		for _, driver := range []string{"pgdriver", "pgx"} {
			t.Run(driver+" "+words, func(t *testing.T) {
				t.Parallel()
				s := pgSite(t)
				s.seed(1).add(2, func(m *migrate.Migration) { m.NoTx = true })
				h := s.hole(words)
				url := s.through(h.decide).URL
				db := s.pool(url)
				if driver == "pgx" {
					pool, err := sql.Open("pgx", url)
					if err != nil {
						t.Fatal(err)
					}
					t.Cleanup(func() { pool.Close() })
					db = bun.NewDB(pool, pgdialect.New())
				}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				ended := s.meanwhile(ctx, s.migratorOn(db))
				select {
				case <-h.fell:
				case err := <-ended:
					t.Fatalf("it ended before: %v", err)
				}
				cancel()
				// When only the lock was still to be given back, all is done.
				if err := ends(t, ended); (err == nil) != (words == "PG_ADVISORY_UNLOCK") {
					t.Errorf("up says %v", err)
				}
			})
		}
	}
}

// An upgrade of the history's format does not wait for ever behind a reader, nor
// make others queue.
func TestUpgradeBehindAReader(t *testing.T) {
	t.Parallel()
	s := pgSite(t)
	s.seed(1).mustUp()
	s.add(2, func(*migrate.Migration) {})
	if _, err := s.db.Exec("ALTER TABLE leaven_history DROP COLUMN found"); err != nil {
		t.Fatal(err)
	}
	tx, err := s.open(t).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.Exec("SELECT count(*) FROM leaven_history"); err != nil {
		t.Fatal(err)
	}
	s.options.LockWait = time.Second
	if err := s.within(t.Context(), s.migrator()); !errors.Is(err, migrate.ErrLocked) {
		t.Errorf("up says %v", err)
	}
	_ = tx.Rollback()
	s.mustUp()
	s.sound(2)
}

// A history that does not take its row is an error, not a reason to plan for ever.
func TestHistoryThatKeepsNothing(t *testing.T) {
	t.Parallel()
	s := pgSite(t)
	s.seed(1).mustUp()
	s.add(2, func(*migrate.Migration) {})
	if _, err := s.db.Exec("CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER nothing BEFORE INSERT ON leaven_history FOR EACH ROW EXECUTE FUNCTION nothing()"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if err := s.within(ctx, s.migrator()); err == nil || !strings.Contains(err.Error(), "leaven_history") {
		t.Errorf("up says %v", err)
	}
}
