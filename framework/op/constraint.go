package op

import (
	"fmt"
	"slices"

	"github.com/leavendb/leaven/framework/schema"
)

// Reversed drops the foreign key.
func (o AddForeignKey) Reversed() (Op, error) {
	return dropping(o, o.Schema, o.Table, o.ForeignKey.Name, o.ForeignKey)
}

// Apply adds the foreign key. The table that it refers to may be unknown: other
// code than operations makes tables too.
func (o AddForeignKey) Apply(s *schema.Schema) error {
	t, err := freeFor(s, o, o.ForeignKey.Columns)
	if err != nil {
		return err
	}
	if ref := s.Table(o.ForeignKey.RefSchema, o.ForeignKey.RefTable); ref != nil {
		if err := present(o, ref, o.ForeignKey.RefColumns); err != nil {
			return err
		}
	}
	f := o.ForeignKey
	f.Columns, f.RefColumns = slices.Clone(f.Columns), slices.Clone(f.RefColumns)
	t.ForeignKeys = append(t.ForeignKeys, f)
	return nil
}

// Object is the constraint.
func (o AddForeignKey) Object() Object { return constraintOf(o.Schema, o.Table, o.ForeignKey.Name) }

func (o AddForeignKey) String() string {
	return "add foreign key " + plain(o.ForeignKey.Name) + " to " + in(o.Schema, o.Table)
}

func (o AddForeignKey) op() {}

// Reversed drops the constraint.
func (o AddUnique) Reversed() (Op, error) {
	return dropping(o, o.Schema, o.Table, o.Unique.Name, o.Unique)
}

// Apply adds the constraint.
func (o AddUnique) Apply(s *schema.Schema) error {
	t, err := freeFor(s, o, o.Unique.Columns)
	if err != nil {
		return err
	}
	u := o.Unique
	u.Columns = slices.Clone(u.Columns)
	t.Uniques = append(t.Uniques, u)
	return nil
}

// Object is the constraint.
func (o AddUnique) Object() Object { return constraintOf(o.Schema, o.Table, o.Unique.Name) }

func (o AddUnique) String() string {
	return "add unique constraint " + plain(o.Unique.Name) + " to " + in(o.Schema, o.Table)
}

func (o AddUnique) op() {}

// Reversed drops the constraint.
func (o AddCheck) Reversed() (Op, error) {
	return dropping(o, o.Schema, o.Table, o.Check.Name, o.Check)
}

// Apply adds the constraint.
func (o AddCheck) Apply(s *schema.Schema) error {
	t, err := freeFor(s, o, nil)
	if err != nil {
		return err
	}
	t.Checks = append(t.Checks, o.Check)
	return nil
}

// Object is the constraint.
func (o AddCheck) Object() Object { return constraintOf(o.Schema, o.Table, o.Check.Name) }

func (o AddCheck) String() string {
	return "add check " + plain(o.Check.Name) + " to " + in(o.Schema, o.Table)
}

func (o AddCheck) op() {}

// Reversed adds the constraint as it was.
func (o DropConstraint) Reversed() (Op, error) {
	switch was := o.Was.(type) {
	case schema.Unique:
		was.Name = o.Name
		return AddUnique{Schema: o.Schema, Table: o.Table, Unique: was}, nil
	case schema.Check:
		was.Name = o.Name
		return AddCheck{Schema: o.Schema, Table: o.Table, Check: was}, nil
	case schema.ForeignKey:
		was.Name = o.Name
		return AddForeignKey{Schema: o.Schema, Table: o.Table, ForeignKey: was}, nil
	case schema.Exclusion:
		was.Name = o.Name
		return AddExclusion{Schema: o.Schema, Table: o.Table, Exclusion: was}, nil
	case schema.PrimaryKey:
		return AddPrimaryKey{Schema: o.Schema, Table: o.Table, Name: o.Name, Columns: was.Columns}, nil
	case nil:
		return nil, fmt.Errorf("%s %w: Was does not say what the constraint was", o, ErrNoReverse)
	}
	return nil, fmt.Errorf("%s %w: Was is a %T, not a constraint of package schema by value", o, ErrNoReverse, o.Was)
}

// Apply removes the constraint of that name; where no constraint has it, the
// one without a name that PostgreSQL would have given it, also when the table
// had another name.
func (o DropConstraint) Apply(s *schema.Schema) error {
	t, err := tableOf(s, o)
	if err != nil {
		return err
	}
	if !withConstraint(t, o.Name, func(c constraintAt) { c.remove() }) {
		return fmt.Errorf("%s: there is no such constraint", o)
	}
	return nil
}

// Object is the constraint.
func (o DropConstraint) Object() Object { return constraintOf(o.Schema, o.Table, o.Name) }

func (o DropConstraint) String() string {
	return "drop constraint " + plain(o.Name) + " from " + in(o.Schema, o.Table)
}

func (o DropConstraint) op() {}

func constraintOf(schemaName, table, name string) Object {
	return Object{Kind: "constraint", Schema: schemaName, Table: table, Name: name}
}

// dropping is the reverse of an operation that adds a constraint.
func dropping(o Op, schemaName, table, name string, was schema.Constraint) (Op, error) {
	if name == "" {
		return nil, fmt.Errorf("%s %w: the constraint has no name", o, ErrNoReverse)
	}
	return DropConstraint{Schema: schemaName, Table: table, Name: name, Was: was}, nil
}

// freeFor finds the table that o adds a constraint to: it has the columns and
// no constraint of that name.
func freeFor(s *schema.Schema, o Op, columns []string) (*schema.Table, error) {
	t, err := tableOf(s, o)
	if err != nil {
		return nil, err
	}
	if taken(t, o.Object().Name) {
		return nil, fmt.Errorf("%s: there is a constraint of this name already", o)
	}
	return t, present(o, t, columns)
}

func present(o Op, t *schema.Table, columns []string) error {
	for _, c := range columns {
		if t.Column(c) == nil {
			return fmt.Errorf("%s: table %s has no column %s", o, in(t.Schema, t.Name), plain(c))
		}
	}
	return nil
}
