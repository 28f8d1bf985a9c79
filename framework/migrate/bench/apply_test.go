package bench

import (
	"fmt"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
)

// cpuLimit is 250 ms for 1,000 migrations on a machine whose floor takes 150.
const cpuLimit = 250.0 / 150

// spender wraps a contender's work and adds up the CPU that it used.
type spender struct{ each []time.Duration }

func (s *spender) timed(tb testing.TB, f func() error) time.Duration {
	tb.Helper()
	var used time.Duration
	d := timed(tb, func() error {
		before := cpu()
		err := f()
		used = cpu() - before
		return err
	})
	s.each = append(s.each, used)
	return d
}

func (s *spender) median() time.Duration { return median(s.each) }

// fresh makes an empty database for one contender in one round.
type fresh func(testing.TB) *bun.DB

func onSQLite(tb testing.TB) *bun.DB { db, _ := sqlitetest.New(tb); return db }

// server is a PostgreSQL by its URL; app and opened are its databases in an app's
// own pool, and in one that the framework opens.
type server string

func (s server) app(tb testing.TB) *bun.DB    { db, _ := pgtest.Database(tb, string(s)); return db }
func (s server) opened(tb testing.TB) *bun.DB { return opened(tb, s.empty(tb)) }

// empty is the URL of a database of its own.
func (s server) empty(tb testing.TB) string {
	_, url := pgtest.Database(tb, string(s))
	return url
}

// applying is our way to n applied migrations on an empty database.
func applying(s *spender, on fresh, n int, mode migrate.TxMode) contender {
	all := registry(n)
	return func(tb testing.TB) time.Duration {
		db := on(tb)
		return s.timed(tb, func() error {
			return up(tb.Context(), migrator(tb, db, migrate.Options{Registry: all, Tx: mode}), n)
		})
	}
}

func applyingByHand(s *spender, on fresh, n int, mode migrate.TxMode) contender {
	apply := handApply
	if mode == migrate.TxAll {
		apply = handApplyAll
	}
	return func(tb testing.TB) time.Duration {
		db := on(tb)
		return s.timed(tb, func() error { return apply(tb.Context(), db.DB, n) })
	}
}

func applyingWithBun(s *spender, on fresh, n int) contender {
	set := bunMigrations(n)
	return func(tb testing.TB) time.Duration {
		db := on(tb)
		return s.timed(tb, func() error { return bunUp(tb.Context(), db, set, n) })
	}
}

// BenchmarkApply runs on a server that writes to disk what is committed, as
// servers do: how often that happens is part of what is compared.
func BenchmarkApply(b *testing.B) {
	on := server(pgtest.Durable(b))
	for _, c := range []struct{ n, rounds int }{{1, 15}, {100, 9}, {1000, 7}} {
		work := fmt.Sprintf("apply %d", c.n)
		if c.n == 1 {
			work += ", tables of the history included"
		}
		for _, pool := range []struct {
			name, of string
			open     fresh
		}{{"app", "app's pool", on.app}, {"opened", "pool opened by URL", on.opened}} {
			b.Run(fmt.Sprint(c.n, "/", pool.name), func(b *testing.B) {
				var we, floors, buns spender
				t := turns(b, c.rounds, map[role]contender{
					ours:           applying(&we, pool.open, c.n, migrate.TxEach),
					floor:          applyingByHand(&floors, on.app, c.n, migrate.TxEach),
					withBun:        applyingWithBun(&buns, on.app, c.n),
					withGoose:      on.applying("goose", c.n),
					withSQLMigrate: on.applying("sql-migrate", c.n),
				})
				notSlower(b, work+", "+pool.of, t, withBun, withGoose)
				if c.n == 1000 {
					costs(b, work+", "+pool.of, we, floors, buns)
				}
			})
		}
		b.Run(fmt.Sprint(c.n, "/all"), func(b *testing.B) {
			var s spender
			t := turns(b, c.rounds, map[role]contender{
				ours:  applying(&s, on.app, c.n, migrate.TxAll),
				floor: applyingByHand(&s, on.app, c.n, migrate.TxAll),
			})
			within(b, work+", one transaction", t, 1.2)
		})
	}
}

// BenchmarkApplyWithoutDisk leaves the disk out, where what the fences cost shows
// most. It has no target.
func BenchmarkApplyWithoutDisk(b *testing.B) {
	on := server(pgtest.URL(b))
	told(b, "apply 1000, app's pool, a server that never waits for its disk", each(b, on.app, 1000, 5), "", "")
}

// each compares n transactions each.
func each(b *testing.B, on fresh, n, rounds int) times {
	b.Helper()
	var s spender
	return turns(b, rounds, map[role]contender{
		ours:    applying(&s, on, n, migrate.TxEach),
		floor:   applyingByHand(&s, on, n, migrate.TxEach),
		withBun: applyingWithBun(&s, on, n),
	})
}

func costs(b *testing.B, work string, we, floors, buns spender) {
	b.Helper()
	r := row{
		work: work + ": client CPU", ours: shown(we.median()), floor: shown(floors.median()), others: map[role]string{withBun: shown(buns.median())},
		ratio:  fmt.Sprintf("%.2f", float64(we.median())/float64(floors.median())),
		target: fmt.Sprintf("at most %.2fx the floor", cpuLimit), met: met(float64(we.median()) <= cpuLimit*float64(floors.median())),
	}
	b.ReportMetric(we.median().Seconds()*1000, "cpu-ms")
	results.add(r)
}

func BenchmarkSQLiteApply1000(b *testing.B) {
	notSlower(b, "SQLite: apply 1000", each(b, sqlitetest.Durable, 1000, 5), withBun)
	told(b, "SQLite: apply 1000, with a write-ahead log that does not wait for the disk", each(b, onSQLite, 1000, 5), "", "")
}
