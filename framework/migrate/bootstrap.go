package migrate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// Mode says what a program does about its migrations when it starts. The zero
// value is ModeApply.
type Mode string

// The modes. A program reads its mode from where its other settings come from;
// the usual name is MIGRATE_ON_START, which `exec` of the command line reads too:
//
//	Mode: migrate.Mode(os.Getenv("MIGRATE_ON_START"))
const (
	ModeApply   Mode = "apply"   // apply what is pending; also written "up"
	ModeWait    Mode = "wait"    // wait until somebody else has applied it
	ModeRequire Mode = "require" // refuse to start unless it is applied; also written "check"
	ModeOff     Mode = "off"     // look at nothing
)

// ParseMode reads a mode. The empty word is ModeApply; a word that is none is a
// *ConfigError.
func ParseMode(word string) (Mode, error) {
	switch Mode(word) {
	case "", ModeApply, "up":
		return ModeApply, nil
	case ModeRequire, "check":
		return ModeRequire, nil
	case ModeWait, ModeOff:
		return Mode(word), nil
	}
	return "", &ConfigError{What: fmt.Sprintf("%q is no mode of starting", word), Next: "use apply, wait, require or off"}
}

// BootstrapOptions go with Bootstrap. The zero value applies what is pending.
type BootstrapOptions struct {
	Options

	// Mode says what is done. The library reads no environment: the caller does.
	Mode Mode

	// Poll is how often ModeWait looks (1 s).
	Poll time.Duration

	// Readiness is told how far it is; nil: nobody is.
	Readiness *Readiness
}

// Bootstrap makes sure, before a program works, that db is at the version of its
// migrations, in the way that o.Mode says. Any number of programs may do it at
// once. Where nothing is pending it costs one read, in every mode, takes no lock
// and writes nothing; ModeWait and ModeRequire need the right to read only.
//
// A database that is newer than the program is accepted with a note, so that old
// instances can start again during a rolling deploy; Options.Strict refuses it.
//
// It returns nil when the program may work. Errors are those of Up, and besides
// them a *PendingError of ModeRequire and a *StoppedError of a wait that ctx has
// ended. A program without a single migration is a *ConfigError, except with
// ModeOff: most likely it does not import them.
func Bootstrap(ctx context.Context, db *bun.DB, o BootstrapOptions) error {
	ready := o.Readiness
	if ready == nil {
		ready = new(Readiness)
	}
	err := bootstrap(ctx, db, o, ready)
	ready.end(err)
	return err
}

func bootstrap(ctx context.Context, db *bun.DB, o BootstrapOptions, ready *Readiness) error {
	mode, err := ParseMode(string(o.Mode))
	if err != nil || mode == ModeOff {
		return err
	}
	known := o.Options.withDefaults().Registry.Migrations()
	if len(known) == 0 && len(o.Options.withDefaults().Registry.Problems()) == 0 {
		return &ConfigError{What: "this program has no migrations", Next: "import the package that registers them, or start with the mode off"}
	}
	ready.begin(mode, known)
	seen := o.Observe
	o.Observe = func(e Event) {
		ready.see(e)
		if seen != nil {
			seen(e)
		}
	}
	m, err := New(db, o.Options)
	if err != nil {
		return err
	}
	switch mode {
	case ModeWait:
		return m.Wait(ctx, o.Poll)
	case ModeRequire:
		return m.Require(ctx)
	}
	_, err = m.Up(ctx, Head)
	return err
}

// ErrPending is what a *PendingError matches.
var ErrPending = errors.New("migrations are pending")

// PendingError says that the database lacks migrations of this program.
type PendingError struct {
	IDs     []string // what is not applied, in the order in which it will be; never empty
	Current string   // the newest applied ID; empty: base
	Next    string   // the command that applies them, without the program's name
}

func (e *PendingError) Error() string {
	return ErrPending.Error() + ": " + strings.Join(e.IDs, ", ") + "; apply them with: migrate " + e.Next
}

// Is matches ErrPending.
func (e *PendingError) Is(target error) bool { return target == ErrPending }
