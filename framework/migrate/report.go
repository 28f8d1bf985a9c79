package migrate

import (
	"time"

	"github.com/leavendb/leaven/framework/history"
)

// Direction is the way a step goes. The zero value is none.
type Direction uint8

// The directions.
const (
	Up Direction = iota + 1
	Down
)

// String is "up" or "down".
func (d Direction) String() string {
	switch d {
	case Up:
		return "up"
	case Down:
		return "down"
	}
	return "none"
}

// Report tells what a run did. It is complete also beside an error.
type Report struct {
	Steps    []StepReport  // what this run did, in order
	From, To string        // the head before and after; empty: base
	Pending  int           // what is left to apply
	Batch    int64         // 0: nothing was applied
	Elapsed  time.Duration // of the run
	Notes    []string      // what an operator should know
}

// IDs returns the IDs of the steps, in order.
func (r *Report) IDs() []string {
	ids := make([]string, len(r.Steps))
	for i, s := range r.Steps {
		ids[i] = s.ID
	}
	return ids
}

// StepReport is one migration that was applied or reverted by this run, or (then
// Other) by another runner while this one wanted to.
type StepReport struct {
	ID         string
	Direction  Direction
	Elapsed    time.Duration
	Attempts   int      // tries until it was committed
	Other      bool     // done by another runner
	Resolved   bool     // the answer to COMMIT was lost; it had been committed
	Operations []string // of package op, as executed; empty for other code
	Found      []string // objects that existed already
	Kept       []string // objects that were not dropped, because they had been found
}

// Step is one element of a plan.
type Step struct {
	ID         string
	Direction  Direction
	Migration  *Migration
	Record     *history.Record // nil: none yet
	OutOfOrder bool            // older than the head, but its named parents are applied
}

// Entry is one migration in a status: what is known, what is recorded, or both.
type Entry struct {
	ID           string
	Description  string
	State        State
	Known        bool            // registered in this program
	Record       *history.Record // nil: not recorded
	File         string          // base name and line of its Register; empty: unknown
	Source       SourceState
	Irreversible string // why it cannot be reverted; empty: it can
	Failure      *history.LogEntry
}

// State is the state of a migration, as history and registry tell it together.
type State string

// The states.
const (
	Pending     State = "pending"
	Applied     State = "applied"
	Running     State = "running"     // a runner holds it now
	Interrupted State = "interrupted" // nobody does; its work is unknown
	Unknown     State = "unknown"     // applied, but not known to this program
)

// SourceState compares a migration's file with what was applied.
type SourceState string

// The states of a source.
const (
	NoSource  SourceState = ""          // not applied, no file embedded, or no checksum recorded
	Unchanged SourceState = "unchanged" // same bytes
	Formatted SourceState = "formatted" // comments or layout differ
	Edited    SourceState = "edited"    // the code differs
)

// Status is the state of everything.
type Status struct {
	Entries []Entry // in order: as applied, then as they would be
	Head    string  // the newest known ID; empty: no migrations
	Current string  // the newest applied ID; empty: base
	Applied int
	Pending int
	Problem error // what Up would refuse; nil: nothing
	Notes   []string
}
