package model

import (
	"slices"
	"strconv"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

func (l *loader) applyConstraints(e *entry, t *schema.Table, x schema.Extras) {
	for _, u := range x.Uniques {
		l.applyUnique(e, t, u)
	}
	for _, c := range x.Checks {
		l.applyCheck(e, t, c)
	}
	for _, c := range x.Exclusions {
		l.applyExclusion(e, t, c)
	}
	for _, f := range x.ForeignKeys {
		l.applyForeignKey(e, t, f)
	}
}

func (l *loader) applyUnique(e *entry, t *schema.Table, u schema.Unique) {
	u.Name, u.Columns = op.GivenName(t, u), slices.Clone(u.Columns)
	l.known(e, t, "the unique constraint "+u.Name, u.Columns...)
	t.Uniques = slices.DeleteFunc(t.Uniques, func(o schema.Unique) bool { return o.Name == u.Name || slices.Equal(o.Columns, u.Columns) })
	t.Uniques = append(t.Uniques, u)
}

func (l *loader) applyCheck(e *entry, t *schema.Table, c schema.Check) {
	if c.Expr.IsZero() {
		l.faults.add(e.name(), "", "the check %s has no Expr", op.GivenName(t, c))
	}
	t.Checks = slices.DeleteFunc(t.Checks, func(o schema.Check) bool {
		return c.Name != "" && o.Name == c.Name || c.Name == "" && o.Expr.Equal(c.Expr)
	})
	if c.Name == "" {
		c.Name = free(t, op.GivenName(t, c))
	}
	t.Checks = append(t.Checks, c)
}

func (l *loader) applyExclusion(e *entry, t *schema.Table, c schema.Exclusion) {
	if c.Name == "" {
		c.Name = free(t, op.GivenName(t, c))
	}
	for _, element := range c.Elements {
		if element.Column != "" {
			l.known(e, t, "the exclusion "+c.Name, element.Column)
		}
	}
	t.Exclusions = slices.DeleteFunc(t.Exclusions, func(o schema.Exclusion) bool { return o.Name == c.Name })
	t.Exclusions = append(t.Exclusions, c)
}

func (l *loader) applyForeignKey(e *entry, t *schema.Table, f schema.ForeignKey) {
	f.Name, f.Columns = op.GivenName(t, f), slices.Clone(f.Columns)
	l.known(e, t, "the foreign key "+f.Name, f.Columns...)
	l.complete(e, &f, t)
	if !putKey(t, f) && !l.options.NoForeignKeys {
		l.faults.add(e.name(), "", "the foreign key %s has no RefTable, and there is no relation over (%s) that makes a key which it could tell more about; name RefTable, or write `leaven:\"foreign_key\"` on the relation", f.Name, commas(f.Columns))
	}
}

// free is the name, with a number behind it where a constraint of the table has
// it already, as PostgreSQL does.
func free(t *schema.Table, name string) string {
	taken := func(name string) bool {
		return slices.ContainsFunc(t.Checks, func(c schema.Check) bool { return c.Name == name }) ||
			slices.ContainsFunc(t.Exclusions, func(c schema.Exclusion) bool { return c.Name == name })
	}
	numbered := name
	for i := 1; taken(numbered); i++ {
		numbered = name + strconv.Itoa(i)
	}
	return numbered
}
