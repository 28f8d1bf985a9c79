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

const cpuPer1000 = 250 * time.Millisecond

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

func onPostgres(tb testing.TB) *bun.DB { db, _ := pgtest.New(tb); return db }
func onSQLite(tb testing.TB) *bun.DB   { db, _ := sqlitetest.New(tb); return db }

func onPostgresByURL(tb testing.TB) *bun.DB { _, url := pgtest.New(tb); return opened(tb, url) }

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

func BenchmarkApply(b *testing.B) {
	for _, c := range []struct{ n, rounds int }{{1, 15}, {100, 9}, {1000, 5}} {
		work := fmt.Sprintf("apply %d", c.n)
		if c.n == 1 {
			work += ", tables of the history included"
		}
		b.Run(fmt.Sprint(c.n), func(b *testing.B) {
			var we, floors, buns spender
			t := turns(b, c.rounds, map[role]contender{
				ours:  applying(&we, onPostgres, c.n, migrate.TxEach),
				floor: applyingByHand(&floors, onPostgres, c.n, migrate.TxEach),
				peer:  applyingWithBun(&buns, onPostgres, c.n),
			})
			notSlower(b, work+", app's pool", t)
			if c.n == 1000 {
				costs(b, work, we, floors, buns)
			}
		})
		b.Run(fmt.Sprint(c.n, "/opened"), func(b *testing.B) {
			var s spender
			t := turns(b, c.rounds, map[role]contender{
				ours:  applying(&s, onPostgresByURL, c.n, migrate.TxEach),
				floor: applyingByHand(&s, onPostgres, c.n, migrate.TxEach),
				peer:  applyingWithBun(&s, onPostgres, c.n),
			})
			notSlower(b, work+", pool opened by URL", t)
		})
		b.Run(fmt.Sprint(c.n, "/all"), func(b *testing.B) {
			var s spender
			t := turns(b, c.rounds, map[role]contender{
				ours:  applying(&s, onPostgres, c.n, migrate.TxAll),
				floor: applyingByHand(&s, onPostgres, c.n, migrate.TxAll),
			})
			within(b, work+", one transaction", t, 1.2)
		})
	}
}

func costs(b *testing.B, work string, we, floors, buns spender) {
	b.Helper()
	r := row{
		work: work + ": client CPU", ours: shown(we.median()), floor: shown(floors.median()), peer: shown(buns.median()),
		ratio:  fmt.Sprintf("%.2f", float64(we.median())/float64(floors.median())),
		target: "at most " + shown(cpuPer1000), met: met(we.median() <= cpuPer1000),
	}
	b.ReportMetric(we.median().Seconds()*1000, "cpu-ms")
	results.add(r)
}

func BenchmarkSQLiteApply1000(b *testing.B) {
	var s spender
	t := turns(b, 5, map[role]contender{
		ours:  applying(&s, onSQLite, 1000, migrate.TxEach),
		floor: applyingByHand(&s, onSQLite, 1000, migrate.TxEach),
		peer:  applyingWithBun(&s, onSQLite, 1000),
	})
	notSlower(b, "SQLite: apply 1000", t)
}
