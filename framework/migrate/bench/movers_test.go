package bench

import (
	"context"
	"testing"

	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
)

// mover brings the database of a URL from one number of applied migrations to
// another, over a new connection, and says what that took once it stood.
type mover func(tb testing.TB, url string, from, to int) cost

// over is a mover that works in this process.
func over(open func(testing.TB, string) *bun.DB, move func(ctx context.Context, db *bun.DB, from, to int) error) mover {
	return func(tb testing.TB, url string, from, to int) cost {
		tb.Helper()
		db := open(tb, url)
		defer db.Close()
		if err := db.Ping(); err != nil {
			tb.Fatal(err)
		}
		return measured(tb, func() error { return move(tb.Context(), db, from, to) })
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
func movers() map[role]mover {
	return map[role]mover{
		ours:           over(pgtest.Open, moving(migrate.TxEach)),
		byURL:          over(opened, moving(migrate.TxEach)),
		floor:          over(pgtest.Open, handMove),
		withBun:        over(pgtest.Open, bunMoving()),
		withGoose:      with("goose"),
		withSQLMigrate: with("sql-migrate"),
	}
}

// oursBy are the roles that are ours.
var oursBy = []struct {
	role       role
	name, text string
}{{ours, "app", "app's pool"}, {byURL, "opened", "pool opened by URL"}}
