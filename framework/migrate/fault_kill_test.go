package migrate_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/migrate"
)

// What a killed runner leaves behind is mended by the next one, without a
// person.
func TestKilledAtAPoint(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		child    orders
		running  string // a statement that must have reached PostgreSQL before
		postgres bool   // there alone
	}{
		{name: "before its first statement", child: orders{Fixture: "tx", Stop: "before 3"}},
		{name: "after its write", child: orders{Fixture: "tx", Stop: "after 3"}},
		{name: "in a statement", child: orders{Fixture: "tx", Stop: "in 3", Sleep: true}, running: "%pg_sleep%"},
		{name: "between two", child: orders{Fixture: "tx", Stop: "finished 0003_effect"}},
		{name: "before any", child: orders{Fixture: "tx", Stop: "started 0000_effects"}},
		{name: "after the last", child: orders{Fixture: "tx", Stop: "finished 0005_effect"}},
		{name: "in one transaction for all", child: orders{Fixture: "tx", Stop: "after 5", TxAll: true}},
		{name: "NoTx before its work", child: orders{Fixture: "rerunnable", Stop: "before 3"}},
		{name: "NoTx after its work", child: orders{Fixture: "rerunnable", Stop: "after 3"}},
		{name: "after a NoTx one", child: orders{Fixture: "notx", Stop: "finished 0003_effect"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sites(t, func(t *testing.T, s *site) {
				s.play(c.child.Fixture)
				child := s.child(c.child)
				child.await(c.child.Stop)
				if c.running != "" {
					child.goOn()
					if s.postgres() {
						s.until("the statement runs", busyWith(c.running))
					}
				}
				child.kill()
				s.again()
				s.sound(5)
				s.quiet()
			})
		})
	}
}

// While the history's tables are made, too. The test makes the table itself, in
// a transaction that stays open, so that the runner's CREATE TABLE waits.
func TestKilledWhileTheHistoryIsMade(t *testing.T) {
	t.Parallel()
	for _, table := range []string{"leaven_history", "leaven_history_log"} {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			s := pgSite(t).play("tx")
			tx, err := s.db.Begin()
			if err != nil {
				t.Fatal(err)
			}
			defer tx.Rollback()
			if _, err := tx.Exec("CREATE TABLE " + table + " (x int)"); err != nil {
				t.Fatal(err)
			}
			child := s.child(orders{Fixture: "tx"})
			s.until("the runner makes the table", waitsForLock("%CREATE TABLE%"+table+"%"))
			child.kill()
			if err := tx.Rollback(); err != nil {
				t.Fatal(err)
			}
			s.again()
			s.sound(5)
			s.quiet()
		})
	}
}

// A NoTx migration that does not say that it can be run again is left to a
// person, who is told what to do.
func TestKilledInNoTxThatIsNotRerunnable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		stop string
		as   migrate.State
	}{{"before 3", migrate.Pending}, {"after 3", migrate.Applied}} {
		t.Run(c.stop, func(t *testing.T) {
			t.Parallel()
			sites(t, func(t *testing.T, s *site) {
				s.play("notx")
				child := s.child(orders{Fixture: "notx", Stop: c.stop})
				child.await(c.stop)
				child.kill()
				report, err := s.migrator().Up(s.ctx(), migrate.Head)
				var h *migrate.HistoryError
				if !errors.As(err, &h) || !errors.Is(err, migrate.ErrInterrupted) {
					t.Fatalf("up says %v", err)
				}
				equal(t, "interrupted", h.IDs, []string{"0003_effect"})
				for _, next := range []string{"resolve --applied 0003_effect", "resolve --pending 0003_effect"} {
					if !slices.Contains(h.Next, next) {
						t.Errorf("%q is not among the next commands %q", next, h.Next)
					}
				}
				if len(report.Steps) > 0 {
					t.Errorf("it did %v", report.IDs())
				}
				status, err := s.migrator().Status(s.ctx())
				if err != nil || status.Entries[3].State != migrate.Interrupted {
					t.Errorf("status: %+v, %v", status, err)
				}
				if err := s.migrator().Resolve(s.ctx(), "0003_effect", c.as, "seen by the test"); err != nil {
					t.Fatal(err)
				}
				s.again()
				s.sound(5)
				s.quiet()
			})
		})
	}
}

// Kills at moments that nobody chose. The seed is in the log of a failure.
func TestKilledAtRandomMoments(t *testing.T) {
	t.Parallel()
	const kills = 15
	sites(t, func(t *testing.T, s *site) {
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		random := rand.New(rand.NewPCG(seed, 1))
		s.play("rerunnable")
		took := s.undisturbed()
		for i := range kills {
			s.empty()
			child := s.child(orders{Fixture: "rerunnable", Stop: "ready"})
			child.await("ready")
			moment := time.Duration(random.Int64N(int64(took)))
			child.goOn()
			<-time.After(moment) // the disturbance itself
			child.kill()
			s.again()
			s.sound(5)
			s.quiet()
			if t.Failed() {
				t.Fatalf("kill %d, %s after the start", i+1, moment)
			}
		}
	})
}

// undisturbed tells how long a child takes for everything.
func (s *site) undisturbed() time.Duration {
	s.Helper()
	child := s.child(orders{Fixture: "rerunnable", Stop: "ready"})
	child.await("ready")
	begun := time.Now()
	child.goOn()
	if code := child.wait(); code != 0 {
		s.Fatalf("the child ends with %d: %q", code, child.said)
	}
	return time.Since(begun)
}

// empty takes everything away, the history too.
func (s *site) empty() {
	s.Helper()
	for _, table := range []string{"effects", "leaven_history", "leaven_history_log"} {
		if _, err := s.db.ExecContext(context.Background(), "DROP TABLE IF EXISTS "+table); err != nil {
			s.Fatal(err)
		}
	}
}
