package diff

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// alterColumns changes what differs in columns that stay, all but their comments
// and the beginning of numbering, and then adds the generated columns.
func (p *plan) alterColumns() {
	for _, both := range p.tables {
		for _, want := range both.want.Columns {
			if now := both.now.Column(want.Name); now != nil {
				p.alterColumn(both, *now, want, false)
			}
		}
		for _, c := range both.want.Columns {
			if !c.Generated.IsZero() {
				p.addColumn(both, c)
			}
		}
	}
}

// startCounting numbers the rows in columns that did not, once the keys are what
// they should be: SQLite numbers rows in the primary key alone.
func (p *plan) startCounting() {
	for _, both := range p.tables {
		for _, want := range both.want.Columns {
			if now := both.now.Column(want.Name); now != nil {
				p.alterColumn(both, *now, want, true)
			}
		}
	}
}

// target is want with what differs only in its spelling as it is now.
func target(now, want schema.Column, counting bool) schema.Column {
	to := want
	to.Comment = now.Comment
	sameCounting := now.Counts() == want.Counts() && (want.Identity == schema.NoIdentity || now.Identity == want.Identity)
	starts := !now.Counts() && want.Counts() && !counting
	if sameCounting || starts {
		to.AutoIncrement, to.Identity = now.AutoIncrement, now.Identity
	}
	switch {
	case starts: // without numbers yet, it is not NULL already
		to.NotNull = now.NotNull || want.Required()
	case sameCounting && now.Required() == to.Required():
		to.NotNull = now.NotNull
	}
	return to
}

func (p *plan) alterColumn(both tablePair, now, want schema.Column, counting bool) {
	to := target(now, want, counting)
	o := op.AlterColumn{Schema: both.now.Schema, Table: both.now.Name, From: now, To: to}
	if op.Validate(o) != nil && sameAs(now, to) {
		return
	}
	title := p.titled(both, now, want)
	remarks := p.alterRisks(both, now, to, &o)
	if !p.staged(both, now, to) {
		if !now.Required() && to.Required() {
			remarks = append(remarks, Remark{MayFail, fmt.Sprintf("rows in which %s is NULL must be given a value before", columnName(both.now, now.Name))},
				Remark{LongLock, "all rows are read while the table is locked"})
		}
		p.do(title, o, remarks...)
		return
	}
	o.To.NotNull = false
	if !sameAs(o.From, o.To) {
		p.do(title, o, remarks...)
	}
	p.requireInStages(both, title, o.To)
}

// titled is the title of a column's change, the same in every step.
func (p *plan) titled(both tablePair, now, want schema.Column) string {
	key := columnKey(both.now, now.Name)
	if p.titles[key] == "" {
		p.titles[key] = columnTitle(both.now, now, &want)
	}
	return p.titles[key]
}

// sameAs reports whether an AlterColumn would have nothing to do.
func sameAs(from, to schema.Column) bool {
	return from.Type.Equal(to.Type) && from.NotNull == to.NotNull && from.Default.Equal(to.Default) && from.AutoIncrement == to.AutoIncrement &&
		from.Identity == to.Identity && from.Generated.Equal(to.Generated) && from.Virtual == to.Virtual && from.Collation == to.Collation && from.Comment == to.Comment
}

// staged reports whether the column is to become NOT NULL without a long lock:
// not where the primary key needs that at once.
func (p *plan) staged(both tablePair, now, to schema.Column) bool {
	return p.Can.NotValid && p.careful(both.now) && !now.Required() && to.NotNull && !to.Counts() && !slices.Contains(both.want.PrimaryKey, to.Name) &&
		!both.want.Column(to.Name).Counts()
}

// requireInStages makes a column NOT NULL by a check that is validated without
// blocking anybody; the database then need not look at the rows again.
func (p *plan) requireInStages(both tablePair, title string, c schema.Column) {
	t := both.now
	name := unique(t.Name+"_"+c.Name+"_not_null", func(name string) bool {
		return slices.ContainsFunc(append(constraintsOf(t), constraintsOf(both.want)...), func(c schema.Constraint) bool { return nameOf(c) == name })
	})
	check := schema.Check{Name: name, Expr: schema.Expr(quote(c.Name) + " IS NOT NULL"), NotValid: true}
	p.do(title, op.AddCheck{Schema: t.Schema, Table: t.Name, Check: check},
		Remark{Safe, "NOT NULL in three steps: from here on new rows need a value; the next parts check the others without blocking writers"})
	p.at(validStage, title, op.ValidateConstraint{Schema: t.Schema, Table: t.Name, Name: name},
		Remark{MayFail, fmt.Sprintf("rows in which %s is NULL must be given a value before", columnName(t, c.Name))})
	to := c
	to.NotNull = true
	check.NotValid = false
	p.at(finishStage, title, op.AlterColumn{Schema: t.Schema, Table: t.Name, From: c, To: to},
		Remark{Safe, "the validated check proves it, so the rows are not read again"})
	p.at(finishStage, title, op.DropConstraint{Schema: t.Schema, Table: t.Name, Name: name, Was: check})
}

// quote spells a name as SQL does.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// alterRisks are the remarks on a change of a column; it also tells o how rows
// are converted.
func (p *plan) alterRisks(both tablePair, now, to schema.Column, o *op.AlterColumn) []Remark {
	var remarks []Remark
	name := columnName(both.now, now.Name)
	if !now.Type.Equal(to.Type) {
		there, back := conversionOf(now.Type, to.Type), conversionOf(to.Type, now.Type)
		if p.Can.Casts {
			o.Using, o.UsingBack = there.using(now.Name, to.Type), back.using(now.Name, now.Type)
		} else if there.cast && to.Type.Kind != schema.KindEnum { // whose values a check holds
			there.fails, there.note = "", "values that cannot be read as "+to.Type.String()+" stay as they are"
		}
		remarks = append(remarks, there.remarks(name)...)
		if p.Can.Casts && back.fails == noConversion {
			remarks = append(remarks, Remark{WayBack, "no value can be converted back; say how in UsingBack"})
		}
		remarks = append(remarks, p.hindered(both.now, now.Name)...)
	} else if now.Collation != to.Collation {
		remarks = append(remarks, Remark{LongLock, "indexes of " + name + " are built anew"})
	}
	if now.Counts() && !to.Counts() {
		remarks = append(remarks, Remark{Attention, "rows bring their own " + now.Name + " from then on"})
	}
	return remarks
}
