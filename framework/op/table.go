package op

import (
	"fmt"

	"github.com/leavendb/leaven/framework/schema"
)

// Table returns the table that the operation makes.
func (o CreateTable) Table() *schema.Table {
	t := schema.Table{
		Schema: o.Schema, Name: o.Name, Columns: o.Columns, PrimaryKey: o.PrimaryKey, PrimaryKeyName: o.PrimaryKeyName,
		Uniques: o.Uniques, Checks: o.Checks, ForeignKeys: o.ForeignKeys, Exclusions: o.Exclusions, Comment: o.Comment,
	}
	return t.Clone()
}

// Creating returns the operations that make t: the table, then its indexes.
func Creating(t *schema.Table) []Op {
	c := t.Clone()
	ops := []Op{CreateTable{
		Schema: c.Schema, Name: c.Name, Columns: c.Columns, PrimaryKey: c.PrimaryKey, PrimaryKeyName: c.PrimaryKeyName,
		Uniques: c.Uniques, Checks: c.Checks, ForeignKeys: c.ForeignKeys, Exclusions: c.Exclusions, Comment: c.Comment,
	}}
	for _, x := range c.Indexes {
		ops = append(ops, CreateIndex{Schema: c.Schema, Table: c.Name, Index: x})
	}
	return ops
}

// Reversed drops the table.
func (o CreateTable) Reversed() (Op, error) {
	return DropTable{Schema: o.Schema, Name: o.Name, Was: o.Table()}, nil
}

// Apply adds the table. With IfNotExists a table that is there stays as it is:
// only the database can say whether it equals this one, which Run asks.
func (o CreateTable) Apply(s *schema.Schema) error {
	if s.Table(o.Schema, o.Name) != nil {
		if o.IfNotExists {
			return nil
		}
		return fmt.Errorf("%s: there is such a table already", o)
	}
	if err := relationFree(s, o, o.Schema, o.Name); err != nil {
		return err
	}
	t := o.Table()
	for _, f := range t.ForeignKeys {
		ref := s.Table(f.RefSchema, f.RefTable)
		if f.RefSchema == o.Schema && f.RefTable == o.Name {
			ref = t
		}
		if ref == nil {
			continue // see AddForeignKey
		}
		if err := present(o, ref, f.RefColumns); err != nil {
			return err
		}
	}
	s.Tables = append(s.Tables, t)
	return nil
}

// Object is the table.
func (o CreateTable) Object() Object {
	return Object{Kind: "table", Schema: o.Schema, Table: o.Name}
}

func (o CreateTable) String() string { return "create table " + in(o.Schema, o.Name) }

func (o CreateTable) op() {}

// Reversed makes the table and its indexes as they were.
func (o DropTable) Reversed() (Op, error) {
	if o.Was == nil {
		return nil, fmt.Errorf("%s %w: Was does not say what the table was", o, ErrNoReverse)
	}
	was := o.Was.Clone()
	was.Schema, was.Name = o.Schema, o.Name
	ops := Creating(was)
	if len(ops) == 1 {
		return ops[0], nil
	}
	return sequence(ops), nil
}

// Apply removes the table and its triggers. Foreign keys of other tables stay: whether they
// forbid it depends on the database and its rows.
func (o DropTable) Apply(s *schema.Schema) error {
	if !s.Remove(o.Schema, o.Name) && !o.IfExists {
		return fmt.Errorf("%s: there is no such table", o)
	}
	dropTriggers(s, o.Schema, o.Name)
	return nil
}

// Object is the table.
func (o DropTable) Object() Object {
	return Object{Kind: "table", Schema: o.Schema, Table: o.Name}
}

func (o DropTable) String() string { return "drop table " + in(o.Schema, o.Name) }

func (o DropTable) op() {}

// tableOf finds the table that o changes.
func tableOf(s *schema.Schema, o Op) (*schema.Table, error) {
	at := o.Object()
	if t := s.Table(at.Schema, at.Table); t != nil {
		return t, nil
	}
	return nil, fmt.Errorf("%s: there is no table %s", o, in(at.Schema, at.Table))
}
