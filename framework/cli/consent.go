package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
)

// agreeToDown looks at what a revert would do before it is done: that there are n
// migrations to revert (0: any number will do), and that somebody has agreed to
// lose data. Where data matters (a guarded APP_ENV) all that drops or deletes, or
// that cannot be told, is asked about. Elsewhere what has no rows is not, and what
// is only possible is asked of a person, not of a script.
func (c *call) agreeToDown(f *runFlags, t migrate.Target, n int, yes bool) error {
	if n < 2 && yes {
		return nil
	}
	m, err := c.migrator(f.apply)
	if err != nil {
		return err
	}
	plan, err := m.Plan(c.ctx, migrate.Down, t)
	if err == nil {
		err = tooFar(n, len(plan))
	}
	if err != nil || len(plan) == 0 || yes {
		return err
	}
	r, err := c.rehearse(f, migrate.Down, t, false)
	if err != nil {
		return err
	}
	lost, unclear := r.losses()
	if len(lost) == 0 && unclear == "" || !c.guarded() && !c.worthAsking(r, lost, unclear) {
		return nil
	}
	q := question{todo: "revert " + planned(plan) + loss(lost, unclear), why: c.askedBecause(), flag: "--yes"}
	if c.guarded() && c.canAsk() {
		if q.word, err = c.databaseName(); err != nil {
			return err
		}
	}
	return c.ask(q)
}

// worthAsking reports whether a loss is asked about where data does not matter.
func (c *call) worthAsking(r *rehearsal, lost []string, unclear string) bool {
	dropped := r.dropped() // the rest of what is lost is in SQL of the migration's own
	some, sure := c.anyRows(dropped)
	if c.canAsk() {
		return some || !sure || unclear != "" || len(lost) > len(dropped)
	}
	return some
}

// tooFar refuses to revert fewer migrations than were asked for: who says 12 and
// means another database is not to lose what this one has. To revert from base
// is nothing to do.
func tooFar(asked, applied int) error {
	if applied == 0 || asked <= applied {
		return nil
	}
	return misuse(fmt.Sprintf("there are not %d migrations to revert: %d applied", asked, applied),
		"to revert them all, run: {migrate} down --to base", "to see them, run: {migrate} status")
}

// askedBecause is the rule under which a question is put.
func (c *call) askedBecause() string {
	if c.guarded() {
		return c.guardedWhy()
	}
	return "data would be lost"
}

func (c *call) guardedWhy() string {
	return fmt.Sprintf("APP_ENV is %q, so it is asked", c.appEnv())
}

// losses are what the steps drop or delete, and which step cannot be told.
func (r *rehearsal) losses() (lost []string, unclear string) {
	for _, m := range r.recorded {
		if m.Tainted != "" {
			unclear = m.ID
			continue
		}
		lost = append(lost, m.Losses()...)
	}
	return lost, unclear
}

// loss says what is lost, in a question: at most three things by name.
func loss(lost []string, unclear string) string {
	const most = 3
	if n := len(lost) - most; n > 0 {
		lost = append(lost[:most:most], fmt.Sprintf("%d more", n))
	}
	switch {
	case len(lost) == 0:
		return ", and perhaps lose data (" + unclear + " cannot be told without running it)"
	case unclear != "":
		return ", and lose data (" + strings.Join(lost, ", ") + ", and what " + unclear + " does)"
	}
	return ", and lose data (" + strings.Join(lost, ", ") + ")"
}

// dropped are the tables that the steps drop, or a column of them.
func (r *rehearsal) dropped() []op.Object {
	var tables []op.Object
	for _, m := range r.recorded {
		for _, e := range m.Events {
			if e.Outcome != op.Ran {
				continue
			}
			switch o := e.Op.(type) {
			case op.DropTable:
				tables = append(tables, op.Object{Schema: o.Schema, Table: o.Name})
			case op.DropColumn:
				tables = append(tables, op.Object{Schema: o.Schema, Table: o.Table})
			}
		}
	}
	return tables
}

// anyRows reports whether one of the tables has rows; sure: each could be asked.
func (c *call) anyRows(tables []op.Object) (some, sure bool) {
	ctx, cancel := context.WithTimeout(c.ctx, 2*time.Second)
	defer cancel()
	sure = true
	for _, t := range tables {
		name := c.conn.dialect.Quote(t.Table)
		if t.Schema != "" {
			name = c.conn.dialect.Quote(t.Schema) + "." + name
		}
		var is bool
		err := c.conn.db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM "+name+")").Scan(&is)
		some, sure = some || is, sure && err == nil
	}
	return some, sure
}
