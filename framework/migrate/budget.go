package migrate

import (
	"context"
	"math/rand/v2"
	"time"
)

// budget is a time that may be spent on waiting.
type budget struct {
	begun time.Time
	limit time.Duration
	pause time.Duration // the next one; grows
	said  time.Time     // when it was last told that somebody waits
}

func newBudget(limit time.Duration) *budget { return &budget{begun: time.Now(), limit: limit} }

func (b *budget) spent() time.Duration { return time.Since(b.begun) }

func (b *budget) over() bool { return b.limit <= 0 || b.spent() >= b.limit }

// next is how long to pause now: from first, growing by half to at most last,
// with jitter so that equals do not stay in step.
func (b *budget) next(first, last time.Duration) time.Duration {
	if b.pause == 0 {
		b.pause = first
	} else {
		b.pause = min(b.pause*3/2, last)
	}
	return b.pause/2 + rand.N(b.pause/2+1)
}

// rest waits, unless the run is to stop meanwhile.
func (r *run) rest(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	case <-r.m.o.Stop:
	}
	return r.stopped(ctx)
}

// stopped says whether the run is to end before its next step.
func (r *run) stopped(ctx context.Context) error {
	if ctx.Err() != nil {
		return &StoppedError{State: "nothing is left half done", Err: context.Cause(ctx)}
	}
	select {
	case <-r.m.o.Stop:
		return &StoppedError{State: "nothing is left half done"}
	default:
		return nil
	}
}
