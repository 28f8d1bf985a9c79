package cli

import (
	"log/slog"
	"strings"
)

// logs reports whether standard error is a log and not for people: a line for
// each migration, note and error, and one for the outcome. LOG_FORMAT=json makes
// it one; LOG_FORMAT=text does where it is no terminal, at which somebody sits.
func (c *call) logs() bool {
	s, _ := c.settings()
	return s.LogFormat.Text == "json" || s.LogFormat.From.Name != "" && !c.err.terminal
}

// summing is a view that a log sums up.
type summing interface{ summary() []any }

// logOutcome logs how a command ended. What only looks has nothing to tell a log
// when it went well.
func (c *call) logOutcome(v view, e *explained, code int) {
	var attrs []any
	s, sums := v.(summing)
	if sums {
		attrs = s.summary()
	}
	switch {
	case e != nil:
		attrs = append(attrs, "kind", e.Kind)
		for _, part := range [][2]string{{"why", strings.Join(e.Why, "; ")}, {"state", e.State}, {"next", strings.Join(e.Next, "; ")}} {
			if part[1] != "" {
				attrs = append(attrs, part[0], part[1])
			}
		}
		c.logger().Error(e.What, append(attrs, "exit_code", code)...)
	case sums:
		c.logger().Info(c.name()+" done", append(attrs, "exit_code", code)...)
	}
}

// logger writes to standard error in the format and from the level that the
// settings name.
func (c *call) logger() *slog.Logger {
	o := &slog.HandlerOptions{Level: slog.LevelInfo, ReplaceAttr: c.scrubAttr}
	var level slog.Level
	if s, _ := c.settings(); level.UnmarshalText([]byte(s.LogLevel.Text)) == nil {
		o.Level = level
	}
	if c.shared.debug {
		o.Level = slog.LevelDebug
	}
	if s, _ := c.settings(); s.LogFormat.Text == "json" {
		return slog.New(slog.NewJSONHandler(c.err.w, o))
	}
	return slog.New(slog.NewTextHandler(c.err.w, o))
}

// scrubAttr takes secrets out of what is logged: the library logs the errors of
// drivers and of users' code as they are.
func (c *call) scrubAttr(_ []string, a slog.Attr) slog.Attr {
	switch v := a.Value.Any().(type) {
	case string:
		return slog.String(a.Key, c.scrub(v))
	case error:
		return slog.String(a.Key, c.scrub(v.Error()))
	}
	return a
}

// libraryLog is the log of the library's events: progress tells people the same,
// so it is for logs and for --debug.
func (c *call) libraryLog() *slog.Logger {
	if c.logs() || c.shared.debug {
		return c.logger()
	}
	return nil
}
