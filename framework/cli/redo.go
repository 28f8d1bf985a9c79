package cli

import (
	"context"
	"fmt"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (p *program) redoCommand() *cobra.Command {
	var f runFlags
	var yes bool
	return p.verb(leaf{
		use: "redo [N]", group: groupRun, max: 1, codes: downCodes,
		short:   "Revert the last migration, or the last N, and apply again",
		long:    "For the migration that you are writing: down, then up. It asks where down asks.",
		example: "  {migrate} redo\n  {migrate} redo 3",
		flags: func(fs *pflag.FlagSet) {
			fs.BoolVar(&yes, "yes", false, "do not ask")
			f.define(fs)
		},
		do: func(c *call) (view, error) {
			n := 1
			if word := c.word(0); word != "" {
				var ok bool
				if n, ok = steps(word); !ok {
					return nil, misuse(fmt.Sprintf("%q is not a number of migrations", word), "give a number, as in: {migrate} redo 2")
				}
			}
			if err := c.agreeToDown(&f, migrate.Steps(n), n, yes); err != nil {
				return nil, err
			}
			return c.run(&f, func(ctx context.Context, m *migrate.Migrator) (*migrate.Report, error) { return m.Redo(ctx, n) })
		},
	})
}
