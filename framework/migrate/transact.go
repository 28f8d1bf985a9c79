package migrate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/uptrace/bun"
)

// verdict is how a try ended that did not fail.
type verdict uint8

const (
	done     verdict = iota + 1
	busy             // another runner has the lock
	moved            // the history is not what the plan saw
	fkAgain          // the same again, with foreign keys off
	finished         // done, and committed
)

// stage is where a try failed.
type stage uint8

const (
	connecting stage = iota + 1
	claiming
	working
	settling
	committing
)

// errEnded says why a migration is interrupted that did not fail.
var errEnded = errors.New("it has ended the runner's transaction by itself (COMMIT or ROLLBACK)")

// errHalfRead is why nobody knows whether a try was committed.
var errHalfRead = errors.New("rows were left unread, and their rest stood in front of the server's answer: close them before the function returns")

// failure is a try that failed. Nothing of it remains, except where doubt says
// that its COMMIT may have been done.
type failure struct {
	stage     stage
	known     *Known // the member that failed; nil: none in particular
	err       error
	fault     dialect.Fault
	ours      bool // it is our own transaction or connection that failed
	doubt     bool
	refused   bool // by the server, which may have done the COMMIT before
	restored  []string
	ended     bool // the migration has ended our transaction by itself
	trace     *trace
	out       outcome
	attempt   *attempt
	elapsed   time.Duration
	cancelled bool
}

func (r *run) fail(s stage, err error) *failure {
	return &failure{stage: s, err: err, fault: r.m.d.Classify(err), ours: true}
}

// transact is one try of a group: lock, work and history in one transaction on
// one connection.
func (r *run) transact(ctx context.Context, g *group) (verdict, *failure) {
	r.unstain()
	if err := r.linked(ctx); err != nil {
		return 0, r.fail(connecting, err)
	}
	if err := r.link.join(ctx, r.m.d, r.m.db.Driver()); err != nil {
		return 0, r.fail(connecting, err)
	}
	// A statement of ours is not given up because the caller's context has ended:
	// drivers would leave it running. The watch takes care of that.
	base := context.WithoutCancel(ctx)
	if g.fkOff {
		was, err := r.m.d.ForeignKeys(base, r.link.Conn, false)
		if err != nil {
			return 0, r.fail(connecting, err)
		}
		g.fkWas = was
	}
	w := r.watch(ctx, g, r.attemptFor(g))
	v, f := r.inTx(base, w, g, w.attempt)
	r.tried(base, w, f)
	return v, f
}

// tried ends a try.
func (r *run) tried(ctx context.Context, w *watch, f *failure) {
	w.stop()
	if w.g.fkWas {
		w.g.fkWas = false
		r.foreignKeysOn(ctx)
	}
	w.tell(f)
}

// inTx begins and ends the transaction.
func (r *run) inTx(ctx context.Context, w *watch, g *group, a *attempt) (verdict, *failure) {
	w.tx = &txContext{Context: ctx}
	tx, err := r.link.BeginTx(w.tx, r.m.d.TxOptions())
	if err != nil {
		return r.notBegun(err)
	}
	v, f := r.bracket(ctx, tx, w, g, a)
	if v == finished { // the COMMIT was done with the last message
		return r.handBack(tx, g, a)
	}
	if v != done {
		if f != nil && f.refused {
			return r.refused(ctx, tx, g, a, f)
		}
		if f != nil && f.doubt {
			_ = tx.Rollback()
			r.refresh(false)
			return v, f
		}
		r.undo(ctx, tx, f)
		return v, f
	}
	if err := tx.Commit(); err != nil {
		f := r.fail(committing, err)
		f.doubt = r.lost(f.fault)
		if !f.doubt {
			// The server has refused; SQLite leaves the transaction open then.
			_, _ = r.link.ExecContext(ctx, "ROLLBACK")
		}
		r.refresh(!f.doubt)
		return 0, f
	}
	r.committed(g, a)
	return done, nil
}

// handBack ends the try of a group that was committed with its last message. If it
// then comes out that something stood in front of the answer to that message, what was
// taken for the answer was not.
func (r *run) handBack(tx bun.Tx, g *group, a *attempt) (verdict, *failure) {
	err := tx.Commit()
	if err == nil && !r.link.valid() {
		err = errHalfRead
	}
	if err != nil {
		f := r.fail(committing, err)
		f.known, f.doubt = g.known[len(g.known)-1], true
		r.refresh(false)
		return 0, f
	}
	r.settled = time.Now()
	r.committed(g, a)
	return done, nil
}

// undo rolls back what a try has done.
func (r *run) undo(ctx context.Context, tx bun.Tx, f *failure) {
	if f != nil && f.out.abandoned {
		r.link = nil // who still waits for our connection must not get it
		return
	}
	// What it has set outside our transaction, nobody can put back.
	r.refresh(r.rollback(ctx, tx) && (f == nil || !f.ended))
}

// notBegun is how a try ends whose BEGIN failed. SQLite may begin as the
// database's writer: another one at work is then told here, and not by Claim.
func (r *run) notBegun(err error) (verdict, *failure) {
	f := r.fail(connecting, err)
	taken := f.fault.Class == dialect.Busy
	r.refresh(taken)
	if taken {
		return busy, nil
	}
	return 0, f
}

// bracket is what happens inside the transaction.
func (r *run) bracket(ctx context.Context, tx bun.Tx, w *watch, g *group, a *attempt) (verdict, *failure) {
	c := r.claiming(g, a)
	claimed, err := r.m.d.Claim(ctx, tx, c)
	switch {
	case err != nil:
		f := r.fail(claiming, err)
		if f.fault.Class == dialect.IdleTimeout { // of what was claimed ahead: no function is to blame
			f.fault.Class = dialect.ConnectionLost
		}
		return 0, f
	case !claimed.Locked && claimed.Token != "" && claimed.Token != c.Want, claimed.Locked && claimed.Token != c.Want:
		return moved, nil
	case !claimed.Locked:
		return busy, nil
	case claimed.Rows != int64(len(g.steps)):
		return moved, nil
	}
	r.link.session = claimed.Session
	w.pid.Store(claimed.PID)

	g.ran = make([]*step, len(g.known))
	for i, k := range g.known {
		g.ran[i] = &step{id: k.ID, dir: g.dir, emit: r.emit}
		if v, f := r.member(ctx, tx, claimed, w, g, a, i, g.ran[i]); v != done {
			return v, f
		}
	}
	s := r.settle(g, a)
	s.Next = r.next(w.ctx, g, a)
	settled, err := r.m.d.Settle(ctx, tx, claimed, s)
	last := g.known[len(g.known)-1]
	switch {
	case err != nil && settled.Committed:
		f := r.fail(committing, err)
		f.known, f.doubt = last, r.lost(f.fault)
		if !f.doubt {
			f.stage, f.refused, f.restored = settling, true, settled.Restored
		}
		return 0, f
	case err != nil && !errors.Is(err, sql.ErrTxDone):
		f := r.fail(settling, err)
		f.known = last
		return 0, f
	case err != nil, !settled.Ours, settled.Rows != int64(len(g.steps)):
		f := r.fail(settling, errEnded)
		f.known, f.ended = last, true
		return 0, f
	}
	r.noteRestored(last, settled.Restored)
	if settled.Committed {
		return finished, nil
	}
	return done, nil
}

func (r *run) noteRestored(k *Known, settings []string) {
	for _, s := range settings {
		r.note(fmt.Sprintf("%s changed %s for the session; it was put back", k.ID, s))
	}
}

// member runs the function of one member of a group.
func (r *run) member(ctx context.Context, tx bun.Tx, claimed dialect.Claimed, w *watch, g *group, a *attempt, i int, s *step) (verdict, *failure) {
	k := g.known[i]
	begun := time.Now()
	r.emit(Event{Kind: Started, ID: k.ID, Direction: g.dir, Attempt: g.tries})
	w.trace.begin(func() string { return k.file(g.dir) })
	env := r.env(g, a, i)
	var before []string
	if g.fkOff {
		var err error
		if before, err = r.m.d.CheckForeignKeys(ctx, tx); err != nil {
			return 0, r.fail(claiming, err)
		}
	}
	failed := func(out outcome) *failure {
		f := r.fail(working, out.err)
		f.known, f.out, f.elapsed = k, out, time.Since(begun)
		switch {
		case errors.Is(context.Cause(w.work), errSelfWait):
			f.err, f.fault, f.ours = fmt.Errorf("%w (%w)", errSelfWait, out.err), dialect.Fault{}, false
		case !out.abandoned:
			f.ours, f.ended = r.failedWith(ctx, tx, claimed)
		}
		return f
	}
	out := w.call(s, env, k.function(g.dir), tx, func(out outcome) *failure {
		f := failed(out)
		r.undo(ctx, tx, f)
		r.tried(ctx, w, f)
		return f
	})
	a.reports[i].Elapsed = time.Since(begun)
	a.records[i].Elapsed = a.reports[i].Elapsed
	if env.NeedForeignKeysOff && !g.fkOff {
		return fkAgain, nil
	}
	if out.err == nil && g.fkOff {
		out.err = r.violations(ctx, tx, before)
		if w.trace.deleted() {
			r.note(k.ID + " rebuilt a table, so it ran without foreign keys: rows that it deleted took no others with them")
		}
	}
	if out.err == nil {
		return done, nil
	}
	return 0, failed(out)
}

// failedWith tells whether our transaction or connection is what failed: a
// function may also return an error of another database, or of the network
// elsewhere, which means nothing for a retry. ended: there is a transaction no
// more, because the function has ended it before it failed.
func (r *run) failedWith(ctx context.Context, tx bun.Tx, claimed dialect.Claimed) (ours, ended bool) {
	settled, err := r.m.d.Settle(ctx, tx, claimed, dialect.Settle{})
	if errors.Is(err, sql.ErrTxDone) {
		return false, true
	}
	return err != nil, err == nil && !settled.Ours
}

// rollback reports whether the connection is outside a transaction afterwards.
func (r *run) rollback(ctx context.Context, tx bun.Tx) bool {
	if tx.Rollback() == nil {
		return true
	}
	// Either the connection is gone, or the transaction already was; SQLite says
	// so with an error.
	_, err := r.link.ExecContext(ctx, "ROLLBACK")
	return err == nil || r.m.d.Classify(err).Class == dialect.Other && r.m.d.Classify(err).Code != ""
}

// violations is an error if a rebuild has left rows without their parents. Those
// that had none before are not its doing.
func (r *run) violations(ctx context.Context, tx bun.Tx, before []string) error {
	lines, err := r.m.d.CheckForeignKeys(ctx, tx)
	lines = slices.DeleteFunc(lines, func(line string) bool { return slices.Contains(before, line) })
	if err != nil || len(lines) == 0 {
		return err
	}
	return fmt.Errorf("rows would refer to rows that do not exist: %s", strings.Join(lines, "; "))
}

func (r *run) foreignKeysOn(ctx context.Context) {
	if r.link != nil {
		if _, err := r.m.d.ForeignKeys(ctx, r.link.Conn, true); err != nil {
			r.refresh(false)
		}
	}
}

// refresh lets go of a connection whose state is not known.
func (r *run) refresh(sound bool) {
	if r.link == nil {
		return
	}
	if sound && r.link.valid() {
		return
	}
	r.link.drop()
	r.link = nil
}

// unstain lets go of a connection on which a lock for the session was waited for.
func (r *run) unstain() {
	if r.link != nil && r.link.stained {
		r.refresh(false)
	}
}

// lost reports whether a fault leaves open what the server has done.
func (r *run) lost(f dialect.Fault) bool {
	switch f.Class {
	case dialect.ConnectionLost, dialect.Unavailable, dialect.ReadTimeout, dialect.IdleTimeout:
		return true
	case dialect.Other:
		return f.Code == "" && !r.link.valid()
	}
	return false
}

// function is one direction of a migration.
func (k *Known) function(d Direction) Func {
	if d == Down {
		return k.Down
	}
	return k.Up
}

// file is the base name of the file that holds one direction's function.
func (k *Known) file(d Direction) string {
	fn := k.Migration.Up
	if d == Down {
		fn = k.Migration.Down
	}
	if fn == nil || k.at.told { // of a Change: its operations are where it was registered
		return k.File
	}
	pc := reflect.ValueOf(fn).Pointer()
	file, _ := runtime.FuncForPC(pc).FileLine(pc)
	return path.Base(file)
}

// describe is the Description, or else the words of the ID.
func (k *Known) describe() string {
	if k.Description != "" {
		return k.Description
	}
	return strings.ReplaceAll(nameOf(k.ID), "_", " ")
}
