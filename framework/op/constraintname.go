package op

import (
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/schema"
)

// A constraint that its author did not name is called by the name that the
// database gave it. PostgreSQL's rule is simple as long as names are short and
// free, so the fold can follow it.

// constraintAt is one constraint of a table: what can be changed of it, the
// name that PostgreSQL would give it, and how it is renamed and removed.
type constraintAt struct {
	name     *string
	rename   func(name string)
	comment  *string // nil: the fold does not keep one
	notValid *bool   // nil: it is always valid
	given    string
	behind   string // the end of its given name, whatever the table's name was
	remove   func()
}

func constraintsOf(t *schema.Table) []constraintAt {
	var all []constraintAt
	add := func(c constraintAt, columns []string, suffix string) {
		c.rename = func(name string) { *c.name = name }
		c.given, c.behind = givenName(t, columns, suffix), givenName(&schema.Table{}, columns, suffix)
		all = append(all, c)
	}
	for i := range t.Uniques {
		u := &t.Uniques[i]
		add(constraintAt{name: &u.Name, comment: &u.Comment, remove: func() { t.Uniques = slices.Delete(t.Uniques, i, i+1) }}, u.Columns, "key")
	}
	for i := range t.Checks {
		c := &t.Checks[i]
		add(constraintAt{name: &c.Name, comment: &c.Comment, notValid: &c.NotValid, remove: func() { t.Checks = slices.Delete(t.Checks, i, i+1) }},
			checkColumn(t, *c), "check")
	}
	for i := range t.ForeignKeys {
		k := &t.ForeignKeys[i]
		add(constraintAt{name: &k.Name, comment: &k.Comment, notValid: &k.NotValid, remove: func() { t.ForeignKeys = slices.Delete(t.ForeignKeys, i, i+1) }},
			k.Columns, "fkey")
	}
	for i := range t.Exclusions {
		e := &t.Exclusions[i]
		add(constraintAt{name: &e.Name, comment: &e.Comment, remove: func() { t.Exclusions = slices.Delete(t.Exclusions, i, i+1) }},
			elementNames(*e), "excl")
	}
	if len(t.PrimaryKey) > 0 {
		rename := func(name string) { t.SetKey(schema.PrimaryKey{Name: name, Columns: t.PrimaryKey}) }
		all = append(all, constraintAt{name: &t.PrimaryKeyName, rename: rename, given: t.KeyName(), behind: "_pkey", remove: func() { dropKey(t) }})
	}
	return all
}

// withConstraint calls f with the constraint of that name and reports whether
// there is one. Where no constraint has the name, it is the one without a name
// that PostgreSQL would have called so, or would have when the table had
// another name.
func withConstraint(t *schema.Table, name string, f func(constraintAt)) bool {
	all := constraintsOf(t)
	for _, match := range []func(constraintAt) bool{
		func(c constraintAt) bool { return *c.name == name },
		func(c constraintAt) bool { return *c.name == "" && c.given == name },
		func(c constraintAt) bool {
			return *c.name == "" && strings.HasSuffix(name, c.behind) && !strings.HasPrefix(name, t.Name+"_")
		},
	} {
		if i := slices.IndexFunc(all, match); i >= 0 {
			f(all[i])
			return true
		}
	}
	return false
}

// GivenName is the name of a constraint of t: its own, or the one that
// PostgreSQL would give it.
func GivenName(t *schema.Table, c schema.Constraint) string {
	switch c := c.(type) {
	case schema.Unique:
		return first(c.Name, givenName(t, c.Columns, "key"))
	case schema.Check:
		return first(c.Name, givenName(t, checkColumn(t, c), "check"))
	case schema.ForeignKey:
		return first(c.Name, givenName(t, c.Columns, "fkey"))
	case schema.Exclusion:
		return first(c.Name, givenName(t, elementNames(c), "excl"))
	}
	return t.KeyName()
}

// taken reports whether a constraint of the table has that name.
func taken(t *schema.Table, name string) bool {
	return slices.ContainsFunc(constraintsOf(t), func(c constraintAt) bool { return *c.name == name })
}

func givenName(t *schema.Table, columns []string, suffix string) string {
	parts := append([]string{t.Name}, columns...)
	return strings.Join(append(parts, suffix), "_")
}

// checkColumn is the one column of a check; a check of several columns is named
// after the table alone.
func checkColumn(t *schema.Table, c schema.Check) []string {
	var columns []string
	for _, column := range t.Columns {
		if c.Expr.Mentions(column.Name) {
			columns = append(columns, column.Name)
		}
	}
	if len(columns) != 1 {
		return nil
	}
	return columns
}

// elementNames are what the elements of an exclusion are called in its name.
func elementNames(e schema.Exclusion) []string {
	var names []string
	for _, x := range e.Elements {
		names = append(names, first(x.Column, "expr"))
	}
	return names
}
