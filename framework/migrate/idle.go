package migrate

import (
	"cmp"
	"context"
	"slices"

	"github.com/leavendb/leaven/framework/history"
	"github.com/uptrace/bun"
)

// nothingToDo is the way of nearly every start of a program: one statement, no
// lock. It decides only that there is nothing to do; all else is for plan.
func (r *run) nothingToDo(ctx context.Context, t Target) (bool, error) {
	var rows []history.Brief
	var exists bool
	err := r.m.asRole(ctx, r.link, func(db bun.IDB) (err error) {
		rows, exists, err = r.m.store.Applied(ctx, db)
		return err
	})
	if err != nil {
		return false, r.m.databaseError("reading the history", err)
	}
	if t.kind == targetOnly {
		return false, nil
	}
	if t.kind == targetHead && r.same(rows) {
		newest := slices.MaxFunc(rows, func(a, b history.Brief) int { return cmp.Compare(a.Seq, b.Seq) })
		r.report.From, r.report.To = newest.ID, newest.ID
		return true, nil
	}
	records := recordsOf(rows)
	steps, notes, err := plan(r.known, records, r.dir, t, r.m.o.OutOfOrder, r.m.o.Strict)
	if err != nil || len(steps) > 0 {
		return false, nil //nolint:nilerr // plan tells the same error, from the whole rows
	}
	r.view = view{history.Snapshot{Records: records, Current: exists}}
	r.report.From = current(records)
	r.note(notes...)
	r.finish()
	return true, nil
}

// same is what plan finds in nearly every history, without what plan needs for
// the others: every migration is applied, with the code that it has, there is
// nothing else, and one head. It may say no where plan says the same.
func (r *run) same(rows []history.Brief) bool {
	if len(rows) == 0 || len(rows) != len(r.known) || len(r.m.o.Registry.heads()) != 1 {
		return false
	}
	at := make(map[string]int)
	for i := range rows {
		k := &r.known[i]
		if k.ID != rows[i].ID { // usually the rows lie in the order in which they were written
			if len(at) == 0 {
				for j := range r.known {
					at[r.known[j].ID] = j
				}
			}
			j, ok := at[rows[i].ID]
			if !ok {
				return false
			}
			k = &r.known[j]
		}
		if rows[i].State != history.Applied || !k.Source.unchanged(rows[i].Raw) {
			return false
		}
	}
	return true
}

// recordsOf are the rows in applied order.
func recordsOf(rows []history.Brief) []history.Record {
	records := make([]history.Record, len(rows))
	for i, b := range rows {
		records[i] = history.Record{Seq: b.Seq, ID: b.ID, State: b.State, Raw: b.Raw}
	}
	slices.SortFunc(records, func(a, b history.Record) int { return cmp.Compare(a.Seq, b.Seq) })
	return records
}
