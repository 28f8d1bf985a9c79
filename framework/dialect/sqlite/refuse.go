package sqlite

import (
	"fmt"

	"github.com/leavendb/leaven/framework/op"
)

// refused says of an operation that SQLite cannot have what to do instead; nil:
// it can.
func refused(o op.Op) error {
	alone := `write op.SQL{Postgres: "…", SQLite: op.NoSQL} where SQLite can do without`
	switch o := o.(type) {
	case op.CreateSchema, op.DropSchema:
		return fmt.Errorf("SQLite has no schemas: %s", alone)
	case op.SetSchema:
		return fmt.Errorf("SQLite has no schemas, and table %s stays where it is: %s", o.Table, alone)
	case op.CreateExtension, op.DropExtension:
		return fmt.Errorf("SQLite has no extensions: %s", alone)
	case op.CreateSequence, op.DropSequence:
		return fmt.Errorf("SQLite has no sequences: let a column count up with AutoIncrement, keep the number in a table, or %s", alone)
	case op.AddExclusion:
		return noExclusion(o.Exclusion.Name)
	case op.DropView:
		if o.Materialized {
			return fmt.Errorf("SQLite has no materialized views: leave Materialized out, or write op.SQL with a text for each database")
		}
	}
	if name := o.Object().Schema; name != "" {
		return noSchemas(name)
	}
	return nil
}

func noExclusion(name string) error {
	return fmt.Errorf("SQLite has no exclusion constraints (%s): forbid it with a trigger that raises an error, and give PostgreSQL the constraint with "+
		"op.SQL{Postgres: \"…\", SQLite: op.NoSQL}", name)
}

// errIdentity: see schema.Column.
func errIdentity(column string) error {
	return fmt.Errorf("SQLite has no identity columns: set AutoIncrement beside Identity, so that %s counts up in SQLite's own way", column)
}
