package op

import (
	"fmt"

	"github.com/leavendb/leaven/framework/schema"
)

// RenameTable renames a table. What refers to it follows: keys, views, triggers.
// Indexes and constraints keep their names.
type RenameTable struct {
	Schema string
	Name   string
	To     string
}

// SetSchema moves a table, with its indexes and constraints, to another schema,
// which must exist.
type SetSchema struct {
	Schema string // empty: the connection's default schema
	Table  string
	To     string // empty: the connection's default schema
}

// RenameColumn renames a column. What refers to it follows. A view that shows it
// shows it under the old name on PostgreSQL, and under the new one on SQLite
// unless its query says AS.
type RenameColumn struct {
	Schema string
	Table  string
	Name   string
	To     string
}

// RenameIndex renames an index.
type RenameIndex struct {
	Schema string
	Table  string
	Name   string
	To     string
}

// RenameConstraint renames a constraint, and the index behind it. The primary
// key is one.
type RenameConstraint struct {
	Schema string
	Table  string
	Name   string
	To     string
}

// Reversed renames it back.
func (o RenameTable) Reversed() (Op, error) {
	return RenameTable{Schema: o.Schema, Name: o.To, To: o.Name}, nil
}

// Apply renames the table, and in what refers to it.
func (o RenameTable) Apply(s *schema.Schema) error {
	t, err := tableOf(s, o)
	if err != nil {
		return err
	}
	if err := relationFree(s, o, o.Schema, o.To); err != nil {
		return err
	}
	s.Move(t, t.Schema, o.To)
	return nil
}

// Object is the table, by its old name.
func (o RenameTable) Object() Object {
	return Object{Kind: "table", Schema: o.Schema, Table: o.Name}
}

func (o RenameTable) String() string {
	return "rename table " + in(o.Schema, o.Name) + " to " + plain(o.To)
}

func (o RenameTable) op() {}

// Reversed moves the table back.
func (o SetSchema) Reversed() (Op, error) {
	return SetSchema{Schema: o.To, Table: o.Table, To: o.Schema}, nil
}

// Apply moves the table.
func (o SetSchema) Apply(s *schema.Schema) error {
	t, err := tableOf(s, o)
	if err != nil {
		return err
	}
	if err := relationFree(s, o, o.To, o.Table); err != nil {
		return err
	}
	s.Move(t, o.To, t.Name)
	return nil
}

// Object is the table, where it was.
func (o SetSchema) Object() Object {
	return Object{Kind: "table", Schema: o.Schema, Table: o.Table}
}

func (o SetSchema) String() string {
	if o.To == "" {
		return "move table " + in(o.Schema, o.Table) + " to the default schema"
	}
	return "move table " + in(o.Schema, o.Table) + " to schema " + plain(o.To)
}

func (o SetSchema) op() {}

// Reversed renames it back.
func (o RenameColumn) Reversed() (Op, error) {
	return RenameColumn{Schema: o.Schema, Table: o.Table, Name: o.To, To: o.Name}, nil
}

// Apply renames the column, and in keys, indexes, checks and triggers; the text
// of views stays.
func (o RenameColumn) Apply(s *schema.Schema) error {
	t, err := tableOf(s, o)
	if err != nil {
		return err
	}
	switch {
	case t.Column(o.Name) == nil:
		return fmt.Errorf("%s: there is no such column", o)
	case t.Column(o.To) != nil:
		return fmt.Errorf("%s: there is a column of this name already", o)
	}
	s.RenameColumn(t, o.Name, o.To)
	return nil
}

// Object is the column, by its old name.
func (o RenameColumn) Object() Object {
	return Object{Kind: "column", Schema: o.Schema, Table: o.Table, Name: o.Name}
}

func (o RenameColumn) String() string {
	return "rename column " + in(o.Schema, o.Table) + "." + plain(o.Name) + " to " + plain(o.To)
}

func (o RenameColumn) op() {}

// Reversed renames it back.
func (o RenameIndex) Reversed() (Op, error) {
	return RenameIndex{Schema: o.Schema, Table: o.Table, Name: o.To, To: o.Name}, nil
}

// Apply renames the index.
func (o RenameIndex) Apply(s *schema.Schema) error {
	t, err := tableOf(s, o)
	if err != nil {
		return err
	}
	if t.Index(o.Name) == nil {
		return fmt.Errorf("%s: there is no such index", o)
	}
	if err := relationFree(s, o, o.Schema, o.To); err != nil {
		return err
	}
	t.Index(o.Name).Name = o.To
	return nil
}

// Object is the index, by its old name.
func (o RenameIndex) Object() Object {
	return Object{Kind: "index", Schema: o.Schema, Table: o.Table, Name: o.Name}
}

func (o RenameIndex) String() string {
	return "rename index " + plain(o.Name) + " on " + in(o.Schema, o.Table) + " to " + plain(o.To)
}

func (o RenameIndex) op() {}

// Reversed renames it back.
func (o RenameConstraint) Reversed() (Op, error) {
	return RenameConstraint{Schema: o.Schema, Table: o.Table, Name: o.To, To: o.Name}, nil
}

// Apply renames the constraint; see DropConstraint for constraints that nobody
// named.
func (o RenameConstraint) Apply(s *schema.Schema) error {
	t, err := tableOf(s, o)
	if err != nil {
		return err
	}
	if taken(t, o.To) {
		return fmt.Errorf("%s: there is a constraint of this name already", o)
	}
	if !withConstraint(t, o.Name, func(c constraintAt) { c.rename(o.To) }) {
		return fmt.Errorf("%s: there is no such constraint", o)
	}
	return nil
}

// Object is the constraint, by its old name.
func (o RenameConstraint) Object() Object { return constraintOf(o.Schema, o.Table, o.Name) }

func (o RenameConstraint) String() string {
	return "rename constraint " + plain(o.Name) + " of " + in(o.Schema, o.Table) + " to " + plain(o.To)
}

func (o RenameConstraint) op() {}

// relationFree fails if the name of a table, view, sequence or index is taken
// in the schema.
func relationFree(s *schema.Schema, o Op, schemaName, name string) error {
	what := ""
	switch {
	case s.Table(schemaName, name) != nil:
		what = "table"
	case s.View(schemaName, name) != nil:
		what = "view"
	case s.Sequence(schemaName, name) != nil:
		what = "sequence"
	default:
		for _, t := range s.Tables {
			if t.Schema == schemaName && t.Index(name) != nil {
				what = "index"
			}
		}
	}
	if what == "" {
		return nil
	}
	return fmt.Errorf("%s: there is such a %s already: %s", o, what, in(schemaName, name))
}
