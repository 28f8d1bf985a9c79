package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/leavendb/leaven/framework/migrate"
)

// runReport is the outcome of up, down and redo.
type runReport struct {
	*migrate.Report `json:"-"`

	Done      []string   `json:"done"`
	Steps     []stepView `json:"steps"`
	From      string     `json:"from"` // empty: base
	To        string     `json:"to"`
	Left      int        `json:"pending"`
	BatchNo   int64      `json:"batch,omitempty"`
	ElapsedMS int64      `json:"elapsed_ms"`
	verb      string
	failed    bool
}

// stepView is one migration that was applied or reverted.
type stepView struct {
	ID         string   `json:"id"`
	Direction  string   `json:"direction"`
	ElapsedMS  int64    `json:"elapsed_ms"`
	Attempts   int      `json:"attempts"`
	Other      bool     `json:"other,omitempty"`
	Resolved   bool     `json:"resolved,omitempty"`
	Operations []string `json:"operations,omitempty"`
	Found      []string `json:"found,omitempty"`
	Kept       []string `json:"kept,omitempty"`
}

// run makes a migrator, lets work use it under signals and progress, and turns
// its report into a view.
func (c *call) run(f *runFlags, work func(ctx context.Context, m *migrate.Migrator) (*migrate.Report, error)) (view, error) {
	if err := f.apply(new(migrate.Options)); err != nil {
		return nil, err
	}
	h, err := c.newHooks(f)
	if err != nil {
		return nil, err
	}
	if _, err := c.open(); err != nil {
		return nil, err
	}
	show := newProgress(c.err, c.wantsJSON() || c.logs(), c.now)
	for _, m := range c.known() {
		show.width = max(show.width, len(m.ID))
	}
	s := watchSignals(c.ctx, f.grace, show.say)
	h.say = c.sayOf(show)
	m, err := c.migrator(f.apply, func(o *migrate.Options) error {
		o.Stop, o.Observe, o.Before = s.stop, show.see, h.first
		if c.wantsEvents() {
			o.Observe = c.eventStream()
		}
		return nil
	})
	var r *migrate.Report
	if err == nil {
		h.store = m.Store()
		r, err = work(s.ctx, m)
		err = h.last(s.ctx, err)
	}
	signal := s.done()
	show.end()
	if err != nil {
		c.signal = signal
	}
	if r == nil {
		return nil, err
	}
	c.report = newRunReport(r, c.cmd.Name(), err != nil)
	for _, n := range r.Notes {
		if slices.Contains(show.noted, n) && !show.quiet {
			c.notes = append(c.notes, n)
			continue
		}
		c.note(n)
	}
	return c.report, err
}

func newRunReport(r *migrate.Report, verb string, failed bool) *runReport {
	v := &runReport{Report: r, Done: []string{}, Steps: []stepView{}, From: r.From, To: r.To, Left: r.Pending,
		BatchNo: r.Batch, ElapsedMS: r.Elapsed.Milliseconds(), verb: verb, failed: failed}
	for _, s := range r.Steps {
		if !s.Other {
			v.Done = append(v.Done, s.ID)
		}
		v.Steps = append(v.Steps, stepView{ID: s.ID, Direction: s.Direction.String(), ElapsedMS: s.Elapsed.Milliseconds(), Attempts: s.Attempts,
			Other: s.Other, Resolved: s.Resolved, Operations: s.Operations, Found: s.Found, Kept: s.Kept})
	}
	return v
}

// counts are what this run itself did.
func (v *runReport) counts() (ups, downs int) {
	for _, s := range v.Report.Steps {
		switch {
		case s.Other:
		case s.Direction == migrate.Down:
			downs++
		default:
			ups++
		}
	}
	return ups, downs
}

// summary is the run in a log.
func (v *runReport) summary() []any {
	ups, downs := v.counts()
	return []any{"applied", ups, "reverted", downs, "pending", v.Left, "at", orBase(v.To), "elapsed_ms", v.ElapsedMS}
}

// show sums the run up in a line.
func (v *runReport) show(c *call) {
	ups, downs := v.counts()
	v.showKept(c)
	if ups+downs == 0 {
		if !v.failed {
			c.out.line(v.nothing(c))
			if v.verb == "up" && v.Left == 0 {
				c.noteUnbuilt()
			}
		}
		return
	}
	var text string
	switch {
	case ups == 0:
		text = "Reverted " + migrations(downs)
	case downs == 0:
		text = "Applied " + migrations(ups)
	case ups == downs:
		text = "Reverted " + migrations(downs) + " and applied " + map[bool]string{true: "it", false: "them"}[ups == 1] + " again"
	default:
		text = fmt.Sprintf("Reverted %s and applied %d again", migrations(downs), ups)
	}
	text += " in " + took(v.Elapsed) + ". Now at " + orBase(v.To)
	if v.Left > 0 {
		text += fmt.Sprintf("; %d pending", v.Left)
	}
	c.out.line(sentence(text))
}

// nothing says that there was nothing to do, and where that leaves us.
func (v *runReport) nothing(c *call) string {
	if v.verb == "up" {
		if v.Left > 0 {
			return fmt.Sprintf("Nothing to do: already at %s; %d pending.", orBase(v.To), v.Left)
		}
		if v.To == "" {
			return c.self("There are no migrations yet. To write the first, run: {migrate} new NAME")
		}
		return fmt.Sprintf("Nothing to do: everything is applied, up to %s.", v.To)
	}
	return fmt.Sprintf("Nothing to revert: the database is at %s.", orBase(v.To))
}

// showKept tells which objects a run found or kept: people expect a create to
// create and a drop to drop.
func (v *runReport) showKept(c *call) {
	for _, s := range v.Report.Steps {
		for _, o := range s.Found {
			c.note(fmt.Sprintf("%s: %s existed already and is equal", s.ID, o))
		}
		for _, o := range s.Kept {
			c.note(fmt.Sprintf("%s: %s was kept, because it existed before the migration", s.ID, o))
		}
	}
}
