package op

import (
	"errors"
	"fmt"
	"strings"
)

// ErrForeignKeysOn says that an operation needs the connection's foreign keys
// switched off, which is only possible before its transaction begins. A runner
// that sees it (or Env.NeedForeignKeysOff) rolls back, switches them off, sets
// Env.ForeignKeysOff and runs the migration again.
var ErrForeignKeysOn = errors.New("this needs foreign keys switched off before the transaction begins; " +
	"run it as a migration, which does that, or outside one with PRAGMA foreign_keys=OFF and op.Env.ForeignKeysOff")

var errNil = errors.New("an operation is nil")

// Error says which operation failed.
type Error struct {
	Op        Op
	Statement int    // 1-based number of the operation's statement; 0: none had been sent
	SQL       string // that statement; empty: none
	// Offset is how many characters had been sent before SQL in the same message
	// (limits of locks). Positions that a server reports count them.
	Offset int
	Err    error
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %v", e.Op, e.Err) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// DifferenceError says that an object that was to be made if it is absent
// exists, but is not what was asked. Nothing was changed.
type DifferenceError struct {
	Object Object
	// Differences are lines like "column images.size: found integer, want bigint".
	Differences []string
}

func (e *DifferenceError) Error() string {
	return fmt.Sprintf("%s exists already and differs from what is wanted; make the two agree:\n  %s",
		e.Object, strings.Join(e.Differences, "\n  "))
}
