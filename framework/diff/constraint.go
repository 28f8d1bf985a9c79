package diff

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

func list(columns []string) string {
	if len(columns) == 1 {
		return columns[0]
	}
	return "(" + strings.Join(columns, ", ") + ")"
}

// constraintTitle is what a person would call adding ("add"), dropping or
// changing a constraint.
func constraintTitle(verb string, t *schema.Table, c schema.Constraint) string {
	table := named(t.Schema, t.Name)
	switch c := c.(type) {
	case schema.Unique:
		if verb == "add" {
			return "make " + table + "." + list(c.Columns) + " unique"
		}
		return verb + " the unique constraint on " + table + "." + list(c.Columns)
	case schema.ForeignKey:
		if verb == "add" {
			return "let " + table + "." + list(c.Columns) + " refer to " + named(c.RefSchema, c.RefTable)
		}
		return verb + " the foreign key from " + table + "." + list(c.Columns) + " to " + named(c.RefSchema, c.RefTable)
	case schema.Check:
		return verb + " check " + op.GivenName(t, c) + " of " + table
	}
	return verb + " exclusion constraint " + op.GivenName(t, c) + " of " + table
}

func constraintObject(t *schema.Table, name string) op.Object {
	return op.Object{Kind: "constraint", Schema: t.Schema, Table: t.Name, Name: name}
}

// detach drops a constraint.
func (p *plan) detach(t *schema.Table, c schema.Constraint, title string, remarks ...Remark) {
	name := op.GivenName(t, c)
	p.detached[constraintObject(t, name)] = title
	p.do(title, op.DropConstraint{Schema: t.Schema, Table: t.Name, Name: name, Was: c}, remarks...)
}

// hitByColumns is the title of the change that takes away a column on which the
// constraint depends; empty: none does.
func (p *plan) hitByColumns(both tablePair, c schema.Constraint) string {
	for _, name := range columnsOf(both.now, c) {
		if title, is := p.leaves(both, name); is {
			return title
		}
	}
	return ""
}

// constraintLeaves is the title of the change by which a constraint of now is
// dropped, perhaps to be made again.
func (p *plan) constraintLeaves(both tablePair, c schema.Constraint) (string, bool) {
	all := match(constraintsOf(both.now), constraintsOf(both.want))
	is := func(o schema.Constraint) bool {
		return kindOf(o) == kindOf(c) && nameOf(o) == nameOf(c) && demand(o) == demand(c)
	}
	switch {
	case slices.ContainsFunc(all.now, is):
		if title := p.hitByColumns(both, c); title != "" {
			return title, true
		}
		return constraintTitle("drop", both.now, c), true
	case slices.ContainsFunc(all.changed, func(pair [2]schema.Constraint) bool { return is(pair[0]) }):
		return constraintTitle("change", both.now, c), true
	}
	title := p.hitByColumns(both, c)
	return title, title != ""
}

func (p *plan) dropConstraints() {
	for _, both := range p.tables {
		for _, c := range constraintsOf(both.now) {
			if kindOf(c) == "foreign key" {
				continue
			}
			if title, leaves := p.constraintLeaves(both, c); leaves {
				p.detach(both.now, c, title, p.unmanaged(both.now, c)...)
			}
		}
		p.dropPrimaryKey(both)
	}
}

// unmanaged remarks that a constraint which has to go was not made by our
// migrations.
func (p *plan) unmanaged(t *schema.Table, c schema.Constraint) []Remark {
	if p.Options.Managed == nil {
		return nil
	}
	ours := p.managed.Table(t.Schema, t.Name)
	if ours != nil && len(match([]schema.Constraint{c}, constraintsOf(ours)).now) == 0 {
		return nil
	}
	return []Remark{{Attention, "no migration made this constraint"}}
}

// addConstraints adds uniques, checks and exclusions. A unique constraint is
// made at once, under a lock, as no operation makes one of an index that was
// built before; who cannot wait declares a unique index instead.
func (p *plan) addConstraints() {
	for _, both := range p.tables {
		t := both.now
		m := match(constraintsOf(t), constraintsOf(both.want))
		for _, pair := range m.same {
			if attributesOf(pair[0]).notValid && !attributesOf(pair[1]).notValid {
				p.validate(t, "validate "+op.GivenName(t, pair[0])+" of "+named(t.Schema, t.Name), op.GivenName(t, pair[0]))
			}
		}
		for _, c := range m.want {
			name := op.GivenName(t, c)
			title := p.titleOf(constraintObject(t, name), constraintTitle("add", t, c))
			switch c := c.(type) {
			case schema.Unique:
				c.Name = name
				p.do(title, op.AddUnique{Schema: t.Schema, Table: t.Name, Unique: c}, p.buildingRisks(t, c.Columns)...)
			case schema.Exclusion:
				c.Name = name
				p.do(title, op.AddExclusion{Schema: t.Schema, Table: t.Name, Exclusion: c}, p.buildingRisks(t, nil)...)
			case schema.Check:
				c.Name = name
				p.addCheck(t, title, c)
			}
		}
	}
}

// buildingRisks are those of a constraint with an index behind it.
func (p *plan) buildingRisks(t *schema.Table, columns []string) []Remark {
	if p.created[t] {
		return nil
	}
	fails := "rows that exclude one another forbid it"
	if columns != nil {
		fails = "rows that have the same " + list(columns) + " forbid it"
	}
	remarks := []Remark{{MayFail, fails}}
	if p.careful(t) {
		remarks = append(remarks, Remark{LongLock, "the table takes no writes while the constraint's index is built"})
	}
	return remarks
}

func (p *plan) addCheck(t *schema.Table, title string, c schema.Check) {
	if p.created[t] || c.NotValid {
		p.do(title, op.AddCheck{Schema: t.Schema, Table: t.Name, Check: c})
		return
	}
	fails := Remark{MayFail, "rows that are there and do not fulfil it forbid it"}
	if !p.Can.NotValid || !p.careful(t) {
		p.do(title, op.AddCheck{Schema: t.Schema, Table: t.Name, Check: c}, fails)
		return
	}
	c.NotValid = true
	p.do(title, op.AddCheck{Schema: t.Schema, Table: t.Name, Check: c},
		Remark{Safe, "NOT VALID first, so that writers wait for nothing; the next part checks the rows that are there"})
	p.validate(t, title, c.Name, fails)
}

func (p *plan) validate(t *schema.Table, title, name string, remarks ...Remark) {
	s := validStage
	if !p.Can.NotValid {
		s = mainStage
	}
	p.at(s, title, op.ValidateConstraint{Schema: t.Schema, Table: t.Name, Name: name}, remarks...)
}

// comment sets the comments that differ.
func (p *plan) comment() {
	for _, both := range p.tables {
		t := both.now
		table := named(t.Schema, t.Name)
		say := func(kind, name, title, from, to string) {
			if from != to {
				p.do(title, op.SetComment{On: op.Object{Kind: kind, Schema: t.Schema, Table: t.Name, Name: name}, From: from, To: to})
			}
		}
		say("table", "", "comment on "+table, t.Comment, both.want.Comment)
		for _, want := range both.want.Columns {
			if c := t.Column(want.Name); c != nil {
				say("column", c.Name, "comment on "+columnName(t, c.Name), c.Comment, want.Comment)
			}
		}
		for _, want := range both.want.Indexes {
			if x := t.Index(want.Name); x != nil {
				say("index", x.Name, "comment on index "+x.Name, x.Comment, want.Comment)
			}
		}
		for _, pair := range match(constraintsOf(t), constraintsOf(both.want)).same {
			name := op.GivenName(t, pair[0])
			say("constraint", name, fmt.Sprintf("comment on %s of %s", name, table), attributesOf(pair[0]).comment, attributesOf(pair[1]).comment)
		}
	}
}
