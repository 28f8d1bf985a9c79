package migrate

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
)

// Sentinels to branch on with errors.Is. Each is wrapped by an error that tells
// the facts; see the types below.
var (
	// The registry does not describe a usable set of migrations (*RegistryError).
	ErrRegistry = errors.New("the registered migrations have faults")

	// A revision names no migration, or several (*RevisionError).
	ErrRevision = errors.New("no such revision")

	// The history and this program do not agree (*HistoryError).
	ErrTwoHeads    = errors.New("two heads")
	ErrOutOfOrder  = errors.New("out of order")
	ErrEdited      = errors.New("edited after it was applied")
	ErrUnknown     = errors.New("applied, but not known to this program")
	ErrGap         = errors.New("a parent is not applied")
	ErrInterrupted = errors.New("interrupted")
	ErrDeleted     = errors.New("applied, but its row was removed from the history")

	// A step cannot be reverted (*IrreversibleError).
	ErrIrreversible = errors.New("cannot be reverted")

	// A lock was not free in time (*LockError).
	ErrLocked = errors.New("lock not obtained in time")

	// The database cannot be reached, or takes no writes (*DatabaseError).
	ErrUnreachable = errors.New("database unreachable")
	ErrReadOnly    = errors.New("database is read-only")

	// The options or the database do not allow what was asked (*ConfigError).
	ErrConfig = errors.New("not possible with these settings")

	// The run was told to stop (*StoppedError).
	ErrStopped = errors.New("stopped")
)

// StepError says that a migration's function failed and was rolled back (or,
// with NoTx, stopped).
type StepError struct {
	ID        string
	Direction Direction
	File      string // base name and line of what failed, else of the Register; empty: unknown
	Statement int    // 1-based number of the statement that failed; 0: unknown
	SQL       string // that statement, shortened; empty: unknown
	Fault     dialect.Fault
	State     string // what is true now: "rolled back; nothing of it remains"
	Next      string // what to do
	Stack     string // of a panic; else empty
	Err       error
}

func (e *StepError) Error() string {
	return fmt.Sprintf("migration %s failed (%s): %v", e.ID, e.Direction, e.Err)
}

// Unwrap returns the cause.
func (e *StepError) Unwrap() error { return e.Err }

// RegistryError lists every fault of the registered migrations.
type RegistryError struct{ Problems []Problem }

// Problem is one fault of a registered migration.
type Problem struct {
	ID      string // empty: unknown
	Message string // what is wrong, with the second place if there are two
	Where   string // file:line of the Register
}

func (p Problem) String() string {
	if p.Where == "" {
		return p.Message
	}
	return p.Where + ": " + p.Message
}

func (e *RegistryError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return ErrRegistry.Error() + ": " + strings.Join(lines, "; ")
}

// Is matches ErrRegistry.
func (e *RegistryError) Is(target error) bool { return target == ErrRegistry }

// RevisionError says that a revision names no migration, or several.
type RevisionError struct {
	Revision string
	Matches  []string // more than one: ambiguous
	Nearest  string   // a known ID that is spelled alike; may be empty
}

func (e *RevisionError) Error() string {
	if len(e.Matches) > 1 {
		return fmt.Sprintf("revision %q is ambiguous: %s", e.Revision, strings.Join(e.Matches, ", "))
	}
	return fmt.Sprintf("no migration is called %q", e.Revision)
}

// Is matches ErrRevision.
func (e *RevisionError) Is(target error) bool { return target == ErrRevision }

// HistoryError says that the history and this program do not agree. Kind is one
// of the sentinels.
type HistoryError struct {
	Kind   error
	IDs    []string
	Detail string   // what was observed
	State  string   // of the database now; empty: nothing was touched
	Next   []string // the commands that lead on, without the program's name
}

func (e *HistoryError) Error() string {
	text := strings.Join(e.IDs, ", ") + ": " + e.Kind.Error()
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}

// Is matches Kind.
func (e *HistoryError) Is(target error) bool { return target == e.Kind }

// IrreversibleError says which step cannot be reverted, and why; nothing was
// touched.
type IrreversibleError struct {
	ID  string
	Why string
}

func (e *IrreversibleError) Error() string { return e.ID + " cannot be reverted: " + e.Why }

// Is matches ErrIrreversible.
func (e *IrreversibleError) Is(target error) bool { return target == ErrIrreversible }

// LockError says that a lock was not free in time, and who has it.
type LockError struct {
	ID       string // the migration that waited; empty: the runners' own lock, or Table
	Table    string // the history table, whose format was to be upgraded; else empty
	Waited   time.Duration
	Blockers []dialect.Session
	Err      error // the last refusal; may be nil
}

func (e *LockError) Error() string {
	what := "another runner holds the lock"
	switch {
	case e.Table != "":
		what = "the history table " + e.Table + " could not be locked for an upgrade of its format"
	case e.ID != "":
		what = "migration " + e.ID + " could not lock a table"
	}
	return fmt.Sprintf("%s after %s", what, e.Waited.Round(time.Millisecond))
}

// Is matches ErrLocked.
func (e *LockError) Is(target error) bool { return target == ErrLocked }

// Unwrap returns the last refusal.
func (e *LockError) Unwrap() error { return e.Err }

// DatabaseError says that the database cannot be used. Kind is ErrUnreachable or
// ErrReadOnly.
type DatabaseError struct {
	Kind  error
	Fault dialect.Fault
	Doing string // "reading the history"
	Err   error
}

func (e *DatabaseError) Error() string { return fmt.Sprintf("%v while %s: %v", e.Kind, e.Doing, e.Err) }

// Is matches Kind.
func (e *DatabaseError) Is(target error) bool { return target == e.Kind }

// Unwrap returns the cause.
func (e *DatabaseError) Unwrap() error { return e.Err }

// ConfigError says that the options, the migrations or the database do not allow
// what was asked; nothing was written.
type ConfigError struct {
	What string // what is not possible and why
	Next string // what to do
	Err  error  // may be nil
}

func (e *ConfigError) Error() string {
	if e.Err != nil {
		return e.What + ": " + e.Err.Error()
	}
	return e.What
}

// Is matches ErrConfig.
func (e *ConfigError) Is(target error) bool { return target == ErrConfig }

// Unwrap returns the cause.
func (e *ConfigError) Unwrap() error { return e.Err }

// StoppedError says that the run was told to stop, by its context or by
// Options.Stop, before it was done.
type StoppedError struct {
	ID    string   // the migration that was cancelled; empty: between two
	State string   // what is true now
	Next  []string // the commands that decide what it is, without the program's name; empty: it may run again
	Err   error    // the context's cause; nil: Options.Stop
}

func (e *StoppedError) Error() string {
	if e.ID == "" {
		return "stopped between two migrations"
	}
	return "migration " + e.ID + " was cancelled: " + e.State
}

// Is matches ErrStopped.
func (e *StoppedError) Is(target error) bool { return target == ErrStopped }

// Unwrap returns the context's cause.
func (e *StoppedError) Unwrap() error { return e.Err }
