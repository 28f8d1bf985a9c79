package bench

import (
	"fmt"
	"testing"
)

// BenchmarkCounts has no times: what TestRoundTrips holds, for the table.
func BenchmarkCounts(b *testing.B) {
	for _, p := range pools {
		t := counted(b, p.open)
		exact := func(work string, got float64, floor string, target float64) {
			results.add(row{
				work: work, ours: fmt.Sprint(got), floor: floor,
				target: fmt.Sprintf("at most %g", target), met: met(got <= target),
			})
		}
		exact("round trips per migration of one statement, "+p.name, t.step, "4", tripsPerStep)
		exact("round trips per migration reverted, "+p.name, t.revert, "4", tripsPerStep)
		exact("round trips per migration in one transaction, "+p.name, t.stepAll, "2", 2)
		for _, c := range []struct {
			what string
			count
		}{{"nothing pending", t.pending}, {"status", t.status}, {"history", t.history}} {
			work := fmt.Sprintf("statements, round trips: %s, %s", c.what, p.name)
			results.add(row{
				work: work, ours: fmt.Sprintf("%d, %d", c.statements, c.trips), floor: "1, 1",
				target: "1, 1", met: met(c.count == count{trips: 1, statements: 1}),
			})
		}
	}
}
