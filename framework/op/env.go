package op

import (
	"context"
	"time"
)

// Env is what a runner tells Run through the context, and what Run tells back.
// The zero value is right for Run outside a runner. One Env serves one
// goroutine at a time.
type Env struct {
	// Sink is told of each operation after it was executed. Nil: nobody.
	Sink func(Event)

	// State, when set, tells what there is in the place of the database: Run
	// renders from it and asks the database nothing. A recorder sets it.
	State State

	// Asked is told what a migration asked of State in order to decide (HasTable
	// and its kin), and the answer. Nil: nobody.
	Asked func(Object, bool)

	// Found holds the objects (Object.String) that this migration found when it
	// was applied, instead of making them: its down keeps them.
	Found map[string]bool

	// LockTry is how long a statement may wait for a strong lock before the
	// migration gives up its turn; 0 means no limit. LockAfter is the limit that
	// holds again afterwards; 0 means none.
	LockTry, LockAfter time.Duration

	// Again is asked when a statement outside a transaction was refused, with the
	// error; true sends it again. It is not asked for statements that may leave
	// something behind when they are refused (Statement.NoTx). Nil: never.
	Again func(ctx context.Context, err error) bool

	// ForeignKeysOff says that the connection's foreign keys were switched off
	// before its transaction began. Where an operation needs that and it is not
	// so, Run fails with ErrForeignKeysOn and sets NeedForeignKeysOff, for the
	// runner to begin anew; it does so even if the migration swallows the error.
	ForeignKeysOff     bool
	NeedForeignKeysOff bool

	// InTx says that the connection is inside a transaction. Statements that
	// cannot run in one are then refused before anything ran.
	InTx bool

	// Uncommitted is shared by the migrations of one transaction. Nil: what one Run
	// adds is not remembered for the next.
	Uncommitted *Uncommitted

	// Migration is the migration's ID, for messages.
	Migration string
}

// Event is one executed operation.
type Event struct {
	Op         Op
	Outcome    Outcome
	Statements []string // what was sent, without the limits of locks around it
}

// Outcome says what became of an operation.
type Outcome string

// The outcomes of an operation.
const (
	Ran   Outcome = "ran"
	Found Outcome = "found" // existed already and equals what was asked
	Kept  Outcome = "kept"  // not dropped: the migration had found it, not made it
)

type envKey struct{}

// WithEnv returns a context that carries env to Run.
func WithEnv(ctx context.Context, env *Env) context.Context {
	return context.WithValue(ctx, envKey{}, env)
}

// state is what the environment says that there is, or else what the database
// does.
func (r run) state() State {
	if r.env.State != nil {
		return r.env.State
	}
	return r.renderer.Live(r.db)
}

// envOf returns the context's Env, or a fresh zero one.
func envOf(ctx context.Context) *Env {
	if env, ok := ctx.Value(envKey{}).(*Env); ok {
		return env
	}
	return &Env{}
}
