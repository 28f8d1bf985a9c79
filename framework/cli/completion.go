package cli

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// shells are those for which cobra writes a script.
var shells = map[string]func(root *cobra.Command, b *bytes.Buffer) error{
	"bash":       func(root *cobra.Command, b *bytes.Buffer) error { return root.GenBashCompletionV2(b, true) },
	"zsh":        func(root *cobra.Command, b *bytes.Buffer) error { return root.GenZshCompletion(b) },
	"fish":       func(root *cobra.Command, b *bytes.Buffer) error { return root.GenFishCompletion(b, true) },
	"powershell": func(root *cobra.Command, b *bytes.Buffer) error { return root.GenPowerShellCompletionWithDesc(b) },
}

var shellNames = []string{"bash", "zsh", "fish", "powershell"}

func (p *program) completionCommand() *cobra.Command {
	return p.verb(leaf{
		use: "completion SHELL", group: groupAbout, min: 1, max: 1, missing: "a shell: bash, zsh, fish or powershell", codes: offlineCodes,
		short: "Print a script that lets a shell complete commands, flags and revisions",
		long: "Prints a script for bash, zsh, fish or powershell. Revisions come from the program\n" +
			"itself, so that they complete without a database. Completion is for a program that is\n" +
			"found on the PATH under its name; `go run` has none.",
		example: "  source <({migrate} completion bash)\n" +
			"  {migrate} completion zsh > \"${fpath[1]}/_migrate\"\n" +
			"  {migrate} completion fish > ~/.config/fish/completions/migrate.fish",
		words: func(*call, string) []string { return shellNames },
		do: func(c *call) (view, error) {
			write, ok := shells[c.word(0)]
			if !ok {
				return nil, misuse(fmt.Sprintf("there is no completion for %q", c.word(0)), "use one of: "+strings.Join(shellNames, ", "))
			}
			var b bytes.Buffer
			if err := write(c.cmd.Root(), &b); err != nil {
				return nil, err
			}
			return &completionView{Shell: c.word(0), Script: b.String()}, nil
		},
	})
}

type completionView struct {
	Shell  string `json:"shell"`
	Script string `json:"script"`
}

func (v *completionView) show(c *call) { c.out.line(strings.TrimRight(v.Script, "\n")) }

// completeWords offers what may stand after the words of a call; begun is the
// beginning of the word that is typed now.
type completeWords func(c *call, begun string) []string

// completes lets the shell offer words and the values of flags.
func (p *program) completes(cmd *cobra.Command, words completeWords) {
	offer := func(words completeWords) cobra.CompletionFunc {
		return func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return words(&call{program: p, cmd: cmd, args: args}, begun), cobra.ShellCompDirectiveNoFileComp
		}
	}
	if words == nil {
		words = func(*call, string) []string { return nil }
	}
	if cmd.Name() != p.app.Name {
		cmd.ValidArgsFunction = offer(words)
	}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		switch v := f.Value.(type) {
		case *choice:
			_ = cmd.RegisterFlagCompletionFunc(f.Name, offer(func(*call, string) []string { return v.of }))
		default:
			if f.Name == "to" {
				_ = cmd.RegisterFlagCompletionFunc(f.Name, offer(anyRevision))
			}
		}
	})
}

// anyRevision offers the migrations of the program: IDs, or names where a letter
// was typed. No database is asked.
func anyRevision(c *call, begun string) []string {
	var all []string
	for _, m := range c.known() {
		_, name, named := strings.Cut(m.ID, "_")
		if named && begun != "" && strings.Trim(begun[:1], "0123456789") != "" {
			all = append(all, cobra.CompletionWithDesc(name, m.ID))
			continue
		}
		all = append(all, cobra.CompletionWithDesc(m.ID, m.Description))
	}
	return append(all, "head", "base")
}

// oneRevision offers a revision for the first word.
func oneRevision(c *call, begun string) []string {
	if len(c.args) > 0 {
		return nil
	}
	return anyRevision(c, begun)
}

// planWords offers a direction, then a revision.
func planWords(c *call, begun string) []string {
	switch len(c.args) {
	case 0:
		return append([]string{"up", "down"}, anyRevision(c, begun)...)
	case 1:
		return anyRevision(c, begun)
	}
	return nil
}

// rangeWords offers FROM:TO.
func rangeWords(c *call, begun string) []string {
	from, to, typed := strings.Cut(begun, ":")
	if len(c.args) > 0 {
		return nil
	}
	var all []string
	if !typed {
		for _, r := range anyRevision(c, from) {
			id, _, _ := strings.Cut(r, "\t")
			all = append(all, id+":")
		}
		return append(all, "base:head")
	}
	for _, r := range anyRevision(c, to) {
		all = append(all, from+":"+r)
	}
	return all
}

// helpWords offers commands and topics.
func (p *program) helpWords(c *call, _ string) []string {
	if len(c.args) > 0 {
		return nil
	}
	return slices.Concat(p.commandNames(), topicNames())
}
