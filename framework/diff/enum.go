package diff

import (
	"fmt"
	"slices"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// growEnums makes new enums and adds values, each where it belongs.
func (p *plan) growEnums() {
	for _, want := range p.want.Enums {
		e := p.now.Enum(want.Schema, want.Name)
		if e == nil {
			p.do("add enum "+named(want.Schema, want.Name), op.CreateEnum{Schema: want.Schema, Name: want.Name, Values: slices.Clone(want.Values)})
			continue
		}
		for i, value := range want.Values {
			if slices.Contains(e.Values, value) {
				continue
			}
			o := op.AddEnumValue{Schema: e.Schema, Name: e.Name, Value: value}
			o.Before, o.After = neighbour(want.Values, i, e.Values)
			p.do("add "+value+" to "+named(e.Schema, e.Name), o)
		}
		p.reportOrder(e, want)
	}
}

// neighbour says where value i of want belongs among the values that are there:
// nothing where it belongs to the end.
func neighbour(want []string, i int, there []string) (before, after string) {
	for j := i - 1; j >= 0; j-- {
		if at := slices.Index(there, want[j]); at >= 0 {
			if at == len(there)-1 {
				return "", ""
			}
			return "", want[j]
		}
	}
	return there[0], ""
}

// reportOrder tells of values that stand in another order: what compares them
// does so in the enum's.
func (p *plan) reportOrder(e, want *schema.Enum) {
	kept := slices.DeleteFunc(slices.Clone(e.Values), func(v string) bool { return !slices.Contains(want.Values, v) })
	if !slices.Equal(kept, want.Values) {
		p.found.Unexpressed = append(p.found.Unexpressed,
			fmt.Sprintf("the values of enum %s stand in the order %v, not %v; no operation changes it", named(e.Schema, e.Name), kept, want.Values))
	}
}

// shrinkEnums drops values and enums, once nothing that stays uses them.
func (p *plan) shrinkEnums() {
	for _, e := range slices.Clone(p.now.Enums) {
		want := p.want.Enum(e.Schema, e.Name)
		if want == nil {
			p.do("drop enum "+named(e.Schema, e.Name), op.DropEnum{Schema: e.Schema, Name: e.Name, Was: e.Clone()})
			continue
		}
		for _, value := range slices.Backward(slices.Clone(e.Values)) {
			if slices.Contains(want.Values, value) {
				continue
			}
			o := op.DropEnumValue{Schema: e.Schema, Name: e.Name, Value: value}
			if i := slices.Index(e.Values, value); i+1 < len(e.Values) {
				o.Before = e.Values[i+1]
			}
			p.do(dropValueTitle(e, value), o,
				Remark{MayFail, fmt.Sprintf("rows that hold %q forbid it; Instead gives them another value", value)},
				Remark{Rewrite, "the enum is made anew, and with it all tables that use it"},
				Remark{Attention, "if the value was renamed, say so instead: rows then keep it"})
		}
	}
}

func dropValueTitle(e *schema.Enum, value string) string {
	return "drop " + value + " from " + named(e.Schema, e.Name)
}
