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
				if err != nil || found == p.root {
					return nil, p.unknownCommand(c.args[0])
				}
				if len(rest) > 0 {
					return nil, misuse(fmt.Sprintf("help does not know what to do with %q", rest[0]), "run: {migrate} help "+found.Name())
				}
				cmd = found
			}
			cmd.InitDefaultHelpFlag()
			cmd.InitDefaultVersionFlag()
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
