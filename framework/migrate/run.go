package migrate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/history"
)

// The states of a migration in the history, and who moves it:
//
//	(no row)  -> running    Claim of an Up            [in its transaction, or NoTx: committed]
//	running   -> applied    Settle of an Up           [the same transaction, or NoTx: committed]
//	applied   -> reverting  Claim of a Down           [as above]
//	reverting -> (no row)   Settle of a Down          [as above]
//	(no row)  -> applied    Stamp, Resolve --applied
//	any       -> (no row)   Stamp --purge, Resolve --pending
//	running, reverting -> applied  Resolve --applied
//	running   -> running, reverting -> reverting   a Rerunnable NoTx migration again, as a new attempt
//
// A transactional migration is never seen running or reverting by others: its
// transaction ends in applied, in no row, or in nothing at all. Where others do
// see it, it is NoTx or has committed by itself; if then nobody holds the
// runners' lock, it is interrupted. Nothing moves without that lock.

// run is one call of Up or Down.
type run struct {
	m        *Migrator
	ctx      context.Context // the caller's, for the guard of connections
	dir      Direction
	known    []Known
	byID     map[string]*Known
	link     *link
	view     view
	want     []string  // what is left of the first plan; a later one only shrinks it
	behind   []Step    // of the plan, behind the group that is at work
	ahead    *attempt  // of the group behind it, if its claim comes with a COMMIT
	settled  time.Time // when that was done last
	batch    int64
	head     string // the last ID that an Up wants: names the batch
	report   *Report
	begun    time.Time
	waiting  *budget           // for other runners
	handover chan func() error // what is left to do when the run's goroutine is lost
	gone     atomic.Bool       // it is
}

// run plans, and performs the plan one transaction after the other. What another
// runner does meanwhile is accepted as done; what it adds is not taken up.
func (m *Migrator) run(ctx context.Context, d Direction, t Target) (*Report, error) {
	r := &run{m: m, ctx: ctx, dir: d, report: &Report{}, begun: time.Now()}
	whole := false
	defer func() {
		if !whole && r.link != nil { // a panic of who observes: the server shall not wait for us
			r.link.abandon()
		}
	}()
	err := r.own(func() error { return r.perform(ctx, t) })
	whole = true
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) && !says(err) {
		err = r.stopped(ctx) // it had only read
	}
	r.close()
	r.report.Elapsed = time.Since(r.begun)
	return r.report, err
}

// says reports whether an error tells more than that a context has ended.
func says(err error) bool {
	var (
		stopped  *StoppedError
		step     *StepError
		database *DatabaseError
		decision *HistoryError
	)
	return errors.As(err, &stopped) || errors.As(err, &step) || errors.As(err, &database) || errors.As(err, &decision)
}

func (r *run) perform(ctx context.Context, t Target) (err error) {
	if r.known, err = r.m.known(); err != nil {
		return err
	}
	if err := r.open(ctx); err != nil {
		return err
	}
	if r.dir == Up {
		if done, err := r.nothingToDo(ctx, t); done || err != nil {
			return err
		}
	}
	r.byID = make(map[string]*Known, len(r.known))
	for i := range r.known {
		r.byID[r.known[i].ID] = &r.known[i]
	}
	steps, err := r.plan(ctx, t)
	if err != nil {
		return err
	}
	for _, s := range steps {
		r.want = append(r.want, s.ID)
	}
	if err := r.prepare(ctx, steps); err != nil {
		return err
	}
	err = r.steps(ctx, steps)
	r.finish()
	return err
}

// plan reads the whole history and plans. Rows that look interrupted are looked
// at again under the runners' lock: a runner may be at work on them.
func (r *run) plan(ctx context.Context, t Target) ([]Step, error) {
	v, err := r.m.viewOn(ctx, r.link)
	if err != nil {
		return nil, err
	}
	r.view = v
	if r.unfinished() {
		if err := r.awaitHolder(ctx); err != nil {
			return nil, err
		}
	}
	asked := t
	if t.kind == targetOnly {
		if asked = Head; r.dir == Down {
			asked = Base
		}
	}
	steps, notes, err := r.m.planOn(r.known, r.view, r.dir, asked)
	if err != nil {
		return nil, err
	}
	if t.kind == targetOnly {
		steps = slices.DeleteFunc(steps, func(s Step) bool { return !slices.Contains(t.ids, s.ID) })
	}
	r.report.From = current(r.view.Records)
	r.note(notes...)
	return steps, nil
}

func (r *run) unfinished() bool {
	return slices.ContainsFunc(r.view.Records, func(h history.Record) bool { return h.State != history.Applied })
}

// prepare makes what the steps need: the history tables, the batch.
func (r *run) prepare(ctx context.Context, steps []Step) error {
	if len(steps) == 0 {
		return nil
	}
	if err := r.checkModes(ctx, steps); err != nil {
		return err
	}
	if r.m.o.Before != nil {
		if err := r.m.o.Before(ctx, r.link, steps); err != nil {
			return err
		}
	}
	if !r.view.Current {
		made, err := r.ensure(ctx)
		if err == nil && !made {
			var v view // of one table that was there, too
			if v, err = r.m.viewOn(ctx, r.link); err == nil {
				err = checkDeleted(r.known, v.Deleted)
			}
		}
		if err != nil {
			return err
		}
	}
	if r.dir == Up {
		r.head = steps[len(steps)-1].ID
		r.nextBatch()
		r.report.Batch = r.batch
	}
	return nil
}

// nextBatch numbers what this run applies. Runners that go to the same head
// share a batch: together they are one deploy.
func (r *run) nextBatch() {
	r.batch = 1
	if n := len(r.view.Records); n > 0 {
		last := r.view.Records[n-1]
		if r.batch = last.Batch; last.Target != r.head {
			r.batch++
		}
	}
}

// stillLimit is how often a plan is made anew although the history is the same:
// once or twice another runner may have been there and gone.
const stillLimit = 20

// steps performs what is left of the plan until nothing is.
func (r *run) steps(ctx context.Context, steps []Step) error {
	r.waiting = newBudget(r.m.o.RunnerWait)
	var last *group
	still := 0
	for len(steps) > 0 {
		if err := r.stopped(ctx); err != nil {
			return err
		}
		g := r.group(steps)
		g.goesOn(last)
		last, r.behind = g, steps[len(g.steps):]
		v, err := r.do(ctx, g)
		if err != nil {
			return err
		}
		if v == moved {
			before := r.view.token()
			if steps, err = r.replan(ctx); err != nil {
				return err
			}
			if still++; r.view.token() != before {
				still = 0
			}
			if still > stillLimit {
				return fmt.Errorf("the history table %s does not take its rows, although nobody else changes it: look for triggers and policies on it", r.m.store.Name())
			}
			continue
		}
		steps = steps[len(g.steps):]
		r.want = without(r.want, g.ids())
		r.waiting = newBudget(r.m.o.RunnerWait)
	}
	return nil
}

// without removes ids from want, where they are usually the first.
func without(want, ids []string) []string {
	if len(ids) <= len(want) && slices.Equal(want[:len(ids)], ids) {
		return want[len(ids):]
	}
	return slices.DeleteFunc(want, func(id string) bool { return slices.Contains(ids, id) })
}

// replan is the plan after another runner has changed the history: what is left
// of what this run wanted, and nothing else.
func (r *run) replan(ctx context.Context) ([]Step, error) {
	before, was := r.left(), r.view
	if err := r.linked(ctx); err != nil {
		return nil, err
	}
	v, err := r.m.viewOn(ctx, r.link)
	if err != nil {
		return nil, err
	}
	r.view = v
	if r.unfinished() {
		if err := r.awaitHolder(ctx); err != nil {
			return nil, err
		}
	}
	left := r.left()
	r.want = left // what is done is not done again, also if somebody undoes it
	for _, id := range before {
		if !slices.Contains(left, id) {
			r.report.Steps = append(r.report.Steps, StepReport{ID: id, Direction: r.dir, Other: true})
			r.emit(Event{Kind: Other, ID: id, Direction: r.dir})
		}
	}
	asked := Head
	if r.dir == Down {
		// What lies below was not asked for; it may be irreversible.
		if asked = only(left); len(left) > 0 {
			err = r.covered(left)
		}
	} else {
		err = r.undermined(was, left)
		r.nextBatch()
		r.report.Batch = r.batch
	}
	if err != nil {
		return nil, err
	}
	steps, _, err := r.m.planOn(r.known, r.view, r.dir, asked)
	return slices.DeleteFunc(steps, func(s Step) bool { return !slices.Contains(left, s.ID) }), err
}

// left is what this run wanted and neither it nor another has done.
func (r *run) left() []string {
	var ids []string
	for _, id := range r.want {
		i := slices.IndexFunc(r.view.Records, func(h history.Record) bool { return h.ID == id })
		applied := i >= 0 && r.view.Records[i].State == history.Applied
		if r.dir == Up && !applied || r.dir == Down && i >= 0 {
			ids = append(ids, id)
		}
	}
	return ids
}

// covered refuses to revert what another runner has since built upon.
func (r *run) covered(left []string) error {
	var above []string
	for i := range slices.Backward(r.view.Records) {
		id := r.view.Records[i].ID
		if !slices.Contains(left, id) {
			above = append(above, id)
			continue
		}
		if len(above) > 0 {
			return &HistoryError{
				Kind: ErrOutOfOrder, IDs: []string{id}, Next: []string{"status", "down"},
				Detail: "another runner has applied " + above[0] + " after it, while this one was waiting",
			}
		}
	}
	return nil
}

// undermined refuses to apply what stands upon a migration that another runner
// has since reverted.
func (r *run) undermined(was view, left []string) error {
	p := newPlanner(r.known, r.view.Records)
	for _, id := range left {
		needed := p.ancestors(id)
		for i := range was.Records {
			if gone := was.Records[i].ID; needed[gone] && gone != id && !r.view.has(gone) && !slices.Contains(left, gone) {
				return &HistoryError{
					Kind: ErrGap, IDs: []string{id}, Next: []string{"status", "up"},
					Detail: "another runner has reverted " + gone + ", which it needs, while this one was waiting",
				}
			}
		}
	}
	return nil
}

// current is the newest applied ID; empty: base.
func current(records []history.Record) string {
	for i := range slices.Backward(records) {
		if records[i].State == history.Applied {
			return records[i].ID
		}
	}
	return ""
}

// finish completes the report from the last view.
func (r *run) finish() {
	r.report.To = current(r.view.Records)
	have := make(map[string]bool, len(r.view.Records))
	for i := range r.view.Records {
		if r.view.Records[i].State == history.Applied {
			have[r.view.Records[i].ID] = true
		}
	}
	for i := range r.known {
		if !have[r.known[i].ID] {
			r.report.Pending++
		}
	}
}

func (r *run) note(notes ...string) {
	for _, n := range notes {
		if !slices.Contains(r.report.Notes, n) {
			r.report.Notes = append(r.report.Notes, n)
			r.emit(Event{Kind: Note, Message: n})
		}
	}
}

// emit tells an event to the logger and to the observer.
func (r *run) emit(e Event) { r.m.emit(e) }

// open takes a connection. On SQLite connecting itself can meet another writer,
// without waiting for it: whoever comes first switches the file to its journal
// mode.
func (r *run) open(ctx context.Context) (err error) {
	b := newBudget(openFor)
	for {
		r.link, err = r.m.connect(ctx)
		if err != nil && ctx.Err() != nil {
			return r.stopped(ctx)
		}
		if err == nil && r.ctx != nil {
			r.link.guard(r.ctx)
		}
		if err == nil || r.m.d.Classify(err).Class != dialect.Busy || b.over() {
			return r.m.databaseError("connecting", err)
		}
		if err := r.rest(ctx, b.next(5*time.Millisecond, 200*time.Millisecond)); err != nil {
			return err
		}
	}
}

// linked makes sure that there is a connection: one whose state was not known has
// been let go.
func (r *run) linked(ctx context.Context) error {
	if r.link != nil {
		return nil
	}
	return r.open(ctx)
}

func (r *run) close() {
	if r.link == nil {
		return
	}
	r.m.release(r.ctx, r.link)
	r.link = nil
}
