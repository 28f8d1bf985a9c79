package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// downFlags say how far down goes.
type downFlags struct {
	minus count
	steps int
	to    string
	batch bool
	yes   bool
	dry   bool
	n     int // of migrations, where the call says a number; else 0
}

func (p *program) downCommand() *cobra.Command {
	var f runFlags
	var d downFlags
	return p.verb(leaf{
		use: "down [N | REVISION | base]", aliases: []string{"downgrade", "rollback"}, group: groupRun, max: 1, codes: downCodes, words: oneRevision,
		short: "Revert the last migration, or the last N",
		long: "Reverts in the reverse of the order in which migrations were applied, each in its own\n" +
			"transaction. With a revision, everything that was applied after it; base is everything;\n" +
			"with --batch, what the last deploy applied. -2 is a number, not a flag.\n\n" +
			"What a migration added is dropped, with its data. Where data is or may be lost it asks\n" +
			"first, and --yes answers: under a guarded APP_ENV (see `help settings`) always, for the\n" +
			"database's name; elsewhere where there are rows. Where nobody can answer, it ends with\n" +
			"exit code 2; without a guarded APP_ENV only if a table with rows would be dropped, or a\n" +
			"column of one.",
		example: "  {migrate} down\n  {migrate} down 2\n  {migrate} down -2\n  {migrate} down --to 20261121090000_add_invoices\n  {migrate} down base",
		flags: func(fs *pflag.FlagSet) {
			fs.IntVar(&d.steps, "steps", 0, "revert the last `N`")
			fs.StringVar(&d.to, "to", "", "revert what was applied after this `REVISION`; base: everything")
			fs.BoolVar(&d.batch, "batch", false, "revert what the last deploy applied")
			fs.BoolVar(&d.yes, "yes", false, "do not ask")
			fs.BoolVar(&d.dry, "dry-run", false, "show the plan and its SQL, and write nothing")
			d.minus.define(fs)
			f.define(fs)
		},
		do: func(c *call) (view, error) {
			t, err := d.target(c)
			if err != nil {
				return nil, err
			}
			if d.dry {
				return c.plan(&f, migrate.Down, t, d.n, true)
			}
			if err := c.agreeToDown(&f, t, d.n, d.yes); err != nil {
				return nil, err
			}
			return c.run(&f, func(ctx context.Context, m *migrate.Migrator) (*migrate.Report, error) { return m.Down(ctx, t) })
		},
	})
}

// target reads the one way in which the call says how far.
func (d *downFlags) target(c *call) (migrate.Target, error) {
	ways := 0
	t := migrate.Steps(1)
	var err error
	say := func(given bool, as migrate.Target) {
		if given {
			ways++
			t = as
		}
	}
	fs := c.cmd.Flags()
	if word := c.word(0); word != "" {
		ways++
		t, err = downTarget(word)
		d.n, _ = steps(strings.TrimPrefix(word, "+"))
	}
	minus := false
	fs.Visit(func(f *pflag.Flag) {
		minus = minus || len(f.Shorthand) == 1 && f.Shorthand[0] >= '0' && f.Shorthand[0] <= '9'
	})
	say(minus, migrate.Steps(d.minus.n))
	say(fs.Changed("steps"), migrate.Steps(d.steps))
	d.n = max(d.n, d.minus.n, d.steps)
	say(d.batch, migrate.LastBatch)
	if d.to != "" {
		ways++
		t = toTarget(d.to)
	}
	switch {
	case err != nil:
		return t, err
	case ways > 1:
		return t, misuse("the call says more than once how far to go down", "give one of: N, --steps, --to, --batch")
	case minus && d.minus.n < 1, fs.Changed("steps") && d.steps < 1:
		return t, misuse("the number of migrations must be 1 or more", "give a number, as in: {migrate} down 1")
	}
	return t, nil
}

// planned names the steps of a plan, without those in the middle.
func planned(plan []migrate.Step) string {
	if len(plan) == 1 {
		return plan[0].ID
	}
	return fmt.Sprintf("%s (%s to %s)", migrations(len(plan)), plan[0].ID, plan[len(plan)-1].ID)
}
