package migrate

import (
	"context"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/leavendb/leaven/framework/history"
	"github.com/uptrace/bun"
)

// What the short way holds for the same, plan must find nothing wrong with.
func TestSameIsWhatPlanFindsInOrder(t *testing.T) {
	t.Parallel()
	nop := func(context.Context, bun.IDB) error { return nil }
	files := fstest.MapFS{"m.go": {Data: []byte("package migrations")}}
	raw := history.RawSum([]byte("package migrations"))
	row := func(seq int64, id string) history.Brief {
		return history.Brief{Seq: seq, ID: id, State: history.Applied, Raw: raw}
	}
	all := []history.Brief{row(1, "0001"), row(2, "0002"), row(3, "0003")}
	with := func(change func([]history.Brief) []history.Brief) []history.Brief { return change(slices.Clone(all)) }
	for _, c := range []struct {
		name  string
		rows  []history.Brief
		after []string // of 0003
		want  bool
	}{
		{"as it should be", all, nil, true},
		{"in another order on disk", []history.Brief{all[2], all[0], all[1]}, nil, true},
		{"without a checksum", with(func(r []history.Brief) []history.Brief { r[1].Raw = ""; return r }), nil, true},
		{"empty", nil, nil, false},
		{"one pending", all[:2], nil, false},
		{"one more, unknown", append(slices.Clone(all), row(4, "0004")), nil, false},
		{"another in its place", with(func(r []history.Brief) []history.Brief { r[1].ID = "0002_other"; return r }), nil, false},
		{"one interrupted", with(func(r []history.Brief) []history.Brief { r[2].State = history.Running; return r }), nil, false},
		{"one edited", with(func(r []history.Brief) []history.Brief { r[0].Raw = raw[1:] + "0"; return r }), nil, false},
		{"two heads", all, []string{"0001"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			registry := NewRegistry()
			registry.Register(Migration{ID: "0001", Up: nop})
			registry.Register(Migration{ID: "0002", Up: nop})
			registry.Register(Migration{ID: "0003", Up: nop, After: c.after})
			r := &run{m: &Migrator{o: Options{Registry: registry}}, known: slices.Clone(registry.known())}
			for i := range r.known {
				r.known[i].Source = &Source{fsys: files, path: "m.go"}
			}
			if got := r.same(c.rows); got != c.want {
				t.Fatalf("same: got %t, want %t", got, c.want)
			}
			steps, notes, err := plan(r.known, recordsOf(c.rows), Up, Head, RefuseOutOfOrder, true)
			if inOrder := err == nil && len(steps) == 0 && len(notes) == 0 && len(c.rows) > 0; inOrder != c.want {
				t.Errorf("plan: %d steps, notes %q, %v", len(steps), notes, err)
			}
		})
	}
}
