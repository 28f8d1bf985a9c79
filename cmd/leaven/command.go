package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// commands builds the tree.
func (g *generator) commands() *cobra.Command {
	root := g.verb(leaf{
		use:   "leaven",
		short: "Write the files that an application gets from Leaven",
		long: "Writes the files that an application gets from Leaven. They are wiring, and yours\n" +
			"to keep. It reads your sources and never builds or runs them, so it works while\n" +
			"they do not compile. What exists is not overwritten.",
		example: "  leaven new shop\n  leaven init --dry-run\n  leaven migration \"add invoices\"",
		max:     -1,
	})
	root.SetOut(g.out)
	root.SetErr(g.err)
	root.RunE = func(c *cobra.Command, words []string) error {
		if len(words) > 0 {
			return unknownCommand(c, words[0])
		}
		return c.Help()
	}
	root.SetFlagErrorFunc(flagError)
	root.SetHelpFunc(func(c *cobra.Command, _ []string) { g.say(helpText(c)) })
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SuggestionsMinimumDistance = 2
	root.AddCommand(g.newCommand(), g.initCommand(), g.migrationCommand(), g.versionCommand())
	root.SetHelpCommand(g.helpCommand(root))
	return root
}

// leaf describes one command.
type leaf struct {
	use, short, long, example string
	min, max                  int // words after the command; max -1: any
	missing                   string
	flags                     func(*pflag.FlagSet)
	do                        func(words []string) error
}

// verb makes a cobra command whose errors, also those of usage, are shown by us.
func (g *generator) verb(l leaf) *cobra.Command {
	c := &cobra.Command{
		Use: l.use, Short: l.short, Long: l.long, Example: l.example, Args: cobra.ArbitraryArgs,
		SilenceErrors: true, SilenceUsage: true, DisableFlagsInUseLine: true, DisableSuggestions: true,
	}
	if l.flags != nil {
		l.flags(c.Flags())
		c.Flags().SortFlags = false
	}
	c.RunE = func(c *cobra.Command, words []string) error {
		help := "for its words and flags, run: {leaven} help " + c.Name()
		switch {
		case len(words) < l.min:
			return misuse(c.Name()+" needs "+l.missing, help)
		case l.max >= 0 && len(words) > l.max:
			return misuse(fmt.Sprintf("%s does not know what to do with %q", c.Name(), words[l.max]), help)
		}
		return l.do(words)
	}
	return c
}

// helpCommand shows the commands, or one of them.
func (g *generator) helpCommand(root *cobra.Command) *cobra.Command {
	return g.verb(leaf{
		use: "help [COMMAND]", short: "Show the commands, or one with its flags", max: 1,
		do: func(words []string) error {
			c, _, err := root.Find(words)
			if err != nil || len(words) > 0 && c == root {
				return unknownCommand(root, words[0])
			}
			return c.Help()
		},
	})
}

func unknownCommand(root *cobra.Command, word string) error {
	if near := root.SuggestionsFor(word); len(near) > 0 {
		return misuse(fmt.Sprintf("there is no command %q", word), "did you mean: {leaven} "+near[0])
	}
	return misuse(fmt.Sprintf("there is no command %q", word), "for all commands, run: {leaven} help")
}

// flagError turns what pflag says into what to do.
func flagError(c *cobra.Command, err error) error {
	if words := c.Flags().Args(); !c.HasParent() && len(words) > 0 {
		return unknownCommand(c, words[0])
	}
	help := "for its flags, run: {leaven} help " + c.Name()
	if !c.HasParent() {
		help = "for all commands, run: {leaven} help"
	}
	var (
		unknown *pflag.NotExistError
		missing *pflag.ValueRequiredError
	)
	switch {
	case errors.As(err, &unknown):
		name := "--" + unknown.GetSpecifiedName()
		if letters := unknown.GetSpecifiedShortnames(); letters != "" {
			name = "-" + letters
		}
		return misuse(strings.TrimSpace(c.Name()+" has no flag "+name), help)
	case errors.As(err, &missing):
		return misuse("--"+missing.GetFlag().Name+" needs a value", help)
	}
	return misuse(err.Error(), help)
}
