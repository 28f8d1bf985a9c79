package migrate

import (
	"fmt"
	"slices"

	"github.com/leavendb/leaven/framework/history"
)

// down plans the way down; see plan.
func (p *planner) down(t Target) ([]Step, []string, error) {
	count, err := p.depth(t)
	if err != nil {
		return nil, nil, err
	}
	rows := p.rows[len(p.rows)-count:]
	for _, check := range []func() error{
		p.checkInterrupted,
		func() error { return p.checkWay(rows) },
		func() error { return p.checkChildren(p.rows[:len(p.rows)-count], rows) },
		func() error { return p.checkReversible(rows) },
	} {
		if err := check(); err != nil {
			return nil, nil, err
		}
	}
	var steps []Step
	for i := range slices.Backward(rows) {
		k := p.of(&rows[i])
		s := p.step(k, Down)
		if k.Source.compare(s.Record) == Edited {
			p.note("%s was edited after it was applied: its present Down reverts it", k.ID)
		}
		if s.Record.State != history.Applied {
			p.note("%s was interrupted and is reverted: it is Rerunnable", k.ID)
		}
		steps = append(steps, s)
	}
	return steps, p.notes, nil
}

// depth is the number of newest rows to revert.
func (p *planner) depth(t Target) (int, error) {
	switch t.kind {
	case targetBase:
		return len(p.rows), nil
	case targetSteps:
		return min(t.steps, len(p.rows)), nil
	case targetBatch:
		return p.batch(), nil
	case targetID:
		i := slices.IndexFunc(p.rows, func(r history.Record) bool { return r.ID == t.id })
		if i < 0 {
			return 0, &ConfigError{
				What: t.id + " is not applied, so there is no going down to it",
				Next: "choose one that `history` shows, or base",
			}
		}
		return len(p.rows) - i - 1, nil
	case targetOnly:
		return p.only(t.ids)
	}
	return 0, &ConfigError{What: "head is not a target of down", Next: "say how far: a number of steps, an ID, base or the last batch"}
}

// batch is the number of newest rows that have the batch of the newest one.
func (p *planner) batch() int {
	count := 0
	for i := range slices.Backward(p.rows) {
		if p.rows[i].Batch != p.rows[len(p.rows)-1].Batch {
			break
		}
		count++
	}
	return count
}

// only is the number of newest rows down to the oldest of ids; they must be all
// of ids, for what was applied in the meantime is not to be reverted, and cannot
// stay.
func (p *planner) only(ids []string) (int, error) {
	asked := set(ids)
	oldest := slices.IndexFunc(p.rows, func(r history.Record) bool { return asked[r.ID] })
	if oldest < 0 {
		return 0, nil
	}
	for _, r := range p.rows[oldest:] {
		if !asked[r.ID] {
			return 0, &HistoryError{
				Kind: ErrGap, IDs: []string{r.ID},
				Detail: fmt.Sprintf("it was applied in the meantime, after %s, which would go", p.rows[oldest].ID),
				Next:   []string{"history"},
			}
		}
	}
	return len(p.rows) - oldest, nil
}

// checkWay refuses rows that this program cannot revert, because it does not
// know them.
func (p *planner) checkWay(rows []history.Record) error {
	var unknown []string
	for i := range rows {
		if p.of(&rows[i]) == nil {
			unknown = append(unknown, rows[i].ID)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	return p.unknownError(unknown, "only a program that has it can revert it")
}

// checkChildren refuses to take a named parent away from a migration that stays.
// Reverse applied order does not let that happen, unless the history was changed
// by hand.
func (p *planner) checkChildren(stay, leave []history.Record) error {
	gone := map[string]bool{}
	for _, r := range leave {
		gone[r.ID] = true
	}
	for i := range stay {
		k := p.of(&stay[i])
		if k == nil || !k.Named {
			continue
		}
		for _, parent := range k.Parents {
			if gone[parent] {
				return &HistoryError{
					Kind: ErrGap, IDs: []string{k.ID},
					Detail: fmt.Sprintf("%s stays applied, and it needs %s, which was applied after it and would go", k.ID, parent),
					Next:   []string{"history"},
				}
			}
		}
	}
	return nil
}

// checkReversible refuses at the first step that cannot be reverted.
func (p *planner) checkReversible(rows []history.Record) error {
	for i := range slices.Backward(rows) {
		switch k := p.of(&rows[i]); {
		case k.Irreversible != "":
			return &IrreversibleError{ID: k.ID, Why: k.Irreversible}
		case k.Down == nil:
			return &IrreversibleError{ID: k.ID, Why: k.NoDown}
		}
	}
	return nil
}
