package bench

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/migrate"
)

const perMigration = 4 << 10 // bytes; a linear figure that nobody notices: 40 MB for 10,000

// footprint is what n migrations cost.
type footprint struct {
	kept      float64 // bytes per migration that stay: registry and migrator
	allocated float64 // bytes per migration, allocated by a run with nothing pending
	byHand    float64 // the same by the floor
}

func measure(b *testing.B, n int) footprint {
	b.Helper()
	db, _ := pgtest.New(b)
	before := live()
	all := registry(n)
	m := migrator(b, db, migrate.Options{Registry: all})
	recorded(b, db, all)
	handRecorded(b, db.DB, n)
	f := footprint{kept: float64(live()-before) / float64(n)}
	f.allocated = allocated(func() {
		if err := up(b.Context(), m, 0); err != nil {
			b.Fatal(err)
		}
	}) / float64(n)
	f.byHand = allocated(func() {
		if _, err := handPending(b.Context(), db.DB); err != nil {
			b.Fatal(err)
		}
	}) / float64(n)
	runtime.KeepAlive(all)
	return f
}

// live is the heap that is in use after a collection.
func live() int64 {
	runtime.GC()
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc)
}

func allocated(f func()) float64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc - before.TotalAlloc)
}

func BenchmarkMemory(b *testing.B) {
	few, many := measure(b, 1000), measure(b, 10000)
	for _, r := range []struct {
		work               string
		few, many, byHands float64
	}{
		{"memory per migration, kept (registry), 10000", few.kept, many.kept, 0},
		{"memory per migration, allocated by nothing pending, 10000", few.allocated, many.allocated, many.byHand},
	} {
		line := row{
			work: r.work, ours: fmt.Sprintf("%.0f B", r.many),
			target: fmt.Sprintf("linear (1000: %.0f B), at most %d B", r.few, perMigration),
			met:    met(r.many <= 1.25*r.few && r.many <= perMigration),
		}
		if r.byHands > 0 {
			line.floor, line.ratio = fmt.Sprintf("%.0f B", r.byHands), fmt.Sprintf("%.2f", r.many/r.byHands)
		}
		b.ReportMetric(r.many, "B/migration")
		results.add(line)
	}
}
