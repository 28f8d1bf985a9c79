package op

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// Run executes the operations in order, on the connection or transaction db,
// and tells Env.Sink of each after it was done. It stops at the first that
// fails; every error that concerns an operation is an *Error.
//
// Operations that are incomplete, that the dialect does not have, or that
// cannot run inside the present transaction are refused before anything ran, as
// far as that can be told without looking at the database.
func Run(ctx context.Context, db bun.IDB, ops ...Op) error {
	renderer, err := RendererFor(db)
	if err != nil {
		return err
	}
	r := run{db: db, renderer: renderer, env: envOf(ctx)}
	flat := Flatten(ops...)
	if err := r.refuse(ctx, flat); err != nil {
		return err
	}
	for _, o := range flat {
		event, err := r.one(ctx, o)
		if err != nil {
			return err
		}
		if r.env.Sink != nil {
			r.env.Sink(event)
		}
	}
	return nil
}

// run is one call of Run.
type run struct {
	db       bun.IDB
	renderer Renderer
	env      *Env
}

// refuse finds what cannot work, without asking the database.
func (r run) refuse(ctx context.Context, ops []Op) error {
	if err := Validate(ops...); err != nil {
		return err
	}
	if r.inTx() {
		if err := unusable(ops); err != nil {
			return err
		}
		if err := r.env.Uncommitted.refuse(r.env.Migration, ops, func() (int, error) { return r.version(ctx) }); err != nil {
			return err
		}
	}
	old := newest{}
	for _, o := range ops {
		statements, err := r.renderer.Render(ctx, o, unknown{})
		if errors.Is(err, errUnknown) {
			continue // it depends on the table as it is when its turn has come
		}
		if err == nil {
			err = r.possible(statements)
		}
		if err != nil {
			return &Error{Op: o, Err: err}
		}
		old.see(o, statements)
	}
	return r.oldServer(ctx, old)
}

// newest is the operation that needs the newest server.
type newest struct {
	op    Op
	since int
}

func (n *newest) see(o Op, statements []Statement) {
	for _, s := range statements {
		if s.Since > n.since {
			n.op, n.since = o, s.Since
		}
	}
}

// oldServer refuses what the server is too old for. It asks the server only
// where something needs a newer one than the oldest that is served.
func (r run) oldServer(ctx context.Context, n newest) error {
	if n.since == 0 {
		return nil
	}
	version, err := r.version(ctx)
	if err == nil && version < n.since {
		err = r.renderer.(Versioner).VersionError(version, n.since)
	}
	if err != nil {
		return &Error{Op: n.op, Err: err}
	}
	return nil
}

// version is the server's; the highest number where all are alike, and without a
// server.
func (r run) version(ctx context.Context) (int, error) {
	v, ok := r.renderer.(Versioner)
	if !ok || r.env.State != nil {
		return math.MaxInt, nil
	}
	return v.Version(ctx, r.db)
}

// possible reports whether the statements can run on r.db.
func (r run) possible(statements []Statement) error {
	for _, s := range statements {
		if s.NoTx && r.inTx() {
			return errors.New("this cannot run inside a transaction; set NoTx: true in the migration and keep it to this step, or leave Concurrently out")
		}
	}
	return nil
}

func (r run) inTx() bool {
	switch r.db.(type) {
	case bun.Tx, *bun.Tx:
		return true
	}
	return r.env.InTx
}

// one runs one operation.
func (r run) one(ctx context.Context, o Op) (Event, error) {
	if r.kept(o) {
		return Event{Op: o, Outcome: Kept}, nil
	}
	found, err := r.found(ctx, o)
	if err != nil {
		return Event{}, &Error{Op: o, Err: err}
	}
	if found {
		return Event{Op: o, Outcome: Found}, nil
	}
	statements, err := r.renderer.Render(ctx, o, r.state())
	if err == nil {
		err = r.possible(statements)
	}
	if err == nil {
		err = r.foreignKeys(statements)
	}
	if err != nil {
		return Event{}, &Error{Op: o, Err: err}
	}
	sent, err := r.execute(ctx, o, statements)
	if r.inTx() {
		r.env.Uncommitted.see(r.env.Migration, o, statements)
	}
	return Event{Op: o, Outcome: Ran, Statements: sent}, err
}

// foreignKeys refuses statements that need foreign keys off, and leaves word
// for the runner.
func (r run) foreignKeys(statements []Statement) error {
	for _, s := range statements {
		if s.ForeignKeysOff && !r.env.ForeignKeysOff {
			r.env.NeedForeignKeysOff = true
			return ErrForeignKeysOn
		}
	}
	return nil
}

func (r run) execute(ctx context.Context, o Op, statements []Statement) ([]string, error) {
	var sent []string
	for i, s := range statements {
		message := r.limited(s)
		// Without arguments bun and the drivers leave the text as it is.
		if err := r.send(ctx, s, message); err != nil {
			before, _, _ := strings.Cut(message, s.SQL)
			if x, ok := r.renderer.(Explainer); ok {
				err = x.Explain(o, err)
			}
			return sent, &Error{Op: o, Statement: i + 1, SQL: s.SQL, Offset: utf8.RuneCountInString(before), Err: err}
		}
		sent = append(sent, s.SQL)
	}
	return sent, nil
}

// send executes a message, again and again where the runner says so. A
// statement that cannot run in a transaction may leave something behind when it
// is refused (an INVALID index), so it is sent once; beginning anew heals it.
func (r run) send(ctx context.Context, s Statement, message string) error {
	for {
		_, err := r.db.ExecContext(ctx, message)
		if err == nil || s.NoTx || r.inTx() || r.env.Again == nil || !r.env.Again(ctx, err) {
			return err
		}
	}
}

// limited is the message for s: with a limit on the wait for a strong lock,
// where the database has one.
func (r run) limited(s Statement) string {
	timer, ok := r.renderer.(LockTimer)
	if !ok || !s.Strong || s.NoTx || r.env.LockTry <= 0 {
		return s.SQL
	}
	// 0 would mean no limit at all.
	try := max(r.env.LockTry.Milliseconds(), 1)
	return timer.LimitLockWait(s.SQL, try, r.env.LockAfter.Milliseconds())
}

// unknown is the State of a database that is not looked at.
type unknown struct{}

var errUnknown = errors.New("the state of the database is not known yet")

func (unknown) Table(_ context.Context, schemaName, name string) (*schema.Table, error) {
	return nil, fmt.Errorf("table %s: %w", in(schemaName, name), errUnknown)
}

func (unknown) Enum(_ context.Context, schemaName, name string) (*schema.Enum, error) {
	return nil, fmt.Errorf("enum %s: %w", in(schemaName, name), errUnknown)
}

func (unknown) EnumUsers(_ context.Context, schemaName, name string) ([]EnumUser, error) {
	return nil, fmt.Errorf("users of enum %s: %w", in(schemaName, name), errUnknown)
}

func (unknown) Has(_ context.Context, o Object) (bool, error) {
	return false, fmt.Errorf("%s: %w", o, errUnknown)
}
