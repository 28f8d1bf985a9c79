package cli

import "log/slog"

// logs reports whether standard error is a log (LOG_FORMAT=json) and not for
// people: one JSON object for each event, note and error.
func (c *call) logs() bool {
	s, _ := c.settings()
	return s.LogFormat.Text == "json"
}

// logger writes to standard error in the format and from the level that the
// settings name.
func (c *call) logger() *slog.Logger {
	o := &slog.HandlerOptions{Level: slog.LevelInfo}
	var level slog.Level
	if s, _ := c.settings(); level.UnmarshalText([]byte(s.LogLevel.Text)) == nil {
		o.Level = level
	}
	if c.shared.debug {
		o.Level = slog.LevelDebug
	}
	if c.logs() {
		return slog.New(slog.NewJSONHandler(c.err.w, o))
	}
	return slog.New(slog.NewTextHandler(c.err.w, o))
}

// libraryLog is the log of the library's events: progress tells people the same,
// so it is for logs and for --debug.
func (c *call) libraryLog() *slog.Logger {
	if c.logs() || c.shared.debug {
		return c.logger()
	}
	return nil
}
