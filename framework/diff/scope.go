package diff

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

func (p *plan) checkPatterns() error {
	for _, pattern := range append(slices.Clone(p.Include), p.Exclude...) {
		if _, err := path.Match(pattern, ""); err != nil {
			return fmt.Errorf("the pattern %q of tables cannot be read: %w", pattern, err)
		}
	}
	return nil
}

// inScope reports whether the patterns let a table or view be compared.
func (p *plan) inScope(schemaName, name string) bool {
	matches := func(pattern string) bool {
		text := name
		if strings.Contains(pattern, ".") {
			text = schemaName + "." + name
		}
		is, _ := path.Match(pattern, text)
		return is
	}
	return (len(p.Include) == 0 || slices.ContainsFunc(p.Include, matches)) && !slices.ContainsFunc(p.Exclude, matches)
}

// setScope makes the desired schema equal in what is not compared.
func (p *plan) setScope() {
	if len(p.Include)+len(p.Exclude) == 0 {
		return
	}
	p.want.Tables = slices.DeleteFunc(p.want.Tables, func(t *schema.Table) bool { return !p.inScope(t.Schema, t.Name) })
	p.want.Views = slices.DeleteFunc(p.want.Views, func(v *schema.View) bool { return !p.inScope(v.Schema, v.Name) })
	p.want.Triggers = slices.DeleteFunc(p.want.Triggers, func(g schema.Trigger) bool { return !p.inScope(g.Schema, g.Table) })
	for _, t := range p.now.Tables {
		if !p.inScope(t.Schema, t.Name) {
			p.want.Tables = append(p.want.Tables, t.Clone())
		}
	}
	for _, v := range p.now.Views {
		if !p.inScope(v.Schema, v.Name) {
			p.want.Views = append(p.want.Views, v.Clone())
		}
	}
	for _, g := range p.now.Triggers {
		if !p.inScope(g.Schema, g.Table) {
			p.want.Triggers = append(p.want.Triggers, g)
		}
	}
}

// keepStrangers puts what nobody manages into the desired schema, so that it
// stays.
func (p *plan) keepStrangers() {
	if p.Options.Managed == nil {
		return
	}
	p.keepTables()
	p.keepObjects()
}

func (p *plan) stranger(o op.Object) { p.found.Strangers = append(p.found.Strangers, o) }

func (p *plan) keepTables() {
	wanted, managed := byPlace(p.want), byPlace(p.managed)
	for _, t := range p.now.Tables {
		want, ours := wanted[placeOf(t)], managed[placeOf(t)]
		switch {
		case want != nil && (p.identical(t, want) || !p.inScope(t.Schema, t.Name)):
		case want != nil:
			if ours == nil {
				ours = &schema.Table{Schema: t.Schema, Name: t.Name}
			}
			p.keepParts(t, want, ours)
		case ours == nil:
			p.stranger(op.Object{Kind: "table", Schema: t.Schema, Table: t.Name})
			p.want.Tables = append(p.want.Tables, t.Clone())
			for _, g := range p.now.Triggers {
				if g.Schema == t.Schema && g.Table == t.Name && p.want.Trigger(g.Schema, g.Table, g.Name) == nil {
					p.want.Triggers = append(p.want.Triggers, g)
				}
			}
		}
	}
}

// keepParts keeps the columns, indexes and constraints of a table of ours that
// are a stranger's.
func (p *plan) keepParts(t, want, ours *schema.Table) {
	at := func(kind, name string) op.Object {
		return op.Object{Kind: kind, Schema: t.Schema, Table: t.Name, Name: name}
	}
	for _, c := range t.Columns {
		if want.Column(c.Name) == nil && ours.Column(c.Name) == nil {
			p.stranger(at("column", c.Name))
			want.Columns = append(want.Columns, c)
		}
	}
	stays := func(columns []string) bool {
		return !slices.ContainsFunc(columns, func(name string) bool { return want.Column(name) == nil })
	}
	matched := match(constraintsOf(t), constraintsOf(want))
	alone := matched.now
	for _, pair := range matched.same { // one that does what we want under a name of its own is still not ours
		if w := nameOf(pair[1]); w != "" && w != nameOf(pair[0]) {
			alone = append(alone, pair[0])
		}
	}
	for _, c := range alone {
		if theirs := match([]schema.Constraint{c}, constraintsOf(ours)).now; len(theirs) > 0 && stays(columnsOf(t, c)) && p.targetStays(c) {
			p.stranger(at("constraint", op.GivenName(t, c)))
			addConstraint(want, c)
		}
	}
	if len(t.PrimaryKey) > 0 && len(want.PrimaryKey) == 0 && len(ours.PrimaryKey) == 0 && stays(t.PrimaryKey) {
		p.stranger(at("primary key", ""))
		want.PrimaryKey, want.PrimaryKeyName = slices.Clone(t.PrimaryKey), t.PrimaryKeyName
	}
	for _, x := range t.Indexes {
		if want.Index(x.Name) == nil && ours.Index(x.Name) == nil && stays(indexColumns(t, x)) {
			p.stranger(at("index", x.Name))
			want.Indexes = append(want.Indexes, x.Clone())
		}
	}
}

// keepNeeded keeps enums and schemas that what stays still needs, though they are
// ours and no longer wanted.
func (p *plan) keepNeeded() {
	for _, e := range p.now.Enums {
		if p.want.Enum(e.Schema, e.Name) != nil {
			continue
		}
		for _, t := range p.want.Tables {
			i := slices.IndexFunc(t.Columns, func(c schema.Column) bool { return c.Type.UsesEnum(e.Schema, e.Name) })
			if i >= 0 {
				p.want.Enums = append(p.want.Enums, e.Clone())
				p.found.Unexpressed = append(p.found.Unexpressed,
					fmt.Sprintf("enum %s is wanted no longer, but stays: column %s uses it", named(e.Schema, e.Name), columnName(t, t.Columns[i].Name)))
				break
			}
		}
	}
	for _, name := range p.now.Schemas {
		holds := slices.ContainsFunc(p.want.Tables, func(t *schema.Table) bool { return t.Schema == name }) ||
			slices.ContainsFunc(p.want.Enums, func(e *schema.Enum) bool { return e.Schema == name }) ||
			slices.ContainsFunc(p.want.Views, func(v *schema.View) bool { return v.Schema == name }) ||
			slices.ContainsFunc(p.want.Sequences, func(q *schema.Sequence) bool { return q.Schema == name }) ||
			slices.ContainsFunc(p.want.Extensions, func(e schema.Extension) bool { return e.Schema == name })
		if holds && !slices.Contains(p.want.Schemas, name) {
			p.want.Schemas = append(p.want.Schemas, name)
		}
	}
}

// targetStays reports whether a foreign key refers to nothing that is dropped.
func (p *plan) targetStays(c schema.Constraint) bool {
	f, is := c.(schema.ForeignKey)
	if !is {
		return true
	}
	now, want := p.now.Table(f.RefSchema, f.RefTable), p.want.Table(f.RefSchema, f.RefTable)
	return now == nil || want != nil || p.managed.Table(f.RefSchema, f.RefTable) == nil
}

// keepObjects keeps what belongs to no table. A trigger of a stranger's table is
// kept by then.
func (p *plan) keepObjects() {
	now, want, ours := p.now, p.want, p.managed
	for _, name := range now.Schemas {
		if !slices.Contains(want.Schemas, name) && !slices.Contains(ours.Schemas, name) {
			p.stranger(op.Object{Kind: "schema", Schema: name})
			want.Schemas = append(want.Schemas, name)
		}
	}
	for _, e := range now.Extensions {
		if want.Extension(e.Name) == nil && ours.Extension(e.Name) == nil {
			p.stranger(op.Object{Kind: "extension", Name: e.Name})
			want.Extensions = append(want.Extensions, e)
		}
	}
	for _, e := range now.Enums {
		if want.Enum(e.Schema, e.Name) == nil && ours.Enum(e.Schema, e.Name) == nil {
			p.stranger(op.Object{Kind: "enum", Schema: e.Schema, Name: e.Name})
			want.Enums = append(want.Enums, e.Clone())
		}
	}
	for _, q := range now.Sequences {
		if want.Sequence(q.Schema, q.Name) == nil && ours.Sequence(q.Schema, q.Name) == nil {
			p.stranger(op.Object{Kind: "sequence", Schema: q.Schema, Name: q.Name})
			want.Sequences = append(want.Sequences, q.Clone())
		}
	}
	for _, v := range now.Views {
		if want.View(v.Schema, v.Name) == nil && ours.View(v.Schema, v.Name) == nil {
			p.stranger(op.Object{Kind: "view", Schema: v.Schema, Name: v.Name})
			want.Views = append(want.Views, v.Clone())
		}
	}
	for _, g := range now.Triggers {
		stays := want.Table(g.Schema, g.Table) != nil || want.View(g.Schema, g.Table) != nil
		if stays && want.Trigger(g.Schema, g.Table, g.Name) == nil && ours.Trigger(g.Schema, g.Table, g.Name) == nil {
			p.stranger(op.Object{Kind: "trigger", Schema: g.Schema, Table: g.Table, Name: g.Name})
			want.Triggers = append(want.Triggers, g)
		}
	}
}
