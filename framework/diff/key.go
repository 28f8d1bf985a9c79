package diff

import (
	"slices"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// provider is what makes the columns unique that a foreign key refers to.
type provider int

const (
	byNothing provider = iota
	byConstraint
	byIndex
)

func sameColumns(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

func plainColumns(x schema.Index) []string {
	if !x.Unique || !x.Where.IsZero() {
		return nil
	}
	var names []string
	for _, p := range x.Parts {
		if p.Column == "" {
			return nil
		}
		names = append(names, p.Column)
	}
	return names
}

// refers tells what in t makes the foreign key's columns unique.
func refers(t *schema.Table, f schema.ForeignKey) provider {
	if sameColumns(t.PrimaryKey, f.RefColumns) || slices.ContainsFunc(t.Uniques, func(u schema.Unique) bool { return sameColumns(u.Columns, f.RefColumns) }) {
		return byConstraint
	}
	if slices.ContainsFunc(t.Indexes, func(x schema.Index) bool { return sameColumns(plainColumns(x), f.RefColumns) }) {
		return byIndex
	}
	return byNothing
}

// pairOf finds the two sides of a table that differs.
func (p *plan) pairOf(schemaName, name string) (tablePair, bool) {
	i := slices.IndexFunc(p.tables, func(both tablePair) bool { return both.now.Schema == schemaName && both.now.Name == name })
	if i < 0 {
		return tablePair{}, false
	}
	return p.tables[i], true
}

// keyLeaves is the title of the change by which a table loses what makes the
// columns unique.
func (p *plan) keyLeaves(both tablePair, columns []string) (string, bool) {
	if sameColumns(both.now.PrimaryKey, columns) && p.primaryKeyLeaves(both) {
		return keyTitle(both), true
	}
	same := match(constraintsOf(both.now), constraintsOf(both.want)).same
	for _, u := range both.now.Uniques {
		stays := slices.ContainsFunc(same, func(s [2]schema.Constraint) bool { return nameOf(s[0]) == u.Name && demand(s[0]) == demand(u) })
		if sameColumns(u.Columns, columns) && (!stays || p.hitByColumns(both, u) != "") {
			return constraintTitle("drop", both.now, u), true
		}
	}
	for _, x := range both.now.Indexes {
		if sameColumns(plainColumns(x), columns) {
			if title, drop := p.indexLeaves(both, x); drop {
				return title, true
			}
		}
	}
	return "", false
}

// primaryKeyLeaves reports whether the key is dropped, perhaps to be made again.
func (p *plan) primaryKeyLeaves(both tablePair) bool {
	if len(both.now.PrimaryKey) == 0 {
		return false
	}
	return !slices.Equal(both.now.PrimaryKey, both.want.PrimaryKey) ||
		slices.ContainsFunc(both.now.PrimaryKey, func(c string) bool { return p.remade[columnKey(both.now, c)] != "" })
}

func keyTitle(both tablePair) string {
	name := named(both.want.Schema, both.want.Name)
	switch {
	case len(both.want.PrimaryKey) == 0:
		return "drop the primary key of " + name
	case len(both.now.PrimaryKey) == 0:
		return "give " + name + " a primary key"
	}
	return "change the primary key of " + name
}

func (p *plan) dropPrimaryKey(both tablePair) {
	t := both.now
	if !p.primaryKeyLeaves(both) {
		return
	}
	title := keyTitle(both)
	if column := slices.IndexFunc(t.PrimaryKey, func(c string) bool { return p.remade[columnKey(t, c)] != "" }); column >= 0 {
		title = p.remade[columnKey(t, t.PrimaryKey[column])]
	}
	p.detached[op.Object{Kind: "primary key", Schema: t.Schema, Table: t.Name}] = title
	p.stopCounting(both)
	was := schema.PrimaryKey{Name: t.PrimaryKeyName, Columns: slices.Clone(t.PrimaryKey)}
	p.do(title, op.DropPrimaryKey{Schema: t.Schema, Table: t.Name, Was: &was}, Remark{Disrupts, "rows are found and referred to by this key"})
}

// stopCounting ends the numbering of rows before the key is dropped that some
// databases need for it.
func (p *plan) stopCounting(both tablePair) {
	for _, name := range both.now.PrimaryKey {
		now, want := both.now.Column(name), both.want.Column(name)
		if !now.Counts() || want != nil && want.Counts() {
			continue
		}
		to := *now
		to.AutoIncrement, to.Identity, to.NotNull = false, schema.NoIdentity, true
		title := "drop " + columnName(both.now, name)
		if want != nil {
			title = p.titled(both, *now, *want)
		}
		p.do(title, op.AlterColumn{Schema: both.now.Schema, Table: both.now.Name, From: *now, To: to})
	}
}

func (p *plan) addKeys() {
	for _, both := range p.tables {
		t := both.now
		if len(both.want.PrimaryKey) == 0 || len(t.PrimaryKey) > 0 {
			continue
		}
		title := p.titleOf(op.Object{Kind: "primary key", Schema: t.Schema, Table: t.Name}, keyTitle(both))
		p.do(title, op.AddPrimaryKey{Schema: t.Schema, Table: t.Name, Name: both.want.PrimaryKeyName, Columns: slices.Clone(both.want.PrimaryKey)},
			Remark{MayFail, "rows that have the same " + list(both.want.PrimaryKey) + ", or NULL in it, forbid it"},
			Remark{LongLock, "the table is locked while the key's index is built"})
	}
}
