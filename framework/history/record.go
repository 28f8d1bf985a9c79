// Package history keeps the version table of one set of migrations and its log.
//
// What lives here: the columns of the two tables, their states and checksums,
// the SQL that reads and writes them, and the upgrade of their own format. What
// does not: when a row is written and under which lock (package migrate), and how
// a database brackets that (package dialect).
package history

import "time"

// State is the state of a row. A migration without a row is pending.
type State string

// The states of a row.
const (
	Running   State = "running"   // being applied, or interrupted while it was
	Applied   State = "applied"   // done
	Reverting State = "reverting" // being reverted, or interrupted while it was
)

// Record is one row of the version table.
type Record struct {
	Seq        int64 // applied order
	ID         string
	State      State
	Raw        string // checksum of the source; empty: no source was embedded
	Tokens     string // checksum of its tokens
	Batch      int64
	Target     string    // the head that the run of this batch was going to
	Attempt    string    // names the try that wrote the row
	AppliedAt  time.Time // by the server's clock, UTC
	Elapsed    time.Duration
	AppliedBy  string // user@host
	Tool       string // version of Leaven
	AppVersion string
	AppCommit  string
	Found      []string // objects that the migration found instead of making them
}

// Action says what an entry of the log is about.
type Action string

// The actions.
const (
	ActUp      Action = "up"
	ActDown    Action = "down"
	ActStamp   Action = "stamp"
	ActUnstamp Action = "unstamp"
	ActResolve Action = "resolve"
	ActRepair  Action = "repair"
)

// Outcome says how it ended.
type Outcome string

// The outcomes.
const (
	Done        Outcome = "done"
	Failed      Outcome = "failed"
	Interrupted Outcome = "interrupted" // cancelled, or ended by itself in mid-work
	Begun       Outcome = "begun"       // outside a transaction, so that others see it: its end has an entry of its own
)

// Resolved ends the Reason of an entry of ActResolve: as what.
func Resolved(as string) string { return "(resolved as " + as + ")" }

// LogEntry is one row of the log, which is only ever appended to.
type LogEntry struct {
	Seq       int64
	ID        string
	Attempt   string
	Action    Action
	Outcome   Outcome
	At        time.Time // end, by the server's clock, UTC
	Elapsed   time.Duration
	Code      string // SQLSTATE or the like
	Message   string // without row values
	Reason    string // what an operator said
	Batch     int64
	AppliedBy string
	Tool      string
}
