package migrate_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
)

// does lets the migration send a statement behind its own.
func does(i int, statement string) func(*migrate.Migration) {
	return func(m *migrate.Migration) {
		m.Up = func(ctx context.Context, db bun.IDB) error {
			if err := write(ctx, db, i); err != nil {
				return err
			}
			_, err := db.ExecContext(ctx, statement)
			return err
		}
	}
}

// Who is told of a step may take longer than a transaction may idle, and the next
// one has begun.
func TestAnObserverThatTakesItsTime(t *testing.T) {
	t.Parallel()
	for name, idle := range map[string]time.Duration{"longer than a claim is good for": time.Minute, "longer than the server waits": 50 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := pgSite(t).play("tx")
			s.options.IdleTimeout = idle
			s.options.Observe = func(e migrate.Event) {
				if e.Kind != migrate.Finished || e.ID != "0002_effect" {
					return
				}
				const claimed = "SELECT count(*) = $ FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'"
				if idle < time.Second {
					s.until("the server has ended what was claimed", strings.Replace(claimed, "$", "0", 1))
					return
				}
				s.until("the next is claimed", strings.Replace(claimed, "$", "1", 1))
				s.until("it is too old to be used", strings.Replace(claimed, "$", "1", 1)+" AND clock_timestamp() - state_change > '1.1 s'")
			}
			report, err := s.migrator().Up(t.Context(), migrate.Head)
			if err != nil || len(report.Steps) != 6 {
				t.Fatalf("%+v, %v", report, err)
			}
			s.sound(5)
			s.quiet()
			var between int // rows that were rolled back keep their numbers
			if err := s.db.QueryRowContext(t.Context(), "SELECT max(seq) FILTER (WHERE id LIKE '0003%') - max(seq) FILTER (WHERE id LIKE '0002%') - 1 FROM leaven_history").Scan(&between); err != nil {
				t.Fatal(err)
			}
			if between != 1 {
				t.Errorf("%d claims of 0003 were given up, not 1", between)
			}
		})
	}
}

// The server may refuse what came behind a COMMIT, or the COMMIT.
func TestARefusalBehindTheCommit(t *testing.T) {
	t.Parallel()
	t.Run("the next claim", func(t *testing.T) {
		t.Parallel()
		w := onPostgres(t).seed(1)
		w.add(2, does(2, `CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not this one'; END $$;
			CREATE TRIGGER no BEFORE INSERT ON leaven_history FOR EACH ROW WHEN (NEW.id LIKE '0003%') EXECUTE FUNCTION no()`))
		w.add(3, func(*migrate.Migration) {})
		report, err := w.migrator().Up(w.ctx(), migrate.Head)
		if err == nil || !strings.Contains(err.Error(), "0003_effect") || !strings.Contains(err.Error(), "not this one") {
			t.Errorf("it says %v", err)
		}
		if n := len(report.Steps); n < 3 || report.Steps[2].ID != "0002_effect" || report.Steps[2].Attempts != 1 {
			t.Errorf("reported: %+v", report.Steps)
		}
		w.sound(2)
		if _, err := w.db.ExecContext(w.ctx(), "DROP TRIGGER no ON leaven_history"); err != nil {
			t.Fatal(err)
		}
		w.mustUp()
		w.sound(3)
	})
	t.Run("the COMMIT", func(t *testing.T) {
		t.Parallel()
		w := onPostgres(t).seed(1)
		w.add(2, does(2, `CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p int REFERENCES p DEFERRABLE INITIALLY DEFERRED); INSERT INTO c VALUES (7)`))
		w.add(3, func(*migrate.Migration) {})
		e := w.fails()
		if e.ID != "0002_effect" || e.Fault.Code != "23503" {
			t.Errorf("%+v", e)
		}
		w.sound(1)
	})
}

// What a migration has left behind in the session is put back in front of the next
// claim, and told once.
func TestWhatIsLeftBehindBetweenMigrations(t *testing.T) {
	t.Parallel()
	w := onPostgres(t).seed(1)
	w.add(2, does(2, "SET search_path = pg_catalog"))
	w.add(3, func(*migrate.Migration) {})
	w.add(4, func(*migrate.Migration) {})
	w.db.SetMaxOpenConns(1) // so that the session can be looked at
	report, err := w.migrator().Up(w.ctx(), migrate.Head)
	if err != nil {
		t.Fatal(err)
	}
	told := slices.DeleteFunc(report.Notes, func(n string) bool { return !strings.Contains(n, "search_path") })
	if len(told) != 1 || !strings.HasPrefix(told[0], "0002_effect ") {
		t.Errorf("noted: %q", report.Notes)
	}
	w.sound(4)
	var path, left string
	if err := w.db.QueryRowContext(w.ctx(), "SELECT current_setting('search_path'), coalesce(current_setting('leaven.restored', true), '')").Scan(&path, &left); err != nil {
		t.Fatal(err)
	}
	if path != `"$user", public` || left != "" {
		t.Errorf("the session has the path %q and %q left", path, left)
	}
}

// The COMMIT with which the next transaction begins ends all that a migration has opened
// and set in its own.
func TestASavepointLeftOpenBetweenMigrations(t *testing.T) {
	t.Parallel()
	w := onPostgres(t).seed(1)
	w.add(2, does(2, "SAVEPOINT a; CREATE TABLE a (x int); SAVEPOINT b; SET LOCAL statement_timeout = '1 h'"))
	w.add(3, func(m *migrate.Migration) {
		m.Up = func(ctx context.Context, db bun.IDB) error {
			if err := write(ctx, db, 3); err != nil {
				return err
			}
			var isolation, timeout string
			err := db.QueryRowContext(ctx, "SELECT current_setting('transaction_isolation'), current_setting('statement_timeout')").Scan(&isolation, &timeout)
			if err == nil && (isolation != "read committed" || timeout != "0") {
				err = fmt.Errorf("it has %s and %s", isolation, timeout)
			}
			return err
		}
	})
	w.add(4, does(4, "ROLLBACK TO a"))
	if e := w.fails(); e.ID != "0004_effect" || e.Fault.Code != "3B001" { // no such savepoint
		t.Errorf("%v", e)
	}
	w.sound(3)
}

// A run that is stopped between two migrations gives back what it had claimed.
func TestStoppedBehindAClaim(t *testing.T) {
	t.Parallel()
	s := pgSite(t).play("tx")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.options.Observe = func(e migrate.Event) {
		if e.Kind == migrate.Finished && e.ID == "0002_effect" {
			cancel()
		}
	}
	_, err := s.migrator().Up(ctx, migrate.Head)
	var stopped *migrate.StoppedError
	if !errors.As(err, &stopped) {
		t.Fatalf("it says %v", err)
	}
	s.quiet()
	s.sound(2)
	s.options.Observe = nil
	s.again()
	s.sound(5)
}

// Rows that a function has left unread are in front of the server's answer to the
// message that ends the transaction.
func TestRowsLeftUnread(t *testing.T) {
	t.Parallel()
	const deferred = "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p int REFERENCES p DEFERRABLE INITIALLY DEFERRED); INSERT INTO c VALUES (7)"
	unread := func(query func(string) (*sql.Rows, error), n string) error {
		rows, err := query("SELECT * FROM generate_series(1, " + n + ")")
		if err == nil && !rows.Next() {
			err = errors.New("no row")
		}
		return err
	}
	for name, leave := range map[string]func(tx bun.Tx) error{
		"all but one":  func(tx bun.Tx) error { return unread(func(q string) (*sql.Rows, error) { return tx.Query(q) }, "3") },
		"only the end": func(tx bun.Tx) error { return unread(func(q string) (*sql.Rows, error) { return tx.Query(q) }, "1") },
		"of a prepared statement": func(tx bun.Tx) error {
			return unread(func(q string) (*sql.Rows, error) {
				s, err := tx.Tx.Prepare(q)
				if err != nil {
					return nil, err
				}
				return s.Query()
			}, "1")
		},
	} {
		for _, c := range []struct {
			name, work string
			behind     bool
			sound      int
		}{
			{"the last one", "SELECT 1", false, 2},
			{"not the last one", "SELECT 1", true, 3},
			{"the last one is refused", deferred, false, 1},
			{"not the last one is refused", deferred, true, 1},
		} {
			t.Run(name+", "+c.name, func(t *testing.T) {
				t.Parallel()
				w := onPostgres(t).seed(1)
				w.add(2, func(m *migrate.Migration) {
					m.Up = func(ctx context.Context, db bun.IDB) error {
						if err := write(ctx, db, 2); err != nil {
							return err
						}
						if _, err := db.ExecContext(ctx, c.work); err != nil {
							return err
						}
						return leave(db.(bun.Tx))
					}
				})
				if c.behind {
					w.add(3, func(*migrate.Migration) {})
				}
				_, err := w.migrator().Up(w.ctx(), migrate.Head)
				if refused := c.sound == 1; (err != nil) != refused {
					t.Errorf("it says %v", err)
				}
				w.sound(c.sound)
			})
		}
	}
}

// A notification that comes with the answer to COMMIT is nothing that pgdriver
// knows.
func TestANotificationBehindTheCommit(t *testing.T) {
	t.Parallel()
	for _, behind := range []bool{false, true} {
		t.Run(fmt.Sprint("another one follows: ", behind), func(t *testing.T) {
			t.Parallel()
			w := onPostgres(t).seed(1)
			w.add(2, does(2, "LISTEN a; NOTIFY a"))
			n := 2
			if behind {
				n = 3
				w.add(3, func(*migrate.Migration) {})
			}
			done := make(chan error, 1)
			go func() {
				_, err := w.migrator().Up(w.ctx(), migrate.Head)
				done <- err
			}()
			if err := ends(t, done); err != nil {
				t.Fatal(err)
			}
			w.sound(n)
		})
	}
}

// What stops the COMMIT itself is not tried again.
func TestTheCommitIsCancelled(t *testing.T) {
	t.Parallel()
	s := pgSite(t)
	s.seed(1)
	tries := 0
	s.add(2, func(m *migrate.Migration) {
		does(2, `CREATE TABLE slow (n int); CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$;
			CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow(); INSERT INTO slow VALUES (1)`)(m)
		up := m.Up
		m.Up = func(ctx context.Context, db bun.IDB) error { tries++; return up(ctx, db) }
	})
	s.add(3, func(*migrate.Migration) {})
	const sleeps = "datname = current_database() AND wait_event = 'PgSleep'"
	ended := make(chan error, 1)
	go func() {
		_, err := s.migratorOn(s.pool(s.url)).Up(context.Background(), migrate.Head)
		ended <- err
	}()
	s.until("the COMMIT sleeps", "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE "+sleeps+")")
	s.until("it is cancelled", "SELECT bool_and(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE "+sleeps)
	var e *migrate.StepError
	if err := ends(t, ended); !errors.As(err, &e) || e.ID != "0002_effect" || e.Fault.Code != "57014" || tries != 1 {
		t.Errorf("after %d tries: %v", tries, err)
	}
	s.sound(1)
	s.quiet()
}

// Where an observer panics, the program may go on, and so may others.
func TestAnObserverThatPanics(t *testing.T) {
	t.Parallel()
	s := pgSite(t).play("tx")
	s.options.Observe = func(e migrate.Event) {
		if e.Kind == migrate.Finished && e.ID == "0002_effect" {
			panic("nobody listens")
		}
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_, _ = s.migrator().Up(t.Context(), migrate.Head)
	}()
	s.quiet()
	s.sound(2)
	if n := s.db.Stats().InUse; n > 0 {
		t.Errorf("%d connections are not given back", n)
	}
}
