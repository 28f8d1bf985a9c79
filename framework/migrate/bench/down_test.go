package bench

import (
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
)

const reverted = 100

func BenchmarkDown100(b *testing.B) {
	all, set := registry(reverted), bunMigrations(reverted)
	prepared := func(on fresh, prepare, revert func(testing.TB, *bun.DB) error) contender {
		return func(tb testing.TB) time.Duration {
			db := on(tb)
			if err := prepare(tb, db); err != nil {
				tb.Fatal(err)
			}
			return timed(tb, func() error { return revert(tb, db) })
		}
	}
	apply := func(tb testing.TB, db *bun.DB) error {
		return up(tb.Context(), migrator(tb, db, migrate.Options{Registry: all}), reverted)
	}
	revert := func(tb testing.TB, db *bun.DB) error {
		return expect(reverted)(migrator(tb, db, migrate.Options{Registry: all}).Down(tb.Context(), migrate.Steps(reverted)))
	}
	server := server(pgtest.Durable(b))
	for _, c := range []struct {
		name, work string
		on         fresh
	}{
		{"app", "down 100, app's pool", server.app},
		{"opened", "down 100, pool opened by URL", server.opened},
	} {
		b.Run(c.name, func(b *testing.B) {
			notSlower(b, c.work, turns(b, 9, map[role]contender{
				ours: prepared(c.on, apply, revert),
				floor: prepared(server.app,
					func(tb testing.TB, db *bun.DB) error { return handApply(tb.Context(), db.DB, reverted) },
					func(tb testing.TB, db *bun.DB) error { return handRevert(tb.Context(), db.DB, reverted, reverted) }),
				withBun: prepared(server.app,
					func(tb testing.TB, db *bun.DB) error { return bunUp(tb.Context(), db, set, reverted) },
					func(tb testing.TB, db *bun.DB) error { return bunDown(tb.Context(), db, set, reverted) }),
				withGoose:      server.reverting("goose", reverted),
				withSQLMigrate: server.reverting("sql-migrate", reverted),
			}), withBun, withGoose, withSQLMigrate)
		})
	}
}
