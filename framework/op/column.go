package op

import (
	"fmt"
	"slices"

	"github.com/leavendb/leaven/framework/schema"
)

// Reversed drops the column.
func (o AddColumn) Reversed() (Op, error) {
	was := o.Column
	return DropColumn{Schema: o.Schema, Table: o.Table, Name: o.Column.Name, Was: &was}, nil
}

// Apply adds the column at the end. With IfNotExists a column that is there
// stays as it is; see CreateTable.
func (o AddColumn) Apply(s *schema.Schema) error {
	t, err := tableOf(s, o)
	if err != nil {
		return err
	}
	if t.Column(o.Column.Name) != nil {
		if o.IfNotExists {
			return nil
		}
		return fmt.Errorf("%s: there is such a column already", o)
	}
	t.Columns = append(t.Columns, o.Column)
	return nil
}

// Object is the column.
func (o AddColumn) Object() Object {
	return Object{Kind: "column", Schema: o.Schema, Table: o.Table, Name: o.Column.Name}
}

func (o AddColumn) String() string {
	return "add column " + in(o.Schema, o.Table) + "." + plain(o.Column.Name)
}

func (o AddColumn) op() {}

// Reversed adds the column as it was.
func (o DropColumn) Reversed() (Op, error) {
	if o.Was == nil {
		return nil, fmt.Errorf("%s %w: Was does not say what the column was", o, ErrNoReverse)
	}
	was := *o.Was
	was.Name = o.Name
	return AddColumn{Schema: o.Schema, Table: o.Table, Column: was}, nil
}

// Apply removes the column and the indexes, keys, checks and foreign keys of
// its table that involve it.
func (o DropColumn) Apply(s *schema.Schema) error {
	t, err := tableOf(s, o)
	if err != nil {
		return err
	}
	if t.Column(o.Name) == nil {
		return fmt.Errorf("%s: there is no such column", o)
	}
	t.Columns = slices.DeleteFunc(t.Columns, func(c schema.Column) bool { return c.Name == o.Name })
	if slices.Contains(t.PrimaryKey, o.Name) {
		t.SetKey(schema.PrimaryKey{})
	}
	t.Uniques = slices.DeleteFunc(t.Uniques, func(u schema.Unique) bool { return slices.Contains(u.Columns, o.Name) })
	t.Checks = slices.DeleteFunc(t.Checks, func(c schema.Check) bool { return c.Expr.Mentions(o.Name) })
	t.Exclusions = slices.DeleteFunc(t.Exclusions, func(e schema.Exclusion) bool { return e.Involves(o.Name) })
	t.Indexes = slices.DeleteFunc(t.Indexes, func(x schema.Index) bool { return x.Involves(o.Name) })
	t.ForeignKeys = slices.DeleteFunc(t.ForeignKeys, func(f schema.ForeignKey) bool {
		self := f.RefSchema == t.Schema && f.RefTable == t.Name
		return slices.Contains(f.Columns, o.Name) || self && slices.Contains(f.RefColumns, o.Name)
	})
	return nil
}

// Object is the column.
func (o DropColumn) Object() Object {
	return Object{Kind: "column", Schema: o.Schema, Table: o.Table, Name: o.Name}
}

func (o DropColumn) String() string {
	return "drop column " + in(o.Schema, o.Table) + "." + plain(o.Name)
}

func (o DropColumn) op() {}
