package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// stopping is how a command ends when the process is told to.
type stopping struct {
	ctx  context.Context // cancelled: end what is running
	stop chan struct{}   // closed: begin nothing more
	done func() int      // ends the watch and returns the exit code of the first signal, or 0
}

// watchSignals lets the first SIGINT or SIGTERM end the command after what runs
// now, and cancels that too after grace or at the second signal. say tells
// people, and may be called from another goroutine.
func watchSignals(ctx context.Context, grace time.Duration, say func(string)) stopping {
	ctx, cancel := context.WithCancelCause(ctx)
	s := stopping{ctx: ctx, stop: make(chan struct{})}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	quit := make(chan struct{})
	var code int
	var watch sync.WaitGroup
	watch.Go(func() {
		select {
		case <-quit:
			return
		case first := <-signals:
			code = codeInterrupted
			if first == syscall.SIGTERM {
				code = codeTerminated
			}
			close(s.stop)
			if grace > 0 {
				say(fmt.Sprintf("stopping: no new migration begins; the running one has %s (the same signal again ends it now)", took(grace)))
				select {
				case <-quit:
					return
				case <-signals:
				case <-time.After(grace):
				}
			}
			cancel(fmt.Errorf("stopped by a signal"))
		}
	})
	s.done = func() int {
		signal.Stop(signals)
		close(quit)
		watch.Wait()
		cancel(nil)
		return code
	}
	return s
}

// look is untilSignal for commands that only look: they make no file.
func (c *call) look(work func() (view, error)) (view, error) {
	c.reading = true
	return c.untilSignal(work)
}

// untilSignal runs a command's work so that the first signal ends it at once:
// for commands that run no migration.
func (c *call) untilSignal(work func() (view, error)) (view, error) {
	s := watchSignals(c.ctx, 0, nil)
	outer := c.ctx
	c.ctx = s.ctx
	v, err := work()
	c.signal = s.done()
	c.ctx = outer
	return v, err
}
