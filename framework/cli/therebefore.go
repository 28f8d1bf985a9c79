package cli

import (
	"context"
	"errors"
	"time"

	"github.com/leavendb/leaven/framework/adopt"
	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/migrate"
)

// thereBefore is what to do where the first migration meets what it makes, because
// the database was there before its history; nil: that is not so.
func (c *call) thereBefore(e *migrate.StepError) []string {
	if e.Fault.Class != dialect.Exists || e.Direction != migrate.Up || c.report == nil || c.report.To != "" {
		return nil
	}
	if tool := c.otherTool(); tool != "" {
		return []string{"to take over the history of " + tool + ", run: {migrate} adopt --from " + tool}
	}
	return []string{"to record what the database has already, run: {migrate} baseline; for each start to do so: --baseline=auto"}
}

// otherTool is the migration tool that has a history in the database; empty: none
// that can be told. Where it cannot be read it is empty: this is a courtesy.
func (c *call) otherTool() string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), 2*time.Second)
	defer cancel()
	h, err := adopt.Find(ctx, c.conn.db, c.conn.dialect, c.historyOf(adoptFlags{from: adopt.Auto}))
	if s := (*adopt.SearchError)(nil); errors.As(err, &s) && len(s.Found) > 0 {
		return adopt.Auto
	}
	return h.Tool
}
