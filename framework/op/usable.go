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

// UsedBy reports whether the operation by has the value as a constant.
func (o AddEnumValue) UsedBy(by Op) bool {
	is := func(e schema.Expression) bool { return e.Quotes(o.Value) }
	column := func(c schema.Column) bool {
		v, _ := c.Default.Literal()
		return v == o.Value && c.Type.UsesEnum(o.Schema, o.Name) || is(c.Default) || is(c.Generated)
	}
	switch by := by.(type) {
	case CreateTable:
		return slices.ContainsFunc(by.Columns, column) ||
			slices.ContainsFunc(by.Checks, func(c schema.Check) bool { return is(c.Expr) }) ||
			slices.ContainsFunc(by.Exclusions, func(e schema.Exclusion) bool { return is(e.Where) })
	case AddColumn:
		return column(by.Column)
	case AlterColumn:
		to := by.To
		if to.Default.Equal(by.From.Default) && to.Type.Equal(by.From.Type) {
			to.Default = schema.Expression{}
		}
		return column(to) || is(by.Using)
	case AddCheck:
		return is(by.Check.Expr)
	case AddExclusion:
		return is(by.Exclusion.Where)
	case CreateIndex:
		return is(by.Index.Where) || is(by.Index.Definition) ||
			slices.ContainsFunc(by.Index.Parts, func(p schema.Part) bool { return is(p.Expr) })
	case CreateView:
		return is(by.Query)
	case SQL:
		return is(schema.Expr(by.text("postgres")))
	}
	return false
}
