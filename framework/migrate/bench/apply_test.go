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

// task is work on a database.
type task func(testing.TB, *bun.DB) error

// after is a contender whose time is that of do, on a database of its own where
// prepare has been.
func (s *spender) after(on fresh, prepare, do task) contender {
	return func(tb testing.TB) time.Duration {
		db := on(tb)
		if prepare != nil {
			if err := prepare(tb, db); err != nil {
				tb.Fatal(err)
			}
		}
		return s.timed(tb, func() error { return do(tb, db) })
	}
}

// applying is our way to n more migrations, behind a first one, with which the
// tables of the history have come.
func applying(s *spender, on fresh, n int, mode migrate.TxMode) contender {
	all := registry(1 + n)
	return s.after(on, first(all), func(tb testing.TB, db *bun.DB) error {
		return up(tb.Context(), migrator(tb, db, migrate.Options{Registry: all, Tx: mode}), n)
	})
}

func first(all *migrate.Registry) task {
	return func(tb testing.TB, db *bun.DB) error {
		return expect(1)(migrator(tb, db, migrate.Options{Registry: all}).Up(tb.Context(), migrate.Steps(1)))
	}
}

func applyingByHand(s *spender, on fresh, n int, mode migrate.TxMode) contender {
	apply := handApply
	if mode == migrate.TxAll {
		apply = handApplyAll
	}
	return s.after(on, firstByHand, func(tb testing.TB, db *bun.DB) error { return apply(tb.Context(), db.DB, 2, 1+n) })
}

func firstByHand(tb testing.TB, db *bun.DB) error {
	if err := handBegin(tb.Context(), db.DB); err != nil {
		return err
	}
	return handApply(tb.Context(), db.DB, 1, 1)
}

func applyingWithBun(s *spender, on fresh, n int) contender {
	set := bunMigrations(1 + n)
	return s.after(on, firstWithBun, func(tb testing.TB, db *bun.DB) error { return bunUp(tb.Context(), db, set, n) })
}

func firstWithBun(tb testing.TB, db *bun.DB) error {
	return bunUp(tb.Context(), db, bunMigrations(1), 1)
}

// BenchmarkApply runs on a server that writes to disk what is committed, as
// servers do: how often that happens is part of what is compared.
func BenchmarkApply(b *testing.B) {
	on := server(pgtest.Durable(b))
	b.Run("first", func(b *testing.B) {
		var s spender
		one := registry(1)
		t := turns(b, 15, map[role]contender{
			ours:           s.after(on.app, nil, first(one)),
			byURL:          s.after(on.opened, nil, first(one)),
			floor:          s.after(on.app, nil, firstByHand),
			withBun:        s.after(on.app, nil, firstWithBun),
			withGoose:      on.with("goose", "first", 1),
			withSQLMigrate: on.with("sql-migrate", "first", 1),
		})
		const work = "the first migration of a database, connecting and the tables of the history included"
		told(b, work+", app's pool", t, "", "")
		told(b, work+", pool opened by URL", t.of(byURL), "", "")
	})
	for _, c := range []struct{ n, rounds int }{{1, 41}, {100, 21}, {1000, 9}} {
		work := fmt.Sprintf("apply %d", c.n)
		b.Run(fmt.Sprint(c.n, "/each"), func(b *testing.B) {
			var we, urls, floors, buns spender
			t := turns(b, c.rounds, map[role]contender{
				ours:           applying(&we, on.app, c.n, migrate.TxEach),
				byURL:          applying(&urls, on.opened, c.n, migrate.TxEach),
				floor:          applyingByHand(&floors, on.app, c.n, migrate.TxEach),
				withBun:        applyingWithBun(&buns, on.app, c.n),
				withGoose:      on.with("goose", "up", c.n),
				withSQLMigrate: on.with("sql-migrate", "up", c.n),
			})
			notSlower(b, work+", app's pool", t, withBun, withGoose)
			notSlower(b, work+", pool opened by URL", t.of(byURL), withBun, withGoose)
			if c.n == 1000 {
				costs(b, work+", app's pool", we, floors, buns)
				costs(b, work+", pool opened by URL", urls, floors, buns)
			}
		})
		b.Run(fmt.Sprint(c.n, "/all"), func(b *testing.B) {
			var s spender
			t := turns(b, min(c.rounds, 9), map[role]contender{
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
