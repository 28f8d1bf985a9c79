package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/leavendb/leaven/framework/history"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/spf13/pflag"
	"github.com/uptrace/bun"
)

// The values of --baseline.
const (
	baselineOff  = "off"
	baselineAuto = "auto"
)

// defineBaseline is for the commands that may be the first to meet a database.
func (f *runFlags) defineBaseline(fs *pflag.FlagSet) {
	f.baseline = choice{of: []string{baselineOff, baselineAuto}, is: baselineOff}
	fs.Var(&f.baseline, "baseline", "auto: where tables are there and no history is, record first what the database has")
}

// errNoHistory ends a run in front of the first change of a database that knows no
// migrations: so one that knows some, or has nothing left to do, pays nothing for
// the question.
var errNoHistory = errors.New("the database has no history")

// up applies what is pending. With --baseline=auto, a database that has tables and
// no history gets one first.
func (c *call) up(f *runFlags, t migrate.Target) (view, error) {
	return c.run(f, func(ctx context.Context, m *migrate.Migrator) (*migrate.Report, error) {
		r, err := m.Up(ctx, t)
		if !errors.Is(err, errNoHistory) {
			return r, err
		}
		if _, err := c.untilSignal(func() (view, error) { return nil, c.recordWhatIsThere(m) }); err != nil {
			return nil, err
		}
		return m.Up(ctx, t)
	})
}

// asksForHistory is what --baseline=auto does in front of the first change.
func (h *hooks) asksForHistory(ctx context.Context, db bun.IDB) error {
	if h.flags.baseline.is != baselineAuto || h.asked {
		return nil
	}
	h.asked = true
	have, err := h.store.Read(ctx, db)
	if err == nil && len(have.Records) == 0 {
		err = errNoHistory
	}
	return err
}

// noteBaseline tells whoever only looks that a run would record something first.
func (c *call) noteBaseline(f *runFlags) error {
	if f.baseline.is != baselineAuto {
		return nil
	}
	m, err := c.migrator()
	if err != nil {
		return err
	}
	have, _, err := m.Records(c.ctx)
	if err != nil || len(have) > 0 {
		return err
	}
	reverted, err := c.wasReverted(m)
	if err == nil && !reverted {
		c.note(c.self("a run records first what the database has already (--baseline=auto); to see what that is: {migrate} baseline --dry-run"))
	}
	return err
}

// recordWhatIsThere records the newest migration whose schema the database has, and
// all before it. A database without tables of ours is left as it is.
func (c *call) recordWhatIsThere(m *migrate.Migrator) error {
	if reverted, err := c.wasReverted(m); reverted || err != nil {
		return err
	}
	f, err := c.newFitting(m)
	if err != nil {
		return err
	}
	there, takes := f.there()
	if len(there) == 0 {
		return nil
	}
	v, err := c.fit(f)
	if err != nil {
		return err
	}
	if v.Fits == "" {
		return c.unfitting(m, v, takes)
	}
	r, err := m.Stamp(c.ctx, migrate.To(v.Fits), migrate.StampOptions{Reason: "--baseline=auto", Check: func(ctx context.Context, db bun.IDB) error {
		return noHistory(ctx, m, db)
	}})
	if errors.Is(err, errHistoryThere) {
		return nil
	}
	if err != nil {
		return err
	}
	c.note(fmt.Sprintf("the database had its tables before it had a history: %s recorded as applied without being run, up to %s", are(len(r.Steps)), v.Fits))
	c.noteTrust(v)
	return nil
}

// wasReverted reports whether a database has no history because all of it was
// reverted: what is there then, a migration has found, and is to find again.
func (c *call) wasReverted(m *migrate.Migrator) (bool, error) {
	if _, current, err := m.Records(c.ctx); !current || err != nil {
		return false, err
	}
	entries, err := m.History(c.ctx, 0)
	for _, e := range entries { // the newest first
		if e.Outcome == history.Done {
			return e.Action == history.ActDown, nil
		}
	}
	return false, err
}

// errHistoryThere says that another program has recorded or applied something
// meanwhile.
var errHistoryThere = errors.New("there is a history now")

func noHistory(ctx context.Context, m *migrate.Migrator, db bun.IDB) error {
	have, err := m.Store().Read(ctx, db)
	if err == nil && len(have.Records) > 0 {
		err = errHistoryThere
	}
	return err
}

// unfitting refuses a database that no migration explains: unless another program
// was changing it while we looked, or what makes the tables takes what exists.
func (c *call) unfitting(m *migrate.Migrator, v *baselineView, takes bool) error {
	if err := noHistory(c.ctx, m, c.conn.db); err != nil {
		if errors.Is(err, errHistoryThere) {
			return nil
		}
		return err
	}
	if takes {
		c.note("the database has tables and no history, and no migration has its schema; it is run all the same, because what makes these tables takes those that exist when they are equal")
		return nil
	}
	r := &refusal{code: codeDiffer, what: "the database has tables and no history, and no migration has its schema", state: "nothing was recorded, and nothing was run", next: []string{
		"make the database equal, as said above, and start again",
		"to see it compared with the newest migration, run: {migrate} baseline --dry-run",
		"to write a migration that closes the gap, run where the sources are: {migrate} baseline --write",
		"when you know which migrations it has, run: {migrate} stamp REVISION",
	}}
	if tool := c.otherTool(); tool != "" {
		r.next = append([]string{"to take over the history of " + tool + ", run: {migrate} adopt --from " + tool}, r.next...)
	}
	if v.closest != nil {
		r.why = append(r.why, "the nearest is "+v.closest.id+"; to make the database what that has:")
		for _, change := range v.closest.changes {
			r.why = append(r.why, "  "+change.Title)
		}
		for _, w := range v.closest.weaker {
			r.why = append(r.why, "the comparison was a weaker one: "+w)
		}
	}
	return r
}
