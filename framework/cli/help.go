package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

func (p *program) helpCommand() *cobra.Command {
	help := p.verb(leaf{
		use: "help [COMMAND]", group: groupAbout, max: -1,
		short: "Show the commands, or one with its flags",
		do: func(c *call) (view, error) {
			cmd := p.root
			if len(c.args) > 0 {
				found, rest, err := p.root.Find(c.args)
				if err != nil || found == p.root || len(rest) > 0 {
					return nil, p.unknownCommand(c.args[0])
				}
				cmd = found
			}
			cmd.InitDefaultHelpFlag()
			return &helpView{Topic: cmd.CommandPath(), Text: helpText(cmd)}, nil
		},
	})
	p.root.SetHelpCommand(help)
	return help
}

// helpText is what cobra would print.
func helpText(cmd *cobra.Command) string {
	about := cmd.Long
	if about == "" {
		about = cmd.Short
	}
	return strings.TrimRight(fmt.Sprintf("%s\n\n%s", about, cmd.UsageString()), "\n")
}

type helpView struct {
	Topic string `json:"topic"`
	Text  string `json:"text"`
}

func (v *helpView) show(c *call) { c.out.line(v.Text) }
