package migrate

import (
	"runtime"
	"sync"
)

// A run has a goroutine of its own, in which the migrations' functions run too: to
// hand each of them to another goroutine would cost about as much as a round trip.
// A function that does not return keeps that goroutine, and one that ends it takes
// it along. Then the goroutine of the caller, which waits, ends the run.

// whereabouts tell whether the run's goroutine is in a migration's function.
type whereabouts struct {
	mu     sync.Mutex
	inside bool
	done   func() // after the function
	failed func(outcome) *failure
}

// enter says that the goroutine is about to call a function.
func (p *whereabouts) enter(done func(), failed func(outcome) *failure) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inside, p.done, p.failed = true, done, failed
}

// leave says that the function is over, to whoever says so first: false means that
// it was somebody else, who goes on from here.
func (p *whereabouts) leave() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	was := p.inside
	p.inside = false
	return was
}

// takeOver leaves the run's goroutine to the function in which it is, and lets the
// caller's end the run with what came of it. False: it is in none.
func (w *watch) takeOver(out outcome) bool {
	if !w.inFunc.leave() {
		return false
	}
	w.r.gone.Store(true)
	w.r.handover <- func() error {
		w.inFunc.done()
		f := w.inFunc.failed(out)
		err := w.r.again(w.ctx, w.g, f)
		if err == nil { // it cannot be tried again without a goroutine
			err = w.r.failed(w.ctx, w.g, f)
		}
		w.r.finish()
		return err
	}
	return true
}

// own runs fn in the run's goroutine, and returns its error. A panic and the end of
// the goroutine become the caller's.
func (r *run) own(fn func() error) (err error) {
	r.handover = make(chan func() error, 1)
	ended := make(chan func(), 1)
	go func() {
		result := runtime.Goexit
		defer func() {
			if v := recover(); v != nil {
				result = func() { panic(v) }
			}
			if !r.gone.Load() {
				ended <- result
			}
		}()
		e := fn()
		result = func() { err = e }
	}()
	select {
	case result := <-ended:
		result()
		return err
	case rest := <-r.handover:
		return rest()
	}
}
