package bench

import (
	"maps"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"
)

// role says whose time it is.
type role uint8

const (
	ours  role = iota
	byURL      // ours, in a pool that the framework opens
	floor
	withBun
	withGoose
	withSQLMigrate
)

// others are the tools that do the same work, by their names.
var others = map[role]string{withBun: "bun/migrate", withGoose: "goose", withSQLMigrate: "sql-migrate"}

// inOrder are all roles, as they stand in the table.
var inOrder = []role{ours, byURL, floor, withBun, withGoose, withSQLMigrate}

// contender does the work once and returns how long that took, without what it
// had to prepare.
type contender func(testing.TB) time.Duration

// times are the rounds of each contender.
type times map[role][]time.Duration

// turns lets the contenders do the work in turn.
func turns(b *testing.B, rounds int, all map[role]contender) times {
	b.Helper()
	t := times{}
	inTurn(rounds, min(rounds/10, 5), all, func(r role, counts bool) {
		if d := all[r](b); counts {
			t[r] = append(t[r], d)
		}
	})
	return t
}

// inTurn lets all have their turn in each round, in another order each time: what one
// leaves to the disk and the server, the next one pays. The first rounds, to get warm,
// do not count.
func inTurn[T any](rounds, warm int, all map[role]T, turn func(r role, counts bool)) {
	order := slices.Collect(maps.Keys(all))
	for i := range rounds + warm {
		rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, r := range order {
			turn(r, i >= warm)
		}
	}
}

// cost is what work took: on the clock, and of this process's CPU.
type cost struct{ took, cpu time.Duration }

// measured measures f alone: garbage of what came before is not its matter.
func measured(tb testing.TB, f func() error) cost {
	tb.Helper()
	runtime.GC()
	before, begun := cpu(), time.Now()
	err := f()
	c := cost{took: time.Since(begun), cpu: cpu() - before}
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func timed(tb testing.TB, f func() error) time.Duration { tb.Helper(); return measured(tb, f).took }

// of are the same times where we are another role.
func (t times) of(r role) times {
	t = maps.Clone(t)
	t[ours] = t[r]
	return t
}

func (t times) has(r role) bool { return len(t[r]) > 0 }

func (t times) median(r role) time.Duration { return median(t[r]) }

// ratio is the median of the rounds' ratios to another's times.
func (t times) ratio(to role) float64 { return median(t.ratios(to)) }

func (t times) ratios(to role) []float64 {
	var ratios []float64
	for i, d := range t[ours] {
		ratios = append(ratios, float64(d)/float64(t[to][i]))
	}
	return ratios
}

// interval holds what the median of endlessly many rounds would be, in at least 95 of
// 100 cases, whatever their distribution, if they do not depend on each other: it is the
// sign test turned round. Fewer than six rounds cannot say as much.
func (t times) interval(to role) (low, high float64) {
	sorted := slices.Sorted(slices.Values(t.ratios(to)))
	n, k := len(sorted), 0
	outside, ways := 0.0, 2/math.Pow(2, float64(n)) // ways: that so many rounds of n are below, or above
	for below := range n / 2 {
		if outside += ways; outside > 0.05 {
			break
		}
		k, ways = below, ways*float64(n-below)/float64(below+1)
	}
	return sorted[k], sorted[n-1-k]
}

func median[T int64 | float64 | time.Duration](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

func TestIntervalIsTheSignTest(t *testing.T) {
	t.Parallel()
	for rounds, inside := range map[int]int{5: 0, 6: 0, 8: 0, 9: 1, 15: 3, 21: 5, 41: 13} { // from 6 on: tables of the sign test, both sides, 0.05
		all := times{floor: make([]time.Duration, rounds), ours: make([]time.Duration, rounds)}
		for i := range rounds {
			all[floor][i], all[ours][i] = time.Second, time.Duration(rounds-i)*time.Second
		}
		low, high := all.interval(floor)
		if low != float64(1+inside) || high != float64(rounds-inside) {
			t.Errorf("%d rounds: %v to %v, want %d to %d", rounds, low, high, 1+inside, rounds-inside)
		}
	}
}
