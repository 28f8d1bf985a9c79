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

const readingRounds = 61

// idle is a database with n applied migrations: ours, the floor's and bun's.
type idle struct {
	n        int
	db       *bun.DB
	open     func(testing.TB) *bun.DB // another pool
	registry *migrate.Registry
}

func idlePostgres(tb testing.TB, n int) idle {
	db, url := pgtest.New(tb)
	return newIdle(tb, n, db, func(tb testing.TB) *bun.DB { return pgtest.Open(tb, url) })
}

func idleSQLite(tb testing.TB, n int) idle {
	db, path := sqlitetest.New(tb)
	return newIdle(tb, n, db, func(tb testing.TB) *bun.DB { return sqlitetest.Open(tb, path) })
}

func newIdle(tb testing.TB, n int, db *bun.DB, open func(testing.TB) *bun.DB) idle {
	tb.Helper()
	i := idle{n: n, db: db, open: open, registry: registry(n)}
	recorded(tb, db, i.registry)
	handRecorded(tb, db.DB, n)
	bunRecorded(tb, db, n)
	if _, err := db.ExecContext(tb.Context(), "ANALYZE"); err != nil { // as a server does by itself after a while
		tb.Fatal(err)
	}
	return i
}

// pool is the open pool, or a new one for each round, whose connecting counts.
func (i idle) pool(tb testing.TB, connect bool) (*bun.DB, func()) {
	if !connect {
		return i.db, func() {}
	}
	db := i.open(tb)
	return db, func() { _ = db.Close() }
}

// pending finds that nothing is to be done, as a program does that starts.
func (i idle) pending(b *testing.B, connect bool) times {
	b.Helper()
	set := bunMigrations(i.n)
	on := func(f func(tb testing.TB, db *bun.DB) error) contender {
		return func(tb testing.TB) time.Duration {
			db, done := i.pool(tb, connect)
			defer done()
			return timed(tb, func() error { return f(tb, db) })
		}
	}
	return turns(b, readingRounds, map[role]contender{
		ours: on(func(tb testing.TB, db *bun.DB) error {
			return up(tb.Context(), migrator(tb, db, migrate.Options{Registry: i.registry}), 0)
		}),
		floor: on(func(tb testing.TB, db *bun.DB) error {
			applied, err := handPending(tb.Context(), db.DB)
			if err == nil && len(applied) != i.n {
				err = fmt.Errorf("%d applied instead of %d", len(applied), i.n)
			}
			return err
		}),
		withBun: on(func(tb testing.TB, db *bun.DB) error { return bunUp(tb.Context(), db, set, 0) }),
	})
}

// reading compares two ways to read a table of n rows.
func (i idle) reading(b *testing.B, we, hand func(testing.TB) (int, error), bun func(testing.TB) error) times {
	b.Helper()
	all := func(f func(testing.TB) (int, error)) contender {
		return func(tb testing.TB) time.Duration {
			return timed(tb, func() error {
				n, err := f(tb)
				if err == nil && n != i.n {
					err = fmt.Errorf("%d rows instead of %d", n, i.n)
				}
				return err
			})
		}
	}
	contenders := map[role]contender{ours: all(we), floor: all(hand)}
	if bun != nil {
		contenders[withBun] = func(tb testing.TB) time.Duration { return timed(tb, func() error { return bun(tb) }) }
	}
	return turns(b, readingRounds, contenders)
}

func BenchmarkIdle(b *testing.B) {
	for _, n := range []int{1000, 10000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			i := idlePostgres(b, n)
			b.Run("pending", func(b *testing.B) {
				within(b, fmt.Sprintf("nothing pending, %d applied", n), i.pending(b, false), 1.3)
			})
			b.Run("connect", func(b *testing.B) {
				within(b, fmt.Sprintf("nothing pending, %d applied, connecting included", n), i.pending(b, true), 1.3)
			})
			b.Run("status", func(b *testing.B) { i.status(b) })
			b.Run("history", func(b *testing.B) { i.history(b) })
		})
	}
}

func (i idle) status(b *testing.B) {
	set := bunMigrations(i.n)
	m := migrator(b, i.db, migrate.Options{Registry: i.registry})
	t := i.reading(b,
		func(tb testing.TB) (int, error) {
			s, err := m.Status(tb.Context())
			if err != nil {
				return 0, err
			}
			return s.Applied, nil
		},
		func(tb testing.TB) (int, error) {
			rows, err := handStatus(tb.Context(), i.db.DB)
			return len(rows), err
		},
		func(tb testing.TB) error { return bunStatus(tb.Context(), i.db, set) },
	)
	within(b, fmt.Sprintf("status, %d applied", i.n), t, 1.5)
}

func (i idle) history(b *testing.B) {
	m := migrator(b, i.db, migrate.Options{Registry: i.registry})
	t := i.reading(b,
		func(tb testing.TB) (int, error) {
			entries, err := m.History(tb.Context(), 0)
			return len(entries), err
		},
		func(tb testing.TB) (int, error) {
			rows, err := handLog(tb.Context(), i.db.DB)
			return len(rows), err
		}, nil,
	)
	within(b, fmt.Sprintf("history, %d entries", i.n), t, 1.5)
}

func BenchmarkSQLiteIdle1000(b *testing.B) {
	within(b, "SQLite: nothing pending, 1000 applied", idleSQLite(b, 1000).pending(b, false), 1.3)
}
