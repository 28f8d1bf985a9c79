package migrate_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
)

// consistent checks that what was done and reverted adds up to the history.
func (s *site) consistent() {
	s.Helper()
	state := map[int]bool{}
	for _, v := range s.effects() {
		if v > 0 == state[max(v, -v)] {
			s.Errorf("effect %d happened twice in a row: %v", v, s.effects())
		}
		state[max(v, -v)] = v > 0
	}
	var rows []string
	for i := 1; i <= 5; i++ {
		if state[i] {
			rows = append(rows, fmt.Sprintf("%04d_effect applied", i))
		}
	}
	history := s.applied()
	slices.Sort(history)
	for i := 2; i <= 5; i++ {
		if state[i] && !state[i-1] {
			s.Errorf("%d is applied without %d: %v", i, i-1, s.effects())
		}
	}
	equal(s, "history", history, append([]string{"0000_effects applied"}, rows...))
}

// Runners that go up and others that go down at the same time take turns. One
// may be told that another has built upon what it wanted to revert, or reverted
// what it wanted to build upon.
func TestUpAgainstDown(t *testing.T) {
	t.Parallel()
	sites(t, func(t *testing.T, s *site) {
		s.play("tx").again()
		var all sync.WaitGroup
		for i := range 6 {
			m := s.migratorOn(s.open(t))
			all.Go(func() {
				for range 4 {
					var err error
					if i%2 == 0 {
						_, err = m.Up(context.Background(), migrate.Head)
					} else {
						_, err = m.Down(context.Background(), migrate.To("0001"))
					}
					if err != nil && !errors.Is(err, migrate.ErrOutOfOrder) && !errors.Is(err, migrate.ErrGap) {
						t.Errorf("runner %d: %v", i, err)
					}
				}
			})
		}
		all.Wait()
		s.consistent()
		s.quiet()
	})
}

// Who finds that another has reverted what it had built, or wants to build upon,
// does not do it again and does not go on.
func TestRevertedUnderARunner(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"0002", "0001"} {
		t.Run("down to "+to, func(t *testing.T) {
			t.Parallel()
			sites(t, func(t *testing.T, s *site) {
				s.play("released")
				first := s.child(orders{Fixture: "released", Stop: "released 3"})
				first.await("released 3")
				if _, err := s.migrator().Down(t.Context(), migrate.To(to)); err != nil {
					t.Fatal(err)
				}
				first.goOn()
				code := first.wait()
				if last := first.said[len(first.said)-1]; code != 1 || !strings.Contains(last, "another runner has reverted 000") {
					t.Errorf("the first runner ends with %d: %q", code, first.said)
				}
				s.consistent()
				s.again()
				s.consistent()
				s.quiet()
			})
		})
	}
}

// Two runners that want the next one want the same one: what the first does is
// success for the second, and it does not go on to another.
func TestTwoWantTheNextOne(t *testing.T) {
	t.Parallel()
	sites(t, func(t *testing.T, s *site) {
		s.play("tx")
		if _, err := s.migrator().Up(t.Context(), migrate.To("0002")); err != nil {
			t.Fatal(err)
		}
		first := s.child(orders{Fixture: "tx", Do: "up1", Stop: "before 3"})
		first.await("before 3")
		waits := make(chan struct{})
		var once sync.Once
		s.options.Observe = func(e migrate.Event) {
			if e.Kind == migrate.Waiting {
				once.Do(func() { close(waits) })
			}
		}
		var report *migrate.Report
		ended := make(chan error, 1)
		m := s.migratorOn(s.impatient())
		go func() {
			var err error
			report, err = m.Up(context.Background(), migrate.Steps(1))
			ended <- err
		}()
		select {
		case <-waits:
		case err := <-ended:
			t.Fatalf("the second runner did not wait: %v", err)
		case <-time.After(patience):
			t.Fatal("the second runner does not wait")
		}
		first.goOn()
		if code := first.wait(); code != 0 {
			t.Fatalf("the first runner ends with %d: %q", code, first.said)
		}
		if err := ends(t, ended); err != nil {
			t.Fatal(err)
		}
		equal(t, "the first one did", first.did(), []string{"0003_effect"})
		if len(report.Steps) != 1 || report.Steps[0].ID != "0003_effect" || !report.Steps[0].Other || report.To != "0003_effect" {
			t.Errorf("the second one says %+v", report)
		}
		s.sound(3)
		s.quiet()
	})
}

// Who waits too long for another runner is told so.
func TestAnotherRunnerTakesTooLong(t *testing.T) {
	t.Parallel()
	for _, fixture := range []string{"tx", "rerunnable"} {
		t.Run(fixture, func(t *testing.T) {
			t.Parallel()
			sites(t, func(t *testing.T, s *site) {
				s.play(fixture)
				holder := s.child(orders{Fixture: fixture, Stop: "before 3"})
				holder.await("before 3")
				s.options.RunnerWait = 300 * time.Millisecond
				_, err := s.migratorOn(s.impatient()).Up(t.Context(), migrate.Head)
				var lock *migrate.LockError
				if !errors.As(err, &lock) || lock.ID != "" || lock.Waited < s.options.RunnerWait {
					t.Fatalf("up says %v", err)
				}
				if s.postgres() && (len(lock.Blockers) != 1 || lock.Blockers[0].PID == 0) {
					t.Errorf("it is blocked by %+v", lock.Blockers)
				}
				holder.goOn()
				if code := holder.wait(); code != 0 {
					t.Errorf("the holder ends with %d: %q", code, holder.said)
				}
				s.sound(5)
				s.quiet()
			})
		})
	}
}

// impatient is a pool that does not wait for SQLite's write lock in the driver
// for longer than a moment.
func (s *site) impatient() *bun.DB {
	return s.pool(strings.Replace(s.url, "busy_timeout(5000)", "busy_timeout(20)", 1))
}

// Fifty replicas start on a database that is up to date: each asks once, and that
// is all.
func TestFiftyIdleReplicas(t *testing.T) {
	t.Parallel()
	s := pgSite(t).play("tx")
	s.again()
	s.idle(50)
}

// So they do on a standby, which takes no writes.
func TestIdleReplicasOnAStandby(t *testing.T) {
	t.Parallel()
	primary, standby := pgtest.Standby(t)
	on := func(url string) *site {
		db := pgtest.Open(t, url)
		return (&site{newWorld(t, db, func(t testing.TB) *bun.DB { return pgtest.Open(t, url) }), url}).play("tx")
	}
	on(primary).again()
	pgtest.CatchUp(t, primary, standby)
	s := on(standby)
	s.idle(50)

	s.add(6, func(*migrate.Migration) {})
	_, err := s.migrator().Up(t.Context(), migrate.Head)
	if !errors.Is(err, migrate.ErrReadOnly) {
		t.Errorf("with something to do up says %v", err)
	}
}

// idle lets n replicas, each with a pool of its own, go up at once, and looks at
// what they say to the server.
func (s *site) idle(n int) {
	s.Helper()
	p := s.through(nil)
	var all sync.WaitGroup
	for range n {
		m := s.migratorOn(s.pool(p.URL))
		all.Go(func() {
			report, err := m.Up(context.Background(), migrate.Head)
			if err != nil || len(report.Steps) > 0 || report.To != "0005_effect" || report.Pending != 0 {
				s.Errorf("up says %+v, %v", report, err)
			}
		})
	}
	all.Wait()
	said := p.Queries()
	if len(said) != n {
		s.Errorf("%d replicas sent %d statements", n, len(said))
	}
	for _, q := range said {
		if !strings.HasPrefix(q, "SELECT ") || strings.Contains(q, ";") || strings.Contains(q, "lock") {
			s.Errorf("a replica said %q", q)
		}
	}
}

// A SQLite database that is up to date is read while another program writes.
func TestIdleReplicaBesideAWriter(t *testing.T) {
	t.Parallel()
	db, path := sqlitetest.New(t)
	s := (&site{newWorld(t, db, nil), sqlitetest.DSN(path)}).play("tx")
	s.again()
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := s.migratorOn(s.impatient()).Up(t.Context(), migrate.Head); err != nil {
		t.Error(err)
	}
}
