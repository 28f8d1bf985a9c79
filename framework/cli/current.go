package cli

import "github.com/spf13/cobra"

func (p *program) currentCommand() *cobra.Command {
	return p.verb(leaf{
		use: "current", group: groupLook,
		short: "Print the newest applied migration, or base",
		do: func(c *call) (view, error) {
			s, err := c.status()
			if err != nil {
				return nil, err
			}
			return &currentView{Current: s.Current, Head: s.Head, AtHead: s.Current == s.Head && s.Pending == 0}, nil
		},
	})
}

type currentView struct {
	Current string `json:"current"` // empty: base
	Head    string `json:"head"`
	AtHead  bool   `json:"at_head"`
}

func (v *currentView) show(c *call) { c.out.line(orBase(v.Current)) }
