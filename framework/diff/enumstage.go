package diff

import (
	"slices"

	"github.com/leavendb/leaven/framework/op"
)

// separateEnumValues gives new values of enums their own transaction where a
// later step uses one of them: PostgreSQL demands it, and op.Run does for every
// database, so that one migration serves all. Values that are dropped come back
// on the way down, so the same holds there.
func (p *plan) separateEnumValues() {
	if slices.ContainsFunc(p.steps, p.usesNewValue) {
		for i, s := range p.steps {
			switch s.Op.(type) {
			case op.AddEnumValue:
				own := Remark{Safe, "in a transaction of its own: the value can be used only after its commit"}
				p.steps[i].stage = enumStage
				p.steps[i].Remarks = append(slices.Clone(s.Remarks), own)
				p.remark(s.Change, own)
			case op.RenameEnumValue:
				p.steps[i].stage = enumStage
			}
		}
	}
	if slices.ContainsFunc(p.steps, p.usedDroppedValue) {
		for i, s := range p.steps {
			switch s.Op.(type) {
			case op.DropEnumValue, op.CreateView, op.CreateTrigger: // a view would forbid to make its enum anew
				p.steps[i].stage = shrinkStage
			}
		}
	}
}

func (p *plan) usesNewValue(s staged) bool {
	return slices.ContainsFunc(p.steps, func(other staged) bool {
		a, ok := other.Op.(op.AddEnumValue)
		return ok && usesValue(s.Op, a)
	})
}

// usedDroppedValue reports whether the reverse of the step uses a value that
// another step drops.
func (p *plan) usedDroppedValue(s staged) bool {
	back, err := reverse(s.Op)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(p.steps, func(other staged) bool {
		d, ok := other.Op.(op.DropEnumValue)
		a := op.AddEnumValue{Schema: d.Schema, Name: d.Name, Value: d.Value}
		return ok && slices.ContainsFunc(back, func(o op.Op) bool { return usesValue(o, a) })
	})
}

// usesValue reports whether the operation has the value as a constant, or may
// read it from rows.
func usesValue(o op.Op, a op.AddEnumValue) bool {
	c, is := o.(op.AlterColumn)
	return is && c.To.Type.UsesEnum(a.Schema, a.Name) && !c.From.Type.UsesEnum(a.Schema, a.Name) || a.UsedBy(o)
}
