package migrate_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/history"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// fails runs Up and returns its *StepError.
func (w *world) fails() *migrate.StepError {
	w.Helper()
	_, err := w.migrator().Up(w.ctx(), migrate.Head)
	var e *migrate.StepError
	if !errors.As(err, &e) {
		w.Fatalf("got %T %v, want a *StepError", err, err)
	}
	return e
}

func TestAFailingStatementIsNamed(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		w.seed(1).add(2, func(m *migrate.Migration) {
			m.Up = func(ctx context.Context, db bun.IDB) error {
				if err := write(ctx, db, 2); err != nil {
					return err
				}
				_, err := db.ExecContext(ctx, "ALTER TABLE userz ADD COLUMN name text")
				return err
			}
		})
		e := w.fails()
		w.sound(1)
		if e.ID != "0002_effect" || e.Statement != 2 || e.SQL != "ALTER TABLE userz ADD COLUMN name text" || e.Fault.Class != dialect.NoTable {
			t.Errorf("%+v", e)
		}
		if !strings.HasPrefix(e.File, "misbehave_test.go:") || !strings.Contains(e.State, "rolled back") {
			t.Errorf("file %q, state %q", e.File, e.State)
		}
		log, err := w.migrator().History(w.ctx(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if l := log[0]; l.ID != "0002_effect" || l.Outcome != history.Failed || l.Action != history.ActUp || !strings.Contains(l.Message, "userz") {
			t.Errorf("log: %+v", l)
		}
		s, err := w.migrator().Status(w.ctx())
		if err != nil {
			t.Fatal(err)
		}
		if f := s.Entries[2].Failure; f == nil || f.Outcome != history.Failed {
			t.Errorf("the status does not tell of the failure: %+v", s.Entries[2])
		}
	})
}

// The limits around a strong statement are not part of what failed.
func TestAFailingOperationIsNamed(t *testing.T) {
	t.Parallel()
	w := onPostgres(t).seed(1).add(2, func(m *migrate.Migration) {
		m.Up = func(ctx context.Context, db bun.IDB) error {
			return op.Run(ctx, db, op.AddCheck{Table: "effects", Check: schema.Check{Name: "few", Expr: schema.Expr("v < AND")}})
		}
	})
	e := w.fails()
	if e.Fault.Code != "42601" || !strings.HasPrefix(e.SQL, "ALTER TABLE") || strings.Contains(e.SQL, "lock_timeout") {
		t.Fatalf("%+v", e)
	}
	if at := e.Fault.Position; at < 1 || !strings.HasPrefix(e.SQL[at-1:], "AND") {
		t.Errorf("position %d of %s", at, e.SQL)
	}
	w.sound(1)
}

func TestAnErrorOfItsOwnIsNotRetried(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		tries := 0
		boom := errors.New("boom")
		w.seed(1).add(2, func(m *migrate.Migration) {
			m.Up = func(context.Context, bun.IDB) error { tries++; return boom }
		})
		if e := w.fails(); !errors.Is(e, boom) || e.Statement != 0 {
			t.Errorf("%+v", e)
		}
		if tries != 1 {
			t.Errorf("%d tries", tries)
		}
		w.sound(1)
	})
}

func TestAPanicIsRolledBackWithItsStack(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		w.seed(1).add(2, func(m *migrate.Migration) {
			m.Up = func(ctx context.Context, db bun.IDB) error {
				_ = write(ctx, db, 2)
				panic("out of flour")
			}
		})
		if e := w.fails(); !strings.Contains(e.Error(), "out of flour") || !strings.Contains(e.Stack, "misbehave_test.go") {
			t.Errorf("%v\n%s", e, e.Stack)
		}
		w.sound(1)
	})
}

func TestGoexitIsAFailure(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		w.seed(1).add(2, func(m *migrate.Migration) {
			m.Up = func(ctx context.Context, db bun.IDB) error {
				_ = write(ctx, db, 2)
				runtime.Goexit()
				return nil
			}
		})
		if e := w.fails(); !strings.Contains(e.Error(), "Goexit") {
			t.Error(e)
		}
		w.sound(1)
	})
}

func TestASwallowedErrorIsFoundOnPostgres(t *testing.T) {
	t.Parallel()
	w := onPostgres(t).seed(1).add(2, func(m *migrate.Migration) {
		m.Up = func(ctx context.Context, db bun.IDB) error {
			_ = write(ctx, db, 2)
			_, _ = db.ExecContext(ctx, "INSERT INTO nowhere VALUES (1)")
			return nil
		}
	})
	e := w.fails()
	if !strings.Contains(e.Error(), "nowhere") || e.Fault.Class != dialect.NoTable || e.Statement != 2 {
		t.Errorf("%+v", e)
	}
	w.sound(1)
}

// On SQLite an error does not undo what was done before it: the author said to
// go on, and that is what happens.
func TestASwallowedErrorCommitsTheRestOnSQLite(t *testing.T) {
	t.Parallel()
	w := onSQLite(t).seed(1).add(2, func(m *migrate.Migration) {
		m.Up = func(ctx context.Context, db bun.IDB) error {
			_, _ = db.ExecContext(ctx, "INSERT INTO nowhere VALUES (1)")
			return write(ctx, db, 2)
		}
	})
	w.mustUp()
	w.sound(2)
}

func TestEndingTheTransactionIsAnInterruption(t *testing.T) {
	t.Parallel()
	for _, ending := range []string{"COMMIT", "ROLLBACK", "COMMIT; BEGIN", "ROLLBACK; BEGIN", "Commit()", "COMMIT; fail", "Commit(); fail"} {
		t.Run(ending, func(t *testing.T) {
			t.Parallel()
			both(t, func(t *testing.T, w *world) {
				w.seed(1).add(2, func(m *migrate.Migration) {
					m.Up = func(ctx context.Context, db bun.IDB) error {
						if err := write(ctx, db, 2); err != nil {
							return err
						}
						for sql := range strings.SplitSeq(ending, "; ") {
							var err error
							switch sql {
							case "Commit()":
								err = db.(bun.Tx).Commit()
							case "fail":
								err = errors.New("and then it failed")
							default:
								_, err = db.ExecContext(ctx, sql)
							}
							if err != nil {
								return err
							}
						}
						return nil
					}
				})
				for range 2 { // the second time it is found in the history
					_, err := w.migrator().Up(w.ctx(), migrate.Head)
					var e *migrate.HistoryError
					if !errors.As(err, &e) || !errors.Is(err, migrate.ErrInterrupted) {
						t.Fatalf("got %T %v", err, err)
					}
					equal(t, "next", e.Next, []string{"resolve --applied 0002_effect", "resolve --pending 0002_effect"})
					equal(t, "history", w.applied(), []string{"0000_effects applied", "0001_effect applied", "0002_effect running"})
				}
				s, err := w.migrator().Status(w.ctx())
				if err != nil {
					t.Fatal(err)
				}
				if got := s.Entries[2].State; got != migrate.Interrupted {
					t.Errorf("status: %s", got)
				}
				if err := w.migrator().Resolve(w.ctx(), "0002", migrate.Applied, "looked"); err != nil {
					t.Fatal(err)
				}
				if r := w.mustUp(); len(r.Steps) != 0 {
					t.Errorf("after resolve: %v", r.IDs())
				}
			})
		})
	}
}

func TestSessionSettingsArePutBack(t *testing.T) {
	t.Parallel()
	w := onPostgres(t).seed(1).add(2, func(m *migrate.Migration) {
		m.Up = func(ctx context.Context, db bun.IDB) error {
			if _, err := db.ExecContext(ctx, "CREATE SCHEMA elsewhere; SET search_path = elsewhere; RESET ALL; SET search_path = elsewhere"); err != nil {
				return err
			}
			_, err := db.ExecContext(ctx, "INSERT INTO public.effects (v) VALUES (2)")
			return err
		}
	}).add(3, func(*migrate.Migration) {})
	w.db.SetMaxOpenConns(2)
	r := w.mustUp()
	w.sound(3)
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "0002_effect changed search_path") {
		t.Errorf("notes: %q", r.Notes)
	}
	for range 3 {
		var path string
		if err := w.db.QueryRow("SHOW search_path").Scan(&path); err != nil || path != `"$user", public` {
			t.Errorf("a connection of the pool has the search_path %s (%v)", path, err)
		}
	}
}

// A migration that uses another connection waits for its own transaction.
func TestWaitingForItselfIsFound(t *testing.T) {
	t.Parallel()
	selfish := func(w *world, ctx context.Context) *world {
		return w.seed(1).add(2, func(m *migrate.Migration) {
			m.Up = func(_ context.Context, db bun.IDB) error {
				if _, err := db.ExecContext(ctx, "UPDATE effects SET v = v"); err != nil {
					return err
				}
				_, err := w.db.ExecContext(ctx, "UPDATE effects SET v = 7") // not db
				return err
			}
		})
	}
	check := func(t *testing.T, w *world) {
		t.Helper()
		begun := time.Now()
		if e := w.fails(); !strings.Contains(e.Error(), "waits for its own transaction") || !strings.Contains(e.Next, "db that the function is given") {
			t.Errorf("%v\n%s", e, e.Next)
		}
		if spent := time.Since(begun); spent > 30*time.Second {
			t.Errorf("it took %s", spent)
		}
	}
	t.Run("second connection", func(t *testing.T) {
		t.Parallel()
		w := selfish(onPostgres(t), context.Background())
		check(t, w)
		w.sound(1)
	})
	t.Run("pool of one", func(t *testing.T) {
		t.Parallel()
		w := onPostgres(t)
		ctx, cancel := context.WithCancel(context.Background())
		t.Cleanup(cancel)
		selfish(w, ctx)
		w.db.SetMaxOpenConns(1)
		check(t, w)
	})
}

func TestAfterCommitAndProgress(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		var seen []string
		w.options.Observe = func(e migrate.Event) {
			if e.Kind == migrate.Progress {
				seen = append(seen, "progress")
			}
		}
		w.seed(0).add(1, func(m *migrate.Migration) {
			m.Up = func(ctx context.Context, db bun.IDB) error {
				migrate.ReportProgress(ctx, 1, 2)
				migrate.AfterCommit(ctx, func(ctx context.Context) error {
					seen = append(seen, w.applied()...)
					return errors.New("mail was not sent")
				})
				return write(ctx, db, 1)
			}
		})
		r := w.mustUp()
		equal(t, "seen", seen, []string{"progress", "0000_effects applied", "0001_effect applied"})
		if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "mail was not sent") {
			t.Errorf("notes: %q", r.Notes)
		}
	})
}

func TestTxAllIsAllOrNothing(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		w.options.Tx = migrate.TxAll
		broken := true
		w.seed(2).add(3, func(m *migrate.Migration) {
			m.Up = func(ctx context.Context, db bun.IDB) error {
				if broken {
					return errors.New("not today")
				}
				return write(ctx, db, 3)
			}
		})
		if e := w.fails(); e.ID != "0003_effect" || !strings.Contains(e.State, "all 4 migrations") {
			t.Errorf("%+v", e)
		}
		equal(t, "history", w.applied(), nil)
		broken = false
		w.mustUp()
		w.sound(3)
		var attempts int
		if err := w.db.NewRaw("SELECT count(DISTINCT attempt) FROM leaven_history").Scan(w.ctx(), &attempts); err != nil || attempts != 1 {
			t.Errorf("%d attempts, %v", attempts, err)
		}
	})
}

func TestTxAllRefusesNoTx(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		w.options.Tx = migrate.TxAll
		w.seed(1).add(2, func(m *migrate.Migration) { m.NoTx = true })
		_, err := w.migrator().Up(w.ctx(), migrate.Head)
		if !errors.Is(err, migrate.ErrConfig) || !strings.Contains(err.Error(), "0002_effect is NoTx") {
			t.Errorf("%v", err)
		}
		if s, err := w.migrator().Status(w.ctx()); err != nil || s.Applied != 0 {
			t.Errorf("%+v %v", s, err)
		}
	})
}

func TestNoTx(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		broken := true
		w.seed(1).add(2, func(m *migrate.Migration) {
			m.NoTx, m.Rerunnable = true, true
			m.Up = func(ctx context.Context, db bun.IDB) error {
				if _, ok := db.(bun.Conn); !ok {
					t.Errorf("db is a %T", db)
				}
				if broken {
					return errors.New("half done")
				}
				return write(ctx, db, 2)
			}
		}).add(3, func(m *migrate.Migration) { m.NoTx = true })
		if e := w.fails(); e.ID != "0002_effect" || !strings.Contains(e.State, "outside a transaction") {
			t.Errorf("%+v", e)
		}
		equal(t, "history", w.applied(), []string{"0000_effects applied", "0001_effect applied", "0002_effect running"})
		broken = false
		r := w.mustUp() // Rerunnable: without anybody's word
		w.sound(3)
		equal(t, "steps", r.IDs(), []string{"0002_effect", "0003_effect"})
		if _, err := w.migrator().Down(w.ctx(), migrate.Steps(2)); err != nil {
			t.Fatal(err)
		}
		equal(t, "history", w.applied(), []string{"0000_effects applied", "0001_effect applied"})
		equal(t, "effects", w.effects(), []int{1, 2, 3, -3, -2})
	})
}

func TestAFailedNoTxNeedsADecision(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		w.seed(0).add(1, func(m *migrate.Migration) {
			m.NoTx = true
			m.Up = func(ctx context.Context, db bun.IDB) error { return errors.New("half done") }
		})
		if e := w.fails(); !strings.Contains(e.Next, "resolve --pending 0001_effect") {
			t.Errorf("%+v", e)
		}
		_, err := w.migrator().Up(w.ctx(), migrate.Head)
		if !errors.Is(err, migrate.ErrInterrupted) {
			t.Fatal(err)
		}
		if err := w.migrator().Resolve(w.ctx(), "0001_effect", migrate.Pending, ""); err != nil {
			t.Fatal(err)
		}
		w.fails() // it is run again, and fails again
	})
}

func TestConcurrentIndex(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		w.seed(1)
		w.registry.Register(migrate.Migration{ID: "0002_index", NoTx: true, Rerunnable: true, Change: migrate.Reversible(
			op.CreateIndex{Table: "effects", Index: schema.Index{Name: "effects_v_idx", Parts: schema.Columns("v")}, Concurrently: true})})
		w.mustUp()
		if _, err := w.migrator().Redo(w.ctx(), 1); err != nil {
			t.Fatal(err)
		}
		table, err := w.migrator().Dialect().Live(w.db).Table(w.ctx(), "", "effects")
		if err != nil || table.Index("effects_v_idx") == nil {
			t.Errorf("%+v %v", table, err)
		}
	})
}
