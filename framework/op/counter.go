package op

import (
	"fmt"
	"slices"

	"github.com/leavendb/leaven/framework/schema"
)

// CreateSequence makes a sequence.
type CreateSequence struct {
	Sequence schema.Sequence
}

// DropSequence drops a sequence. Was makes the operation reversible (the number
// that it has reached aside).
type DropSequence struct {
	Schema string
	Name   string
	Was    *schema.Sequence
}

// Reversed drops the sequence.
func (o CreateSequence) Reversed() (Op, error) {
	return DropSequence{Schema: o.Sequence.Schema, Name: o.Sequence.Name, Was: o.Sequence.Clone()}, nil
}

// Apply adds the sequence.
func (o CreateSequence) Apply(s *schema.Schema) error {
	if err := relationFree(s, o, o.Sequence.Schema, o.Sequence.Name); err != nil {
		return err
	}
	s.Sequences = append(s.Sequences, o.Sequence.Clone())
	return nil
}

// Object is the sequence.
func (o CreateSequence) Object() Object {
	return Object{Kind: "sequence", Schema: o.Sequence.Schema, Name: o.Sequence.Name}
}

func (o CreateSequence) String() string {
	return "create sequence " + in(o.Sequence.Schema, o.Sequence.Name)
}

func (o CreateSequence) op() {}

// Reversed makes the sequence as it was, from its start.
func (o DropSequence) Reversed() (Op, error) {
	if o.Was == nil {
		return nil, fmt.Errorf("%s %w: Was does not say what the sequence was", o, ErrNoReverse)
	}
	was := o.Was.Clone()
	was.Schema, was.Name = o.Schema, o.Name
	return CreateSequence{Sequence: *was}, nil
}

// Apply removes the sequence.
func (o DropSequence) Apply(s *schema.Schema) error {
	if s.Sequence(o.Schema, o.Name) == nil {
		return fmt.Errorf("%s: there is no such sequence", o)
	}
	s.Sequences = slices.DeleteFunc(s.Sequences, func(q *schema.Sequence) bool { return q.Schema == o.Schema && q.Name == o.Name })
	return nil
}

// Object is the sequence.
func (o DropSequence) Object() Object {
	return Object{Kind: "sequence", Schema: o.Schema, Name: o.Name}
}

func (o DropSequence) String() string { return "drop sequence " + in(o.Schema, o.Name) }

func (o DropSequence) op() {}
