package op

import (
	"fmt"
	"slices"

	"github.com/leavendb/leaven/framework/schema"
)

// CreateView makes a view by its query.
type CreateView struct {
	Schema       string
	Name         string
	Query        schema.Expression // the SELECT
	Materialized bool              // PostgreSQL: its rows are stored
}

// DropView drops a view. Was makes the operation reversible.
type DropView struct {
	Schema       string
	Name         string
	Materialized bool
	Was          *schema.View
}

// Reversed drops the view.
func (o CreateView) Reversed() (Op, error) {
	return DropView{Schema: o.Schema, Name: o.Name, Materialized: o.Materialized, Was: o.view()}, nil
}

func (o CreateView) view() *schema.View {
	return &schema.View{Schema: o.Schema, Name: o.Name, Query: o.Query, Materialized: o.Materialized}
}

// Apply adds the view. What its query reads is not known.
func (o CreateView) Apply(s *schema.Schema) error {
	if err := relationFree(s, o, o.Schema, o.Name); err != nil {
		return err
	}
	s.Views = append(s.Views, o.view())
	return nil
}

// Object is the view.
func (o CreateView) Object() Object { return Object{Kind: "view", Schema: o.Schema, Name: o.Name} }

func (o CreateView) String() string { return "create view " + in(o.Schema, o.Name) }

func (o CreateView) op() {}

// Reversed makes the view as it was.
func (o DropView) Reversed() (Op, error) {
	if o.Was == nil {
		return nil, fmt.Errorf("%s %w: Was does not say what the view was", o, ErrNoReverse)
	}
	return CreateView{Schema: o.Schema, Name: o.Name, Query: o.Was.Query, Materialized: o.Materialized}, nil
}

// Apply removes the view and its triggers.
func (o DropView) Apply(s *schema.Schema) error {
	if s.View(o.Schema, o.Name) == nil {
		return fmt.Errorf("%s: there is no such view", o)
	}
	s.Views = slices.DeleteFunc(s.Views, func(v *schema.View) bool { return v.Schema == o.Schema && v.Name == o.Name })
	dropTriggers(s, o.Schema, o.Name)
	return nil
}

// Object is the view.
func (o DropView) Object() Object { return Object{Kind: "view", Schema: o.Schema, Name: o.Name} }

func (o DropView) String() string { return "drop view " + in(o.Schema, o.Name) }

func (o DropView) op() {}
