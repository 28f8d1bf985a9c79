package diff

import (
	"fmt"
	"slices"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// byPlace finds tables quickly, where all of them are looked for.
func byPlace(s *schema.Schema) map[place]*schema.Table {
	tables := make(map[place]*schema.Table, len(s.Tables))
	for _, t := range s.Tables {
		tables[placeOf(t)] = t
	}
	return tables
}

// pairTables finds the tables of both sides that differ, in the order of the
// desired schema.
func (p *plan) pairTables() {
	tables := byPlace(p.now)
	for _, want := range p.want.Tables {
		if now := tables[placeOf(want)]; now != nil && !p.sameTable(now, want) {
			p.tables = append(p.tables, tablePair{now, want})
		}
	}
}

// ending are the tables that are to be dropped, those that refer to others
// first.
func (p *plan) ending() []*schema.Table {
	var gone []*schema.Table
	wanted := byPlace(p.want)
	for _, t := range p.now.Tables {
		if wanted[placeOf(t)] == nil {
			gone = append(gone, t)
		}
	}
	sorted, _ := byReference(gone)
	slices.Reverse(sorted)
	return sorted
}

// byReference puts tables behind those that they refer to. What it returns
// second are the foreign keys that stand in the way, where tables refer to one
// another in a circle.
func byReference(tables []*schema.Table) (sorted []*schema.Table, circular map[*schema.Table][]schema.ForeignKey) {
	circular = map[*schema.Table][]schema.ForeignKey{}
	left := slices.Clone(tables)
	waitsFor := func(t *schema.Table, f schema.ForeignKey) bool {
		return slices.ContainsFunc(left, func(o *schema.Table) bool { return o != t && o.Schema == f.RefSchema && o.Name == f.RefTable })
	}
	for len(left) > 0 {
		i := slices.IndexFunc(left, func(t *schema.Table) bool {
			return !slices.ContainsFunc(t.ForeignKeys, func(f schema.ForeignKey) bool { return waitsFor(t, f) })
		})
		if i < 0 {
			i = 0
			for _, f := range left[0].ForeignKeys {
				if waitsFor(left[0], f) {
					circular[left[0]] = append(circular[left[0]], f)
				}
			}
		}
		sorted = append(sorted, left[i])
		left = slices.Delete(left, i, i+1)
	}
	return sorted, circular
}

// createTables makes the new tables, each behind those that it refers to. A
// foreign key that cannot be made with its table is added later: one of a
// circle, or one to a key that is only about to be added.
func (p *plan) createTables() {
	var missing []*schema.Table
	there := byPlace(p.now)
	for _, t := range p.want.Tables {
		if there[placeOf(t)] == nil {
			missing = append(missing, t)
		}
	}
	sorted, circular := byReference(missing)
	for _, t := range sorted {
		made := t.Clone()
		made.ForeignKeys = slices.DeleteFunc(made.ForeignKeys, func(f schema.ForeignKey) bool {
			late := func(c schema.ForeignKey) bool { return c.Name == f.Name && demand(c) == demand(f) }
			return slices.ContainsFunc(circular[t], late) || f.NotValid || !p.canRefer(t, f)
		})
		title := "add " + named(t.Schema, t.Name)
		for _, o := range op.Creating(made) {
			p.do(title, o)
		}
		if now := p.now.Table(t.Schema, t.Name); now != nil {
			p.created[now], p.created[t] = true, true
		}
	}
	for _, t := range sorted { // what is left of them is one comparison more
		if now := p.now.Table(t.Schema, t.Name); now != nil && !p.sameTable(now, t) {
			p.tables = append(p.tables, tablePair{now, t})
		}
	}
}

// canRefer reports whether what the foreign key refers to is there already.
func (p *plan) canRefer(t *schema.Table, f schema.ForeignKey) bool {
	if f.RefSchema == t.Schema && f.RefTable == t.Name {
		return refers(t, f) != byNothing
	}
	ref := p.now.Table(f.RefSchema, f.RefTable)
	if ref == nil {
		return p.want.Table(f.RefSchema, f.RefTable) == nil // not ours to judge
	}
	same := func(name string) bool {
		now, want := ref.Column(name), p.want.Table(f.RefSchema, f.RefTable).Column(name)
		return now != nil && (want == nil || now.Type.Equal(want.Type))
	}
	for _, c := range f.RefColumns {
		if !same(c) {
			return false
		}
	}
	return refers(ref, f) != byNothing
}

// dropEarlyTables drops the tables whose names, or whose indexes' names, are
// needed again.
func (p *plan) dropEarlyTables() {
	for _, t := range p.ending() {
		names := relationNames(t)
		if slices.ContainsFunc(names, func(name string) bool { return p.wantsRelation(t.Schema, name) }) {
			p.dropTable(t)
		}
	}
}

func relationNames(t *schema.Table) []string {
	names := []string{t.Name, t.KeyName()}
	for _, x := range t.Indexes {
		names = append(names, x.Name)
	}
	for _, u := range t.Uniques {
		names = append(names, op.GivenName(t, u))
	}
	return names
}

// wantsRelation reports whether the desired schema uses a name that tables,
// views, sequences and indexes share.
func (p *plan) wantsRelation(schemaName, name string) bool {
	if p.want.View(schemaName, name) != nil || p.want.Sequence(schemaName, name) != nil {
		return true
	}
	return slices.ContainsFunc(p.want.Tables, func(t *schema.Table) bool {
		return t.Schema == schemaName && slices.Contains(relationNames(t), name)
	})
}

func (p *plan) dropTables() {
	for _, t := range p.ending() {
		p.dropTable(t)
	}
}

func (p *plan) dropTable(t *schema.Table) {
	remarks := []Remark{{DataLoss, fmt.Sprintf("the rows of %s are gone; if it was renamed, say --rename %s:NEW", placeOf(t), placeOf(t))}}
	for _, o := range p.now.Tables {
		if o != t && slices.ContainsFunc(o.ForeignKeys, func(f schema.ForeignKey) bool { return f.RefSchema == t.Schema && f.RefTable == t.Name }) {
			remarks = append(remarks, Remark{MayFail, "table " + placeOf(o).String() + ", which no migration made, refers to it"})
		}
	}
	remarks = append(remarks, p.leftBehind(t)...)
	p.do(dropTitle(t), op.DropTable{Schema: t.Schema, Name: t.Name, Was: t.Clone()}, append(remarks, p.hindered(t, "")...)...)
}

func dropTitle(t *schema.Table) string { return "drop " + named(t.Schema, t.Name) }
