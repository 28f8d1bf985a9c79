package record

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// Options say how migrations are recorded. The zero value is right for most.
type Options struct {
	// Context prepares the context of migrations, as migrate.Options.Context.
	Context func(context.Context) context.Context

	// Limit is how long one migration may take; 0 means 5 s. A recorder answers
	// at once, so that only a migration that waits for something else needs it.
	Limit time.Duration

	// OneTx records the steps as parts of one transaction: the use of what another
	// has added, and nobody may use before the commit, is refused, as in a run with
	// migrate.TxAll. See migrate.OneTx for what else cannot be one.
	OneTx bool
}

// Step is one direction of one migration.
type Step struct {
	Known     *migrate.Known
	Direction migrate.Direction
	Found     []string // what its Up had found, as the history tells: its Down keeps it
}

// Migration is what was recorded of one step.
type Migration struct {
	ID        string
	Direction migrate.Direction

	// Tainted says why the statements are not what the migration would send:
	// "reads data, not shown". They are then of no use; empty: they are right.
	Tainted string
	Stack   string // of a panic

	Statements []Statement // in the order of execution
	Events     []op.Event  // of the operations
	NoTx       bool        // outside a transaction

	// ForeignKeysOff says that SQLite's foreign keys must be off before the
	// transaction begins.
	ForeignKeysOff bool

	After State // what the operations have made so far

	reversible bool
	whyNot     string
	refused    error // its function's
	casts      bool  // values are converted to a column's new type
}

// Run records the steps in order on a database of the dialect that has what from
// says. It returns one Migration for each step, and the state after the last. A
// migration that cannot be shown is no error: it is tainted. The error is for a
// dialect that cannot be recorded, for a step without a function, for a context
// that has ended, and, with Options.OneTx, a *migrate.ConfigError for a step
// that cannot be in one transaction with another.
func Run(ctx context.Context, d dialect.Dialect, from State, steps []Step, o Options) ([]Migration, State, error) {
	offline, ok := d.(dialect.Offline)
	if !ok {
		return nil, from, fmt.Errorf("the dialect %s cannot show SQL without a database", d.Name())
	}
	if o.Limit <= 0 {
		o.Limit = 5 * time.Second
	}
	if o.Context == nil {
		o.Context = func(ctx context.Context) context.Context { return ctx }
	}
	var all []Migration
	var added op.Uncommitted
	for _, s := range steps {
		if function(s) == nil {
			return all, from, fmt.Errorf("%s has nothing to run %s: %s", s.Known.ID, s.Direction, s.Known.NoDown)
		}
		if !o.OneTx {
			added = op.Uncommitted{}
		}
		r := recording{d: d, offline: offline, o: o, step: s, added: &added}
		m := r.migration(ctx, from)
		if err := ctx.Err(); err != nil {
			return all, from, err
		}
		if err := migrate.NotOneTx(m.ID, m.refused); o.OneTx && err != nil {
			return all, from, err
		}
		from = m.After
		all = append(all, m)
	}
	return all, from, nil
}

// Fold is what the operations of the migrations up to and including id have made,
// in run order; an empty id means all of them.
func Fold(ctx context.Context, d dialect.Dialect, known []migrate.Known, id string, o Options) (State, error) {
	var steps []Step
	found := id == ""
	for i := range known {
		steps = append(steps, Step{Known: &known[i], Direction: migrate.Up})
		if known[i].ID == id {
			found = true
			break
		}
	}
	if !found {
		return State{}, &migrate.RevisionError{Revision: id}
	}
	_, after, err := Run(ctx, d, State{}, steps, o)
	return after, err
}

func function(s Step) migrate.Func {
	if s.Direction == migrate.Down {
		return s.Known.Down
	}
	return s.Known.Up
}

// recording is one step.
type recording struct {
	d       dialect.Dialect
	offline dialect.Offline
	o       Options
	step    Step
	added   *op.Uncommitted // by the steps before, in the same transaction
}

// migration records the step, again with foreign keys off where an operation
// needs that, as the runner does.
func (r *recording) migration(ctx context.Context, from State) Migration {
	m, again := r.try(ctx, from, false)
	if again {
		m, _ = r.try(ctx, from, true)
	}
	return m
}

// attempt is one try of a step.
type attempt struct {
	*recording
	tape  *tape
	env   *op.Env
	state State
	made  map[op.Object]bool // tables that this migration has made
	m     *Migration
}

func (r *recording) try(ctx context.Context, from State, off bool) (Migration, bool) {
	k := r.step.Known
	m := Migration{ID: k.ID, Direction: r.step.Direction, NoTx: k.NoTx, ForeignKeysOff: off, casts: r.d.Capabilities().Casts}
	m.reversible, m.whyNot = reversible(r.step)
	a := &attempt{recording: r, tape: &tape{inTx: !k.NoTx}, state: from.clone(), made: map[op.Object]bool{}, m: &m}
	a.env = &op.Env{
		Sink: a.sink, Asked: a.asked, State: op.Fold{Schema: a.state.schema}, Found: map[string]bool{},
		ForeignKeysOff: off, InTx: !k.NoTx, Uncommitted: r.added.Clone(), Migration: k.ID,
	}
	if r.step.Direction == migrate.Down {
		for _, object := range r.step.Found {
			a.env.Found[object] = true
		}
	}
	out := a.call(ctx)
	if out.abandoned { // it may still write to everything that it has seen
		after := from.clone()
		after.lose(k.ID)
		return Migration{ID: k.ID, Direction: m.Direction, NoTx: k.NoTx, After: after,
			Tainted: fmt.Sprintf("had not ended after %s, not shown", r.o.Limit), reversible: m.reversible, whyNot: m.whyNot}, false
	}
	if a.env.NeedForeignKeysOff && !off {
		return m, true
	}
	*r.added = *a.env.Uncommitted
	a.settle(out)
	return m, false
}

// settle takes the outcome down.
func (a *attempt) settle(out outcome) {
	m, t := a.m, a.tape
	m.Statements, m.Tainted, m.Stack = t.statements, t.why, out.stack
	if out.err != nil {
		m.refused = out.err
		if m.Tainted == "" {
			m.Tainted = fmt.Sprintf("stops with an error when there is no database: %v; not shown", out.err)
		}
		a.state.lose(m.ID)
	}
	for i := range m.Statements {
		s := &m.Statements[i]
		if unseen(s.Op) {
			a.state.remember(m.ID, s.SQL)
		}
		if l, ok := a.d.(dialect.Locker); ok && s.Op == nil {
			s.Lock = l.LockMode(s.SQL)
		}
	}
	m.After = a.state
}

func (s *State) lose(id string) {
	if s.lost == "" {
		s.lost = id
	}
}

// sink is told of an operation that was done.
func (a *attempt) sink(e op.Event) {
	a.m.Events = append(a.m.Events, e)
	if e.Outcome != op.Ran {
		return
	}
	at := e.Op.Object()
	table := at.Table
	a.attribute(e)
	for _, name := range makesAnew(e.Op, e.Statements) {
		a.remembered()
		if why := a.state.doubt(name); why != "" {
			a.tape.taint("%s", why)
		}
	}
	followed := a.follow(e.Op)
	switch o := e.Op.(type) {
	case op.CreateTable:
		a.made[at] = true
	case op.RenameTable:
		a.remembered()
		a.state.renamed(o)
		a.made[op.Object{Kind: "table", Schema: o.Schema, Table: o.To}] = a.made[at]
	}
	// Where the fold lacks the object, other code has made it.
	if err := e.Op.Apply(a.state.schema); err != nil {
		a.state.raw[strings.ToLower(table)] = a.m.ID
	}
	a.state.rewrite(a.d.Name(), followed)
}

// follow asks the dialect what becomes of views and triggers when something is
// renamed; nil: nothing that the fold does not know.
func (a *attempt) follow(o op.Op) *schema.Schema {
	f, follows := a.d.(dialect.Follower)
	switch o.(type) {
	case op.RenameTable, op.RenameColumn:
	default:
		follows = false
	}
	if !follows {
		return nil
	}
	then, err := f.Follow(context.Background(), a.state.schema, o)
	if err != nil {
		a.state.lose(a.m.ID)
	}
	return then
}

// asked is told of a question about the structure. What migrations have made is
// there; what they have not made may be there nevertheless.
func (a *attempt) asked(o op.Object, has bool) {
	a.remembered()
	if !has || a.state.lost != "" || a.state.raw[strings.ToLower(o.Table)] != "" {
		a.tape.taint("asks whether there is a %s, which only the database knows, not shown", o)
	}
}

// remembered takes up what the migration itself has sent so far.
func (a *attempt) remembered() {
	a.tape.last(a.tape.count(), func(_ int, s *Statement) {
		if unseen(s.Op) {
			a.state.remember(a.m.ID, s.SQL)
		}
	})
}

// attribute says of the newest statements that they are the operation's. What
// they need is asked of the renderer once more: the fold has not moved yet.
func (a *attempt) attribute(e op.Event) {
	rendered, err := a.d.Render(context.Background(), e.Op, a.env.State)
	if err != nil || len(rendered) != len(e.Statements) {
		rendered = nil
	}
	tables := a.existing(e.Op)
	locker, _ := a.d.(dialect.Locker)
	a.tape.last(len(e.Statements), func(i int, s *Statement) {
		s.Op, s.IfAbsent, s.of, s.tables = e.Op, ifAbsent(e.Op), len(e.Statements), tables
		if rendered != nil {
			s.Strong, s.NoTx = rendered[i].Strong, rendered[i].NoTx
		}
		if locker != nil {
			s.Lock = locker.LockMode(s.SQL)
		}
	})
}

func ifAbsent(o op.Op) bool {
	switch o := o.(type) {
	case op.CreateTable:
		return o.IfNotExists
	case op.AddColumn:
		return o.IfNotExists
	case op.CreateIndex:
		return o.IfNotExists
	case op.CreateSchema:
		return o.IfNotExists
	case op.CreateExtension:
		return o.IfNotExists
	}
	return false
}

// outcome is how a migration's function ended.
type outcome struct {
	err       error
	stack     string
	abandoned bool
}

var errLimit = errors.New("it took too long")

// call runs the function on a recording database, for as long as the limit lets
// it.
func (a *attempt) call(ctx context.Context) outcome {
	limited, cancel := context.WithTimeoutCause(op.WithEnv(a.o.Context(ctx), a.env), a.o.Limit, errLimit)
	pool := sql.OpenDB(connector{a.tape})
	db := bun.NewDB(pool, a.offline.BunDialect())
	ended := make(chan outcome, 1)
	go func() {
		out := outcome{err: errors.New("it ended its goroutine (runtime.Goexit)")}
		defer func() {
			a.tape.close()
			ended <- out
			cancel()
			_ = pool.Close()
		}()
		defer func() {
			if v := recover(); v != nil {
				out = outcome{err: fmt.Errorf("panic: %v", v), stack: string(debug.Stack())}
			}
		}()
		out = outcome{err: a.invoke(limited, db)}
	}()
	var out outcome
	select {
	case out = <-ended:
	case <-limited.Done():
		a.tape.close()
		select {
		case out = <-ended: // which ends the context, too
		default:
			return outcome{abandoned: true}
		}
	}
	if out.err != nil && errors.Is(context.Cause(limited), errLimit) {
		return outcome{abandoned: true}
	}
	return out
}

// invoke gives the function what the runner gives it.
func (a *attempt) invoke(ctx context.Context, db *bun.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	fn := function(a.step)
	if a.step.Known.NoTx {
		return fn(ctx, conn)
	}
	// A nested bun.Tx.RunInTx goes on with the context that its transaction began
	// with; it may not end by itself, which would roll back behind our back.
	tx, err := conn.BeginTx(context.WithoutCancel(ctx), a.d.TxOptions())
	if err != nil {
		return err
	}
	defer func() {
		a.tape.close()
		_ = tx.Rollback()
	}()
	return fn(ctx, tx)
}

// reversible reports whether a step can be undone, and why not.
func reversible(s Step) (bool, string) {
	switch {
	case s.Known.Irreversible != "":
		return false, s.Known.Irreversible
	case s.Known.Down == nil:
		return false, s.Known.NoDown
	}
	return true, ""
}
