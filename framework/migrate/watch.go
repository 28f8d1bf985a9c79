package migrate

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
)

// How long the watch waits before it does the next thing. The times are bounds
// for people who wait, not figures that anything else depends on.
const (
	watchTick     = 250 * time.Millisecond
	blockersTick  = 40 * time.Millisecond // inside the 100 ms of one lock try
	selfWaitAfter = 2 * time.Second       // idle for so long before it is suspected
	cutAfter      = 5 * time.Second       // of asking the server to cancel
	abandonAfter  = 2 * time.Second       // after that, of a function that does not return
	selfishAfter  = time.Second / 2       // the same where it waits for itself: it is to be told within 5 s
	controlLimit  = 2 * time.Second       // for one question on the control connection
)

// errSelfWait is the cause with which a migration is cancelled that waits for
// its own transaction.
var errSelfWait = errors.New("it waits for its own transaction: it uses another connection than the one that it was given")

// watch stands beside one attempt: it makes cancellation reach the server,
// which drivers do not, finds a migration that waits for itself, and sees who
// blocks it.
type watch struct {
	r       *run
	g       *group
	attempt *attempt
	ctx     context.Context // of the attempt
	link    *link
	trace   *trace
	tx      *txContext // nil: the work is outside a transaction

	work    context.Context // for the migration's function
	cancel  context.CancelCauseFunc
	pid     atomic.Int64
	working atomic.Bool // the function is running, not a statement of ours
	inFunc  whereabouts
	quit    chan struct{}

	life      sync.Mutex
	over      bool
	stepping  *time.Timer
	unhook    func() bool
	running   sync.WaitGroup
	interrupt sync.Once

	begun     time.Time
	waits     int64 // of the pool, when the function began
	suspicion int
	asked     time.Time

	mu       sync.Mutex
	blockers []dialect.Session
}

func (r *run) watch(ctx context.Context, g *group, a *attempt) *watch {
	w := &watch{
		r: r, g: g, attempt: a, ctx: ctx, link: r.link, trace: &trace{}, quit: make(chan struct{}),
		begun: time.Now(), waits: r.m.db.Stats().WaitCount,
	}
	w.trace.session = &w.pid
	w.work, w.cancel = context.WithCancelCause(ctx)
	// Most attempts are over before there is anything to watch, so a goroutine of
	// its own comes only with the first event.
	w.life.Lock()
	defer w.life.Unlock()
	w.unhook = context.AfterFunc(ctx, func() { w.alive(func() { w.stopServer(w.pid.Load) }) })
	w.stepping = time.AfterFunc(w.pace(), func() { w.alive(w.look) })
	return w
}

// alive runs fn unless the watch has ended, which waits for fn.
func (w *watch) alive(fn func()) {
	w.life.Lock()
	if w.over {
		w.life.Unlock()
		return
	}
	w.running.Add(1)
	w.life.Unlock()
	defer w.running.Done()
	fn()
}

// stop ends the watch; the attempt's context ends with it.
func (w *watch) stop() {
	w.life.Lock()
	w.over = true
	w.life.Unlock()
	close(w.quit)
	w.unhook()
	w.stepping.Stop()
	w.running.Wait()
	w.cancel(nil)
}

// tell completes what is known of a failure.
func (w *watch) tell(f *failure) {
	if f == nil {
		return
	}
	f.attempt, f.trace, f.cancelled = w.attempt, w.trace, w.ctx.Err() != nil
	if seen := w.seen(); len(seen) > 0 {
		w.g.blockers = seen
	}
}

func (w *watch) pace() time.Duration {
	if w.g.lock != nil {
		return blockersTick
	}
	return watchTick
}

// look is done every now and then while the attempt goes on.
func (w *watch) look() {
	if context.Cause(w.work) != nil { // there is nothing more to find out
		return
	}
	defer w.stepping.Reset(w.pace())
	if !w.working.Load() {
		return
	}
	if w.g.lock != nil && w.trace.busy() > 0 {
		w.seeBlockers()
	}
	if time.Since(w.begun) > selfWaitAfter && time.Since(w.asked) >= time.Second {
		w.asked = time.Now()
		if pid := w.selfWait(); pid >= 0 {
			w.cancel(errSelfWait)
			w.stopServer(func() int64 { return pid })
		}
	}
}

// stopServer makes the server stop what the attempt is doing; the first reason
// for it counts.
func (w *watch) stopServer(pid func() int64) { w.interrupt.Do(func() { w.insist(pid) }) }

// insist asks the server to cancel the statement of a session until the attempt
// ends; if that does not help it closes the socket, and at last gives the
// function up. pid may become known meanwhile.
func (w *watch) insist(pid func() int64) {
	begun := time.Now()
	control := w.r.m.control()
	for cut := false; ; {
		if p := pid(); w.working.Load() && p > 0 && control != nil {
			ctx, cancel := context.WithTimeout(context.Background(), controlLimit)
			_ = w.r.m.d.Cancel(ctx, control, p) // it is asked again
			cancel()
		}
		select {
		case <-w.quit:
			return
		case <-time.After(watchTick):
		}
		patience, last := cutAfter, abandonAfter
		selfish := errors.Is(context.Cause(w.work), errSelfWait)
		if control == nil || selfish && pid() == 0 { // there is nobody to ask
			patience = 2 * watchTick
		}
		if selfish {
			last = selfishAfter
		}
		spent := time.Since(begun)
		if spent > patience && !cut && !selfish {
			w.link.cut()
			cut = true
		}
		if spent > patience+last {
			w.link.cut() // the server shall not keep its transaction
			if w.takeOver(outcome{err: context.Cause(w.work), abandoned: true}) {
				<-w.quit
				return
			}
		}
	}
}

// seeEnd waits until the server has given up what a cancelled try had begun. A
// driver that minds the context itself (pgx) has left then, and its own request
// to cancel may have come before the statement.
func (r *run) seeEnd(pid int64) {
	control := r.m.control()
	if control == nil && r.link == nil {
		control = r.m.db // its only connection is free again
	}
	if pid == 0 || control == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), cutAfter)
	defer cancel()
	for {
		holders, err := r.m.d.Holders(ctx, control, r.m.store.Key())
		if err != nil || !slices.ContainsFunc(holders, func(s dialect.Session) bool { return s.PID == pid }) {
			return
		}
		_ = r.m.d.Cancel(ctx, control, pid) // it is asked again
		select {
		case <-ctx.Done():
			return
		case <-time.After(blockersTick):
		}
	}
}

// seeBlockers remembers who holds the lock that the running statement wants.
func (w *watch) seeBlockers() {
	control := w.r.m.control()
	if control == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), controlLimit)
	defer cancel()
	found, err := w.r.m.d.Blockers(ctx, control, w.pid.Load())
	if err != nil || len(found) == 0 {
		return
	}
	w.mu.Lock()
	w.blockers = found
	w.mu.Unlock()
}

func (w *watch) seen() []dialect.Session {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.blockers
}

// selfWait tells whether the function waits for its own transaction: nothing
// runs on our connection, and somebody waits for us (or, if the pool has only our
// connection, for a connection). It must be seen twice. The result is the session
// to cancel, 0 if the server does not know of it, -1 if all is well.
func (w *watch) selfWait() int64 {
	pid := int64(-1)
	stats := w.r.m.db.Stats()
	switch control := w.r.m.control(); {
	case w.trace.busy() > 0:
	case stats.MaxOpenConnections == 1:
		if stats.WaitCount > w.waits {
			pid = 0
		}
	case control != nil && stats.InUse > 1:
		ctx, cancel := context.WithTimeout(context.Background(), controlLimit)
		defer cancel()
		if waiting, err := w.r.m.d.BlockedBy(ctx, control, w.pid.Load()); err == nil && len(waiting) > 0 {
			pid = waiting[0].PID
		}
	}
	if pid < 0 {
		w.suspicion = 0
		return pid
	}
	if w.suspicion++; w.suspicion < 2 {
		return -1
	}
	return pid
}
