package migrate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/history"
)

// plan decides what a run does: the steps in the order in which they run, and
// notes for the operator. It is a pure function: the same values give the same
// plan, nothing is read or written, and known and applied stay as they are.
// Printing, a dry run and a run share it.
//
// known are the migrations in run order, without registry problems; the caller
// has refused those. applied are the rows of the history, in any order. A row
// that is running or reverting counts as interrupted: the caller has made sure
// that nobody is at work on it.
//
// Everything is checked before the first step, so that an error means that
// nothing was done; the first of these that holds is the answer. Going up:
//
//  1. an interrupted row is ErrInterrupted, unless its migration is NoTx and
//     Rerunnable: then it counts as pending, and its step carries the row
//  2. an applied migration whose code differs from what was recorded is
//     ErrEdited; without source or checksum nothing differs
//  3. a row that is not known is ErrUnknown, unless the program is merely older
//     than the database: all unknown rows were applied after every known one, and
//     nothing known is pending. That is a note, and with strict an error, too
//  4. a parent named in After, not applied though its child is, is ErrGap
//  5. two heads are ErrTwoHeads
//  6. a pending migration that comes before an applied one runs, with a note, if
//     it names its parents and each is applied or runs before it; otherwise it
//     is ErrOutOfOrder, unless policy allows it (again with a note)
//
// Then the target: Head is everything pending; Steps(n) the first n of it; To(id)
// what is pending of id and its ancestors. Base and LastBatch are a
// *ConfigError. What is already there is an empty plan.
//
// Going down, steps are in reverse applied order, and an interrupted row that can
// be run again counts as applied. Steps(n) reverts the last n rows, To(id) all
// that were applied after id, which must be applied and stays, LastBatch the
// newest rows of one batch, Base everything; Head is a *ConfigError. It is
// refused with ErrInterrupted as above, with ErrUnknown if a row on the way is
// not known, with ErrGap if a child named so would stay, and with an
// *IrreversibleError for the first step on the way that has Irreversible or no
// Down. That a migration on the way was edited is a note: its present Down
// reverts it.
//
// A target made by only narrows an earlier plan after the history has moved: what
// of those IDs is still to be done, and nothing else.
//
// The revision of To is resolved among all known and applied IDs; see
// findRevision.
func plan(known []Known, applied []history.Record, d Direction, t Target, policy OutOfOrder, strict bool) ([]Step, []string, error) {
	return newPlanner(known, applied).plan(d, t, policy, strict)
}

func (p *planner) plan(d Direction, t Target, policy OutOfOrder, strict bool) ([]Step, []string, error) {
	t, err := p.resolve(t)
	if err != nil {
		return nil, nil, err
	}
	switch d {
	case Up:
		return p.up(t, policy, strict)
	case Down:
		return p.down(t)
	}
	return nil, nil, &ConfigError{What: "a plan needs a direction", Next: "use Up or Down"}
}

// planner holds the two sides of a plan and what connects them.
type planner struct {
	known    []Known
	position map[string]int             // of a known ID in run order
	rows     []history.Record           // in applied order; the caller's, where that is theirs
	row      map[string]*history.Record // by ID
	notes    []string
}

func newPlanner(known []Known, applied []history.Record) *planner {
	p := &planner{
		known:    known,
		position: make(map[string]int, len(known)),
		rows:     applied,
		row:      make(map[string]*history.Record, len(applied)),
	}
	for i := range known {
		p.position[known[i].ID] = i
	}
	if !slices.IsSortedFunc(applied, inAppliedOrder) { // as a history is read, it is
		p.rows = slices.SortedFunc(slices.Values(applied), inAppliedOrder)
	}
	for i := range p.rows {
		p.row[p.rows[i].ID] = &p.rows[i]
	}
	return p
}

func inAppliedOrder(a, b history.Record) int {
	return cmp.Or(cmp.Compare(a.Seq, b.Seq), strings.Compare(a.ID, b.ID))
}

// of returns the known migration of a row, nil if there is none.
func (p *planner) of(r *history.Record) *Known {
	if i, ok := p.position[r.ID]; ok {
		return &p.known[i]
	}
	return nil
}

// resolve turns the revision of a target into an ID.
func (p *planner) resolve(t Target) (Target, error) {
	switch {
	case t.kind == targetSteps && t.steps < 1:
		return t, &ConfigError{What: fmt.Sprintf("%d steps are no target", t.steps), Next: "give a number of at least 1"}
	case t.kind != targetID:
		return t, nil
	}
	ids := make([]string, 0, len(p.known))
	for i := range p.known {
		ids = append(ids, p.known[i].ID)
	}
	for i := range p.rows {
		if p.of(&p.rows[i]) == nil {
			ids = append(ids, p.rows[i].ID)
		}
	}
	return findRevision(ids, t.id)
}

func (p *planner) note(format string, args ...any) {
	p.notes = append(p.notes, fmt.Sprintf(format, args...))
}

// pending reports whether a migration is still to be applied: it has no row, or
// one that was interrupted.
func (p *planner) pending(k *Known) bool {
	r := p.row[k.ID]
	return r == nil || r.State != history.Applied
}

// step makes the step of a known migration.
func (p *planner) step(k *Known, d Direction) Step {
	return Step{ID: k.ID, Direction: d, Migration: k.Migration, Record: p.row[k.ID]}
}

// pendingAll returns what is pending, in run order.
func (p *planner) pendingAll() []*Known {
	var pending []*Known
	for i := range p.known {
		if p.pending(&p.known[i]) {
			pending = append(pending, &p.known[i])
		}
	}
	return pending
}

func set(ids []string) map[string]bool {
	s := make(map[string]bool, len(ids))
	for _, id := range ids {
		s[id] = true
	}
	return s
}
