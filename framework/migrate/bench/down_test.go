package bench

import (
	"testing"

	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
)

const reverted = 100

func BenchmarkDown100(b *testing.B) {
	on := server(pgtest.Durable(b))
	all, set := registry(reverted), bunMigrations(reverted)
	var s spender
	reverting := func(on fresh) contender {
		return s.after(on,
			func(tb testing.TB, db *bun.DB) error {
				return up(tb.Context(), migrator(tb, db, migrate.Options{Registry: all}), reverted)
			},
			func(tb testing.TB, db *bun.DB) error {
				return expect(reverted)(migrator(tb, db, migrate.Options{Registry: all}).Down(tb.Context(), migrate.Steps(reverted)))
			})
	}
	t := turns(b, 21, map[role]contender{
		ours:  reverting(on.app),
		byURL: reverting(on.opened),
		floor: s.after(on.app,
			func(tb testing.TB, db *bun.DB) error {
				if err := handBegin(tb.Context(), db.DB); err != nil {
					return err
				}
				return handApply(tb.Context(), db.DB, 1, reverted)
			},
			func(tb testing.TB, db *bun.DB) error { return handRevert(tb.Context(), db.DB, reverted, reverted) }),
		withBun: s.after(on.app,
			func(tb testing.TB, db *bun.DB) error { return bunUp(tb.Context(), db, set, reverted) },
			func(tb testing.TB, db *bun.DB) error { return bunDown(tb.Context(), db, set, reverted) }),
		withGoose:      on.with("goose", "down", reverted),
		withSQLMigrate: on.with("sql-migrate", "down", reverted),
	})
	notSlower(b, "down 100, app's pool", t, withBun, withGoose, withSQLMigrate)
	notSlower(b, "down 100, pool opened by URL", t.of(byURL), withBun, withGoose, withSQLMigrate)
}
