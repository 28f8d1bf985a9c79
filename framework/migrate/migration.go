// Package migrate is the heart of Leaven: migrations as Go values, their
// registry and order, the plan, and the runner that brings a database to a
// version.
//
// What lives here: [Migration], [Registry], [Migrator] with its options,
// reports, events and errors. What does not: SQL of a database (package dialect),
// the operations of a migration (package op), the history's tables (package
// history), settings, output and exit codes (package cli). The package prints
// nothing and reads no environment.
package migrate

import (
	"context"
	"time"

	"github.com/leavendb/leaven/framework/op"
	"github.com/uptrace/bun"
)

// Func is one direction of a migration. db is a bun.Tx inside the migration's
// transaction, or with NoTx the one bun.Conn that the runner holds; never a
// pool. A transaction may be run more than once (a lock that was not free, a
// lost connection), so a Func does nothing outside the database; see
// [AfterCommit].
type Func func(ctx context.Context, db bun.IDB) error

// Migration is one step of a schema's history. Everything is in the value, so
// that a file is read from top to bottom and two files cannot collide.
type Migration struct {
	// ID identifies the migration for ever: digits, then optionally "_" and
	// letters, digits and underscores: 20261121090000_add_invoices, 0001_initial.
	// The file that registers it has the same name.
	ID string

	// After names the parents: the migrations that must be applied before this
	// one. Empty means the previous ID.
	After []string

	Description string // for people; empty: the words of the ID

	// Up applies the migration, Down reverts it. A nil Down cannot be reverted.
	// Change gives both at once; see [Reversible]. Either Up or Change is needed.
	Up, Down Func
	Change   Change

	// NoTx runs the functions outside a transaction, on one connection, for
	// statements that cannot run inside (CREATE INDEX CONCURRENTLY). If it is
	// interrupted, only a Rerunnable migration is run again by itself.
	NoTx       bool
	Rerunnable bool

	// Irreversible says why the migration must never be reverted.
	Irreversible string

	// LockTimeout limits every statement's wait for a lock; 0 means that only
	// op's own changes of structure are limited. IdleTimeout limits how long the
	// transaction may idle between statements; 0 means Options.IdleTimeout.
	LockTimeout time.Duration
	IdleTimeout time.Duration

	// Compatible says that programs which do not know this migration yet may run
	// on a database that has it.
	Compatible bool
}

// Change is both directions of a migration, made by [Reversible].
type Change struct {
	ops []op.Op
}

// Reversible returns a change that runs the operations in order, and reverted
// runs their reverses in the opposite order. An operation without a reverse is a
// fault that Validate reports.
func Reversible(ops ...op.Op) Change { return Change{ops: ops} }

// IsZero reports whether there is no change.
func (c Change) IsZero() bool { return c.ops == nil }
