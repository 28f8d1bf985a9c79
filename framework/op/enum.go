package op

import (
	"fmt"
	"slices"

	"github.com/leavendb/leaven/framework/schema"
)

// CreateEnum makes an enum.
type CreateEnum struct {
	Schema string
	Name   string
	Values []string
}

// DropEnum drops an enum that no column uses. Was makes the operation
// reversible.
type DropEnum struct {
	Schema string
	Name   string
	Was    *schema.Enum
}

// Reversed drops the enum.
func (o CreateEnum) Reversed() (Op, error) {
	was := schema.Enum{Schema: o.Schema, Name: o.Name, Values: slices.Clone(o.Values)}
	return DropEnum{Schema: o.Schema, Name: o.Name, Was: &was}, nil
}

// Apply adds the enum.
func (o CreateEnum) Apply(s *schema.Schema) error {
	if s.Enum(o.Schema, o.Name) != nil {
		return fmt.Errorf("%s: there is such an enum already", o)
	}
	s.Enums = append(s.Enums, &schema.Enum{Schema: o.Schema, Name: o.Name, Values: slices.Clone(o.Values)})
	return nil
}

// Object is the enum.
func (o CreateEnum) Object() Object { return enumObject(o.Schema, o.Name) }

func (o CreateEnum) String() string { return "create enum " + in(o.Schema, o.Name) }

func (o CreateEnum) op() {}

// Reversed makes the enum as it was.
func (o DropEnum) Reversed() (Op, error) {
	if o.Was == nil {
		return nil, fmt.Errorf("%s %w: Was does not say what the values were", o, ErrNoReverse)
	}
	return CreateEnum{Schema: o.Schema, Name: o.Name, Values: slices.Clone(o.Was.Values)}, nil
}

// Apply removes the enum. It fails while a column uses it.
func (o DropEnum) Apply(s *schema.Schema) error {
	if s.Enum(o.Schema, o.Name) == nil {
		return fmt.Errorf("%s: there is no such enum", o)
	}
	for _, t := range s.Tables {
		for _, c := range t.Columns {
			if c.Type.UsesEnum(o.Schema, o.Name) {
				return fmt.Errorf("%s: column %s.%s uses it", o, in(t.Schema, t.Name), plain(c.Name))
			}
		}
	}
	s.Enums = slices.DeleteFunc(s.Enums, func(e *schema.Enum) bool { return e.Schema == o.Schema && e.Name == o.Name })
	return nil
}

// Object is the enum.
func (o DropEnum) Object() Object { return enumObject(o.Schema, o.Name) }

func (o DropEnum) String() string { return "drop enum " + in(o.Schema, o.Name) }

func (o DropEnum) op() {}

func enumObject(schemaName, name string) Object {
	return Object{Kind: "enum", Schema: schemaName, Name: name}
}

// enumOf finds the enum that o changes.
func enumOf(s *schema.Schema, o Op) (*schema.Enum, error) {
	at := o.Object()
	if e := s.Enum(at.Schema, at.Name); e != nil {
		return e, nil
	}
	return nil, fmt.Errorf("%s: there is no enum %s", o, in(at.Schema, at.Name))
}
