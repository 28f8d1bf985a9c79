package migrate

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/leavendb/leaven/framework/history"
)

// The table writes migrations as registryOf does, with signs behind the ID: "!"
// is irreversible, "-" has no Down, "*" is NoTx and Rerunnable, "~" was edited
// after it was recorded. Rows are IDs in applied order, with "@BATCH", and "?"
// for running, "^" for reverting.
type planCase struct {
	name   string
	known  string
	rows   string
	down   bool
	target Target
	allow  bool
	strict bool

	want  string // IDs of the steps; those out of order with "+"
	notes int
	err   error
	ids   string // of the HistoryError or IrreversibleError
	next  string // what the HistoryError's Next contains
}

func TestPlan(t *testing.T) {
	config, revision := ErrConfig, ErrRevision
	for _, c := range []planCase{
		// Targets of up.
		{name: "nothing known, nothing applied"},
		{name: "everything on an empty database", known: "1 2 3", want: "1 2 3"},
		{name: "head is there", known: "1 2 3", rows: "1 2 3"},
		{name: "the rest", known: "1 2 3", rows: "1", want: "2 3"},
		{name: "steps", known: "1 2 3", rows: "1", target: Steps(1), want: "2"},
		{name: "more steps than there are", known: "1 2 3", rows: "1", target: Steps(9), want: "2 3"},
		{name: "no steps", known: "1", target: Steps(0), err: config},
		{name: "negative steps", known: "1", target: Steps(-1), err: config},
		{name: "to an ID", known: "1_a 2_b 3_c", target: To("2_b"), want: "1_a 2_b"},
		{name: "to a name", known: "1_a 2_b 3_c", target: To("b"), want: "1_a 2_b"},
		{name: "to head by its word", known: "1 2", target: To("head"), want: "1 2"},
		{name: "to what is applied", known: "1 2 3", rows: "1 2", target: To("1")},
		{name: "to the newest applied", known: "1 2 3", rows: "1 2", target: To("2")},
		{name: "to an ID takes only what it needs", known: "1 2<1 3<1 4<2 5<3 6<4,5", target: To("4"), want: "1 2 4"},
		{name: "to an unknown ID", known: "1 2", target: To("7"), err: revision},
		{name: "up to base", known: "1", target: Base, err: config},
		{name: "up to base by its word", known: "1", target: To("base"), err: config},
		{name: "up to the last batch", known: "1", target: LastBatch, err: config},
		{name: "run order is not ID order", known: "1 2<3 3<1", rows: "1", want: "3 2"},
		{name: "a part of an earlier plan", known: "1 2 3", rows: "1", target: only([]string{"1", "2"}), want: "2"},
		{name: "nothing is left of an earlier plan", known: "1 2 3", rows: "1 2", target: only([]string{"1", "2"})},

		// Interrupted.
		{name: "interrupted while applied", known: "1 2 3", rows: "1 2?", err: ErrInterrupted, ids: "2", next: "resolve --applied 2|resolve --pending 2"},
		{name: "interrupted while reverted", known: "1 2", rows: "1 2^", err: ErrInterrupted, ids: "2"},
		{name: "interrupted with nothing else to do", known: "1", rows: "1?", err: ErrInterrupted, ids: "1"},
		{name: "interrupted, can be run again", known: "1 2* 3", rows: "1 2?", want: "2 3", notes: 1},
		{name: "interrupted while reverted, can be run again", known: "1 2*", rows: "1 2^", want: "2", notes: 1},
		{name: "interrupted before others were applied", known: "1* 2", rows: "1? 2", want: "1", notes: 1},
		{name: "interrupted comes before edited", known: "1~ 2", rows: "1 2?", err: ErrInterrupted, ids: "2"},
		{name: "interrupted down", known: "1 2", rows: "1? 2", down: true, target: Steps(1), err: ErrInterrupted, ids: "1"},

		// Edited.
		{name: "edited", known: "1~ 2", rows: "1", err: ErrEdited, ids: "1", next: "repair 1"},
		{name: "edited with nothing pending", known: "1~ 2~", rows: "1 2", err: ErrEdited, ids: "1 2", next: "repair 1|repair 2"},
		{name: "edited before it was applied", known: "1 2~", rows: "1", want: "2"},

		// Unknown rows.
		{name: "older image", known: "1 2", rows: "1 2 3 4", notes: 1},
		{name: "older image, to an ID that is applied", known: "1 2", rows: "1 2 3", target: To("1"), notes: 1},
		{name: "older image, a late ID", known: "1 3", rows: "1 3 2", notes: 1},
		{name: "older image, its newer one still runs", known: "1 2", rows: "1 2 3?", notes: 1},
		{name: "older image, strict", known: "1 2", rows: "1 2 3", strict: true, err: ErrUnknown, ids: "3"},
		{name: "older image with its own pending", known: "1 2 4", rows: "1 2 3", err: ErrUnknown, ids: "3", next: "stamp --purge 2"},
		{name: "older image, pending beyond the target", known: "1 2 4", rows: "1 2 3", target: To("2"), err: ErrUnknown, ids: "3"},
		{name: "unknown in the middle", known: "1 3", rows: "1 2 3", err: ErrUnknown, ids: "2"},
		{name: "nothing known, something applied", rows: "1 2", notes: 1},
		{name: "all rows unknown, something pending", known: "3", rows: "1 2", err: ErrUnknown, ids: "1 2", next: "stamp --purge base"},
		{name: "to an unknown row", known: "1", rows: "1 2", target: To("2"), notes: 1},

		// Gaps and heads.
		{name: "a gap", known: "1 2<1 3<2", rows: "1 3", err: ErrGap, ids: "3", next: "stamp 2"},
		{name: "a gap in a merge", known: "1 2<1 3<1 4<2,3", rows: "1 2 4", err: ErrGap, ids: "4", next: "stamp 3"},
		{name: "a gap is not out of order", known: "1 2<1 3<2", rows: "1 3", allow: true, err: ErrGap, ids: "3"},
		{name: "two heads", known: "1 2<1 3<1", rows: "1", err: ErrTwoHeads, ids: "2 3", next: "merge|rebase 3"},
		{name: "two heads, one applied", known: "1 2<1 3<1", rows: "1 3", err: ErrTwoHeads, ids: "2 3", next: "merge|rebase 2"},
		{name: "two heads do not keep from going down", known: "1 2<1 3<1", rows: "1 2 3", down: true, target: Steps(1), want: "3"},

		// Out of order.
		{name: "late without parents", known: "1 2 3", rows: "1 3", err: ErrOutOfOrder, ids: "2", next: "rebase 2|up --out-of-order allow"},
		{name: "late without parents, allowed", known: "1 2 3", rows: "1 3", allow: true, want: "2+", notes: 1},
		{name: "the first of all is late", known: "1 2", rows: "2", err: ErrOutOfOrder, ids: "1"},
		{name: "two are late", known: "1 2 3 4", rows: "1 4", err: ErrOutOfOrder, ids: "2 3"},
		{name: "late, though the target is beyond", known: "1 2 3 4", rows: "1 3", target: To("4"), err: ErrOutOfOrder, ids: "2"},
		{name: "a merged branch comes late", known: "1 2<1 3<1 4<2,3", rows: "1 3", want: "2+ 4", notes: 1},
		{name: "a merged branch of two comes late", known: "1 2<1 3<2 4<1 5<3,4", rows: "1 4", want: "2+ 3+ 5", notes: 2},
		{name: "the same, half of it", known: "1 2<1 3<2 4<1 5<3,4", rows: "1 4", target: Steps(1), want: "2+", notes: 1},
		{name: "a late ID after the head", known: "1 2<3 3<1", rows: "1 3", want: "2+", notes: 1},
		{name: "a late ID and its implicit child", known: "1 2<5 3 5<1", rows: "1 5", want: "2+ 3", notes: 1},
		{name: "a branch whose beginning names nothing", known: "1 2 3<2 4<1 5<3,4", rows: "1 4", err: ErrOutOfOrder, ids: "2 3"},

		// Down.
		{name: "down one", known: "1 2 3", rows: "1 2 3", down: true, target: Steps(1), want: "3"},
		{name: "down in reverse applied order", known: "1 2 3", rows: "2 3 1", down: true, target: Steps(2), want: "1 3"},
		{name: "down more than there are", known: "1 2", rows: "1 2", down: true, target: Steps(5), want: "2 1"},
		{name: "down to an ID", known: "1 2 3", rows: "1 2 3", down: true, target: To("1"), want: "3 2"},
		{name: "down to the newest", known: "1 2", rows: "1 2", down: true, target: To("2")},
		{name: "down to base", known: "1 2", rows: "1 2", down: true, target: Base, want: "2 1"},
		{name: "down to base by its word", known: "1 2", rows: "1 2", down: true, target: To("base"), want: "2 1"},
		{name: "down from nothing", known: "1 2", down: true, target: Steps(1)},
		{name: "down to base from nothing", known: "1 2", down: true, target: Base},
		{name: "down the last batch", known: "1 2 3 4", rows: "1@1 2@2 3@2 4@2", down: true, target: LastBatch, want: "4 3 2"},
		{name: "batches are consecutive", known: "1 2 3", rows: "1@2 2@1 3@2", down: true, target: LastBatch, want: "3"},
		{name: "no batch", known: "1", down: true, target: LastBatch},
		{name: "down to head", known: "1", rows: "1", down: true, target: Head, err: config},
		{name: "down to what is not applied", known: "1 2 3", rows: "1 2", down: true, target: To("3"), err: config},
		{name: "down to an unknown ID", known: "1", rows: "1", down: true, target: To("x"), err: revision},
		{name: "irreversible on the way", known: "1 2! 3", rows: "1 2 3", down: true, target: Base, err: ErrIrreversible, ids: "2"},
		{name: "no Down on the way", known: "1 2- 3", rows: "1 2 3", down: true, target: Steps(2), err: ErrIrreversible, ids: "2"},
		{name: "the first of several", known: "1! 2- 3", rows: "1 2 3", down: true, target: Base, err: ErrIrreversible, ids: "2"},
		{name: "irreversible but not on the way", known: "1! 2", rows: "1 2", down: true, target: Steps(1), want: "2"},
		{name: "unknown on the way", known: "1 2", rows: "1 2 3", down: true, target: Steps(1), err: ErrUnknown, ids: "3"},
		{name: "unknown comes before irreversible", known: "1 2!", rows: "1 2 3", down: true, target: Base, err: ErrUnknown, ids: "3"},
		{name: "unknown but not on the way", known: "1 3", rows: "1 2 3", down: true, target: Steps(1), want: "3"},
		{name: "down to an unknown row", known: "1 3", rows: "1 2 3", down: true, target: To("2"), want: "3"},
		{name: "edited on the way", known: "1 2~", rows: "1 2", down: true, target: Steps(1), want: "2", notes: 1},
		{name: "interrupted on the way, can be run again", known: "1 2*", rows: "1 2?", down: true, target: Steps(1), want: "2", notes: 1},
		{name: "a child would stay", known: "1 2<1 3<2", rows: "1 3 2", down: true, target: Steps(1), err: ErrGap, ids: "3"},
		{name: "the child of the previous ID may stay", known: "1 2 3", rows: "1 3 2", down: true, target: Steps(1), want: "2"},
		{name: "a part of an earlier plan down", known: "1 2 3", rows: "1 2", down: true, target: only([]string{"2", "3"}), want: "2"},
		{name: "nothing is left of an earlier plan down", known: "1 2 3", rows: "1", down: true, target: only([]string{"2", "3"})},
		{name: "applied after an earlier plan down", known: "1 2 3", rows: "1 2 3", down: true, target: only([]string{"2"}), err: ErrGap, ids: "3"},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t) })
	}
}

func (c planCase) run(t *testing.T) {
	known, rows := c.build(t)
	direction, policy := Up, RefuseOutOfOrder
	if c.down {
		direction = Down
	}
	if c.allow {
		policy = AllowOutOfOrder
	}
	before := fmt.Sprint(idsOf(known), rows)
	slices.Reverse(rows) // the order of the rows does not matter
	steps, notes, err := plan(known, rows, direction, c.target, policy, c.strict)
	slices.Reverse(rows)
	if after := fmt.Sprint(idsOf(known), rows); after != before {
		t.Errorf("the plan has changed its arguments: %s, before %s", after, before)
	}
	if !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
		t.Fatalf("the error is %v, want %v", err, c.err)
	}
	if err != nil {
		c.checkError(t, err)
		if steps != nil || notes != nil {
			t.Errorf("beside the error there are steps %v, notes %v", steps, notes)
		}
		return
	}
	c.checkSteps(t, steps, rows, direction)
	if len(notes) != c.notes {
		t.Errorf("the notes are %q, want %d", notes, c.notes)
	}
}

func (c planCase) checkError(t *testing.T, err error) {
	t.Helper()
	var h *HistoryError
	var i *IrreversibleError
	switch {
	case errors.As(err, &h):
		if got := strings.Join(h.IDs, " "); got != c.ids {
			t.Errorf("the error is about %q, want %q", got, c.ids)
		}
		if got := strings.Join(h.Next, "|"); !strings.Contains(got, c.next) || got == "" {
			t.Errorf("the error leads to %q, want %q", got, c.next)
		}
		if h.Detail == "" {
			t.Error("the error has no detail")
		}
	case errors.As(err, &i):
		if i.ID != c.ids || i.Why == "" {
			t.Errorf("the error is about %q because %q, want %q", i.ID, i.Why, c.ids)
		}
	}
}

func (c planCase) checkSteps(t *testing.T, steps []Step, rows []history.Record, direction Direction) {
	t.Helper()
	var got []string
	for _, s := range steps {
		id := s.ID
		if s.OutOfOrder {
			id += "+"
		}
		got = append(got, id)
		if s.Direction != direction || s.Migration == nil || s.Migration.ID != s.ID {
			t.Errorf("the step of %s is %+v", s.ID, s)
		}
		i := slices.IndexFunc(rows, func(r history.Record) bool { return r.ID == s.ID })
		if (i >= 0) != (s.Record != nil) || i >= 0 && s.Record.Seq != rows[i].Seq {
			t.Errorf("the step of %s has the record %+v", s.ID, s.Record)
		}
	}
	if want := strings.Join(strings.Fields(c.want), " "); strings.Join(got, " ") != want {
		t.Errorf("the steps are %v, want %s", got, want)
	}
}

// build makes the arguments of plan from the notation of the table.
func (c planCase) build(t *testing.T) ([]Known, []history.Record) {
	t.Helper()
	var specs []string
	signs := map[string]string{}
	for spec := range strings.FieldsSeq(c.known) {
		id, parents, named := strings.Cut(spec, "<")
		plain := strings.TrimRight(id, "!-*~")
		signs[plain] = id[len(plain):]
		if named {
			plain += "<" + parents
		}
		specs = append(specs, plain)
	}
	r := registryOf(specs...)
	for i := range r.entries {
		e := &r.entries[i]
		for _, sign := range signs[e.ID] {
			switch sign {
			case '!':
				e.Irreversible = "it has sent mail"
			case '-':
				e.Down = nil
			case '*':
				e.NoTx, e.Rerunnable = true, true
			}
		}
	}
	known := slices.Clone(r.known())
	if p := r.Problems(); p != nil {
		t.Fatalf("the registry has %v", p)
	}
	sums := map[string]string{}
	for i := range known {
		id := known[i].ID
		fsys := fstest.MapFS{id + ".go": {Data: []byte("package migrations // " + id)}}
		known[i].Source = &Source{fsys: fsys, path: id + ".go"}
		sums[id] = known[i].Source.Raw()
		if strings.Contains(signs[id], "~") {
			sums[id] = "something else"
		}
	}
	return known, rowsOf(t, c.rows, sums)
}

func rowsOf(t *testing.T, text string, sums map[string]string) []history.Record {
	t.Helper()
	var rows []history.Record
	for i, spec := range strings.Fields(text) {
		r := history.Record{Seq: int64(10 * (i + 1)), State: history.Applied, Batch: 1}
		id, batch, batched := strings.Cut(spec, "@")
		if batched {
			n, err := strconv.ParseInt(batch, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			r.Batch = n
		}
		switch id[len(id)-1] {
		case '?':
			r.State = history.Running
		case '^':
			r.State = history.Reverting
		}
		r.ID = strings.TrimRight(id, "?^")
		r.Raw, r.Tokens = sums[r.ID], sums[r.ID]
		rows = append(rows, r)
	}
	return rows
}

func TestPlanNeedsADirection(t *testing.T) {
	if _, _, err := plan(nil, nil, 0, Head, RefuseOutOfOrder, false); !errors.Is(err, ErrConfig) {
		t.Errorf("a plan without a direction gives %v", err)
	}
}

// Going up and then down to base ends where it began, whatever the graph.
func TestPlanUpAndDownMirror(t *testing.T) {
	known := registryOf("1", "2<1", "3<1", "4<2,3", "5", "7<5", "6<7").known()
	up, _, err := plan(known, nil, Up, Head, RefuseOutOfOrder, false)
	if err != nil {
		t.Fatal(err)
	}
	var rows []history.Record
	for i, s := range up {
		rows = append(rows, history.Record{ID: s.ID, Seq: int64(i), State: history.Applied})
	}
	down, _, err := plan(known, rows, Down, Base, RefuseOutOfOrder, false)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range down {
		if s.ID != up[len(up)-1-i].ID {
			t.Errorf("step %d down is %s", i, s.ID)
		}
	}
	if len(down) != len(known) {
		t.Errorf("%d steps down, %d up", len(down), len(up))
	}
}

func BenchmarkPlanNothingPending10000(b *testing.B) {
	r := NewRegistry()
	var rows []history.Record
	for i := range 10_000 {
		id := fmt.Sprintf("%014d_x", i)
		r.Register(Migration{ID: id, Up: nothing})
		rows = append(rows, history.Record{ID: id, Seq: int64(i), State: history.Applied, Raw: "x"})
	}
	known := r.known()
	for b.Loop() {
		if steps, _, err := plan(known, rows, Up, Head, RefuseOutOfOrder, false); err != nil || len(steps) > 0 {
			b.Fatal(steps, err)
		}
	}
}
