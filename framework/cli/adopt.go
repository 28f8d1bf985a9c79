package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/adopt"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/uptrace/bun"
)

// adoptFlags are those of adopt.
type adoptFlags struct {
	from, table, column string
	where               []string
	scripts             string
	byHand              []string
	allow               []string
	dry, yes            bool
	reason              string
}

func (p *program) adoptCommand() *cobra.Command {
	var f adoptFlags
	return p.verb(leaf{
		use: "adopt", group: groupRecord, codes: recordCodes,
		short: "Record as applied what another migration tool has applied",
		long: "Reads the history of another tool, shows which migrations here it makes applied, asks,\n" +
			"and records them in one transaction, in which it reads the history again. Nothing is\n" +
			"run, and the other tool's tables are only read. The tool is told by the columns of its\n" +
			"table, in all schemas of the search path; --from names it, where several fit.\n\n" +
			"A version is the migration of the same name, or the one whose ID begins with the same\n" +
			"number, or has the words in which the tool describes it; where none of that holds,\n" +
			"--map says which it is. Alembic keeps names and order in its scripts: --scripts.\n" +
			"Refused, unless --allow names it:\n" +
			"dirty (a migration of that tool has failed), locked (it is at work), unknown (a version\n" +
			"is no migration here), gaps (one is not applied, although a later one is).\n\n" +
			"Tools: " + strings.Join(adopt.Tools()[:8], ", ") + ",\n" + strings.Join(adopt.Tools()[8:], ", ") + "; auto, or table=NAME for a table of your own.",
		example: "  {migrate} adopt --dry-run\n  {migrate} adopt --from goose --yes\n  {migrate} adopt --from alembic --scripts alembic/versions\n" +
			"  {migrate} adopt --from alembic --map 1975ea83b712=20261121090000_add_invoices\n" +
			"  {migrate} adopt --from table=my_versions --column version --where done=true",
		flags: f.define,
		do: func(c *call) (view, error) {
			if f.dry {
				return c.look(func() (view, error) { return c.adopt(f) })
			}
			return c.untilSignal(func() (view, error) { return c.adopt(f) })
		},
	})
}

func (f *adoptFlags) define(fs *pflag.FlagSet) {
	fs.StringVar(&f.from, "from", adopt.Auto, "the `tool`, auto, or table=NAME")
	fs.StringVar(&f.table, "table", "", "the `name` of its table, where several fit")
	fs.StringVar(&f.column, "column", "", "with table=NAME: the `column` of the versions")
	fs.StringArrayVar(&f.where, "where", nil, "with table=NAME: what a row must meet to count, `COLUMN=VALUE` or COLUMN!=VALUE; may be repeated")
	fs.StringVar(&f.scripts, "scripts", "", "the `folder` of Alembic's revisions: their order, and what they are called")
	fs.StringArrayVar(&f.byHand, "map", nil, "`VERSION=ID`: what a version is; @FILE has one in each line; may be repeated")
	fs.StringSliceVar(&f.allow, "allow", nil, "take the history although it is: dirty, gaps, locked, unknown")
	fs.BoolVar(&f.dry, "dry-run", false, "show what would be recorded, and write nothing")
	fs.BoolVar(&f.yes, "yes", false, "do not ask")
	fs.StringVar(&f.reason, "reason", "", "why, for the log")
}

// adopt plans, asks and records.
func (c *call) adopt(f adoptFlags) (view, error) {
	allowed, err := f.allowed()
	if err != nil {
		return nil, err
	}
	if err := f.sound(); err != nil {
		return nil, err
	}
	q := c.historyOf(f)
	byHand, err := c.byHand(f.byHand, q.IDs)
	if err != nil {
		return nil, err
	}
	if err := c.locate(); err != nil {
		return nil, err
	}
	c.reading = c.reading || c.link.absent() // what is not there has no history, and is not made for that
	m, err := c.migrator()
	if err != nil {
		return nil, err
	}
	h, err := adopt.Find(c.ctx, c.conn.db, c.conn.dialect, q)
	if err != nil {
		return nil, notAdopted(err)
	}
	records, _, err := m.Records(c.ctx)
	if err != nil {
		return nil, err
	}
	recorded := map[string]bool{}
	for _, r := range records {
		recorded[r.ID] = true
	}
	plan := adopt.NewPlan(q.IDs, recorded, h, byHand)
	v := newAdoptView(plan)
	if faults := plan.Refusals(allowed...); len(faults) > 0 {
		return v, refusedHistory(plan, faults, q)
	}
	for _, r := range h.Remarks {
		c.note(r)
	}
	if f.dry || len(plan.Mark) == 0 {
		return v, nil
	}
	if !f.yes {
		v.showPlan(c, c.err)
		if err := c.ask(question{todo: "record " + migrations(len(plan.Mark)) + " as applied", why: "what is recorded is not run", flag: "--yes"}); err != nil {
			return v, err
		}
		v.shown = true
	}
	return v, c.adoptPlan(m, v, q, f.reason)
}

// adoptPlan records what the plan says, unless the other tool's history has changed.
func (c *call) adoptPlan(m *migrate.Migrator, v *adoptView, q adopt.Query, reason string) error {
	if reason == "" {
		reason = "adopted from " + v.plan.History.Tool + ", " + v.plan.History.Table.String()
	}
	r, err := m.StampOnly(c.ctx, v.plan.Mark, migrate.StampOptions{Reason: reason, Check: func(ctx context.Context, db bun.IDB) error {
		now, err := adopt.Again(ctx, db, c.conn.dialect, v.plan.History, q)
		if err == nil && !reflect.DeepEqual(now, v.plan.History) {
			err = &refusal{code: codeHistory, what: v.plan.History.Table.String() + " has changed since the plan was made",
				next: []string{"when " + v.plan.History.Tool + " is no longer at work, run again: {migrate} adopt"}}
		}
		return err
	}})
	if err != nil {
		return err
	}
	for _, n := range r.Notes {
		c.note(n)
	}
	stamped := newStampView(r)
	v.Done, v.To = stamped.Done, stamped.To
	return nil
}

// historyOf is where to look.
func (c *call) historyOf(f adoptFlags) adopt.Query {
	q := adopt.Query{Tool: f.from, Table: f.table, Column: f.column, Where: f.where}
	if name, ok := strings.CutPrefix(f.from, adopt.Custom+"="); ok {
		q.Tool, q.Table = adopt.Custom, name
	}
	if f.scripts != "" {
		q.Scripts = os.DirFS(f.scripts)
	}
	for _, m := range c.known() {
		q.IDs = append(q.IDs, m.ID)
	}
	return q
}

// sound refuses flags that would mean nothing.
func (f adoptFlags) sound() error {
	if !strings.HasPrefix(f.from, adopt.Custom+"=") && f.column+strings.Join(f.where, "") != "" {
		return misuse("--column and --where are for a table of your own", "name it: --from table=NAME")
	}
	if info, err := os.Stat(f.scripts); f.scripts != "" && (err != nil || !info.IsDir()) {
		return misuse(fmt.Sprintf("--scripts: there is no folder %q", f.scripts), "name the folder of Alembic's revisions, such as alembic/versions")
	}
	return nil
}

func (f adoptFlags) allowed() ([]adopt.Refusal, error) {
	var allowed []adopt.Refusal
	for _, word := range f.allow {
		if !slices.Contains(adopt.Refusals(), adopt.Refusal(word)) {
			return nil, misuse(fmt.Sprintf("--allow does not know %q", word), "it takes dirty, gaps, locked, unknown, with commas between them")
		}
		allowed = append(allowed, adopt.Refusal(word))
	}
	return allowed, nil
}

// notAdopted turns the errors of a search into refusals.
func notAdopted(err error) error {
	var s *adopt.SearchError
	if errors.As(err, &s) {
		return &refusal{code: codeUsage, what: s.Error(), next: s.Next()}
	}
	return err
}

// refusedHistory says why a history is not taken, and how to take it.
func refusedHistory(p adopt.Plan, faults []adopt.Fault, q adopt.Query) error {
	e := &refusal{code: codeHistory, what: "the history of " + p.History.Tool + " in " + p.History.Table.String() + " cannot be taken as it is"}
	var kinds []string
	for _, f := range faults {
		e.why = append(e.why, string(f.Kind)+": "+f.What)
		if !slices.Contains(kinds, string(f.Kind)) {
			kinds = append(kinds, string(f.Kind))
		}
	}
	for _, k := range kinds {
		e.next = append(e.next, map[adopt.Refusal]string{
			adopt.Dirty:   "finish or undo the failed migration with " + p.History.Tool + " first",
			adopt.Locked:  "wait until " + p.History.Tool + " is done, or remove its lock as it says",
			adopt.Unknown: "write the missing migration, or say which one a version is: --map VERSION=ID",
			adopt.Gaps:    "apply what is missing with " + p.History.Tool + " first",
		}[adopt.Refusal(k)])
	}
	if p.History.Tool == "alembic" && q.Scripts == nil && slices.Contains(kinds, string(adopt.Unknown)) {
		e.next = append(e.next, "if migrations here are called as its revisions are, name the folder of these: --scripts alembic/versions")
	}
	e.next = append(e.next, "if you know that it is right: {migrate} adopt --allow "+strings.Join(kinds, ","))
	return e
}
