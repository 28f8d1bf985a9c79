package cli

import (
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (p *program) upCommand() *cobra.Command {
	var f runFlags
	var to string
	var dry bool
	return p.verb(leaf{
		use: "up [N | REVISION]", aliases: []string{"upgrade", "apply"}, group: groupRun, max: 1, codes: upCodes, words: oneRevision,
		short: "Apply pending migrations",
		long: "Applies what is pending, in order, each migration in its own transaction; with N the\n" +
			"next N, with a revision (an ID, the beginning of one, a name, head) up to that one.\n" +
			"It is safe to run from many places at once: each migration is applied once.\n\n" +
			"Where the tables were made before there were migrations, --baseline=auto records first\n" +
			"what the database has, as the command baseline does; elsewhere it changes nothing.",
		example: "  {migrate} up\n  {migrate} up 2\n  {migrate} up --to 20261121090000_add_invoices\n  {migrate} upgrade head",
		flags: func(fs *pflag.FlagSet) {
			fs.StringVar(&to, "to", "", "up to this `REVISION`")
			fs.BoolVar(&dry, "dry-run", false, "show the plan and its SQL, and write nothing")
			f.define(fs)
			f.defineBaseline(fs)
		},
		do: func(c *call) (view, error) {
			t, err := upTarget(c.word(0))
			if err != nil {
				return nil, err
			}
			if to != "" {
				if c.word(0) != "" {
					return nil, misuse("--to and a word after up say the same thing twice", "give one of them")
				}
				t = toTarget(to)
			}
			if dry {
				v, err := c.plan(&f, migrate.Up, t, 0, true)
				if err == nil {
					err = c.noteBaseline(&f)
				}
				return v, err
			}
			return c.up(&f, t)
		},
	})
}

// toTarget reads the value of --to: always a revision, never a number of steps.
func toTarget(word string) migrate.Target {
	switch word {
	case "head", "heads":
		return migrate.Head
	case "base":
		return migrate.Base
	}
	return migrate.To(word)
}
