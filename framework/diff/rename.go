package diff

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// move is a rename of something with a comparable name.
type move[N comparable] struct{ from, to N }

// chain puts moves into an order in which no target is taken when its turn
// comes. A circle goes through a free name.
func chain[N comparable](moves []move[N], taken func(N) bool, free func(N) N) []move[N] {
	left := slices.Clone(moves)
	var ordered []move[N]
	gone := map[N]bool{}
	for len(left) > 0 {
		i := slices.IndexFunc(left, func(m move[N]) bool { return !taken(m.to) || gone[m.to] })
		if i < 0 {
			between := free(left[0].from)
			ordered = append(ordered, move[N]{left[0].from, between})
			gone[left[0].from] = true
			left[0].from = between
			continue
		}
		m := left[i]
		ordered = append(ordered, m)
		gone[m.from], gone[m.to] = true, false
		left = slices.Delete(left, i, i+1)
	}
	return ordered
}

// possible keeps the moves whose from is there and whose to is free, or becomes
// so by another of them.
func possible[N comparable](moves []move[N], taken func(N) bool) []move[N] {
	for {
		kept := slices.DeleteFunc(slices.Clone(moves), func(m move[N]) bool {
			leaves := slices.ContainsFunc(moves, func(o move[N]) bool { return o.from == m.to })
			return !taken(m.from) || taken(m.to) && !leaves
		})
		if len(kept) == len(moves) {
			return kept
		}
		moves = kept
	}
}

// doubled finds a name that two moves share.
func doubled[N comparable](moves []move[N]) (N, bool) {
	for i, m := range moves {
		for _, o := range moves[:i] {
			if m.from == o.from || m.to == o.to {
				return m.from, true
			}
		}
	}
	var none N
	return none, false
}

// place is where a table stands.
type place struct{ schema, name string }

func (l place) String() string { return named(l.schema, l.name) }

func placeOf(t *schema.Table) place { return place{t.Schema, t.Name} }

// rename makes the renames that were asked for.
func (p *plan) rename() {
	var tables, columns, values []Rename
	for _, r := range p.Renames {
		switch {
		case r.From.Kind != r.To.Kind:
			p.err = fmt.Errorf("renaming %s to %s: these are not of one kind", r.From, r.To)
			return
		case r.From.Kind == "table":
			tables = append(tables, r)
		case r.From.Kind == "column":
			columns = append(columns, r)
		case r.From.Kind == "enum value":
			values = append(values, r)
		default:
			p.err = fmt.Errorf("renaming %s: only a table, a column and an enum value are renamed", r.From)
			return
		}
	}
	p.renameValues(values)
	moved := p.renameTables(tables)
	p.renameColumns(columns, moved)
}

// renameTables returns where the tables are that were renamed.
func (p *plan) renameTables(renames []Rename) map[place]place {
	var moves []move[place]
	for _, r := range renames {
		m := move[place]{place{r.From.Schema, r.From.Table}, place{r.To.Schema, r.To.Table}}
		if p.want.Table(m.to.schema, m.to.name) == nil {
			p.err = fmt.Errorf("renaming table %s to %s: the desired schema has no table %s", m.from, m.to, m.to)
			return nil
		}
		moves = append(moves, m)
	}
	taken := func(l place) bool { return p.now.Table(l.schema, l.name) != nil }
	kept := possible(moves, taken)
	if twice, is := doubled(kept); is {
		p.err = fmt.Errorf("table %s is renamed twice, or two tables get one name", twice)
		return nil
	}
	moved := map[place]place{}
	for i, m := range moves {
		if !slices.Contains(kept, m) {
			p.found.PassedOver = append(p.found.PassedOver, renames[i])
			continue
		}
		moved[m.from] = m.to
		p.releaseViews(m.from.name, "", renameTitle(m.from, m.to))
	}
	free := func(l place) place { return place{l.schema, p.freeRelation(l.schema, l.name+"_renamed")} }
	for _, m := range chain(kept, taken, free) {
		p.moveTable(m, moveTitle(kept, m))
	}
	return moved
}

// moveTitle is the title of the rename that m is a step of.
func moveTitle(renames []move[place], m move[place]) string {
	for _, r := range renames {
		if r.from == m.from || r.to == m.to {
			return renameTitle(r.from, r.to)
		}
	}
	return renameTitle(m.from, m.to)
}

func renameTitle(from, to place) string {
	switch {
	case from.schema == to.schema:
		return "rename " + from.String() + " to " + to.name
	case from.name == to.name && to.schema == "":
		return "move " + from.String() + " to the default schema"
	case from.name == to.name:
		return "move " + from.String() + " to schema " + to.schema
	}
	return "move " + from.String() + " to " + to.String()
}

// moveTable renames a table, moves it, or both in the order in which the name
// between is free.
func (p *plan) moveTable(m move[place], title string) {
	breaks := Remark{Disrupts, "programs that still use the old name fail from the commit on"}
	at := m.from
	rename := func() {
		if at.name != m.to.name {
			p.both(title, op.RenameTable{Schema: at.schema, Name: at.name, To: m.to.name}, breaks)
			at.name = m.to.name
		}
	}
	set := func() {
		if at.schema != m.to.schema {
			p.both(title, op.SetSchema{Schema: at.schema, Table: at.name, To: m.to.schema}, breaks)
			at.schema = m.to.schema
		}
	}
	if p.now.Table(m.from.schema, m.to.name) != nil {
		set()
		rename()
		return
	}
	rename()
	set()
}

// both does o, and in what our migrations have made too, if it is known there.
func (p *plan) both(title string, o op.Op, remarks ...Remark) {
	p.do(title, o, remarks...)
	_ = o.Apply(p.managed) // what is not there is a stranger's
}

func (p *plan) renameColumns(renames []Rename, moved map[place]place) {
	byTable := map[*schema.Table][]move[string]{}
	var order []*schema.Table
	for _, r := range renames {
		t := p.tableOfColumn(r, moved)
		if t == nil {
			p.found.PassedOver = append(p.found.PassedOver, r)
			continue
		}
		want := p.want.Table(t.Schema, t.Name)
		if want == nil || want.Column(r.To.Name) == nil {
			p.err = fmt.Errorf("renaming %s.%s to %s: the desired schema has no column %s.%s", placeOf(t), r.From.Name, r.To.Name, placeOf(t), r.To.Name)
			return
		}
		if byTable[t] == nil {
			order = append(order, t)
		}
		byTable[t] = append(byTable[t], move[string]{r.From.Name, r.To.Name})
	}
	for _, t := range order {
		p.renameColumnsOf(t, byTable[t])
	}
}

// tableOfColumn finds the table, which the rename may call by its old name or by
// its new one.
func (p *plan) tableOfColumn(r Rename, moved map[place]place) *schema.Table {
	old := place{r.From.Schema, r.From.Table}
	if to, is := moved[old]; is {
		return p.now.Table(to.schema, to.name)
	}
	return p.now.Table(old.schema, old.name)
}

func (p *plan) renameColumnsOf(t *schema.Table, moves []move[string]) {
	taken := func(name string) bool { return t.Column(name) != nil }
	kept := possible(moves, taken)
	if twice, is := doubled(kept); is {
		p.err = fmt.Errorf("column %s.%s is renamed twice, or two columns get one name", placeOf(t), twice)
		return
	}
	at := op.Object{Kind: "column", Schema: t.Schema, Table: t.Name}
	titles := map[string]string{}
	for _, m := range moves {
		from, to := at, at
		from.Name, to.Name = m.from, m.to
		if !slices.Contains(kept, m) {
			p.found.PassedOver = append(p.found.PassedOver, Rename{from, to})
			continue
		}
		titles[m.from] = "rename " + named(t.Schema, t.Name) + "." + m.from + " to " + m.to
		titles[m.to] = cmp.Or(titles[m.to], titles[m.from])
		p.releaseViews(t.Name, m.from, titles[m.from])
	}
	want := p.want.Table(t.Schema, t.Name)
	for _, m := range chain(kept, taken, func(name string) string { return freeColumn(t, want, name+"_renamed") }) {
		title := cmp.Or(titles[m.from], titles[m.to])
		p.both(title, op.RenameColumn{Schema: t.Schema, Table: t.Name, Name: m.from, To: m.to},
			Remark{Disrupts, "programs that still use the old name fail from the commit on"})
	}
	// Renaming quotes the name in expressions, so the other side's is quoted too.
	for _, m := range kept {
		p.want.RenameColumn(want, m.to, m.to)
		clear(p.alike)
	}
}

func (p *plan) renameValues(renames []Rename) {
	for _, r := range renames {
		e, want := p.now.Enum(r.From.Schema, r.From.Table), p.want.Enum(r.From.Schema, r.From.Table)
		switch {
		case want == nil || !slices.Contains(want.Values, r.To.Name):
			p.err = fmt.Errorf("renaming value %q of enum %s to %q: the desired schema has no such value", r.From.Name, named(r.From.Schema, r.From.Table), r.To.Name)
			return
		case e == nil || !slices.Contains(e.Values, r.From.Name) || slices.Contains(e.Values, r.To.Name):
			p.found.PassedOver = append(p.found.PassedOver, r)
			continue
		}
		title := fmt.Sprintf("rename value %s of %s to %s", r.From.Name, named(e.Schema, e.Name), r.To.Name)
		p.both(title, op.RenameEnumValue{Schema: e.Schema, Name: e.Name, Value: r.From.Name, To: r.To.Name},
			Remark{Disrupts, "programs that still use the old value fail from the commit on"})
	}
}

// freeRelation is a name like base that nothing in the schema has, on either
// side.
func (p *plan) freeRelation(schemaName, base string) string {
	return unique(base, func(name string) bool {
		for _, s := range []*schema.Schema{p.now, p.want} {
			if s.Table(schemaName, name) != nil || s.View(schemaName, name) != nil || s.Sequence(schemaName, name) != nil || s.Enum(schemaName, name) != nil {
				return true
			}
			for _, t := range s.Tables {
				if t.Schema == schemaName && t.Index(name) != nil {
					return true
				}
			}
		}
		return false
	})
}

func freeColumn(t, want *schema.Table, base string) string {
	return unique(base, func(name string) bool { return t.Column(name) != nil || want != nil && want.Column(name) != nil })
}

// unique is base, of at most 63 bytes, as PostgreSQL would cut it silently, or
// base with a number behind.
func unique(base string, taken func(string) bool) string {
	name := cut(base, 63)
	for n := 2; taken(name); n++ {
		behind := fmt.Sprintf("_%d", n)
		name = cut(base, 63-len(behind)) + behind
	}
	return name
}

func cut(name string, limit int) string {
	if len(name) <= limit {
		return name
	}
	return strings.ToValidUTF8(name[:limit], "")
}

// named is "users" or "app.users".
func named(schemaName, name string) string {
	if schemaName == "" {
		return name
	}
	return schemaName + "." + name
}
