package migrate_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leavendb/leaven/framework/dialect/postgres"
	"github.com/leavendb/leaven/framework/internal/pgproxy"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
)

// pools are the two ways in which a program connects with pgdriver: by itself,
// and through our connector, which sends BEGIN and the first statement together.
var pools = []struct {
	name string
	open func(url string) (*bun.DB, error)
}{
	{"pgdriver", openURL},
	{"leaven", func(url string) (*bun.DB, error) { return postgres.Dialect{}.Open(context.Background(), url) }},
}

// onPools runs a test for each of them.
func onPools(t *testing.T, test func(t *testing.T, s *site, open func(url string) *bun.DB)) {
	t.Helper()
	for _, p := range pools {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			test(t, pgSite(t), func(url string) *bun.DB {
				db, err := p.open(url)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { db.Close() })
				return db
			})
		})
	}
}

// atThirdCommit decides about the COMMIT of the third transaction that writes an
// effect: fate before it arrives, or about the server's answer to it.
func atThirdCommit(answer bool, what pgproxy.Fate, then func()) func(pgproxy.Message) pgproxy.Fate {
	var armed, fired atomic.Bool
	return func(m pgproxy.Message) pgproxy.Fate {
		if !m.FromServer && m.Says("INSERT INTO EFFECTS (V) VALUES (3)") {
			armed.Store(true)
		}
		if !armed.Load() || m.FromServer != answer || !m.Says("COMMIT") || !fired.CompareAndSwap(false, true) {
			return pgproxy.Pass
		}
		if then != nil {
			then()
		}
		return what
	}
}

// The connection is lost around the COMMIT of migration 3. The runner finds out
// by itself what became of it.
func TestConnectionLostAroundCommit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		answer   bool // the cut is at the answer
		fate     pgproxy.Fate
		resolved []bool // what the report may say
	}{
		{"before it arrived", false, pgproxy.Cut, []bool{false}},
		{"before its answer arrived", true, pgproxy.Cut, []bool{true}},
		{"while the server is at it", false, pgproxy.Passed, []bool{true, false}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			onPools(t, func(t *testing.T, s *site, open func(string) *bun.DB) {
				s.play("tx")
				p := s.through(atThirdCommit(c.answer, c.fate, nil))
				report, err := s.migratorOn(open(p.URL)).Up(s.ctx(), migrate.Head)
				if err != nil {
					t.Fatal(err)
				}
				third := report.Steps[3]
				if third.ID != "0003_effect" || third.Other || third.Attempts < 1 {
					t.Errorf("the report says %+v", third)
				}
				found := false
				for _, r := range c.resolved {
					found = found || third.Resolved == r
				}
				if !found {
					t.Errorf("resolved is %t after %d attempts", third.Resolved, third.Attempts)
				}
				s.sound(5)
				s.quiet()
			})
		})
	}
}

// The server stays away for a while.
func TestServerAwayAfterCommit(t *testing.T) {
	t.Parallel()
	for _, answer := range []bool{false, true} {
		t.Run(fmt.Sprintf("answer %t", answer), func(t *testing.T) {
			t.Parallel()
			onPools(t, func(t *testing.T, s *site, open func(string) *bun.DB) {
				s.play("tx")
				var p *pgproxy.Proxy
				p = s.through(atThirdCommit(answer, pgproxy.Cut, func() {
					enough := p.Away(3)
					go func() { <-enough; p.Back() }()
				}))
				report, err := s.migratorOn(open(p.URL)).Up(s.ctx(), migrate.Head)
				if err != nil {
					t.Fatal(err)
				}
				if third := report.Steps[3]; third.Resolved != answer {
					t.Errorf("the report says %+v", third)
				}
				s.sound(5)
				s.quiet()
			})
		})
	}
}

// While the first runner is cut off, a second one comes and does everything.
func TestAnotherRunnerComesMeanwhile(t *testing.T) {
	t.Parallel()
	for _, answer := range []bool{false, true} {
		t.Run(fmt.Sprintf("answer %t", answer), func(t *testing.T) {
			t.Parallel()
			onPools(t, func(t *testing.T, s *site, open func(string) *bun.DB) {
				s.play("tx")
				second := s.migratorOn(s.open(t))
				var p *pgproxy.Proxy
				p = s.through(atThirdCommit(answer, pgproxy.Cut, func() {
					p.Away(0)
					go func() {
						defer p.Back()
						if _, err := second.Up(context.Background(), migrate.Head); err != nil {
							t.Error(err)
						}
					}()
				}))
				report, err := s.migratorOn(open(p.URL)).Up(s.ctx(), migrate.Head)
				if err != nil {
					t.Fatal(err)
				}
				var others []string
				for _, step := range report.Steps {
					if step.Other {
						others = append(others, step.ID)
					}
				}
				want := []string{"0004_effect", "0005_effect"}
				if !answer {
					want = append([]string{"0003_effect"}, want...)
				}
				equal(t, "done by the other", others, want)
				s.sound(5)
				s.quiet()
			})
		})
	}
}

// The connection is lost at message 1, 2, 3 and so on, in both directions, until
// a run is not disturbed any more. Each time the next run ends well, and the
// database is the same as without a disturbance. This is for pools of an
// application's own; those of the command line are rows of package faults.
func TestCutAtEveryMessage(t *testing.T) {
	t.Parallel()
	open := func(url string) *bun.DB {
		db, err := openURL(url)
		if err != nil {
			t.Error(err)
		}
		return db
	}
	s := pgSite(t)
	s.play("short")
	undisturbed := s.through(nil)
	if _, err := s.migratorOn(open(undisturbed.URL)).Up(s.ctx(), migrate.Head); err != nil {
		t.Fatal(err)
	}
	want := s.picture()
	cuts := make(chan pgproxy.Message)
	var workers sync.WaitGroup
	for range 6 { // they mostly wait
		place := pgSite(t).play("short")
		workers.Go(func() {
			for at := range cuts {
				place.cutAt(at, open, want)
			}
		})
	}
	for _, fromServer := range []bool{false, true} {
		kinds := undisturbed.Kinds(fromServer)
		for i, kind := range kinds {
			if !fromServer || worthCutting(kind) {
				cuts <- pgproxy.Message{FromServer: fromServer, Number: i + 1}
			}
		}
	}
	close(cuts)
	workers.Wait()
}

// worthCutting leaves out messages of the server's that are alike: those with
// which a connection begins, and of plain answers all but their ends.
func worthCutting(kind rune) bool { return kind == 'C' || kind == 'Z' || kind == 'E' }

// cutAt lets one run lose its connection at a message.
func (s *site) cutAt(at pgproxy.Message, open func(string) *bun.DB, want []string) {
	s.empty()
	p := s.through(func(m pgproxy.Message) pgproxy.Fate {
		if m.FromServer == at.FromServer && m.Number == at.Number {
			return pgproxy.Cut
		}
		return pgproxy.Pass
	})
	defer p.Close()
	db := open(p.URL)
	defer db.Close()
	_, first := s.migratorOn(db).Up(s.ctx(), migrate.Head)
	if _, err := s.migrator().Up(s.ctx(), migrate.Head); err != nil {
		s.Errorf("cut at message %d, from the server: %t; the first run said %v, and the next one: %v", at.Number, at.FromServer, first, err)
		return
	}
	if diff := cmp.Diff(want, s.picture()); diff != "" {
		s.Errorf("cut at message %d, from the server: %t; the first run said %v (-want +got):\n%s", at.Number, at.FromServer, first, diff)
	}
}

// picture is everything in the database that must be the same.
func (s *site) picture() []string {
	s.Helper()
	var lines []string
	err := s.db.NewRaw(`
		SELECT * FROM (SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '')
			FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position) a
		UNION ALL SELECT * FROM (SELECT 'index ' || c.relname || ' ' || i.indisvalid || ' ' || pg_get_indexdef(i.indexrelid)
			FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' ORDER BY c.relname) b
		UNION ALL SELECT * FROM (SELECT 'effect ' || v FROM effects ORDER BY id) c
		UNION ALL SELECT * FROM (SELECT 'history ' || id || ' ' || state || ' ' || batch FROM leaven_history ORDER BY seq) d
		UNION ALL SELECT * FROM (SELECT 'logged ' || id || ' ' || count(*) FROM leaven_history_log WHERE outcome = 'done' GROUP BY id ORDER BY id) e`).
		Scan(context.Background(), &lines)
	if err != nil {
		s.Fatal(err)
	}
	return lines
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
