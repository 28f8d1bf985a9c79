package op

import (
	"fmt"
	"slices"

	"github.com/leavendb/leaven/framework/schema"
)

// AddPrimaryKey adds a primary key. Its columns become NOT NULL, and stay so
// when it is dropped; make them NOT NULL before where the reverse is to leave
// no trace.
type AddPrimaryKey struct {
	Schema  string
	Table   string
	Name    string // empty: the database's choice
	Columns []string
}

// DropPrimaryKey drops the primary key, whatever its name. Was, the columns and
// name of the key, makes the operation reversible.
type DropPrimaryKey struct {
	Schema string
	Table  string
	Was    *schema.PrimaryKey
}

// AddExclusion adds an EXCLUDE constraint, which must have a name.
type AddExclusion struct {
	Schema    string
	Table     string
	Exclusion schema.Exclusion
}

// ValidateConstraint checks the rows that were there before a constraint was
// added as NotValid, without blocking writers meanwhile.
type ValidateConstraint struct {
	Schema string
	Table  string
	Name   string
}

// Reversed drops the key.
func (o AddPrimaryKey) Reversed() (Op, error) {
	was := schema.PrimaryKey{Name: o.Name, Columns: slices.Clone(o.Columns)}
	return DropPrimaryKey{Schema: o.Schema, Table: o.Table, Was: &was}, nil
}

// Apply adds the key.
func (o AddPrimaryKey) Apply(s *schema.Schema) error {
	t, err := tableOf(s, o)
	if err != nil {
		return err
	}
	if len(t.PrimaryKey) > 0 {
		return fmt.Errorf("%s: there is a primary key already", o)
	}
	if o.Name != "" && taken(t, o.Name) {
		return fmt.Errorf("%s: there is a constraint %s already", o, plain(o.Name))
	}
	if err := present(o, t, o.Columns); err != nil {
		return err
	}
	t.SetKey(schema.PrimaryKey{Name: o.Name, Columns: o.Columns})
	requireKey(t)
	return nil
}

// Object is the constraint.
func (o AddPrimaryKey) Object() Object {
	return Object{Kind: "primary key", Schema: o.Schema, Table: o.Table}
}

func (o AddPrimaryKey) String() string { return "add primary key to " + in(o.Schema, o.Table) }

func (o AddPrimaryKey) op() {}

// Reversed adds the key as it was.
func (o DropPrimaryKey) Reversed() (Op, error) {
	if o.Was == nil {
		return nil, fmt.Errorf("%s %w: Was does not say what the key was", o, ErrNoReverse)
	}
	return AddPrimaryKey{Schema: o.Schema, Table: o.Table, Name: o.Was.Name, Columns: slices.Clone(o.Was.Columns)}, nil
}

// Apply removes the key.
func (o DropPrimaryKey) Apply(s *schema.Schema) error {
	t, err := tableOf(s, o)
	if err != nil {
		return err
	}
	if len(t.PrimaryKey) == 0 {
		return fmt.Errorf("%s: there is no primary key", o)
	}
	dropKey(t)
	return nil
}

// Object is the constraint.
func (o DropPrimaryKey) Object() Object {
	return Object{Kind: "primary key", Schema: o.Schema, Table: o.Table}
}

func (o DropPrimaryKey) String() string { return "drop primary key of " + in(o.Schema, o.Table) }

func (o DropPrimaryKey) op() {}

// dropKey removes the key; its columns stay NOT NULL.
func dropKey(t *schema.Table) {
	requireKey(t)
	t.SetKey(schema.PrimaryKey{})
}

func requireKey(t *schema.Table) {
	for _, name := range t.PrimaryKey {
		if c := t.Column(name); c != nil {
			c.NotNull = true
		}
	}
}

// Reversed drops the constraint.
func (o AddExclusion) Reversed() (Op, error) {
	return dropping(o, o.Schema, o.Table, o.Exclusion.Name, o.Exclusion)
}

// Apply adds the constraint.
func (o AddExclusion) Apply(s *schema.Schema) error {
	var columns []string
	for _, e := range o.Exclusion.Elements {
		if e.Column != "" {
			columns = append(columns, e.Column)
		}
	}
	t, err := freeFor(s, o, columns)
	if err != nil {
		return err
	}
	e := o.Exclusion
	e.Elements = slices.Clone(e.Elements)
	t.Exclusions = append(t.Exclusions, e)
	return nil
}

// Object is the constraint.
func (o AddExclusion) Object() Object { return constraintOf(o.Schema, o.Table, o.Exclusion.Name) }

func (o AddExclusion) String() string {
	return "add exclusion constraint " + plain(o.Exclusion.Name) + " to " + in(o.Schema, o.Table)
}

func (o AddExclusion) op() {}

// Reversed is nothing to do: what was checked stays checked.
func (o ValidateConstraint) Reversed() (Op, error) { return sequence{}, nil }

// Apply marks the constraint as valid.
func (o ValidateConstraint) Apply(s *schema.Schema) error {
	t, err := tableOf(s, o)
	if err != nil {
		return err
	}
	found := withConstraint(t, o.Name, func(c constraintAt) {
		if c.notValid != nil {
			*c.notValid = false
		}
	})
	if !found {
		return fmt.Errorf("%s: there is no such constraint", o)
	}
	return nil
}

// Object is the constraint.
func (o ValidateConstraint) Object() Object { return constraintOf(o.Schema, o.Table, o.Name) }

func (o ValidateConstraint) String() string {
	return "validate constraint " + plain(o.Name) + " of " + in(o.Schema, o.Table)
}

func (o ValidateConstraint) op() {}
