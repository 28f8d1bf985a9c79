package bench

import (
	"context"
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

// spender times work, and adds up the CPU that it uses.
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

// mover brings the database of a URL from one number of applied migrations to
// another, over a new connection, and says how long that took once it stood.
type mover func(tb testing.TB, url string, from, to int) time.Duration

// over is a mover that works in this process.
func (s *spender) over(open func(testing.TB, string) *bun.DB, move func(ctx context.Context, db *bun.DB, from, to int) error) mover {
	return func(tb testing.TB, url string, from, to int) time.Duration {
		tb.Helper()
		db := open(tb, url)
		defer db.Close()
		if err := db.Ping(); err != nil {
			tb.Fatal(err)
		}
		return s.timed(tb, func() error { return move(tb.Context(), db, from, to) })
	}
}

// numbers are how many migrations a program has in these benchmarks.
var numbers = []int{1, 2, 101, 1000, 1001}

// each makes something for every number before it is needed.
func each[T any](of func(int) T) map[int]T {
	all := map[int]T{}
	for _, n := range numbers {
		all[n] = of(n)
	}
	return all
}

// moving is our way.
func moving(mode migrate.TxMode) func(context.Context, *bun.DB, int, int) error {
	programs := each(registry)
	return func(ctx context.Context, db *bun.DB, from, to int) error {
		m, err := migrate.New(db, migrate.Options{Registry: programs[max(from, to)], Tx: mode})
		switch {
		case err != nil:
			return err
		case to < from:
			return expect(from - to)(m.Down(ctx, migrate.Steps(from-to)))
		}
		return expect(to - from)(m.Up(ctx, migrate.Steps(to-from)))
	}
}

// movers are all who can do the work.
func movers(we, urls, floors, buns *spender) map[role]mover {
	return map[role]mover{
		ours:           we.over(pgtest.Open, moving(migrate.TxEach)),
		byURL:          urls.over(opened, moving(migrate.TxEach)),
		floor:          floors.over(pgtest.Open, handMove),
		withBun:        buns.over(pgtest.Open, bunMoving()),
		withGoose:      with("goose"),
		withSQLMigrate: with("sql-migrate"),
	}
}

// thereAndBack lets everybody apply and revert n migrations in turn, each on one
// database where a first migration was applied before. What is made is dropped
// again, so the databases stay as they were.
func thereAndBack(b *testing.B, on server, n, rounds int, all map[role]mover) (there, back times) {
	b.Helper()
	urls := map[role]string{}
	for r, move := range all {
		urls[r] = on.empty(b)
		move(b, urls[r], 0, 1)
	}
	there, back = times{}, times{}
	inTurn(rounds, all, func(r role, counts bool) {
		up, down := all[r](b, urls[r], 1, 1+n), all[r](b, urls[r], 1+n, 1)
		if counts {
			there[r], back[r] = append(there[r], up), append(back[r], down)
		}
	})
	return there, back
}

// BenchmarkApply runs on a server that writes to disk what is committed, as
// servers do: how often that happens is part of what is compared.
func BenchmarkApply(b *testing.B) {
	on := server(pgtest.Durable(b))
	b.Run("first", func(b *testing.B) {
		all := map[role]contender{}
		for r, move := range movers(new(spender), new(spender), new(spender), new(spender)) {
			all[r] = func(tb testing.TB) time.Duration { return move(tb, on.empty(tb), 0, 1) }
		}
		t := turns(b, 15, all)
		const work = "the first migration of a database, the tables of the history included"
		told(b, work+", app's pool", t, "", "")
		told(b, work+", pool opened by URL", t.of(byURL), "", "")
	})
	for _, c := range []struct{ n, rounds int }{{1, 61}, {100, 41}, {1000, 9}} {
		b.Run(fmt.Sprint(c.n), func(b *testing.B) {
			var we, urls, floors, buns spender
			there, back := thereAndBack(b, on, c.n, c.rounds, movers(&we, &urls, &floors, &buns))
			for _, pool := range []struct {
				of   string
				role role
				cpu  *spender
			}{{"app's pool", ours, &we}, {"pool opened by URL", byURL, &urls}} {
				up := fmt.Sprintf("apply %d, %s", c.n, pool.of)
				notSlower(b, up, there.of(pool.role), withBun, withGoose)
				if c.n == 100 {
					notSlower(b, "down 100, "+pool.of, back.of(pool.role), withBun, withGoose, withSQLMigrate)
				}
				if c.n == 1000 {
					costs(b, up, pool.cpu, &floors, &buns)
				}
			}
		})
	}
	b.Run("all", func(b *testing.B) {
		var s spender
		there, _ := thereAndBack(b, on, 1000, 9, map[role]mover{
			ours:  s.over(pgtest.Open, moving(migrate.TxAll)),
			floor: s.over(pgtest.Open, handMoveAll),
		})
		within(b, "apply 1000, one transaction", there, 1.2)
	})
}

// BenchmarkApplyWithoutDisk leaves the disk out, where what the fences cost shows
// most. It has no target.
func BenchmarkApplyWithoutDisk(b *testing.B) {
	all := movers(new(spender), new(spender), new(spender), new(spender))
	there, _ := thereAndBack(b, server(pgtest.URL(b)), 1000, 5, all)
	told(b, "apply 1000, app's pool, a server that never waits for its disk", there, "", "")
}

func costs(b *testing.B, work string, we, floors, buns *spender) {
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
	notSlower(b, "SQLite: apply 1000", onNewFiles(b, sqlitetest.Durable, 1000, 5), withBun)
	told(b, "SQLite: apply 1000, with a write-ahead log that does not wait for the disk", onNewFiles(b, onSQLite, 1000, 5), "", "")
}

// onNewFiles compares n transactions each, on an empty database.
func onNewFiles(b *testing.B, on fresh, n, rounds int) times {
	b.Helper()
	var s spender
	of := func(move func(context.Context, *bun.DB, int, int) error) contender {
		return func(tb testing.TB) time.Duration {
			db := on(tb)
			return s.timed(tb, func() error { return move(tb.Context(), db, 0, n) })
		}
	}
	return turns(b, rounds, map[role]contender{ours: of(moving(migrate.TxEach)), floor: of(handMove), withBun: of(bunMoving())})
}
