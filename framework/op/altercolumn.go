package op

import (
	"fmt"

	"github.com/leavendb/leaven/framework/schema"
)

// AlterColumn changes a column. Only what From and To say differently is
// changed; what they say alike, like a type that both leave out, stays as it is
// in the database. Both have the column's name ([RenameColumn] is another
// operation). The reverse changes To into From. PostgreSQL cannot compute a column
// again that it has ceased to compute, and refuses that reverse before anything ran.
type AlterColumn struct {
	Schema string
	Table  string
	From   schema.Column
	To     schema.Column

	// Using computes the new value of each row from the old one where the type
	// changes; zero: the database's own cast. UsingBack is that of the reverse.
	Using     schema.Expression
	UsingBack schema.Expression
}

// Altered returns what the operation makes of c.
func (o AlterColumn) Altered(c schema.Column) schema.Column {
	from, to := o.From, o.To
	if !from.Type.Equal(to.Type) {
		c.Type = to.Type
	}
	if from.NotNull != to.NotNull {
		c.NotNull = to.NotNull
	}
	if !from.Default.Equal(to.Default) {
		c.Default = to.Default
	}
	if o.Counting() {
		c.AutoIncrement, c.Identity = to.AutoIncrement, to.Identity
	}
	if o.Generating() {
		c.Generated, c.Virtual = to.Generated, to.Virtual
	}
	if from.Collation != to.Collation {
		c.Collation = to.Collation
	}
	if from.Comment != to.Comment {
		c.Comment = to.Comment
	}
	return c
}

// nothing reports whether From and To say the same.
func (o AlterColumn) nothing() bool {
	from, to := o.From, o.To
	return from.Type.Equal(to.Type) && from.NotNull == to.NotNull && from.Default.Equal(to.Default) && !o.Counting() &&
		!o.Generating() && from.Collation == to.Collation && from.Comment == to.Comment
}

// Counting reports whether the way in which rows are numbered changes.
func (o AlterColumn) Counting() bool {
	return o.From.AutoIncrement != o.To.AutoIncrement || o.From.Identity != o.To.Identity
}

// Generating reports whether it changes how the column is computed.
func (o AlterColumn) Generating() bool {
	return !o.From.Generated.Equal(o.To.Generated) || o.From.Virtual != o.To.Virtual
}

// Reversed changes the column back.
func (o AlterColumn) Reversed() (Op, error) {
	if o.From.Type.Equal(schema.Type{}) && !o.To.Type.Equal(schema.Type{}) {
		return nil, fmt.Errorf("%s %w: From does not say what the type was", o, ErrNoReverse)
	}
	return AlterColumn{Schema: o.Schema, Table: o.Table, From: o.To, To: o.From, Using: o.UsingBack, UsingBack: o.Using}, nil
}

// Apply changes the column.
func (o AlterColumn) Apply(s *schema.Schema) error {
	t, err := tableOf(s, o)
	if err != nil {
		return err
	}
	c := t.Column(o.To.Name)
	if c == nil {
		return fmt.Errorf("%s: there is no such column", o)
	}
	*c = o.Altered(*c)
	return nil
}

// Object is the column.
func (o AlterColumn) Object() Object {
	return Object{Kind: "column", Schema: o.Schema, Table: o.Table, Name: o.To.Name}
}

func (o AlterColumn) String() string {
	return "alter column " + in(o.Schema, o.Table) + "." + plain(o.To.Name)
}

func (o AlterColumn) op() {}
