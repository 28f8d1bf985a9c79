// Package op holds the operations of a migration: a closed set of plain structs
// (create a table, add a column, make an index, …). Each knows its reverse and
// its effect on a [schema.Schema]; [Run] renders and executes them through the
// [Renderer] of the database's dialect.
//
// What lives here: the operations, Run, and the environment ([Env]) that a
// runner puts into the context. What does not: SQL (the dialects spell it),
// transactions, history, locks (package migrate).
package op

import (
	"errors"
	"fmt"

	"github.com/leavendb/leaven/framework/schema"
)

// Op is one operation. The set is closed: only this package implements it, so
// that every dialect, the fold and the generator can know all of them.
type Op interface {
	// Reversed returns the operation that undoes this one, or an error that wraps
	// ErrNoReverse and says what is missing.
	Reversed() (Op, error)

	// Apply changes s as the operation changes a database. It fails where a
	// database would: an object that exists already, or that is not there.
	Apply(s *schema.Schema) error

	// Object names what is made, changed or dropped.
	Object() Object

	// String says what the operation does, for people: "create table invoices".
	String() string

	op()
}

// ErrNoReverse is wrapped by Reversed where an operation does not hold what
// undoing it needs.
var ErrNoReverse = errors.New("has no reverse")

// Object names a table, something that belongs to one, or something else that
// has a name. It is comparable and its text is stable: history remembers found objects by it.
type Object struct {
	// Kind is "table", "column", "index", "constraint", "primary key", "trigger",
	// "schema", "extension", "enum", "sequence" or "view"; empty for raw SQL.
	Kind   string
	Schema string
	Table  string // empty for what does not belong to a table
	Name   string // empty for a table, a primary key, and a schema
}

// String is "index app.users.users_email_idx", with parts that are not plain
// names quoted, so that different objects never have the same text.
func (o Object) String() string {
	text := o.Kind + " "
	for _, part := range []string{o.Schema, o.Table, o.Name} {
		if part != "" {
			if text[len(text)-1] != ' ' {
				text += "."
			}
			text += plain(part)
		}
	}
	return text
}

func plain(name string) string {
	for i, r := range name {
		if !(r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || i > 0 && r >= '0' && r <= '9') {
			return fmt.Sprintf("%q", name)
		}
	}
	return name
}

// CreateTable makes a table with its columns, keys, checks and foreign keys;
// indexes are operations of their own.
type CreateTable struct {
	Schema      string
	Name        string
	Columns     []schema.Column
	PrimaryKey  []string
	Uniques     []schema.Unique
	Checks      []schema.Check
	ForeignKeys []schema.ForeignKey
	Exclusions  []schema.Exclusion
	Comment     string

	// PrimaryKeyName is the name of the key's constraint; empty: the database's
	// choice.
	PrimaryKeyName string

	// IfNotExists accepts a table that exists already when it equals this one
	// (the order of columns and the names of constraints that this one leaves open
	// aside); otherwise Run fails with a *DifferenceError. A table that was found is remembered, so that the down
	// of the same migration keeps it.
	IfNotExists bool
}

// DropTable drops a table with its indexes. Was, the table as it was, makes the
// operation reversible (data aside).
type DropTable struct {
	Schema string
	Name   string
	Was    *schema.Table
	// IfExists accepts that there is no such table.
	IfExists bool
}

// AddColumn adds a column at the end of a table.
type AddColumn struct {
	Schema string
	Table  string
	Column schema.Column
	// IfNotExists accepts a column that exists and equals this one; see CreateTable.
	IfNotExists bool
}

// DropColumn drops a column and what belongs to it alone (its indexes and
// constraints). Was, the column as it was, makes the operation reversible (data,
// indexes and constraints aside).
type DropColumn struct {
	Schema string
	Table  string
	Name   string
	Was    *schema.Column
}

// CreateIndex makes an index. Concurrently builds it without blocking writers,
// on databases that can; the migration must then be NoTx. An invalid rest of an
// interrupted concurrent build is dropped and built again; a valid index of the
// same definition is accepted.
type CreateIndex struct {
	Schema       string // of the table, and so of the index
	Table        string
	Index        schema.Index
	Concurrently bool
	// IfNotExists accepts an index that exists and equals this one; see CreateTable.
	IfNotExists bool
}

// DropIndex drops an index. Was makes the operation reversible.
type DropIndex struct {
	Schema       string
	Table        string
	Name         string
	Was          *schema.Index
	Concurrently bool
}

// AddForeignKey adds a foreign key. The key must have a name.
type AddForeignKey struct {
	Schema     string
	Table      string
	ForeignKey schema.ForeignKey
}

// AddUnique adds a UNIQUE constraint. The constraint must have a name.
type AddUnique struct {
	Schema string
	Table  string
	Unique schema.Unique
}

// AddCheck adds a CHECK constraint. The constraint must have a name.
type AddCheck struct {
	Schema string
	Table  string
	Check  schema.Check
}

// DropConstraint drops a named constraint. Was makes the operation reversible.
type DropConstraint struct {
	Schema string
	Table  string
	Name   string
	Was    schema.Constraint
}

// SQL runs statements of the author's own, sent unchanged, one Exec each. All
// holds for every dialect that has no text of its own in Postgres, SQLite or
// Other (by dialect name). A dialect without any text is refused; NoSQL says that
// it has nothing to do. The fold does not see what the statements do. Reverse
// makes the operation reversible.
type SQL struct {
	All      string
	Postgres string
	SQLite   string
	Other    map[string]string
	Reverse  Op
}

// NoSQL in a field of SQL says that a dialect has nothing to do.
const NoSQL = "-- nothing to do"
