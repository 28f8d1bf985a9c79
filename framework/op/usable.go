package op

import (
	"fmt"
	"maps"
	"slices"

	"github.com/leavendb/leaven/framework/schema"
)

// Uncommitted are the values that one transaction has added to enums, where the
// database lets nobody use such a value before the commit (Statement.AfterCommit).
// A runner gives the same to all migrations of a transaction, so that Run refuses
// the use of a value in one that another has added. The zero value is ready.
type Uncommitted struct {
	made   map[Object]bool // enums of the transaction's own
	values []uncommitted
}

type uncommitted struct {
	AddEnumValue
	by    string
	since int // the server that lets the transaction use it nevertheless; 0: none
}

// Clone returns a copy that shares nothing changeable with u.
func (u *Uncommitted) Clone() *Uncommitted {
	return &Uncommitted{made: maps.Clone(u.made), values: slices.Clone(u.values)}
}

// UncommittedError says that an operation uses a value of an enum that its own
// transaction adds.
type UncommittedError struct {
	Value AddEnumValue
	By    string // the migration that adds it; empty: the one that uses it
}

func (e *UncommittedError) Error() string {
	what := fmt.Sprintf("it uses the value %q of enum %s, which ", e.Value.Value, in(e.Value.Schema, e.Value.Name))
	if e.By == "" {
		return what + "the same transaction adds and PostgreSQL lets nobody use before the commit; add the value in a migration of its own, before this one"
	}
	return what + e.By + " adds in the same transaction and PostgreSQL lets nobody use before the commit; apply the two in transactions of their own"
}

// see takes down what an operation of the migration by has done. A nil u is told
// nothing.
func (u *Uncommitted) see(by string, o Op, statements []Statement) {
	if u == nil {
		return
	}
	switch o := o.(type) {
	case CreateEnum:
		if u.made == nil {
			u.made = map[Object]bool{}
		}
		u.made[o.Object()] = true
	case AddEnumValue:
		i := slices.IndexFunc(statements, func(s Statement) bool { return s.AfterCommit })
		if i < 0 {
			return
		}
		a := uncommitted{AddEnumValue: o, by: by}
		if u.made[o.Object()] {
			a.since = statements[i].OwnSince
		}
		u.values = append(u.values, a)
	}
}

// refuse finds the use, in operations of the migration by, of a value that was
// seen. It asks for the server's version where that decides.
func (u *Uncommitted) refuse(by string, ops []Op, version func() (int, error)) error {
	if u == nil {
		return nil
	}
	for _, o := range ops {
		for _, a := range u.values {
			if !a.UsedBy(o) {
				continue
			}
			if a.since > 0 {
				v, err := version()
				if err != nil {
					return &Error{Op: o, Err: err}
				}
				if v >= a.since {
					continue
				}
			}
			e := &UncommittedError{Value: a.AddEnumValue}
			if a.by != by {
				e.By = a.by
			}
			return &Error{Op: o, Err: e}
		}
	}
	return nil
}

// unusable refuses, in operations of one Run in a transaction, the use of an
// enum's value that they add themselves: PostgreSQL allows it only from the commit
// on (from 17 on also where the transaction made the enum, but others run the same
// migration). It sees constants in defaults, conditions and SQL; what it does not
// see, the server refuses.
func unusable(ops []Op) error {
	var added []AddEnumValue
	for _, o := range ops {
		for _, a := range added {
			if a.UsedBy(o) {
				return &Error{Op: o, Err: &UncommittedError{Value: a}}
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
