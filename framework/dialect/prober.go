package dialect

import (
	"context"

	"github.com/uptrace/bun"
)

// Prober is implemented by openers that can tell at which step a connection
// fails, and what a connected user may do. It changes nothing that stays.
type Prober interface {
	// Parameters tells what an address means, defaults filled in, in the order in
	// which a person asks; no secret is among them. The error is Open's.
	Parameters(address string) ([]Parameter, error)

	// ProbeAddress connects step by step and tells what it found at each, up to
	// the one that fails. An address that cannot be read is one failed check.
	ProbeAddress(ctx context.Context, address string) []Check

	// ProbeDatabase looks at a database that can be reached.
	ProbeDatabase(ctx context.Context, db *bun.DB, p Probe) []Check
}

// Parameter is one thing that an address says, or leaves to a default.
type Parameter struct {
	Name, Value string
	From        string // the file that says so; empty: the address or a default
}

// Probe says what a program is about to do in a database.
type Probe struct {
	HistorySchema string // empty: the default
	HistoryTable  string
	Role          string // empty: the connected user
}

// Check is one thing that was looked at. It is well if both Warning and Err are
// empty.
type Check struct {
	Name    string // one word: "login"
	Detail  string // what was found; may be empty
	Warning string // works, but is not as it should be
	Err     error  // does not work
	Class   Class  // of Err, where Classify cannot know it
	Next    string // what to do about it; empty: what is advised for Err
}
