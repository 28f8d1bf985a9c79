package cli

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (p *program) currentCommand() *cobra.Command {
	var verbose bool
	return p.verb(leaf{
		use: "current", group: groupLook, codes: lookCodes,
		short: "Print the newest applied migration, or base",
		long: "Prints one ID, or the word base, and nothing else on standard output, so that scripts\n" +
			"can read it. Current is what was applied last, which is not the last in order where a\n" +
			"late migration was let through.",
		example: "  {migrate} current\n  {migrate} current --verbose",
		flags:   func(fs *pflag.FlagSet) { verboseFlag(fs, &verbose, "also when it was applied, and what is left") },
		do: func(c *call) (view, error) {
			s, err := c.status()
			if err != nil {
				return nil, err
			}
			v := &currentView{Current: s.Current, Head: s.Head, AtHead: s.Current == s.Head && s.Pending == 0}
			if verbose {
				v.remarks = s.position()
			}
			return v, nil
		},
	})
}

type currentView struct {
	Current string `json:"current"` // empty: base
	Head    string `json:"head"`
	AtHead  bool   `json:"at_head"`
	remarks string
}

func (v *currentView) show(c *call) { c.out.line(orBase(v.Current) + v.remarks) }

// position says of the newest applied migration whether it is the head, when it
// was applied, and what is left.
func (v *statusView) position() string {
	text := ""
	if v.Current == v.Head && v.Current != "" {
		text = " (head)"
	}
	for _, e := range v.Migrations {
		if e.ID == v.Current && e.AppliedAt != nil {
			text += "  applied " + when(e.applied) + " by " + e.AppliedBy
		}
	}
	if v.Pending > 0 {
		text += fmt.Sprintf("  %d pending", v.Pending)
	}
	return text
}
