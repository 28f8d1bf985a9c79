package op

import (
	"fmt"
	"slices"

	"github.com/leavendb/leaven/framework/schema"
)

// CreateTrigger makes a trigger of a table or view.
type CreateTrigger struct {
	Trigger schema.Trigger
}

// DropTrigger drops a trigger. Was makes the operation reversible.
type DropTrigger struct {
	Schema string
	Table  string
	Name   string
	Was    *schema.Trigger
}

// Reversed drops the trigger.
func (o CreateTrigger) Reversed() (Op, error) {
	was := o.Trigger
	return DropTrigger{Schema: was.Schema, Table: was.Table, Name: was.Name, Was: &was}, nil
}

// Apply adds the trigger.
func (o CreateTrigger) Apply(s *schema.Schema) error {
	g := o.Trigger
	if s.Table(g.Schema, g.Table) == nil && s.View(g.Schema, g.Table) == nil {
		return fmt.Errorf("%s: there is no table %s", o, in(g.Schema, g.Table))
	}
	if s.Trigger(g.Schema, g.Table, g.Name) != nil {
		return fmt.Errorf("%s: there is such a trigger already", o)
	}
	s.Triggers = append(s.Triggers, g)
	return nil
}

// Object is the trigger.
func (o CreateTrigger) Object() Object {
	return Object{Kind: "trigger", Schema: o.Trigger.Schema, Table: o.Trigger.Table, Name: o.Trigger.Name}
}

func (o CreateTrigger) String() string {
	return "create trigger " + plain(o.Trigger.Name) + " on " + in(o.Trigger.Schema, o.Trigger.Table)
}

func (o CreateTrigger) op() {}

// Reversed makes the trigger as it was.
func (o DropTrigger) Reversed() (Op, error) {
	if o.Was == nil {
		return nil, fmt.Errorf("%s %w: Was does not say what the trigger was", o, ErrNoReverse)
	}
	was := *o.Was
	was.Schema, was.Table, was.Name = o.Schema, o.Table, o.Name
	return CreateTrigger{Trigger: was}, nil
}

// Apply removes the trigger.
func (o DropTrigger) Apply(s *schema.Schema) error {
	if s.Trigger(o.Schema, o.Table, o.Name) == nil {
		return fmt.Errorf("%s: there is no such trigger", o)
	}
	s.Triggers = slices.DeleteFunc(s.Triggers, func(g schema.Trigger) bool {
		return g.Schema == o.Schema && g.Table == o.Table && g.Name == o.Name
	})
	return nil
}

// Object is the trigger.
func (o DropTrigger) Object() Object {
	return Object{Kind: "trigger", Schema: o.Schema, Table: o.Table, Name: o.Name}
}

func (o DropTrigger) String() string {
	return "drop trigger " + plain(o.Name) + " on " + in(o.Schema, o.Table)
}

func (o DropTrigger) op() {}

// dropTriggers removes the triggers of a table or view that is dropped.
func dropTriggers(s *schema.Schema, schemaName, table string) {
	s.Triggers = slices.DeleteFunc(s.Triggers, func(g schema.Trigger) bool { return g.Schema == schemaName && g.Table == table })
}
