package bench

import (
	"context"
	"testing"

	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
)

// pools are the two kinds of pool: an application's own, and one that the
// framework has opened.
var pools = []struct {
	name string
	open func(testing.TB, string) *bun.DB
}{
	{"an app's own pool", pgtest.Open},
	{"a pool opened by URL", opened},
}

// tripsPerStep are the round trips of one migration of one statement: BEGIN
// travels with the claim, COMMIT with the settling, and the next claim behind it.
const tripsPerStep = 2

// trips is what the work of a migrator costs.
type trips struct {
	step, stepAll, revert             float64 // round trips for one more migration of one statement
	fixed                             int     // round trips of an Up beside its migrations
	pending, status, history, connect count
}

// counted counts on a fresh database.
func counted(tb testing.TB, open func(testing.TB, string) *bun.DB) trips {
	tb.Helper()
	const few, many = 3, 23
	var t trips
	_, direct := pgtest.New(tb)
	c, url := counting(tb, direct)
	db := open(tb, url)
	ctx := tb.Context()
	must := func(err error) {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
	}
	on := func(n int) *migrate.Migrator {
		return migrator(tb, db, migrate.Options{Registry: registry(n)})
	}
	must(up(ctx, on(1), 1)) // the history tables

	applyFew := c.spent(func() { must(up(ctx, on(1+few), few)) })
	applyMany := c.spent(func() { must(up(ctx, on(1+few+many), many)) })
	t.step = perStep(applyFew, applyMany, many-few)
	t.fixed = applyFew.trips - int(t.step)*few

	m := on(1 + few + many)
	t.pending = c.spent(func() { must(up(ctx, m, 0)) })
	t.status = c.spent(func() { _, err := m.Status(ctx); must(err) })
	t.history = c.spent(func() { _, err := m.History(ctx, 0); must(err) })
	t.connect = c.spent(func() {
		fresh := open(tb, url)
		must(up(ctx, migrator(tb, fresh, migrate.Options{Registry: registry(1 + few + many)}), 0))
	})
	down := func(n int) func() {
		return func() { must(expect(n)(m.Down(ctx, migrate.Steps(n)))) }
	}
	downMany, downFew := c.spent(down(many)), c.spent(down(few))
	t.revert = perStep(downFew, downMany, many-few)

	all := func(n int) func() {
		m := migrator(tb, db, migrate.Options{Registry: registry(n), Tx: migrate.TxAll})
		return func() { _, err := m.Up(context.WithoutCancel(ctx), migrate.Head); must(err) }
	}
	allFew, allMany := c.spent(all(1+few)), c.spent(all(1+few+many))
	t.stepAll = perStep(allFew, allMany, many-few)
	return t
}

func perStep(few, many count, more int) float64 {
	return float64(many.trips-few.trips) / float64(more)
}

func TestRoundTrips(t *testing.T) {
	t.Parallel()
	for _, p := range pools {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			got := counted(t, p.open)
			one := count{trips: 1, statements: 1}
			want := trips{
				step: tripsPerStep, revert: tripsPerStep, stepAll: 1,
				fixed:   4, // what is pending, the whole rows, the first claim, and what was prepared is forgotten
				pending: one, status: one, history: one,
				connect: count{trips: 1, statements: 1, logins: 1},
			}
			if got != want {
				t.Errorf("counted:\n got %+v\nwant %+v", got, want)
			}
		})
	}
}
