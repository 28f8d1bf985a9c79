package migrate

import (
	"context"
	"log/slog"
)

// emit tells an event to the logger and to the observer.
func (m *Migrator) emit(e Event) {
	level := slog.LevelInfo
	switch e.Kind {
	case Failed:
		level = slog.LevelError
	case Retrying, Note:
		level = slog.LevelWarn
	case Started, Waiting, Progress:
		level = slog.LevelDebug
	}
	if ctx := context.Background(); m.o.Logger.Enabled(ctx, level) {
		m.o.Logger.LogAttrs(ctx, level, "migrate", slog.Any("event", e))
	}
	if m.o.Observe != nil {
		m.o.Observe(e)
	}
}
