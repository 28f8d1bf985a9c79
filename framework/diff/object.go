package diff

import (
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

func sorted(objects []op.Object) []op.Object {
	slices.SortFunc(objects, func(a, b op.Object) int { return strings.Compare(a.String(), b.String()) })
	return objects
}

func enumNames(s *schema.Schema) []op.Object {
	var all []op.Object
	for _, e := range s.Enums {
		values := slices.Sorted(slices.Values(e.Values)) // no operation changes their order
		all = append(all, op.Object{Kind: "enum", Schema: e.Schema, Name: e.Name, Table: strings.Join(values, "\x00")})
	}
	return sorted(all)
}

func sequenceNames(s *schema.Schema) []op.Object {
	var all []op.Object
	for _, q := range s.Sequences {
		all = append(all, op.Object{Kind: "sequence", Schema: q.Schema, Name: q.Name})
	}
	return sorted(all)
}

func viewNames(s *schema.Schema) []op.Object {
	var all []op.Object
	for _, v := range s.Views {
		all = append(all, op.Object{Kind: "view", Schema: v.Schema, Name: v.Name})
	}
	return sorted(all)
}

func triggerNames(s *schema.Schema) []op.Object {
	var all []op.Object
	for _, g := range s.Triggers {
		all = append(all, op.Object{Kind: "trigger", Schema: g.Schema, Table: g.Table, Name: g.Name})
	}
	return sorted(all)
}

func extensionNames(s *schema.Schema) []op.Object {
	var all []op.Object
	for _, e := range s.Extensions {
		all = append(all, op.Object{Kind: "extension", Name: e.Name})
	}
	return sorted(all)
}

func schemaNames(s *schema.Schema) []op.Object {
	var all []op.Object
	for _, name := range s.Schemas {
		all = append(all, op.Object{Kind: "schema", Schema: name})
	}
	return sorted(all)
}

// addSpaces makes schemas and extensions.
func (p *plan) addSpaces() {
	for _, name := range p.want.Schemas {
		if !slices.Contains(p.now.Schemas, name) {
			p.do("add schema "+name, op.CreateSchema{Name: name})
		}
	}
	for _, e := range p.want.Extensions {
		now := p.now.Extension(e.Name)
		switch {
		case now == nil:
			p.do("add extension "+e.Name, op.CreateExtension{Name: e.Name, Schema: e.Schema, Version: e.Version})
		case e.Version != "" && now.Version != e.Version:
			p.found.Unexpressed = append(p.found.Unexpressed, "extension "+e.Name+" is installed in version "+now.Version+", not "+e.Version+"; op.SQL with ALTER EXTENSION updates it")
		}
	}
}

func (p *plan) dropSpaces() {
	for _, e := range slices.Backward(slices.Clone(p.now.Extensions)) {
		if p.want.Extension(e.Name) == nil {
			p.do("drop extension "+e.Name, op.DropExtension{Name: e.Name, Was: &e})
		}
	}
	for _, name := range slices.Backward(slices.Clone(p.now.Schemas)) {
		if !slices.Contains(p.want.Schemas, name) {
			p.do("drop schema "+name, op.DropSchema{Name: name}, Remark{MayFail, "the schema must be empty, also of what migrations do not know"})
		}
	}
}

func (p *plan) createSequences() {
	for _, q := range p.want.Sequences {
		now := p.now.Sequence(q.Schema, q.Name)
		title := "add sequence " + named(q.Schema, q.Name)
		if now != nil {
			if sameSequence(now, q) {
				continue
			}
			title = "change sequence " + named(q.Schema, q.Name)
			p.do(title, op.DropSequence{Schema: q.Schema, Name: q.Name, Was: now.Clone()},
				Remark{DataLoss, "the sequence is made anew and counts from its start"},
				Remark{MayFail, "a default that uses the sequence forbids it"})
		}
		p.do(title, op.CreateSequence{Sequence: *q.Clone()})
	}
}

func (p *plan) dropSequences() {
	for _, q := range slices.Backward(slices.Clone(p.now.Sequences)) {
		if p.want.Sequence(q.Schema, q.Name) == nil {
			p.do("drop sequence "+named(q.Schema, q.Name), op.DropSequence{Schema: q.Schema, Name: q.Name, Was: q.Clone()},
				Remark{DataLoss, "the number that the sequence has reached is gone"})
		}
	}
}

func sameSequence(a, b *schema.Sequence) bool {
	same := func(a, b *int64) bool { return a == b || a != nil && b != nil && *a == *b }
	return a.Type.Equal(b.Type) && a.Start == b.Start && a.Increment == b.Increment && a.Cache == b.Cache && a.Cycle == b.Cycle &&
		same(a.Min, b.Min) && same(a.Max, b.Max)
}

// releaseViews drops the views of ours that read a table, or one column of it,
// which is about to be renamed: their text would be out of date. column is empty
// for the table.
func (p *plan) releaseViews(table, column, title string) {
	for _, v := range p.readers(func(v *schema.View) bool {
		return v.Query.Mentions(table) && (column == "" || v.Query.Mentions(column))
	}) {
		if p.isOurs(v) {
			p.dropView(v, title)
		}
	}
}

// isOurs reports whether the view is no stranger's, which is kept in the desired
// schema too.
func (p *plan) isOurs(v *schema.View) bool {
	theirs := slices.Contains(p.found.Strangers, op.Object{Kind: "view", Schema: v.Schema, Name: v.Name})
	known := p.want.View(v.Schema, v.Name) != nil || p.managed.View(v.Schema, v.Name) != nil
	return known && !theirs && p.inScope(v.Schema, v.Name)
}

// hindered warns of the strangers' views and triggers that use a column, or with
// an empty column the table.
func (p *plan) hindered(t *schema.Table, column string) []Remark {
	var remarks []Remark
	for _, v := range p.now.Views {
		if !p.isOurs(v) && v.Query.Mentions(t.Name) && (column == "" || v.Query.Mentions(column)) {
			remarks = append(remarks, Remark{MayFail, "view " + named(v.Schema, v.Name) + ", which no migration made, reads it"})
		}
	}
	for _, g := range p.now.Triggers {
		theirs := slices.Contains(p.found.Strangers, triggerObject(g))
		if theirs && column != "" && g.Schema == t.Schema && g.Table == t.Name && (g.Event.Mentions(column) || g.Action.Mentions(column)) {
			remarks = append(remarks, Remark{MayFail, "trigger " + g.Name + ", which no migration made, uses it"})
		}
	}
	return remarks
}

// readers are the views that is selects, and those that read them in turn, from
// the last of a row of views to the first.
func (p *plan) readers(is func(*schema.View) bool) []*schema.View {
	affected := map[*schema.View]bool{}
	for again := true; again; {
		again = false
		for _, v := range p.now.Views {
			reads := func(o *schema.View) bool { return o != v && affected[o] && v.Query.Mentions(o.Name) }
			if !affected[v] && (is(v) || slices.ContainsFunc(p.now.Views, reads)) {
				affected[v], again = true, true
			}
		}
	}
	views := slices.DeleteFunc(slices.Clone(p.now.Views), func(v *schema.View) bool { return !affected[v] })
	views = byUse(views)
	slices.Reverse(views)
	return views
}

// byUse puts views behind those that they read.
func byUse(views []*schema.View) []*schema.View {
	left := slices.Clone(views)
	var ordered []*schema.View
	for len(left) > 0 {
		i := slices.IndexFunc(left, func(v *schema.View) bool {
			return !slices.ContainsFunc(left, func(o *schema.View) bool { return o != v && v.Query.Mentions(o.Name) })
		})
		i = max(i, 0)
		ordered = append(ordered, left[i])
		left = slices.Delete(left, i, i+1)
	}
	return ordered
}

// dropViews drops the views that are gone or changed, and those in the way of
// what happens to columns and tables.
func (p *plan) dropViews() {
	changed := func(v *schema.View) bool {
		want := p.want.View(v.Schema, v.Name)
		return want == nil || want.Materialized != v.Materialized || !want.Query.Equal(v.Query)
	}
	leaving := p.readers(func(v *schema.View) bool { return changed(v) || p.inTheWay(v) != "" })
	titles := map[*schema.View]string{}
	for _, v := range slices.Backward(leaving) { // those that are read come first
		title := p.inTheWay(v)
		switch {
		case p.want.View(v.Schema, v.Name) == nil:
			title = "drop view " + named(v.Schema, v.Name)
		case changed(v):
			title = "change view " + named(v.Schema, v.Name)
		}
		for _, o := range leaving {
			if title == "" && o != v && v.Query.Mentions(o.Name) {
				title = titles[o]
			}
		}
		titles[v] = title
	}
	for _, v := range leaving {
		if p.isOurs(v) {
			p.dropView(v, titles[v])
		}
	}
}

// inTheWay is the title of the change that a view hinders because it reads the
// column or table; empty: none does.
func (p *plan) inTheWay(v *schema.View) string {
	for _, both := range p.tables {
		if !v.Query.Mentions(both.now.Name) {
			continue
		}
		for _, c := range both.now.Columns {
			want := both.want.Column(c.Name)
			if (want == nil || p.remade[columnKey(both.now, c.Name)] != "" || !want.Type.Equal(c.Type)) && v.Query.Mentions(c.Name) {
				return columnTitle(both.now, c, want)
			}
		}
	}
	for _, t := range p.ending() {
		if v.Query.Mentions(t.Name) {
			return dropTitle(t)
		}
	}
	return p.readsShrinking(v)
}

// readsShrinking is the title of the change by which an enum is made anew that a
// view reads.
func (p *plan) readsShrinking(v *schema.View) string {
	for _, e := range p.now.Enums {
		want := p.want.Enum(e.Schema, e.Name)
		gone := slices.IndexFunc(e.Values, func(value string) bool { return want != nil && !slices.Contains(want.Values, value) })
		if gone < 0 {
			continue
		}
		for _, t := range p.now.Tables {
			uses := func(c schema.Column) bool { return c.Type.UsesEnum(e.Schema, e.Name) && v.Query.Mentions(c.Name) }
			if v.Query.Mentions(t.Name) && slices.ContainsFunc(t.Columns, uses) {
				return dropValueTitle(e, e.Values[gone])
			}
		}
	}
	return ""
}

func (p *plan) dropView(v *schema.View, title string) {
	for _, g := range slices.Clone(p.now.Triggers) {
		if g.Schema == v.Schema && g.Table == v.Name {
			p.dropTrigger(g, title)
		}
	}
	was := v.Clone()
	p.detached[op.Object{Kind: "view", Schema: v.Schema, Name: v.Name}] = title
	p.do(title, op.DropView{Schema: v.Schema, Name: v.Name, Materialized: v.Materialized, Was: was})
}

func (p *plan) createViews() {
	var missing []*schema.View
	for _, v := range p.want.Views {
		if p.now.View(v.Schema, v.Name) == nil {
			missing = append(missing, v)
		}
	}
	for _, v := range byUse(missing) {
		title := p.titleOf(op.Object{Kind: "view", Schema: v.Schema, Name: v.Name}, "add view "+named(v.Schema, v.Name))
		p.do(title, op.CreateView{Schema: v.Schema, Name: v.Name, Query: v.Query, Materialized: v.Materialized})
	}
}

// titleOf is the title under which the object was dropped, or else.
func (p *plan) titleOf(o op.Object, otherwise string) string {
	if title, was := p.detached[o]; was {
		return title
	}
	return otherwise
}

func triggerObject(g schema.Trigger) op.Object {
	return op.Object{Kind: "trigger", Schema: g.Schema, Table: g.Table, Name: g.Name}
}

// dropTriggers drops the triggers that are gone or changed, and those that watch
// or read a column that goes or changes its type. Those of a table that is
// dropped go first, so that the reverse can make them again.
func (p *plan) dropTriggers() {
	for _, g := range slices.Clone(p.now.Triggers) {
		name := named(g.Schema, g.Table) + "." + g.Name
		want := p.want.Trigger(g.Schema, g.Table, g.Name)
		switch {
		case p.now.View(g.Schema, g.Table) != nil && p.want.View(g.Schema, g.Table) == nil:
			// goes with its view
		case p.want.Table(g.Schema, g.Table) == nil && p.now.Table(g.Schema, g.Table) != nil:
			p.dropTrigger(g, "drop "+named(g.Schema, g.Table))
		case want == nil:
			p.dropTrigger(g, "drop trigger "+name)
		case !want.Event.Equal(g.Event) || !want.Action.Equal(g.Action) || want.Constraint != g.Constraint:
			p.dropTrigger(g, "change trigger "+name)
		case p.watches(g) != "" && p.managed.Trigger(g.Schema, g.Table, g.Name) != nil:
			p.dropTrigger(g, p.watches(g))
		}
	}
}

// watches is the title of the change of a column that the trigger names.
func (p *plan) watches(g schema.Trigger) string {
	for _, both := range p.tables {
		if both.now.Schema != g.Schema || both.now.Name != g.Table {
			continue
		}
		for _, c := range both.now.Columns {
			want := both.want.Column(c.Name)
			if (want == nil || p.remade[columnKey(both.now, c.Name)] != "" || !want.Type.Equal(c.Type)) && (g.Event.Mentions(c.Name) || g.Action.Mentions(c.Name)) {
				return columnTitle(both.now, c, want)
			}
		}
	}
	return ""
}

func (p *plan) dropTrigger(g schema.Trigger, title string) {
	p.detached[triggerObject(g)] = title
	p.do(title, op.DropTrigger{Schema: g.Schema, Table: g.Table, Name: g.Name, Was: &g})
}

func (p *plan) createTriggers() {
	for _, g := range p.want.Triggers {
		if p.now.Trigger(g.Schema, g.Table, g.Name) == nil {
			p.do(p.titleOf(triggerObject(g), "add trigger "+named(g.Schema, g.Table)+"."+g.Name), op.CreateTrigger{Trigger: g})
		}
	}
}
