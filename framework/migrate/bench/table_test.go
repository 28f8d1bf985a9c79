package bench

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"
)

// row is one line of the table. Texts are formatted; an empty one is a dash.
type row struct {
	work, ours, floor, ratio, target string
	others                           map[role]string
	met                              verdict
}

type verdict string

func met(ok bool) verdict {
	if ok {
		return "yes"
	}
	return "NO"
}

// table collects rows in the order in which the benchmarks ran.
type table struct {
	mu   sync.Mutex
	rows []row
}

var results table

// add keeps the last measurement of a work: the testing package may repeat one.
func (t *table) add(r row) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.rows {
		if t.rows[i].work == r.work {
			t.rows[i] = r
			return
		}
	}
	t.rows = append(t.rows, r)
}

func (t *table) print(to io.Writer) {
	if len(t.rows) == 0 {
		return
	}
	fmt.Fprintln(to)
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	line := func(work, ours, floor, ratio string, theirs map[role]string, target, met string) {
		cells := []string{work, ours, floor, ratio}
		for _, r := range inOrder {
			if others[r] != "" {
				cells = append(cells, theirs[r])
			}
		}
		for i, c := range append(cells, target, met) {
			if i > 0 {
				fmt.Fprint(w, "\t")
			}
			fmt.Fprint(w, cmp.Or(c, "–"))
		}
		fmt.Fprintln(w)
	}
	line("work", "ours", "floor", "ratio", others, "target", "met")
	for _, r := range t.rows {
		line(r.work, r.ours, r.floor, r.ratio, r.others, r.target, string(r.met))
	}
	_ = w.Flush()
}

// shown is a time as the table has it: three digits that say something.
func shown(d time.Duration) string {
	ms := d.Seconds() * 1000
	switch {
	case ms < 10:
		return fmt.Sprintf("%.2f ms", ms)
	case ms < 100:
		return fmt.Sprintf("%.1f ms", ms)
	}
	return fmt.Sprintf("%.0f ms", ms)
}

// told adds a row that compares times, and tells the testing package the same.
func told(b *testing.B, work string, t times, target string, ok verdict) {
	b.Helper()
	r := row{work: work, target: target, met: ok, ours: shown(t.median(ours))}
	b.ReportMetric(0, "ns/op") // what testing measured includes the floor and the preparation
	b.ReportMetric(t.median(ours).Seconds()*1000, "ours-ms")
	if t.has(floor) {
		r.floor, r.ratio = shown(t.median(floor)), fmt.Sprintf("%.2f", t.ratio(floor))
		b.ReportMetric(t.median(floor).Seconds()*1000, "floor-ms")
		b.ReportMetric(t.ratio(floor), "ratio")
	}
	r.others = map[role]string{}
	for other, name := range others {
		if t.has(other) {
			r.others[other] = shown(t.median(other))
			b.ReportMetric(t.median(other).Seconds()*1000, name+"-ms")
		}
	}
	results.add(r)
}

// within compares with the floor and adds the row: at most limit times as long.
func within(b *testing.B, work string, t times, limit float64) {
	b.Helper()
	told(b, work, t, fmt.Sprintf("at most %.3gx the floor", limit), met(t.ratio(floor) <= limit))
}

// notSlower compares with other tools and adds the row. What takes as long as
// another tool is now a little more, now a little less: the rounds of one run must
// leave no doubt before it is called slower.
func notSlower(b *testing.B, work string, t times, than ...role) {
	b.Helper()
	word := met(true)
	var names, ratios []string
	for _, r := range than {
		names = append(names, others[r])
		low, high := t.interval(r)
		ratios = append(ratios, fmt.Sprintf("%.2f (%.2f to %.2f)", t.ratio(r), low, high))
		switch {
		case low > 1:
			word = met(false)
		case t.ratio(r) > 1 && word == met(true):
			word = "even"
		}
	}
	told(b, work, t, "at most "+strings.Join(names, ", "), word+verdict(": "+strings.Join(ratios, ", ")))
}
