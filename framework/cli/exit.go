package cli

import "fmt"

// The exit codes; they are API.
const (
	codeOK          = 0   // done, or nothing to do
	codeFailed      = 1   // a migration failed, or an unexpected error
	codeUsage       = 2   // usage, configuration, consent missing
	codePending     = 3   // migrations are pending, and the question was whether
	codeDiffer      = 4   // models, migrations and database differ
	codeLocked      = 5   // a lock was not obtained in time
	codeDatabase    = 6   // the database is unreachable, or read-only
	codeHistory     = 7   // the history is broken or needs a decision
	codePolicy      = 9   // refused by policy: production, irreversible
	codeInterrupted = 130 // SIGINT; what ran was rolled back first
	codeTerminated  = 143 // SIGTERM; likewise
)

// exitError carries an exit code through cobra. What it is about has been shown.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }
