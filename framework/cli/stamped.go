package cli

import (
	"context"
	"time"

	"github.com/leavendb/leaven/framework/history"
)

// neverRan reports whether a migration is recorded as applied because somebody
// said so: the log's newest word on it, but for attempts to revert it, is a stamp.
// Where the log cannot be read it is false: this is a courtesy.
func (c *call) neverRan(id string) bool {
	if c.conn == nil {
		return false
	}
	if s := c.conn.db.Stats(); s.MaxOpenConnections > 0 && s.InUse == s.MaxOpenConnections {
		return false // a migration that was given up has them all
	}
	m, err := c.migrator()
	if err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), 2*time.Second)
	defer cancel()
	entries, _ := m.History(ctx, 0)
	for _, e := range entries {
		if e.ID == id && (e.Action != history.ActDown || e.Outcome == history.Done) {
			return e.Action == history.ActStamp
		}
	}
	return false
}
