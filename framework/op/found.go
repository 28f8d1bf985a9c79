package op

import (
	"context"
	"fmt"

	"github.com/leavendb/leaven/framework/schema"
)

// kept reports whether o would drop what this migration had found, not made.
func (r run) kept(o Op) bool {
	switch o.(type) {
	case DropTable, DropColumn, DropIndex, DropSchema, DropExtension:
		return r.env.Found[o.Object().String()]
	}
	return false
}

// found reports whether o makes something only if it is absent, and it is there
// and equals what o would make. If it is there and differs, that is a
// *DifferenceError.
func (r run) found(ctx context.Context, o Op) (bool, error) {
	if there, asked, err := r.installed(ctx, o); asked {
		return there, err
	}
	wanted, differences := ifNotExists(o)
	if differences == nil {
		return false, nil
	}
	at := o.Object()
	live, err := r.state().Table(ctx, at.Schema, at.Table)
	if err != nil || live == nil || !has(live, at) {
		return false, err
	}
	want := wanted(live)
	if r.env.State == nil { // a state of our own has our spelling already
		if want, err = r.renderer.Normalize(ctx, r.db, want); err != nil {
			return false, fmt.Errorf("comparing it with the one that exists: %w", err)
		}
	}
	if lines := differences(live, want); len(lines) > 0 {
		return false, &DifferenceError{Object: at, Differences: lines}
	}
	return true, nil
}

// installed reports whether the schema or extension is there that o makes only
// if it is absent; asked is false for other operations.
func (r run) installed(ctx context.Context, o Op) (there, asked bool, err error) {
	switch o := o.(type) {
	case CreateSchema:
		asked = o.IfNotExists
	case CreateExtension:
		asked = o.IfNotExists
	}
	if !asked {
		return false, false, nil
	}
	c, ok := r.state().(Catalog)
	if !ok {
		return false, false, nil
	}
	there, err = c.Has(ctx, o.Object())
	return there, true, err
}

// ifNotExists returns, for an operation with IfNotExists, the table that holds
// what it wants (beside the live one), and the comparison of the two; nil for
// others.
func ifNotExists(o Op) (wanted func(live *schema.Table) *schema.Table, differences func(found, want *schema.Table) []string) {
	switch o := o.(type) {
	case CreateTable:
		if o.IfNotExists {
			return func(*schema.Table) *schema.Table { return o.Table() }, schema.Differences
		}
	case AddColumn:
		if o.IfNotExists {
			return columnAlone(o), func(found, want *schema.Table) []string {
				return schema.ColumnDifferences(found, want, o.Column.Name)
			}
		}
	case CreateIndex:
		if o.IfNotExists {
			return indexAlone(o), func(found, want *schema.Table) []string {
				return schema.IndexDifferences(found, want, o.Index.Name)
			}
		}
	}
	return nil, nil
}

func columnAlone(o AddColumn) func(*schema.Table) *schema.Table {
	return func(*schema.Table) *schema.Table {
		return &schema.Table{Schema: o.Schema, Name: o.Table, Columns: []schema.Column{o.Column}}
	}
}

// indexAlone is the live table's columns, for the index to stand on.
func indexAlone(o CreateIndex) func(*schema.Table) *schema.Table {
	return func(live *schema.Table) *schema.Table { return WithIndexOnly(live, o.Index) }
}

// WithIndexOnly returns t's columns and primary key with x as the only index
// and without other constraints: what a dialect needs to normalize the index.
func WithIndexOnly(t *schema.Table, x schema.Index) *schema.Table {
	c := &schema.Table{Schema: t.Schema, Name: t.Name, Columns: t.Columns, PrimaryKey: t.PrimaryKey}
	c = c.Clone()
	for i := range c.Columns {
		c.Columns[i].Default = schema.Expression{}
	}
	c.Indexes = []schema.Index{x.Clone()}
	return c
}

func has(t *schema.Table, o Object) bool {
	switch o.Kind {
	case "column":
		return t.Column(o.Name) != nil
	case "index":
		return t.Index(o.Name) != nil
	}
	return true
}
