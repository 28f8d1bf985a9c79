package migrate_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
)

// slowThird registers the fixture tx with a third migration whose statement
// takes a minute in its first try. The result is closed just before it.
func (s *site) slowThird() <-chan struct{} {
	slow := make(chan struct{})
	tries := 0
	effects := stage{at: func(string) {}}
	third := effects.effect(3)
	third.Up = func(ctx context.Context, db bun.IDB) error {
		if err := write(ctx, db, 3); err != nil {
			return err
		}
		if tries++; tries > 1 {
			return nil
		}
		close(slow)
		_, err := db.ExecContext(ctx, longStatement(db))
		return err
	}
	effects.five(s.registry, third)
	return slow
}

// meanwhile runs Up to the head beside the test.
func (s *site) meanwhile(ctx context.Context, m *migrate.Migrator) <-chan error {
	ended := make(chan error, 1)
	go func() {
		_, err := m.Up(ctx, migrate.Head)
		ended <- err
	}()
	return ended
}

// ends waits for the end of what runs meanwhile.
func ends(t testing.TB, ended <-chan error) error {
	t.Helper()
	select {
	case err := <-ended:
		return err
	case <-time.After(patience):
		t.Fatalf("it does not end within %s", patience)
		return nil
	}
}

// onSleeper does something to the session whose pg_sleep runs.
func (s *site) onSleeper(function string) {
	s.Helper()
	s.until("the statement runs", busyWith("%pg_sleep%"))
	if _, err := s.db.ExecContext(context.Background(), "SELECT "+function+"(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%pg_sleep%'"); err != nil {
		s.Fatal(err)
	}
}

// An administrator who ends the session interrupts; the migration is tried again.
func TestSessionTerminated(t *testing.T) {
	t.Parallel()
	s := pgSite(t)
	s.slowThird()
	var retried []string
	s.options.Observe = func(e migrate.Event) {
		if e.Kind == migrate.Retrying {
			retried = append(retried, fmt.Sprint(e.ID, " ", e.Message))
		}
	}
	ended := s.meanwhile(t.Context(), s.migratorOn(s.open(t)))
	s.onSleeper("pg_terminate_backend")
	if err := ends(t, ended); err != nil {
		t.Fatal(err)
	}
	equal(t, "retried", retried, []string{"0003_effect connection lost"})
	s.sound(5)
	s.quiet()
}

// One who cancels the statement has decided that it is not to be done.
func TestStatementCancelledByAnAdministrator(t *testing.T) {
	t.Parallel()
	s := pgSite(t)
	s.slowThird()
	ended := s.meanwhile(t.Context(), s.migratorOn(s.open(t)))
	s.onSleeper("pg_cancel_backend")
	err := ends(t, ended)
	var step *migrate.StepError
	if !errors.As(err, &step) || step.ID != "0003_effect" || step.Fault.Code != "57014" {
		t.Fatalf("up says %v", err)
	}
	s.sound(2)
	s.quiet()
	s.again()
	s.sound(5)
}

// A cancelled context ends the statement on the server too.
func TestContextCancelledInAStatement(t *testing.T) {
	t.Parallel()
	sites(t, func(t *testing.T, s *site) {
		ctx, cancel := context.WithCancelCause(t.Context())
		why := errors.New("the test wants it")
		slow := s.slowThird()
		ended := s.meanwhile(ctx, s.migratorOn(s.open(t)))
		<-slow
		if s.postgres() {
			s.until("the statement runs", busyWith("%pg_sleep%"))
		}
		begun := time.Now()
		cancel(why)
		err := ends(t, ended)
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("it took %s", took)
		}
		var stopped *migrate.StoppedError
		if !errors.As(err, &stopped) || stopped.ID != "0003_effect" || !errors.Is(err, why) || !errors.Is(err, migrate.ErrStopped) {
			t.Fatalf("up says %v", err)
		}
		if s.postgres() {
			s.until("nothing runs any more", "SELECT NOT ("+busyWith("%pg_sleep%")+")")
		}
		s.sound(2)
		s.quiet()
		s.again()
		s.sound(5)
	})
}

// Options.Stop lets the running migration finish, and starts no other.
func TestStopBetweenTwo(t *testing.T) {
	t.Parallel()
	sites(t, func(t *testing.T, s *site) {
		stop := make(chan struct{})
		stage{at: func(point string) {
			if point == "before 2" {
				close(stop)
			}
		}}.five(s.registry, quietly.effect(3))
		s.options.Stop = stop
		report, err := s.migrator().Up(t.Context(), migrate.Head)
		var stopped *migrate.StoppedError
		if !errors.As(err, &stopped) || stopped.ID != "" || stopped.Err != nil {
			t.Fatalf("up says %v", err)
		}
		if report.To != "0002_effect" || report.Pending != 3 {
			t.Errorf("the report says %+v", report)
		}
		s.sound(2)
		s.quiet()
		s.options.Stop = nil
	})
}
