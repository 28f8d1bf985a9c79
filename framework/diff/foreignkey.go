package diff

import (
	"slices"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// dropForeignKeys drops the foreign keys that are gone or changed, and those in
// the way: of tables that are dropped, of keys and columns that leave, of types
// that change so that the two sides do not fit for a moment.
func (p *plan) dropForeignKeys() {
	ending := p.ending()
	if len(p.tables)+len(ending) == 0 {
		return
	}
	_, circular := byReference(ending)
	for _, t := range slices.Clone(p.now.Tables) {
		if p.isStranger(t) {
			continue
		}
		for _, f := range t.Clone().ForeignKeys {
			if slices.Contains(ending, t) {
				same := func(c schema.ForeignKey) bool { return c.Name == f.Name && demand(c) == demand(f) }
				if slices.ContainsFunc(circular[t], same) || p.foreignKeyLeaves(t, f, nil) != "" {
					p.detach(t, f, dropTitle(t))
				}
				continue
			}
			if title := p.foreignKeyLeaves(t, f, ending); title != "" {
				p.detach(t, f, title, p.unmanaged(t, f)...)
			}
		}
	}
}

func (p *plan) isStranger(t *schema.Table) bool {
	return !p.inScope(t.Schema, t.Name) || slices.Contains(p.found.Strangers, op.Object{Kind: "table", Schema: t.Schema, Table: t.Name})
}

// foreignKeyLeaves is the title of the change by which the key is dropped; empty:
// it stays.
func (p *plan) foreignKeyLeaves(t *schema.Table, f schema.ForeignKey, ending []*schema.Table) string {
	ref := p.now.Table(f.RefSchema, f.RefTable)
	both, differs := p.pairOf(t.Schema, t.Name)
	followed := slices.ContainsFunc(both.foreignKeysWanted(), func(w schema.ForeignKey) bool { return w.Name == f.Name })
	if ref != nil && slices.Contains(ending, ref) && !followed {
		return dropTitle(ref)
	}
	if differs {
		if title, leaves := p.constraintLeaves(both, f); leaves {
			return title
		}
	}
	if ref != nil && slices.Contains(ending, ref) {
		return dropTitle(ref)
	}
	refBoth, refDiffers := p.pairOf(f.RefSchema, f.RefTable)
	if refDiffers {
		for _, c := range f.RefColumns {
			if title, is := p.leaves(refBoth, c); is {
				return title
			}
		}
		if title, leaves := p.keyLeaves(refBoth, f.RefColumns); leaves {
			return title
		}
	}
	for i, c := range f.Columns {
		if differs {
			if title := misfit(both, c); title != "" {
				return title
			}
		}
		if refDiffers && i < len(f.RefColumns) {
			if title := misfit(refBoth, f.RefColumns[i]); title != "" {
				return title
			}
		}
	}
	return ""
}

func (both tablePair) foreignKeysWanted() []schema.ForeignKey {
	if both.want == nil {
		return nil
	}
	return both.want.ForeignKeys
}

// misfit is the title of a change of type after which a column cannot be
// compared with one that did not change.
func misfit(both tablePair, column string) string {
	now, want := both.now.Column(column), both.want.Column(column)
	if now == nil || want == nil || now.Type.Equal(want.Type) {
		return ""
	}
	f, t := formOf(now.Type), formOf(want.Type)
	if f.whole() && t.whole() || f.isText() && t.isText() || f.name == t.name {
		return ""
	}
	return columnTitle(both.now, *now, want)
}

// addForeignKeys adds the missing keys to tables that are there: without a look
// at their rows first, where the database can, as that locks both tables.
func (p *plan) addForeignKeys() {
	there := byPlace(p.now)
	for _, t := range p.want.Tables {
		now := there[placeOf(t)]
		if now == nil || !p.missesKeys(now, t) {
			continue
		}
		for _, c := range match(constraintsOf(now), constraintsOf(t)).want {
			f, is := c.(schema.ForeignKey)
			if !is {
				continue
			}
			f.Name = op.GivenName(now, f)
			title := constraintTitle("add", now, f)
			if p.created[now] {
				title = "add " + named(t.Schema, t.Name)
			}
			p.addForeignKey(now, p.titleOf(constraintObject(now, f.Name), title), f)
		}
	}
}

// missesKeys is quick: most tables miss none.
func (p *plan) missesKeys(now, want *schema.Table) bool {
	_, differs := p.pairOf(now.Schema, now.Name)
	return differs || len(now.ForeignKeys) != len(want.ForeignKeys)
}

func (p *plan) addForeignKey(t *schema.Table, title string, f schema.ForeignKey) {
	first := mainStage
	if p.refersToLaterIndex(f) {
		first = referStage
	}
	if f.NotValid || p.created[t] {
		p.at(first, title, op.AddForeignKey{Schema: t.Schema, Table: t.Name, ForeignKey: f})
		return
	}
	var fails []Remark
	if !p.allNull(t, f) {
		fails = []Remark{{MayFail, "rows that refer to nothing forbid it"}}
	}
	if !p.Can.NotValid || !p.careful(t) {
		remarks := fails
		if p.careful(t) {
			remarks = append(remarks, Remark{LongLock, "neither table takes writes while the rows are checked"})
		}
		p.at(first, title, op.AddForeignKey{Schema: t.Schema, Table: t.Name, ForeignKey: f}, remarks...)
		return
	}
	f.NotValid = true
	p.at(first, title, op.AddForeignKey{Schema: t.Schema, Table: t.Name, ForeignKey: f},
		Remark{Safe, "NOT VALID first, so that writers wait for nothing; the next part checks the rows that are there"})
	p.validate(t, title, f.Name, fails...)
}

// allNull reports whether one of the key's columns is new and has no value in
// any row yet.
func (p *plan) allNull(t *schema.Table, f schema.ForeignKey) bool {
	return slices.ContainsFunc(p.steps, func(s staged) bool {
		o, is := s.Op.(op.AddColumn)
		c := o.Column
		return is && o.Schema == t.Schema && o.Table == t.Name && slices.Contains(f.Columns, c.Name) &&
			!c.Required() && c.Default.IsZero() && c.Generated.IsZero()
	})
}

// refersToLaterIndex reports whether the key needs a unique index that is built
// in a part of its own.
func (p *plan) refersToLaterIndex(f schema.ForeignKey) bool {
	ref := p.now.Table(f.RefSchema, f.RefTable)
	if ref == nil || refers(ref, f) != byIndex {
		return false
	}
	return slices.ContainsFunc(p.steps, func(s staged) bool {
		o, is := s.Op.(op.CreateIndex)
		return is && s.stage == indexStage && o.Schema == ref.Schema && o.Table == ref.Name && sameColumns(plainColumns(o.Index), f.RefColumns)
	})
}
