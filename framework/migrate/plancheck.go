package migrate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/leavendb/leaven/framework/history"
)

// checkInterrupted finds rows of known migrations whose work did not end, and
// that cannot be run again by themselves.
func (p *planner) checkInterrupted() error {
	var e HistoryError
	var observed []string
	for i := range p.rows {
		r := &p.rows[i]
		k := p.of(r)
		if r.State == history.Applied || k == nil || k.NoTx && k.Rerunnable {
			continue
		}
		e.IDs = append(e.IDs, r.ID)
		e.Next = append(e.Next, "resolve --applied "+r.ID, "resolve --pending "+r.ID)
		observed = append(observed, r.ID+" began and did not end")
	}
	if len(e.IDs) == 0 {
		return nil
	}
	e.Kind = ErrInterrupted
	e.Detail = strings.Join(observed, ", ") + "; look whether its work is in the database"
	return &e
}

// checkEdited finds applied migrations whose code is not what was applied.
func (p *planner) checkEdited() error {
	e := HistoryError{Kind: ErrEdited, Detail: "its code is not what ran on this database; restore it, or accept it as it is"}
	for i := range p.rows {
		r := &p.rows[i]
		if k := p.of(r); k != nil && r.State == history.Applied && k.Source.compare(r) == Edited {
			e.IDs = append(e.IDs, r.ID)
			e.Next = append(e.Next, "repair "+r.ID)
		}
	}
	if len(e.IDs) == 0 {
		return nil
	}
	return &e
}

// checkUnknown finds rows that this program does not know, and decides whether
// it is merely older than the database.
func (p *planner) checkUnknown(pending, strict bool) error {
	var unknown []string
	older := false // than a row that is known
	for i := range p.rows {
		if p.of(&p.rows[i]) == nil {
			unknown = append(unknown, p.rows[i].ID)
		} else if len(unknown) > 0 {
			older = true
		}
	}
	switch {
	case len(unknown) == 0:
		return nil
	case older:
		return p.unknownError(unknown, "it was applied before migrations that are known: its file was removed, or another branch was applied")
	case pending:
		return p.unknownError(unknown, "and this program has migrations of its own to apply: it is older than the database, or of another branch")
	case strict:
		return p.unknownError(unknown, "this program is older than the database, and strict refuses that")
	}
	p.note("the database is newer than this program: %s applied and not known", isAre(unknown))
	return nil
}

func isAre(ids []string) string {
	if len(ids) == 1 {
		return ids[0] + " is"
	}
	return strings.Join(ids, ", ") + " are"
}

// unknownError leads to a program that knows the rows, or to their removal.
func (p *planner) unknownError(unknown []string, detail string) *HistoryError {
	newest := "base"
	for i := range p.rows {
		if p.of(&p.rows[i]) != nil {
			newest = p.rows[i].ID
		}
	}
	return &HistoryError{
		Kind: ErrUnknown, IDs: unknown, Detail: detail,
		Next: []string{"history", "stamp --purge " + newest},
	}
}

// checkDeleted finds migrations that the log knows to be applied and that have no
// row: run again, they would do their work twice.
func checkDeleted(known []Known, deleted []history.LogEntry) error {
	e := HistoryError{Kind: ErrDeleted}
	var observed []string
	for _, l := range deleted {
		if !slices.ContainsFunc(known, func(k Known) bool { return k.ID == l.ID }) {
			continue
		}
		e.IDs = append(e.IDs, l.ID)
		e.Next = append(e.Next, "resolve --applied "+l.ID, "resolve --pending "+l.ID)
		observed = append(observed, fmt.Sprintf("%s by %s", l.At.Format(time.RFC3339), l.AppliedBy))
	}
	switch n := len(e.IDs); {
	case n == 0:
		return nil
	case n > deletedShown:
		e.Next = []string{"history", "stamp " + e.IDs[n-1]}
	}
	e.Detail = "the log says that it was applied " + observed[0]
	if len(e.IDs) > 1 {
		e.Detail = "the log says that they were applied, the first " + observed[0]
	}
	e.Detail += "; look whether its work is in the database"
	return &e
}

// deletedShown is for how many a command each is told.
const deletedShown = 3

// checkGap finds applied migrations that name a parent which is not applied.
func (p *planner) checkGap() error {
	e := HistoryError{Kind: ErrGap}
	var observed []string
	for i := range p.known {
		k := &p.known[i]
		if p.row[k.ID] == nil || !k.Named {
			continue
		}
		for _, parent := range k.Parents {
			if p.row[parent] == nil {
				e.IDs = append(e.IDs, k.ID)
				e.Next = append(e.Next, "stamp "+parent)
				observed = append(observed, fmt.Sprintf("%s is applied, its parent %s is not", k.ID, parent))
			}
		}
	}
	if len(e.IDs) == 0 {
		return nil
	}
	e.Detail = strings.Join(observed, ", ") + "; if the parent's work is in the database, record it"
	return &e
}

// checkHeads refuses several heads.
func (p *planner) checkHeads() error {
	if heads := headsOf(p.known); len(heads) > 1 {
		return twoHeads(heads, func(id string) bool { return p.row[id] == nil })
	}
	return nil
}

// twoHeads is the error for several heads. The one to move is the greatest that
// is not applied anywhere we know of.
func twoHeads(heads []string, pending func(id string) bool) *HistoryError {
	move := heads[len(heads)-1]
	for _, id := range heads {
		if pending != nil && pending(id) {
			move = id
		}
	}
	return &HistoryError{
		Kind: ErrTwoHeads, IDs: heads,
		Detail: "nothing comes after either, so their order is open",
		Next:   []string{"merge", "rebase " + move},
	}
}

// checkOrder finds pending migrations that come before an applied one, in run
// order or by ID, and returns why each may run nevertheless.
func (p *planner) checkOrder(pending []*Known, policy OutOfOrder) (late map[string]string, err error) {
	last, newest := -1, "" // of what is applied: position and ID
	for i := range p.known {
		if k := &p.known[i]; !p.pending(k) {
			last, newest = i, max(newest, k.ID)
		}
	}
	late = map[string]string{}
	e := HistoryError{Kind: ErrOutOfOrder}
	runs := map[string]bool{} // pending, and will run before who is asked about
	for _, k := range pending {
		if p.row[k.ID] != nil { // interrupted: its place was decided then
			runs[k.ID] = true
			continue
		}
		before := p.position[k.ID] < last
		follows := k.Named && p.parentsRun(k, runs)
		switch {
		case !before && k.ID > newest:
		case follows:
			late[k.ID] = fmt.Sprintf("%s comes late: it is older than %s, but what it names in After is applied", k.ID, newest)
		case !before:
			// A late ID behind another late one, which decides for both.
		case policy == AllowOutOfOrder:
			late[k.ID] = fmt.Sprintf("%s runs out of order, as allowed: %s is applied already", k.ID, p.known[last].ID)
		default:
			e.IDs = append(e.IDs, k.ID)
			e.Next = append(e.Next, "rebase "+k.ID)
			continue
		}
		runs[k.ID] = true
	}
	if len(e.IDs) > 0 {
		e.Detail = fmt.Sprintf("%s is applied already, and should have come after", p.known[last].ID)
		e.Next = append(e.Next, "up --out-of-order allow")
		return nil, &e
	}
	return late, nil
}

func (p *planner) parentsRun(k *Known, runs map[string]bool) bool {
	for _, id := range k.Parents {
		if p.row[id] == nil && !runs[id] {
			return false
		}
	}
	return true
}
