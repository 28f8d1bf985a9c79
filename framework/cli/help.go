package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (p *program) helpCommand() *cobra.Command {
	help := p.verb(leaf{
		use: "help [COMMAND | TOPIC]", group: groupAbout, max: -1, codes: offlineCodes,
		short: "Show the commands, one with its flags, or a topic",
		long: "Shows the same as --help of the command. The topics are\n" + enumerate(topicNames()) + ".\n" +
			"It works also when settings, the database or a migration are broken.",
		example: "  {migrate} help\n  {migrate} help up\n  {migrate} help exit-codes",
		words:   p.helpWords,
		do: func(c *call) (view, error) {
			text, err := p.helpOn(c.args, c.out)
			if err != nil {
				return nil, err
			}
			return &helpView{Topic: strings.TrimSpace(c.root.CommandPath() + " " + strings.Join(c.args, " ")), Text: text}, nil
		},
	})
	p.root.SetHelpCommand(help)
	p.root.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		o := p.output(cmd.OutOrStdout())
		o.line(p.helpText(cmd, o))
	})
	return help
}

type helpView struct {
	Topic string `json:"topic"`
	Text  string `json:"text"`
}

func (v *helpView) show(c *call) { c.out.line(v.Text) }

// helpOn is the help for the words after help: nothing, a command or a topic.
func (p *program) helpOn(words []string, o output) (string, error) {
	if len(words) == 0 {
		return p.helpText(p.root, o), nil
	}
	if t := topic(words[0]); t != nil && len(words) == 1 {
		return p.self(strings.TrimRight(t.text(p), "\n")), nil
	}
	found, rest, err := p.root.Find(words)
	switch {
	case err != nil || found == p.root:
		return "", p.unknownTopic(words[0])
	case len(rest) > 0:
		return "", misuse(fmt.Sprintf("help does not know what to do with %q", rest[0]), "run: {migrate} help "+found.Name())
	}
	return p.helpText(found, o), nil
}

// unknownTopic refuses a word that help has nothing on.
func (p *program) unknownTopic(word string) error {
	next := []string{"for all commands and topics, run: {migrate} help"}
	if near := nearest(word, append(topicNames(), p.commandNames()...)); near != "" {
		next = []string{"did you mean: {migrate} help " + near}
	}
	return misuse(fmt.Sprintf("there is no command or topic %q", word), next...)
}

// helpText is the page of a command.
func (p *program) helpText(cmd *cobra.Command, o output) string {
	cmd.InitDefaultHelpFlag()
	cmd.InitDefaultVersionFlag()
	var b strings.Builder
	b.WriteString(p.about(cmd) + "\n")
	section := func(title, text string) {
		if text = strings.Trim(text, "\n"); text != "" {
			_, _ = fmt.Fprintf(&b, "\n%s\n%s\n", o.bold(title+":"), text)
		}
	}
	section("Usage", "  "+p.usageLine(cmd))
	if len(cmd.Aliases) > 0 {
		section("Also called", "  "+strings.Join(cmd.Aliases, ", "))
	}
	section("Examples", cmd.Example)
	if cmd == p.root {
		for _, g := range cmd.Groups() {
			section(strings.TrimSuffix(g.Title, ":"), p.commandsOf(g.ID))
		}
		section("Topics", topicList())
		section("Flags of every command", flagText(cmd.LocalFlags(), o))
	} else {
		section("Flags", flagText(p.flagsOf(cmd), o))
		section("Flags of every command", sharedNames(p.root.PersistentFlags())+"; for these, see: {migrate} help")
		section("Flags of "+cmd.Root().Name(), flagText(p.foreignFlags(cmd), o))
		section("Exit codes", codeText(p.codes[cmd]))
		section("Environment", p.environmentText(cmd))
	}
	return p.self(strings.TrimRight(b.String(), "\n"))
}

func (p *program) about(cmd *cobra.Command) string {
	if cmd.Long == "" {
		return sentence(cmd.Short)
	}
	if cmd == p.root {
		return cmd.Long
	}
	return sentence(cmd.Short) + "\n\n" + cmd.Long
}

func (p *program) usageLine(cmd *cobra.Command) string {
	if cmd == p.root {
		return "{migrate} [COMMAND] [flags]"
	}
	return "{migrate} " + cmd.Use + " [flags]"
}

func (p *program) commandsOf(group string) string {
	var b strings.Builder
	for _, c := range p.root.Commands() {
		if c.GroupID == group && !c.Hidden {
			_, _ = fmt.Fprintf(&b, "  %-11s %s\n", c.Name(), c.Short)
		}
	}
	return b.String()
}

// flagText describes flags, in lines that fit.
func flagText(fs *pflag.FlagSet, o output) string {
	width := o.width
	if width < 40 {
		width = 100
	}
	shown := pflag.NewFlagSet("", pflag.ContinueOnError)
	shown.SortFlags = fs.SortFlags
	fs.VisitAll(func(f *pflag.Flag) { shown.AddFlag(readable(f)) })
	return shown.FlagUsagesWrapped(width)
}

// readable is a flag as help shows it: what stands for a value that may be left
// out is not for readers.
func readable(f *pflag.Flag) *pflag.Flag {
	if f.NoOptDefVal != unnamed {
		return f
	}
	shown := *f
	shown.NoOptDefVal, shown.Usage = pflag.UnquoteUsage(f)
	shown.Value = untyped{f.Value}
	return &shown
}

// untyped is a flag of whose value nothing is shown but its name.
type untyped struct{ pflag.Value }

// Type implements pflag.Value.
func (untyped) Type() string { return "" }

func sharedNames(fs *pflag.FlagSet) string {
	var names []string
	fs.VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
	return "  " + strings.Join(names, ", ")
}

// environmentText says which variables a command reads.
func (p *program) environmentText(cmd *cobra.Command) string {
	text := ""
	if own := p.flagsOf(cmd); own.HasAvailableFlags() {
		own.VisitAll(func(f *pflag.Flag) {
			if text == "" && !slices.Contains(withoutVariable, f.Name) {
				text = "  Each flag has a variable, over which the flag wins: --" + f.Name + " is " + flagVariable(f.Name) + ".\n"
			}
		})
	}
	return text + "  For the database, APP_ENV and output, see: {migrate} help settings"
}

// flagsOf are a command's own flags, in the order in which it defines them.
func (p *program) flagsOf(cmd *cobra.Command) *pflag.FlagSet {
	own := pflag.NewFlagSet(cmd.Name(), pflag.ContinueOnError)
	own.SortFlags = false
	inherited := cmd.InheritedFlags()
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden && inherited.Lookup(f.Name) == nil && p.root.PersistentFlags().Lookup(f.Name) == nil {
			own.AddFlag(f)
		}
	})
	return own
}

// foreignFlags are those of an application into which we are mounted.
func (p *program) foreignFlags(cmd *cobra.Command) *pflag.FlagSet {
	foreign := pflag.NewFlagSet(cmd.Name(), pflag.ContinueOnError)
	cmd.InheritedFlags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden && p.root.PersistentFlags().Lookup(f.Name) == nil {
			foreign.AddFlag(f)
		}
	})
	return foreign
}
