package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (p *program) stampCommand() *cobra.Command {
	var o migrate.StampOptions
	return p.verb(leaf{
		use: "stamp REVISION", aliases: []string{"mark-current"}, group: groupRecord, codes: recordCodes, words: oneRevision, min: 1, max: 1, missing: "a revision, head or base",
		short: "Record migrations as applied without running them",
		long: "Records everything up to the revision as applied, and runs nothing: for a database that\n" +
			"has the schema already. With --purge, records beyond the revision are removed: so a\n" +
			"stamp that went too far is taken back (base: all of it).",
		example: "  {migrate} stamp head\n  {migrate} stamp 20261121090000_initial --reason \"made by create-all\"\n  {migrate} stamp base --purge",
		flags: func(fs *pflag.FlagSet) {
			fs.BoolVar(&o.Purge, "purge", false, "also remove records beyond the revision, and unknown ones")
			fs.StringVar(&o.Reason, "reason", "", "why, for the log")
		},
		do: func(c *call) (view, error) {
			t := toTarget(c.word(0))
			return c.untilSignal(func() (view, error) {
				m, err := c.migrator()
				if err != nil {
					return nil, err
				}
				r, err := m.Stamp(c.ctx, t, o)
				if err != nil {
					return nil, err
				}
				for _, n := range r.Notes {
					c.note(n)
				}
				v := newStampView(r)
				c.noteBeyond(m, v, t)
				return v, nil
			})
		},
	})
}

// noteBeyond tells whoever stamped an older revision than the newest applied one
// that the record is not back there.
func (c *call) noteBeyond(m *migrate.Migrator, v *stampView, t migrate.Target) {
	if len(v.Done)+len(v.Removed) > 0 {
		return
	}
	beyond, err := m.Plan(c.ctx, migrate.Down, t)
	if err != nil || len(beyond) == 0 {
		return // nothing is beyond head, and the stamp itself went well
	}
	c.note(c.self(fmt.Sprintf("%s recorded beyond it, and stay so; to remove the records and run nothing: {migrate} stamp %s --purge",
		are(len(beyond)), c.word(0))))
}

// are counts migrations as the subject of a sentence.
func are(n int) string {
	if n == 1 {
		return "1 migration is"
	}
	return fmt.Sprintf("%d migrations are", n)
}

type stampView struct {
	Done    []string `json:"done"`
	Removed []string `json:"removed"`
	From    string   `json:"from"`
	To      string   `json:"to"`
}

func newStampView(r *migrate.Report) *stampView {
	v := &stampView{Done: []string{}, Removed: []string{}, From: r.From, To: r.To}
	for _, s := range r.Steps {
		if s.Direction == migrate.Down {
			v.Removed = append(v.Removed, s.ID)
		} else {
			v.Done = append(v.Done, s.ID)
		}
	}
	return v
}

func (v *stampView) show(c *call) {
	if len(v.Done)+len(v.Removed) == 0 {
		c.out.line("Nothing to record: the history is at " + orBase(v.To) + " already.")
		return
	}
	for _, id := range v.Done {
		c.out.line("  recorded  " + id)
	}
	for _, id := range v.Removed {
		c.out.line("  removed   " + id)
	}
	c.out.line("Recorded, and nothing was run. Now at " + orBase(v.To) + ".")
}

func (p *program) resolveCommand() *cobra.Command {
	var applied, pending bool
	var reason string
	return p.verb(leaf{
		use: "resolve --applied|--pending REVISION", group: groupRecord, codes: recordCodes, words: oneRevision, min: 1, max: 1, missing: "a revision",
		short: "Decide what an interrupted migration is",
		long: "A migration outside a transaction that was interrupted may have done all, some or none\n" +
			"of its work. Look at the database, then say which: --applied when all is there,\n" +
			"--pending when it may run again from the beginning.",
		example: "  {migrate} resolve --applied 20261121090000_add_invoices\n  {migrate} resolve --pending add_invoices --reason \"dropped the half index\"",
		flags: func(fs *pflag.FlagSet) {
			fs.BoolVar(&applied, "applied", false, "all of its work is there")
			fs.BoolVar(&pending, "pending", false, "it may run again from the beginning")
			fs.StringVar(&reason, "reason", "", "why, for the log")
		},
		do: func(c *call) (view, error) {
			if applied == pending {
				return nil, misuse("resolve needs one of --applied and --pending", "when all of its work is there: --applied; when it is to run again: --pending")
			}
			as := migrate.Pending
			if applied {
				as = migrate.Applied
			}
			return c.correct(string(as), func(m *migrate.Migrator, id string) error { return m.Resolve(c.ctx, id, as, reason) })
		},
	})
}

func (p *program) repairCommand() *cobra.Command {
	var reason string
	return p.verb(leaf{
		use: "repair REVISION", group: groupRecord, codes: recordCodes, words: oneRevision, min: 1, max: 1, missing: "a revision",
		short:   "Accept the file of an applied migration as it is now",
		long:    "Records the checksum of the present file, after you have seen that the edit does not\nchange what the migration does. The database's structure is not touched.",
		example: "  {migrate} repair 20261121090000_add_invoices\n  {migrate} repair add_invoices --reason \"only a comment\"",
		flags:   func(fs *pflag.FlagSet) { fs.StringVar(&reason, "reason", "", "why, for the log") },
		do: func(c *call) (view, error) {
			return c.correct(repaired, func(m *migrate.Migrator, id string) error { return m.Repair(c.ctx, id, reason) })
		},
	})
}

// What a record becomes, beside the states.
const (
	repaired  = "repaired"
	unchanged = "unchanged"
)

// unedited reports whether the file of an applied migration is what was applied.
func (v *statusView) unedited(id string) bool {
	return slices.ContainsFunc(v.Migrations, func(e entryView) bool {
		return e.ID == id && migrate.SourceState(e.Source) == migrate.Unchanged
	})
}

// correct changes the record of one migration.
func (c *call) correct(became string, do func(m *migrate.Migrator, id string) error) (view, error) {
	return c.untilSignal(func() (view, error) {
		m, err := c.migrator()
		if err != nil {
			return nil, err
		}
		s, err := m.Status(c.ctx)
		if err != nil {
			return nil, err
		}
		v := c.newStatusView(s)
		id, err := v.find(c.word(0))
		if err != nil {
			return nil, err
		}
		if became == repaired && v.unedited(id) {
			return &correctView{ID: id, Became: unchanged}, nil
		}
		if err := do(m, id); err != nil {
			return nil, err
		}
		return &correctView{ID: id, Became: became}, nil
	})
}

type correctView struct {
	ID     string `json:"id"`
	Became string `json:"became"` // applied, pending, repaired, unchanged
}

func (v *correctView) show(c *call) {
	switch v.Became {
	case unchanged:
		c.out.line("Nothing to repair: the file of " + v.ID + " is as it was applied.")
	case repaired:
		c.out.line("Recorded the present file of " + v.ID + ".")
	case string(migrate.Pending):
		c.out.line(c.self(v.ID + " is pending. To run it again: {migrate} up"))
	default:
		c.out.line(strings.TrimSpace(v.ID + " is " + v.Became + "."))
	}
}
