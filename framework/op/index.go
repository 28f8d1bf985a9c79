package op

import (
	"fmt"
	"slices"

	"github.com/leavendb/leaven/framework/schema"
)

// Reversed drops the index, concurrently if it was made so.
func (o CreateIndex) Reversed() (Op, error) {
	was := o.Index.Clone()
	return DropIndex{Schema: o.Schema, Table: o.Table, Name: was.Name, Was: &was, Concurrently: o.Concurrently}, nil
}

// Apply adds the index. Its name must be free in the whole schema. With
// IfNotExists an index of the table that is there stays as it is; see
// CreateTable.
func (o CreateIndex) Apply(s *schema.Schema) error {
	t, err := tableOf(s, o)
	if err != nil {
		return err
	}
	for _, other := range s.Tables {
		if other.Schema != o.Schema || other.Index(o.Index.Name) == nil {
			continue
		}
		if other == t && o.IfNotExists {
			return nil
		}
		return fmt.Errorf("%s: table %s has an index of this name", o, in(other.Schema, other.Name))
	}
	if err := present(o, t, o.Index.Include); err != nil {
		return err
	}
	for _, p := range o.Index.Parts {
		if p.Column != "" && t.Column(p.Column) == nil {
			return fmt.Errorf("%s: there is no column %s", o, plain(p.Column))
		}
	}
	t.Indexes = append(t.Indexes, o.Index.Clone())
	return nil
}

// Object is the index.
func (o CreateIndex) Object() Object {
	return Object{Kind: "index", Schema: o.Schema, Table: o.Table, Name: o.Index.Name}
}

func (o CreateIndex) String() string {
	return "create index " + plain(o.Index.Name) + " on " + in(o.Schema, o.Table)
}

func (o CreateIndex) op() {}

// Reversed makes the index as it was, concurrently if it is dropped so.
func (o DropIndex) Reversed() (Op, error) {
	if o.Was == nil {
		return nil, fmt.Errorf("%s %w: Was does not say what the index was", o, ErrNoReverse)
	}
	was := o.Was.Clone()
	was.Name = o.Name
	return CreateIndex{Schema: o.Schema, Table: o.Table, Index: was, Concurrently: o.Concurrently}, nil
}

// Apply removes the index.
func (o DropIndex) Apply(s *schema.Schema) error {
	t, err := tableOf(s, o)
	if err != nil {
		return err
	}
	if t.Index(o.Name) == nil {
		return fmt.Errorf("%s: there is no such index", o)
	}
	t.Indexes = slices.DeleteFunc(t.Indexes, func(x schema.Index) bool { return x.Name == o.Name })
	return nil
}

// Object is the index.
func (o DropIndex) Object() Object {
	return Object{Kind: "index", Schema: o.Schema, Table: o.Table, Name: o.Name}
}

func (o DropIndex) String() string {
	return "drop index " + plain(o.Name) + " on " + in(o.Schema, o.Table)
}

func (o DropIndex) op() {}
