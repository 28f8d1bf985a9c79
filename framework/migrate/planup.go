package migrate

import "slices"

// up plans the way up; see plan.
func (p *planner) up(t Target, policy OutOfOrder, strict bool) ([]Step, []string, error) {
	switch t.kind {
	case targetBase:
		return nil, nil, &ConfigError{What: "base is a target of down only", Next: "run: down --to base"}
	case targetBatch:
		return nil, nil, &ConfigError{What: "the last batch is a target of down only", Next: "run: down --batch"}
	}
	pending := p.pendingAll()
	for _, check := range []func() error{
		p.checkInterrupted,
		p.checkEdited,
		func() error { return p.checkUnknown(len(pending) > 0, strict) },
		p.checkGap,
		p.checkHeads,
	} {
		if err := check(); err != nil {
			return nil, nil, err
		}
	}
	late, err := p.checkOrder(pending, policy)
	if err != nil {
		return nil, nil, err
	}
	var steps []Step
	for _, k := range p.wanted(pending, t) {
		s := p.step(k, Up)
		if why, ok := late[k.ID]; ok {
			s.OutOfOrder = true
			p.note("%s", why)
		}
		if s.Record != nil {
			p.note("%s was interrupted and is run again: it is Rerunnable", k.ID)
		}
		steps = append(steps, s)
	}
	return steps, p.notes, nil
}

// wanted returns the part of pending that the target asks for.
func (p *planner) wanted(pending []*Known, t Target) []*Known {
	switch t.kind {
	case targetSteps:
		return pending[:min(t.steps, len(pending))]
	case targetID:
		needed := p.ancestors(t.id)
		return slices.DeleteFunc(pending, func(k *Known) bool { return !needed[k.ID] })
	case targetOnly:
		asked := set(t.ids)
		return slices.DeleteFunc(pending, func(k *Known) bool { return !asked[k.ID] })
	}
	return pending
}

// ancestors returns a migration and everything that it needs.
func (p *planner) ancestors(id string) map[string]bool {
	needed := map[string]bool{id: true}
	for i := range slices.Backward(p.known) { // children before parents
		if k := &p.known[i]; needed[k.ID] {
			for _, parent := range k.Parents {
				needed[parent] = true
			}
		}
	}
	return needed
}
