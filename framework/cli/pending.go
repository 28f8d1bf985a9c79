package cli

import "github.com/spf13/cobra"

func (p *program) pendingCommand() *cobra.Command {
	return p.verb(leaf{
		use: "pending", group: groupLook, codes: lookCodes,
		short: "Print the migrations that are to be applied, one per line",
		long: "Prints IDs in the order in which `up` would apply them, and nothing else on standard\n" +
			"output, so that scripts can read it.",
		example: "  {migrate} pending\n  {migrate} pending --json",
		do: func(c *call) (view, error) {
			s, err := c.status()
			if err != nil {
				return nil, err
			}
			v := &pendingView{Migrations: []string{}}
			for _, e := range s.Migrations {
				if e.State == "pending" {
					v.Migrations = append(v.Migrations, e.ID)
				}
			}
			v.Pending = len(v.Migrations)
			return v, nil
		},
	})
}

type pendingView struct {
	Pending    int      `json:"pending"`
	Migrations []string `json:"migrations"`
}

func (v *pendingView) show(c *call) {
	for _, id := range v.Migrations {
		c.out.line(id)
	}
	if v.Pending == 0 {
		c.err.line("Nothing is pending.")
		c.noteUnbuilt()
	}
}
