package op

import (
	"fmt"
	"slices"

	"github.com/leavendb/leaven/framework/schema"
)

// AddEnumValue adds a value to an enum: before or after another one, or else at
// the end. A value that is there already is accepted; the reverse drops it all the
// same. In a transaction the value cannot be used before the commit.
type AddEnumValue struct {
	Schema string
	Name   string
	Value  string
	Before string
	After  string
}

// RenameEnumValue renames a value, in all rows at once.
type RenameEnumValue struct {
	Schema string
	Name   string
	Value  string
	To     string
}

// DropEnumValue drops a value by making the enum anew and giving all columns the
// new one, which rewrites their tables. Rows that hold the value get Instead;
// where it is empty and a row holds the value, the operation fails and says
// where. A default that is the value must be changed before, and what else has it
// as a constant (a check, an index, a view) dropped and made again behind it.
type DropEnumValue struct {
	Schema  string
	Name    string
	Value   string
	Instead string

	// Before or After say where the value stood, for the reverse; with neither it
	// was the last.
	Before string
	After  string
}

// Reversed drops the value.
func (o AddEnumValue) Reversed() (Op, error) {
	return DropEnumValue{Schema: o.Schema, Name: o.Name, Value: o.Value, Before: o.Before, After: o.After}, nil
}

// Apply adds the value.
func (o AddEnumValue) Apply(s *schema.Schema) error {
	e, err := enumOf(s, o)
	if err != nil {
		return err
	}
	if slices.Contains(e.Values, o.Value) {
		return nil
	}
	i := len(e.Values)
	if neighbour := first(o.Before, o.After); neighbour != "" {
		if i = slices.Index(e.Values, neighbour); i < 0 {
			return fmt.Errorf("%s: there is no value %q", o, neighbour)
		}
		if o.Before == "" {
			i++
		}
	}
	e.Values = slices.Insert(e.Values, i, o.Value)
	return nil
}

// Object is the enum.
func (o AddEnumValue) Object() Object { return enumObject(o.Schema, o.Name) }

func (o AddEnumValue) String() string {
	return fmt.Sprintf("add value %q to enum %s", o.Value, in(o.Schema, o.Name))
}

func (o AddEnumValue) op() {}

// Reversed renames it back.
func (o RenameEnumValue) Reversed() (Op, error) {
	return RenameEnumValue{Schema: o.Schema, Name: o.Name, Value: o.To, To: o.Value}, nil
}

// Apply renames the value, also where it is a column's default, or a constant
// in a condition that mentions a column of the enum. A condition that compares the
// column as text (CAST(role AS text) = 'owner') keeps its constant, as in
// PostgreSQL.
func (o RenameEnumValue) Apply(s *schema.Schema) error {
	e, err := enumOf(s, o)
	if err != nil {
		return err
	}
	i := slices.Index(e.Values, o.Value)
	switch {
	case i < 0:
		return fmt.Errorf("%s: there is no such value", o)
	case slices.Contains(e.Values, o.To):
		return fmt.Errorf("%s: there is such a value already", o)
	}
	e.Values[i] = o.To
	for _, t := range s.Tables {
		for i, c := range t.Columns {
			if c.Type.UsesEnum(o.Schema, o.Name) {
				o.follow(t, &t.Columns[i])
			}
		}
	}
	return nil
}

// follow renames the value in what mentions the column c of t.
func (o RenameEnumValue) follow(t *schema.Table, c *schema.Column) {
	if v, _ := c.Default.Literal(); v == o.Value {
		c.Default = schema.Literal(o.To)
	}
	c.Default = c.Default.WithConstant(o.Value, o.To)
	for _, e := range t.Expressions() {
		*e = e.WithConstantOf(c.Name, o.Value, o.To)
	}
}

// Object is the enum.
func (o RenameEnumValue) Object() Object { return enumObject(o.Schema, o.Name) }

func (o RenameEnumValue) String() string {
	return fmt.Sprintf("rename value %q of enum %s to %q", o.Value, in(o.Schema, o.Name), o.To)
}

func (o RenameEnumValue) op() {}

// Reversed adds the value where it was. Rows do not get it back.
func (o DropEnumValue) Reversed() (Op, error) {
	return AddEnumValue{Schema: o.Schema, Name: o.Name, Value: o.Value, Before: o.Before, After: o.After}, nil
}

// Apply removes the value.
func (o DropEnumValue) Apply(s *schema.Schema) error {
	e, err := enumOf(s, o)
	if err != nil {
		return err
	}
	values, err := o.Remaining(e)
	if err != nil {
		return err
	}
	e.Values = values
	return nil
}

// Remaining are the values that e has without this one.
func (o DropEnumValue) Remaining(e *schema.Enum) ([]string, error) {
	switch {
	case !slices.Contains(e.Values, o.Value):
		return nil, fmt.Errorf("%s: there is no such value", o)
	case len(e.Values) == 1:
		return nil, fmt.Errorf("%s: it is the only one; drop the enum", o)
	case o.Instead != "" && !slices.Contains(e.Values, o.Instead):
		return nil, fmt.Errorf("%s: there is no value %q for the rows that hold it", o, o.Instead)
	}
	return slices.DeleteFunc(slices.Clone(e.Values), func(v string) bool { return v == o.Value }), nil
}

// Object is the enum.
func (o DropEnumValue) Object() Object { return enumObject(o.Schema, o.Name) }

func (o DropEnumValue) String() string {
	return fmt.Sprintf("drop value %q of enum %s", o.Value, in(o.Schema, o.Name))
}

func (o DropEnumValue) op() {}
