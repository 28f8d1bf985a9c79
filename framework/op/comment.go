package op

import (
	"fmt"

	"github.com/leavendb/leaven/framework/schema"
)

// SetComment gives a table, column, index or constraint a comment, or with an
// empty To takes it away. From is what it was, for the reverse.
type SetComment struct {
	On   Object // of the kind "table", "column", "index" or "constraint"
	From string
	To   string
}

// Reversed gives it the comment that it had.
func (o SetComment) Reversed() (Op, error) {
	return SetComment{On: o.On, From: o.To, To: o.From}, nil
}

// Apply sets the comment. The fold keeps none of a primary key.
func (o SetComment) Apply(s *schema.Schema) error {
	t, err := tableOf(s, o)
	if err != nil {
		return err
	}
	found := true
	switch o.On.Kind {
	case "table":
		t.Comment = o.To
	case "column":
		if found = t.Column(o.On.Name) != nil; found {
			t.Column(o.On.Name).Comment = o.To
		}
	case "index":
		if found = t.Index(o.On.Name) != nil; found {
			t.Index(o.On.Name).Comment = o.To
		}
	case "constraint":
		found = withConstraint(t, o.On.Name, func(c constraintAt) {
			if c.comment != nil {
				*c.comment = o.To
			}
		})
	}
	if !found {
		return fmt.Errorf("%s: there is no such %s", o, o.On.Kind)
	}
	return nil
}

// Object is what has the comment.
func (o SetComment) Object() Object { return o.On }

func (o SetComment) String() string { return "comment on " + o.On.String() }

func (o SetComment) op() {}
