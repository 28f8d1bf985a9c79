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

// fresh makes an empty database for one contender in one round.
type fresh func(testing.TB) *bun.DB

func onSQLite(tb testing.TB) *bun.DB { db, _ := sqlitetest.New(tb); return db }

// server is a PostgreSQL by its URL.
type server string

// empty is the URL of a database of its own.
func (s server) empty(tb testing.TB) string {
	_, url := pgtest.Database(tb, string(s))
	return url
}

// sameDatabase is for how many rounds that count a database serves. What is made is
// dropped again, but the logs of those who keep one grow.
const sameDatabase = 5

// trip is what it took to apply migrations and to revert them again.
type trip struct {
	there, back times
	cpu         times // of applying them, where that is in this process
}

// thereAndBack lets everybody apply and revert n migrations in turn, each on a
// database where a first migration was applied before. newURL makes an empty one.
func thereAndBack(b *testing.B, newURL func(testing.TB) string, n, rounds int, all map[role]mover) trip {
	b.Helper()
	t := trip{times{}, times{}, times{}}
	for left := rounds; left > 0; left -= sameDatabase {
		urls := map[role]string{}
		for r, move := range all {
			urls[r] = newURL(b)
			move(b, urls[r], 0, 1)
		}
		inTurn(min(left, sameDatabase), 1, all, func(r role, counts bool) {
			up, down := all[r](b, urls[r], 1, 1+n), all[r](b, urls[r], 1+n, 1)
			if counts {
				t.there[r], t.back[r], t.cpu[r] = append(t.there[r], up.took), append(t.back[r], down.took), append(t.cpu[r], up.cpu)
			}
		})
	}
	return t
}

// BenchmarkApply runs on a server that writes to disk what is committed, as
// servers do: how often that happens is part of what is compared.
func BenchmarkApply(b *testing.B) {
	on, all := server(pgtest.Durable(b)), movers()
	b.Run("first", func(b *testing.B) {
		onNew := map[role]contender{}
		for r, move := range all {
			onNew[r] = func(tb testing.TB) time.Duration { return move(tb, on.empty(tb), 0, 1).took }
		}
		t := turns(b, 15, onNew)
		for _, pool := range oursBy {
			b.Run(pool.name, func(b *testing.B) {
				told(b, "the first migration of a database, the tables of the history included, "+pool.text, t.of(pool.role), "", "")
			})
		}
	})
	for _, c := range []struct{ n, rounds int }{{1, 40}, {100, 40}, {1000, 10}} {
		b.Run(fmt.Sprint(c.n), func(b *testing.B) {
			t := thereAndBack(b, on.empty, c.n, c.rounds, all)
			for _, pool := range oursBy {
				work := fmt.Sprintf("apply %d, %s", c.n, pool.text)
				b.Run("up/"+pool.name, func(b *testing.B) {
					if c.n == 1 { // mostly what comes before the first migration of a run, which has no target
						told(b, work, t.there.of(pool.role), "", "")
						return
					}
					notSlower(b, work, t.there.of(pool.role), withBun, withGoose)
				})
				if c.n == 100 {
					b.Run("down/"+pool.name, func(b *testing.B) {
						notSlower(b, "down 100, "+pool.text, t.back.of(pool.role), withBun, withGoose, withSQLMigrate)
					})
				}
				if c.n == 1000 {
					b.Run("cpu/"+pool.name, func(b *testing.B) {
						delete(t.cpu, withGoose)
						delete(t.cpu, withSQLMigrate)
						within(b, work+": client CPU", t.cpu.of(pool.role), cpuLimit)
					})
				}
			}
		})
	}
	b.Run("all", func(b *testing.B) {
		t := thereAndBack(b, on.empty, 1000, 10, map[role]mover{
			ours:  over(pgtest.Open, moving(migrate.TxAll)),
			floor: over(pgtest.Open, handMoveAll),
		})
		within(b, "apply 1000, one transaction", t.there, 1.2)
	})
}

// BenchmarkApplyFar has a network in between, of half a millisecond and what a timer adds
// on either way; the others stand beside their server, where round trips cost least.
func BenchmarkApplyFar(b *testing.B) {
	on := server(pgtest.Durable(b))
	t := thereAndBack(b, func(tb testing.TB) string { return far(tb, on.empty(tb), time.Millisecond/2) }, 100, 10, movers())
	for _, pool := range oursBy {
		b.Run("up/"+pool.name, func(b *testing.B) {
			notSlower(b, "apply 100, over a network, "+pool.text, t.there.of(pool.role), withBun, withGoose)
		})
		b.Run("down/"+pool.name, func(b *testing.B) {
			notSlower(b, "down 100, over a network, "+pool.text, t.back.of(pool.role), withBun, withGoose, withSQLMigrate)
		})
	}
}

// BenchmarkApplyWithoutDisk leaves the disk out, where what the fences cost shows
// most. It has no target.
func BenchmarkApplyWithoutDisk(b *testing.B) {
	t := thereAndBack(b, server(pgtest.URL(b)).empty, 1000, 5, movers())
	told(b, "apply 1000, app's pool, a server that never waits for its disk", t.there, "", "")
}

func BenchmarkSQLiteApply1000(b *testing.B) {
	b.Run("durable", func(b *testing.B) {
		notSlower(b, "SQLite: apply 1000", onNewFiles(b, sqlitetest.Durable, 1000, 6), withBun)
	})
	b.Run("wal", func(b *testing.B) {
		told(b, "SQLite: apply 1000, with a write-ahead log that does not wait for the disk", onNewFiles(b, onSQLite, 1000, 6), "", "")
	})
}

// onNewFiles compares n transactions each, on an empty database.
func onNewFiles(b *testing.B, on fresh, n, rounds int) times {
	b.Helper()
	of := func(move func(context.Context, *bun.DB, int, int) error) contender {
		return func(tb testing.TB) time.Duration {
			db := on(tb)
			return timed(tb, func() error { return move(tb.Context(), db, 0, n) })
		}
	}
	return turns(b, rounds, map[role]contender{ours: of(moving(migrate.TxEach)), floor: of(handMove), withBun: of(bunMoving())})
}
