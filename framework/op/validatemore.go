package op

import (
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/schema"
)

// more checks the operations that check does not know.
func (f *faults) more(o Op) {
	switch o := o.(type) {
	case RenameTable:
		f.rename(o.Name, o.To)
	case RenameColumn:
		f.rename(o.Name, o.To)
	case RenameIndex:
		f.rename(o.Name, o.To)
	case RenameConstraint:
		f.rename(o.Name, o.To)
	case SetSchema:
		f.name("To", o.To, true)
		if o.To == o.Schema {
			f.add("it is in that schema already")
		}
	case AlterColumn:
		f.alter(o)
	case AddPrimaryKey:
		f.name("the key's name", o.Name, true)
		f.columns("the primary key", o.Columns, nil)
	case AddExclusion:
		f.exclusion(o.Exclusion, nil)
	case SetComment:
		f.setComment(o)
	default:
		f.standing(o)
	}
}

// standing checks the operations on what belongs to no table.
func (f *faults) standing(o Op) {
	switch o := o.(type) {
	case CreateExtension:
		f.name("Schema", o.Schema, true)
	case CreateEnum:
		f.values(o.Values)
	case AddEnumValue:
		f.label(o.Value)
		f.place(o.Before, o.After)
	case RenameEnumValue:
		f.label(o.Value)
		f.label(o.To)
		f.rename(o.Value, o.To)
	case DropEnumValue:
		f.label(o.Value)
		f.place(o.Before, o.After)
		if o.Instead == o.Value {
			f.add("Instead is the value that is dropped")
		}
	case CreateSequence:
		f.sequence(o.Sequence)
	case CreateView:
		f.expression("the view", o.Query, true)
	case CreateTrigger:
		f.expression("the trigger's Event", o.Trigger.Event, true)
		f.expression("the trigger's Action", o.Trigger.Action, true)
	case DropPrimaryKey, ValidateConstraint, CreateSchema, DropSchema, DropExtension, DropEnum, DropSequence, DropView, DropTrigger:
	default:
		f.add("operation %T is not known", o)
	}
}

func (f *faults) rename(from, to string) {
	f.name("To", to, false)
	if from == to {
		f.add("it is called so already")
	}
}

func (f *faults) alter(o AlterColumn) {
	none := schema.Type{}
	if o.From.Name != o.To.Name {
		f.add("From and To name different columns, %s and %s; op.RenameColumn renames", plain(o.From.Name), plain(o.To.Name))
	}
	if o.To.Type.Equal(none) != o.From.Type.Equal(none) && o.To.Type.Equal(none) {
		f.add("From says the type and To does not")
	}
	if !o.To.Type.Equal(none) {
		f.kind(o.To.Name, o.To.Type)
	}
	f.value(o.To)
	f.expression("Using", o.Using, false)
	if o.From.Type.Equal(o.To.Type) && !o.Using.IsZero() {
		f.add("Using converts to another type, but the type does not change")
	}
	if o.nothing() {
		f.add("From and To say the same; nothing changes")
	}
}

func (f *faults) exclusion(e schema.Exclusion, known []string) {
	what := strings.TrimSpace("the exclusion constraint " + e.Name)
	if len(e.Elements) == 0 {
		f.add("%s has no elements", what)
	}
	f.name("Method", e.Method, true)
	for _, x := range e.Elements {
		f.part("an element of "+what, x.Part)
		if known != nil && x.Column != "" && !slices.Contains(known, x.Column) {
			f.add("%s names column %s, which the table does not have", what, plain(x.Column))
		}
		if x.Operator == "" || strings.Trim(x.Operator, "+-*/<>=~!@#%^&|`?") != "" {
			f.add("%s compares by %q, which is not an operator", what, x.Operator)
		}
	}
	f.expression("the condition of "+what, e.Where, false)
	f.comment(e.Comment)
}

func (f *faults) setComment(o SetComment) {
	switch o.On.Kind {
	case "table", "column", "index", "constraint":
	default:
		f.add("On is of the kind %q; comments are set on a table, column, index or constraint", o.On.Kind)
	}
	f.comment(o.To)
	f.comment(o.From)
}

func (f *faults) values(values []string) {
	if len(values) == 0 {
		f.add("the enum has no values")
	}
	for i, v := range values {
		f.label(v)
		if slices.Contains(values[:i], v) {
			f.add("there are two values %q", v)
		}
	}
}

// label checks one value of an enum.
func (f *faults) label(v string) { f.name("a value", v, false) }

func (f *faults) place(before, after string) {
	f.name("Before", before, true)
	f.name("After", after, true)
	if before != "" && after != "" {
		f.add("it stands Before and After another value; say one of them")
	}
}

func (f *faults) sequence(q schema.Sequence) {
	switch q.Type.Kind {
	case "", schema.KindSmallInt, schema.KindInteger, schema.KindBigInt, schema.KindRaw:
	default:
		f.add("a sequence is of the type SmallInt, Integer or BigInt, not %s", q.Type)
	}
	if q.Cache < 0 {
		f.add("Cache is negative")
	}
}
