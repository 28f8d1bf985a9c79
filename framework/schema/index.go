package schema

import "slices"

// Index is an index that does not back a constraint. It lives in the schema of
// its table. The fields behind Where are PostgreSQL's.
type Index struct {
	Name   string
	Parts  []Part
	Unique bool
	Where  Expression // zero: all rows; else a partial index

	Method           string      // like "gin"; empty: the database's default, btree
	Include          []string    // further columns that the index holds
	NullsNotDistinct bool        // of a unique index: two NULLs are equal; PostgreSQL 15 and later
	With             []Parameter // storage parameters, in order of their names
	Comment          string

	// Definition says in the database's own words what Parts and the fields above
	// cannot (which are then empty): what follows the table's name in CREATE INDEX,
	// like "USING gist (title gist_trgm_ops (siglen='32'))".
	Definition Expression
}

// Clone returns a copy that shares no slice with x.
func (x Index) Clone() Index {
	x.Parts, x.Include, x.With = slices.Clone(x.Parts), slices.Clone(x.Include), slices.Clone(x.With)
	return x
}

// Part is one element of an index: a column, or else an expression.
type Part struct {
	Column string
	Expr   Expression // used when Column is empty
	Desc   bool

	Nulls     Nulls  // empty: last in an ascending order, first in a descending one
	Opclass   string // empty: the type's own
	Collation string // empty: that of the column or expression
}

// Nulls says where an order has the NULLs.
type Nulls string

// The places of NULLs; DefaultNulls is the zero value.
const (
	DefaultNulls Nulls = ""
	NullsFirst   Nulls = "FIRST"
	NullsLast    Nulls = "LAST"
)

// Parameter is a storage parameter, like fillfactor with "70".
type Parameter struct{ Name, Value string }

// Columns returns the parts of an index over plain columns, ascending.
func Columns(names ...string) []Part {
	parts := make([]Part, len(names))
	for i, n := range names {
		parts[i] = Part{Column: n}
	}
	return parts
}
