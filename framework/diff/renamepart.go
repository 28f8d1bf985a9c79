package diff

import (
	"slices"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// part is where the name of a constraint or index must be free: among those of
// its table, or, if there is an index behind it, among all relations of its
// schema (table is then empty).
type part struct{ schema, table, name string }

// renameParts gives constraints and indexes that stay the names that are wanted.
// Their names may change places, also between tables.
func (p *plan) renameParts() {
	var moves []move[part]
	owners := map[part]func(from, to string) op.Op{}
	for _, both := range p.tables {
		t := both.now
		add := func(table, from, to string, rename func(from, to string) op.Op) {
			moves = append(moves, move[part]{part{t.Schema, table, from}, part{t.Schema, table, to}})
			owners[part{t.Schema, table, from}] = rename
		}
		constraint := func(from, to string) op.Op {
			return op.RenameConstraint{Schema: t.Schema, Table: t.Name, Name: from, To: to}
		}
		if n, w := t.PrimaryKeyName, both.want.PrimaryKeyName; n != w && n != "" && w != "" && slices.Equal(t.PrimaryKey, both.want.PrimaryKey) {
			add("", n, w, constraint)
		}
		for _, pair := range match(constraintsOf(t), constraintsOf(both.want)).same {
			if w := nameOf(pair[1]); w != "" && nameOf(pair[0]) != w {
				add(spaceOf(t, pair[0]), op.GivenName(t, pair[0]), w, constraint)
			}
		}
		for _, x := range t.Indexes {
			if to := p.successor(both, x); to != "" {
				add("", x.Name, to, func(from, to string) op.Op {
					return op.RenameIndex{Schema: t.Schema, Table: t.Name, Name: from, To: to}
				})
			}
		}
	}
	moves = possible(moves, func(n part) bool { return owners[n] != nil || p.partTaken(n) })
	free := func(n part) part {
		return part{n.schema, n.table, unique(n.name+"_renamed", func(name string) bool { return p.partTaken(part{n.schema, n.table, name}) })}
	}
	for _, m := range chain(moves, p.partTaken, free) {
		o := owners[m.from](m.from.name, m.to.name)
		owners[m.to] = owners[m.from]
		p.do(partTitle(moves, m), o)
	}
}

// partTitle is the title of the rename that m is a step of.
func partTitle(renames []move[part], m move[part]) string {
	for _, r := range renames {
		if r.from == m.from || r.to == m.to {
			return "rename " + r.from.name + " to " + r.to.name
		}
	}
	return "rename " + m.from.name + " to " + m.to.name
}

// spaceOf is the table among whose constraints the name must be free; empty for
// those with an index behind.
func spaceOf(t *schema.Table, c schema.Constraint) string {
	switch c.(type) {
	case schema.Unique, schema.Exclusion:
		return ""
	}
	return t.Name
}

func (p *plan) partTaken(n part) bool {
	for _, t := range p.now.Tables {
		if t.Schema != n.schema || n.table != "" && n.table != t.Name {
			continue
		}
		for _, c := range constraintsOf(t) {
			if nameOf(c) == n.name && (n.table != "" || spaceOf(t, c) == "") {
				return true
			}
		}
		if t.PrimaryKeyName == n.name || n.table == "" && (t.Name == n.name || t.Index(n.name) != nil) {
			return true
		}
	}
	return n.table == "" && (p.now.View(n.schema, n.name) != nil || p.now.Sequence(n.schema, n.name) != nil)
}
