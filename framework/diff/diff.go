// Package diff compares two schemas and says, as operations, what makes one
// into the other.
//
// What lives here: matching, order, the names that a person would give the
// changes, what is dangerous about them, the safe way to make them, and where a
// transaction must end. What does not: reading databases and models (dialect,
// model), spelling (both sides must be spelled by the same database), and files
// (autogen). It is pure: the same inputs give the same result.
//
// [Compare] follows its own operations: it applies each to a copy of what there
// is, so what it returns was tried on values, in the order that it returns.
package diff

import (
	"fmt"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// Options say what Compare may do. The zero value is right for a database that
// holds nothing of others and can do nothing special.
type Options struct {
	// Managed is what our migrations have made (their fold). What is in from but
	// neither in to nor in Managed is a stranger, and stays. Nil: everything in
	// from is ours.
	Managed *schema.Schema

	// Renames are the answers to [Result.Candidates], and what models declare.
	// Those whose To is there already, or whose From is not, are passed over, so
	// that a declaration may stay in the model.
	Renames []Rename

	// Include and Exclude are patterns of table names, as path.Match knows them
	// ("river_*", "audit.*"); a pattern with a point is matched with the schema's
	// name. No Include means all tables. What is left out is not compared.
	Include, Exclude []string

	// Can says what the database can do.
	Can Capabilities

	// Small reports whether a table (as it is called in to) is so small that it
	// may be locked while its rows are checked or indexed. Nil: none is.
	Small func(schemaName, table string) bool
}

// Capabilities say which safe ways a database has. The zero value has none:
// changes are then made in one transaction, with remarks.
type Capabilities struct {
	// ConcurrentIndexes: an index can be built without blocking writers, outside a
	// transaction.
	ConcurrentIndexes bool
	// NotValid: a constraint can be added without checking the rows that are
	// there, and be validated later.
	NotValid bool
	// Casts: values are converted unasked only where the database is sure that they
	// fit; else the change of type says how. Without it, what does not fit the new
	// type stays as it is, and nothing is said.
	Casts bool
}

// Rename says that something in to is what was called otherwise in from. Both
// objects are of the same kind: "table" (another schema is a move), "column" (in
// the table by its old or new name), or "enum value" (Table is then the enum's
// name). A column's To need not repeat the table: only its Name counts.
type Rename struct{ From, To op.Object }

// Compare returns the operations that change from into to. Neither is changed.
// The order of columns is no difference, nor is a name that to leaves open.
//
// The error names something that contradicts itself (a rename whose target is
// not in to, two renames of one thing), or an operation that did not fit, which
// is a fault of this package.
func Compare(from, to *schema.Schema, o Options) (Result, error) {
	p, err := newPlan(from, to, o)
	if err != nil {
		return Result{}, err
	}
	for _, step := range []func(){
		p.addSpaces, p.rename, p.setScope, p.keepStrangers, p.keepNeeded, p.ask, p.pairTables, // what is to be compared with what
		p.growEnums,
		p.findRemade, p.dropTriggers, p.dropViews, p.dropForeignKeys, p.dropConstraints, p.dropIndexes, p.dropEarlyTables,
		p.renameParts, p.createSequences, p.createTables, p.addColumns, p.alterColumns,
		p.addKeys, p.startCounting, p.addConstraints, p.addIndexes, p.addForeignKeys,
		p.dropColumns, p.dropTables, p.shrinkEnums, p.dropSequences,
		p.createViews, p.createTriggers, p.comment, p.dropSpaces,
	} {
		if step(); p.err != nil {
			return Result{}, p.err
		}
	}
	r := p.result()
	return r, p.prove(r)
}

// prove applies what was found to from, in its final order, and fails if
// anything is left to do.
func (p *plan) prove(r Result) error {
	s, ops := p.now, r.Ops()
	if len(ops) > 0 {
		s = required(p.from)
	}
	for _, o := range ops {
		if err := o.Apply(s); err != nil {
			return fmt.Errorf("comparing schemas: the operations do not fit one another: %w; this is a fault of Leaven, please report it", err)
		}
	}
	if left := p.remaining(s); left != "" {
		return fmt.Errorf("comparing schemas: the operations leave a difference: %s; this is a fault of Leaven, please report it", left)
	}
	return nil
}
