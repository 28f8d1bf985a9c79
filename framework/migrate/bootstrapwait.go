package migrate

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Require returns nil when every migration of this program is applied. It is one
// read. The error is a *PendingError with the exact list, or what Up would refuse.
func (m *Migrator) Require(ctx context.Context) error {
	behind, err := m.behind(ctx, func(n string) { m.emit(Event{Kind: Note, Message: n}) })
	if err == nil && behind != nil {
		return behind
	}
	return err
}

// Wait returns nil as soon as every migration of this program is applied, by
// others: it looks again after each poll (0: 1 s), and only reads. A server that
// does not answer is waited for too. It ends with a *StoppedError when ctx does or
// Options.Stop is closed, and with an error that waiting does not mend: what Up
// would refuse, seen twice, so that it was not just another runner on its way.
func (m *Migrator) Wait(ctx context.Context, poll time.Duration) error {
	if poll <= 0 {
		poll = time.Second
	}
	began := time.Now()
	var noted []string
	refused := false
	for {
		noted = noted[:0]
		behind, err := m.behind(ctx, func(n string) { noted = append(noted, n) })
		switch {
		case ctx.Err() != nil:
			return &StoppedError{State: "nothing was touched", Err: context.Cause(ctx)}
		case err == nil && behind == nil:
			for _, n := range noted {
				m.emit(Event{Kind: Note, Message: n})
			}
			return nil
		case err != nil && !m.mayPass(err):
			if refused {
				return err
			}
			refused = true
		default:
			refused = false
		}
		m.emit(Event{Kind: Waiting, Elapsed: time.Since(began), Message: waitsFor(behind, err)})
		select {
		case <-ctx.Done():
			return &StoppedError{State: "nothing was touched", Err: context.Cause(ctx)}
		case <-m.o.Stop:
			return &StoppedError{State: "nothing was touched"}
		case <-time.After(poll):
		}
	}
}

// mayPass reports whether waiting mends an error of a look.
func (m *Migrator) mayPass(err error) bool {
	var database *DatabaseError
	return errors.As(err, &database) && database.Fault.Retryable()
}

func waitsFor(behind *PendingError, err error) string {
	if behind == nil {
		return err.Error()
	}
	return fmt.Sprintf("until others have applied %d, the next is %s", len(behind.IDs), behind.IDs[0])
}

// behind tells what is not applied yet; nil: nothing. A migration that somebody
// is just working on is not.
func (m *Migrator) behind(ctx context.Context, note func(string)) (*PendingError, error) {
	s, err := m.Status(ctx)
	if err != nil {
		return nil, err
	}
	e := &PendingError{Current: s.Current, Next: "up"}
	for i := range s.Entries {
		if state := s.Entries[i].State; state == Pending || state == Running {
			e.IDs = append(e.IDs, s.Entries[i].ID)
		}
	}
	for _, n := range s.Notes {
		note(n)
	}
	switch {
	case s.Problem != nil:
		return nil, s.Problem
	case len(e.IDs) == 0:
		return nil, nil
	}
	return e, nil
}
