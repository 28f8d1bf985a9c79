package migrate

import (
	"log/slog"
	"time"
)

// Event is something that happened during a run. EventKind says which fields
// are set.
type Event struct {
	Kind      EventKind
	ID        string // the migration
	Direction Direction
	Attempt   int           // 1 for the first try of the migration in this run
	Elapsed   time.Duration // Finished, Failed, Waiting: since the beginning of it
	Done      int64         // Progress
	Total     int64         // Progress; 0: unknown
	Message   string        // Waiting, Retrying, Note, Failed: why
	Err       error         // Retrying, Failed
}

// EventKind is the kind of an event.
type EventKind string

// The kinds of events.
const (
	Started  EventKind = "started"  // a migration's function is about to run
	Finished EventKind = "finished" // it is applied or reverted, and committed
	Failed   EventKind = "failed"   // it failed and is not tried again
	Retrying EventKind = "retrying" // it was rolled back and is tried again
	Waiting  EventKind = "waiting"  // for another runner or a lock; at most one a second
	Other    EventKind = "other"    // another runner applied or reverted it
	Progress EventKind = "progress" // what the migration reported of its work
	Note     EventKind = "note"     // something an operator should know
)

// LogValue implements slog.LogValuer.
func (e Event) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("kind", string(e.Kind))}
	if e.ID != "" {
		attrs = append(attrs, slog.String("id", e.ID), slog.String("direction", e.Direction.String()))
	}
	if e.Attempt > 1 {
		attrs = append(attrs, slog.Int("attempt", e.Attempt))
	}
	if e.Elapsed > 0 {
		attrs = append(attrs, slog.Int64("elapsed_ms", e.Elapsed.Milliseconds()))
	}
	if e.Kind == Progress {
		attrs = append(attrs, slog.Int64("done", e.Done), slog.Int64("total", e.Total))
	}
	if e.Message != "" {
		attrs = append(attrs, slog.String("message", e.Message))
	}
	if e.Err != nil {
		attrs = append(attrs, slog.String("error", e.Err.Error()))
	}
	return slog.GroupValue(attrs...)
}
