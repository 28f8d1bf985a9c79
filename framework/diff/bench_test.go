package diff_test

import (
	"fmt"
	"testing"

	"github.com/leavendb/leaven/framework/diff"
	"github.com/leavendb/leaven/framework/schema"
)

// Most comparisons find nothing: it should cost little beside the inspection.
func BenchmarkNothingToDo(b *testing.B) {
	for _, n := range []int{500, 2000} {
		b.Run(fmt.Sprint(n, " tables"), func(b *testing.B) {
			s := many(n)
			to := s.Clone()
			for b.Loop() {
				if r, err := diff.Compare(s, to, diff.Options{Managed: s}); err != nil || !r.Empty() {
					b.Fatal(err, describe(r))
				}
			}
		})
	}
}

// many are tables of 8 columns, 2 indexes and a foreign key.
func many(n int) *schema.Schema {
	s := &schema.Schema{}
	for i := range n {
		name := fmt.Sprintf("t%d", i)
		t := with(name, col("ref", Big), fk(name+"_fkey", "ref", fmt.Sprintf("t%d.id", i/2)), ix(name+"_a", "c1", "c2"), ix(name+"_b", "c3"))
		for c := range 6 {
			t.Columns = append(t.Columns, col(fmt.Sprintf("c%d", c), Text, notNull, value("")))
		}
		s.Tables = append(s.Tables, t)
	}
	return s
}
