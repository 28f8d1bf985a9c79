package diff

import (
	"fmt"
	"slices"

	"github.com/leavendb/leaven/framework/internal/pattern"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

var (
	manyValues = pattern.Lazy(`(?i)nextval|random|uuid`)
	refusesNil = pattern.Lazy(`(?i)\bis\s+not\s+null\b`)
)

// comesBack says what keeps a column from coming back where there are rows: all
// of them have no value then, or its default, and that is not enough for what was
// dropped before it.
func (p *plan) comesBack(t *schema.Table, c schema.Column) []Remark {
	if c.Counts() || !c.Generated.IsZero() {
		return nil
	}
	empty := c.Default.IsZero()
	if c.Required() && empty {
		return []Remark{{WayBack, fmt.Sprintf("rows that are there then have no value for %s, which refuses NULL", columnName(t, c.Name))}}
	}
	alike := !empty && !c.Default.IsRandomUUID() && !manyValues().MatchString(c.Default.String())
	var remarks []Remark
	for _, s := range p.steps {
		if why := missing(s.Op, t, c.Name, empty, alike); why != "" {
			remarks = append(remarks, Remark{WayBack, why})
		}
	}
	return remarks
}

// missing says what the reverse of an operation misses in a column that has come
// back empty, or with one value in all rows; empty: nothing.
func missing(o op.Op, t *schema.Table, column string, empty, alike bool) string {
	at := o.Object()
	here := at.Schema == t.Schema && at.Table == t.Name
	equal := fmt.Sprintf("rows that are there then have the same %s, which %s forbids", column, at)
	switch o := o.(type) {
	case op.DropPrimaryKey:
		if here && o.Was != nil && alike && slices.Contains(o.Was.Columns, column) {
			return equal
		}
	case op.DropIndex:
		if here && o.Was != nil && o.Was.Unique && alike && o.Was.Involves(column) {
			return equal
		}
	case op.DropConstraint:
		switch was := o.Was.(type) {
		case schema.Unique:
			if here && slices.Contains(was.Columns, column) && (alike || empty && was.NullsNotDistinct) {
				return equal
			}
		case schema.Exclusion:
			if here && alike && was.Involves(column) {
				return equal
			}
		case schema.Check:
			if here && empty && was.Expr.Mentions(column) && refusesNil().MatchString(was.Expr.String()) {
				return fmt.Sprintf("rows that are there then have no %s, which %s forbids", column, at)
			}
		case schema.ForeignKey:
			if here && alike && slices.Contains(was.Columns, column) || refersTo(was, t) && slices.Contains(was.RefColumns, column) {
				return fmt.Sprintf("rows that are there then refer by %s to what is not there", at)
			}
		}
	}
	return ""
}

// leftBehind says what keeps foreign keys to a table that is dropped from coming
// back: the table comes back empty.
func (p *plan) leftBehind(t *schema.Table) []Remark {
	var remarks []Remark
	for _, s := range p.steps {
		o, is := s.Op.(op.DropConstraint)
		if !is || p.want.Table(o.Schema, o.Table) == nil {
			continue
		}
		if f, is := o.Was.(schema.ForeignKey); is && refersTo(f, t) {
			remarks = append(remarks, Remark{WayBack, fmt.Sprintf("rows of %s then refer to rows of %s, which are gone", named(o.Schema, o.Table), placeOf(t))})
		}
	}
	return remarks
}

func refersTo(f schema.ForeignKey, t *schema.Table) bool {
	return f.RefSchema == t.Schema && f.RefTable == t.Name
}
