package op

import (
	"fmt"
	"slices"

	"github.com/leavendb/leaven/framework/schema"
)

// unusable refuses, in operations of one transaction, the use of an enum's value
// that the same transaction adds: PostgreSQL allows it only from the commit on
// (from 17 on also where the transaction made the enum, but others run the same
// migration). It sees constants in defaults, conditions and SQL; what it does not
// see, the server refuses.
func unusable(ops []Op) error {
	var added []AddEnumValue
	for _, o := range ops {
		for _, a := range added {
			if a.UsedBy(o) {
				return &Error{Op: o, Err: fmt.Errorf("it uses the value %q of enum %s, which the same transaction adds and PostgreSQL "+
					"lets nobody use before the commit; add the value in a migration of its own, before this one", a.Value, in(a.Schema, a.Name))}
			}
		}
		if a, ok := o.(AddEnumValue); ok {
			added = append(added, a)
		}
	}
	return nil
}

// UsedBy reports whether the operation has the value as a constant.
func (a AddEnumValue) UsedBy(o Op) bool {
	is := func(e schema.Expression) bool { return e.Quotes(a.Value) }
	column := func(c schema.Column) bool {
		v, _ := c.Default.Literal()
		return v == a.Value && c.Type.UsesEnum(a.Schema, a.Name) || is(c.Default) || is(c.Generated)
	}
	switch o := o.(type) {
	case CreateTable:
		return slices.ContainsFunc(o.Columns, column) ||
			slices.ContainsFunc(o.Checks, func(c schema.Check) bool { return is(c.Expr) }) ||
			slices.ContainsFunc(o.Exclusions, func(e schema.Exclusion) bool { return is(e.Where) })
	case AddColumn:
		return column(o.Column)
	case AlterColumn:
		to := o.To
		if to.Default.Equal(o.From.Default) && to.Type.Equal(o.From.Type) {
			to.Default = schema.Expression{}
		}
		return column(to) || is(o.Using)
	case AddCheck:
		return is(o.Check.Expr)
	case AddExclusion:
		return is(o.Exclusion.Where)
	case CreateIndex:
		return is(o.Index.Where) || is(o.Index.Definition) ||
			slices.ContainsFunc(o.Index.Parts, func(p schema.Part) bool { return is(p.Expr) })
	case CreateView:
		return is(o.Query)
	case SQL:
		return is(schema.Expr(o.text("postgres")))
	}
	return false
}
