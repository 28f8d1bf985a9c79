package op

import (
	"fmt"
	"slices"

	"github.com/leavendb/leaven/framework/schema"
)

// CreateSchema makes a schema.
type CreateSchema struct {
	Name string
	// IfNotExists accepts a schema that exists already; the down of the same
	// migration then keeps it.
	IfNotExists bool
}

// DropSchema drops a schema, which must be empty.
type DropSchema struct {
	Name string
}

// CreateExtension installs an extension of PostgreSQL.
type CreateExtension struct {
	Name    string
	Schema  string // of its objects; empty: the connection's default schema
	Version string // empty: the server's default
	// IfNotExists accepts an extension that is installed already, in whatever
	// schema and version; the down of the same migration then keeps it.
	IfNotExists bool
}

// DropExtension removes an extension, on which nothing may depend. Was makes
// the operation reversible.
type DropExtension struct {
	Name string
	Was  *schema.Extension
}

// Reversed drops the schema.
func (o CreateSchema) Reversed() (Op, error) { return DropSchema{Name: o.Name}, nil }

// Apply adds the schema.
func (o CreateSchema) Apply(s *schema.Schema) error {
	if slices.Contains(s.Schemas, o.Name) {
		if o.IfNotExists {
			return nil
		}
		return fmt.Errorf("%s: there is such a schema already", o)
	}
	s.Schemas = append(s.Schemas, o.Name)
	return nil
}

// Object is the schema.
func (o CreateSchema) Object() Object { return Object{Kind: "schema", Schema: o.Name} }

func (o CreateSchema) String() string { return "create schema " + plain(o.Name) }

func (o CreateSchema) op() {}

// Reversed makes the schema.
func (o DropSchema) Reversed() (Op, error) { return CreateSchema{Name: o.Name}, nil }

// Apply removes the schema. It need not be known: other code makes schemas too.
func (o DropSchema) Apply(s *schema.Schema) error {
	for _, at := range contents(s) {
		if at.Schema == o.Name {
			return fmt.Errorf("%s: it holds %s", o, at)
		}
	}
	s.Schemas = slices.DeleteFunc(s.Schemas, func(name string) bool { return name == o.Name })
	return nil
}

// contents are the objects that stand in a schema by themselves.
func contents(s *schema.Schema) []Object {
	var all []Object
	for _, t := range s.Tables {
		all = append(all, Object{Kind: "table", Schema: t.Schema, Table: t.Name})
	}
	for _, e := range s.Enums {
		all = append(all, Object{Kind: "enum", Schema: e.Schema, Name: e.Name})
	}
	for _, q := range s.Sequences {
		all = append(all, Object{Kind: "sequence", Schema: q.Schema, Name: q.Name})
	}
	for _, v := range s.Views {
		all = append(all, Object{Kind: "view", Schema: v.Schema, Name: v.Name})
	}
	for _, e := range s.Extensions {
		all = append(all, Object{Kind: "extension", Schema: e.Schema, Name: e.Name})
	}
	return all
}

// Object is the schema.
func (o DropSchema) Object() Object { return Object{Kind: "schema", Schema: o.Name} }

func (o DropSchema) String() string { return "drop schema " + plain(o.Name) }

func (o DropSchema) op() {}

// Reversed removes the extension.
func (o CreateExtension) Reversed() (Op, error) {
	return DropExtension{Name: o.Name, Was: &schema.Extension{Name: o.Name, Schema: o.Schema, Version: o.Version}}, nil
}

// Apply adds the extension.
func (o CreateExtension) Apply(s *schema.Schema) error {
	if s.Extension(o.Name) != nil {
		if o.IfNotExists {
			return nil
		}
		return fmt.Errorf("%s: it is installed already", o)
	}
	s.Extensions = append(s.Extensions, schema.Extension{Name: o.Name, Schema: o.Schema, Version: o.Version})
	return nil
}

// Object is the extension. Its name is unique in the database.
func (o CreateExtension) Object() Object { return Object{Kind: "extension", Name: o.Name} }

func (o CreateExtension) String() string { return "create extension " + plain(o.Name) }

func (o CreateExtension) op() {}

// Reversed installs the extension as it was.
func (o DropExtension) Reversed() (Op, error) {
	if o.Was == nil {
		return nil, fmt.Errorf("%s %w: Was does not say what the extension was", o, ErrNoReverse)
	}
	return CreateExtension{Name: o.Name, Schema: o.Was.Schema, Version: o.Was.Version}, nil
}

// Apply removes the extension.
func (o DropExtension) Apply(s *schema.Schema) error {
	if s.Extension(o.Name) == nil {
		return fmt.Errorf("%s: it is not installed", o)
	}
	s.Extensions = slices.DeleteFunc(s.Extensions, func(e schema.Extension) bool { return e.Name == o.Name })
	return nil
}

// Object is the extension.
func (o DropExtension) Object() Object { return Object{Kind: "extension", Name: o.Name} }

func (o DropExtension) String() string { return "drop extension " + plain(o.Name) }

func (o DropExtension) op() {}
