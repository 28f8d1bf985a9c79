package migrate

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/leavendb/leaven/framework/op"
	"github.com/uptrace/bun"
)

// step is what the context of a migration's function carries, until the function
// has returned or was given up.
type step struct {
	mu     sync.Mutex
	over   bool
	id     string
	dir    Direction
	emit   func(Event)
	commit []func(context.Context) error
}

type stepKey struct{}

// during calls fn for the step that ctx belongs to, unless that is over. Calls do
// not overlap each other, nor what the runner does afterwards.
func during(ctx context.Context, fn func(*step)) {
	s, ok := ctx.Value(stepKey{}).(*step)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.over {
		fn(s)
	}
}

func (s *step) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
}

// ReportProgress tells how far a migration's own work is: total 0 means unknown.
// Events are as frequent as the calls. Outside a run it does nothing.
func ReportProgress(ctx context.Context, done, total int64) {
	during(ctx, func(s *step) { s.emit(Event{Kind: Progress, ID: s.id, Direction: s.dir, Done: done, Total: total}) })
}

// AfterCommit runs fn once the migration is committed and recorded; functions run
// in the order in which they were given. If the transaction is rolled back or
// tried again, what the failed try gave is forgotten. fn runs at most once: if the
// program is killed in between, not at all. It may use the pool, also one of a
// single connection. Its error is a note in the report; the migration stays
// applied. Outside a run, and with Options.Rehearsal, it does nothing.
func AfterCommit(ctx context.Context, fn func(context.Context) error) {
	during(ctx, func(s *step) { s.commit = append(s.commit, fn) })
}

// txContext is the context with which a transaction begins. bun hands it to the
// callback of tx.RunInTx in the place of the one that RunInTx was given, so it has
// the values of the function that is running.
type txContext struct {
	context.Context
	current atomic.Pointer[context.Context]
}

// Value implements context.Context.
func (c *txContext) Value(key any) any {
	if current := c.current.Load(); current != nil {
		if v := (*current).Value(key); v != nil {
			return v
		}
	}
	return c.Context.Value(key)
}

// outcome is what came of a migration's function.
type outcome struct {
	err       error
	stack     string // of a panic
	line      int    // of a panic, in the migration's file; 0: unknown
	abandoned bool   // it has not returned
}

var errGoexit = errors.New("it ended its goroutine (runtime.Goexit)")

// call runs a migration's function on db. Where the function does not come back,
// neither does call: then failed tells the failure of the try, and ends it.
func (w *watch) call(s *step, env *op.Env, fn Func, db bun.IDB, failed func(outcome) *failure) outcome {
	ctx := w.r.m.o.Context(context.WithValue(tracing(op.WithEnv(w.work, env), w.trace), stepKey{}, s))
	if w.tx != nil {
		w.tx.current.Store(&ctx)
	}
	w.inFunc.enter(func() {
		if w.tx != nil {
			w.tx.current.Store(nil)
		}
		w.working.Store(false)
		s.close()
	}, failed)
	w.working.Store(true)
	out := w.guarded(func() error { return fn(ctx, db) })
	if !w.inFunc.leave() {
		runtime.Goexit() // the run goes on without us
	}
	w.inFunc.done()
	return out
}

// guarded calls fn; a panic becomes its outcome. One that ends its goroutine takes
// ours with it, so somebody else has to end the run.
func (w *watch) guarded(fn func() error) (out outcome) {
	returned := false
	defer func() {
		if v := recover(); v != nil {
			out = outcome{err: fmt.Errorf("panic: %v", v), stack: string(debug.Stack()), line: w.trace.here()}
		} else if !returned {
			w.takeOver(outcome{err: errGoexit})
		}
	}()
	out.err = fn()
	returned = true
	return out
}

// afterCommit runs what the steps asked for. The connection goes back to the pool
// before it: it may be the only one.
func (r *run) afterCommit(ctx context.Context, steps []*step) {
	if r.m.o.Rehearsal {
		return
	}
	ctx = context.WithoutCancel(ctx)
	for _, s := range steps {
		for _, fn := range s.commit {
			r.close()
			if err := safely(ctx, fn); err != nil {
				r.note(fmt.Sprintf("%s is applied, but its AfterCommit reported: %v", s.id, err))
			}
		}
	}
}

func safely(ctx context.Context, fn func(context.Context) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return fn(ctx)
}
