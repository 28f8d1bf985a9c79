package bench

import (
	"runtime"
	"slices"
	"testing"
	"time"
)

// role says whose time it is.
type role uint8

const (
	ours role = iota
	floor
	withBun
	withGoose
	withSQLMigrate
)

// others are the tools that do the same work, by their names.
var others = map[role]string{withBun: "bun/migrate", withGoose: "goose", withSQLMigrate: "sql-migrate"}

// inOrder are all roles, as they take turns and stand in the table.
var inOrder = []role{ours, floor, withBun, withGoose, withSQLMigrate}

// contender does the work once and returns how long that took, without what it
// had to prepare.
type contender func(testing.TB) time.Duration

// times are the rounds of each contender.
type times map[role][]time.Duration

// turns lets the contenders do the work in turn, each round beginning with
// another one. One round before the first is not counted.
func turns(b *testing.B, rounds int, all map[role]contender) times {
	b.Helper()
	t := times{}
	order := make([]role, 0, len(all))
	for _, r := range inOrder {
		if all[r] != nil {
			order = append(order, r)
		}
	}
	warm := min(rounds/10, 5)
	for i := range rounds + warm {
		for j := range order {
			r := order[(i+j)%len(order)]
			d := all[r](b)
			if i >= warm {
				t[r] = append(t[r], d)
			}
		}
	}
	return t
}

// timed measures f alone: garbage of what came before is not its matter.
func timed(tb testing.TB, f func() error) time.Duration {
	tb.Helper()
	runtime.GC()
	begun := time.Now()
	err := f()
	d := time.Since(begun)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func (t times) has(r role) bool { return len(t[r]) > 0 }

func (t times) median(r role) time.Duration { return median(t[r]) }

// ratio is the median of the rounds' ratios to another's times.
func (t times) ratio(to role) float64 {
	var ratios []float64
	for i, d := range t[ours] {
		ratios = append(ratios, float64(d)/float64(t[to][i]))
	}
	return median(ratios)
}

func median[T int64 | float64 | time.Duration](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
