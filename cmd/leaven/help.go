package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// meanings are the exit codes as help explains them, each with the commands that
// end with it; none: all do.
var meanings = []struct {
	code int
	text string
	of   []string
}{
	{codeOK, "done, or nothing to do", nil},
	{codeFailed, "an unexpected error", []string{"new", "init", "migration"}},
	{codeUsage, "called wrongly, or what is there is not as it must be", nil},
	{codeDouble, "two migrations have the same ID", []string{"migration"}},
	{codePolicy, "refused: not under this APP_ENV", []string{"new", "init", "migration"}},
}

// helpText is the page of a command, in the manner of the migration program's.
func helpText(c *cobra.Command) string {
	var b strings.Builder
	section := func(title, text string) {
		if text = strings.Trim(text, "\n"); text != "" {
			_, _ = fmt.Fprintf(&b, "\n%s:\n%s\n", title, text)
		}
	}
	root := c.Root()
	if c.Long == "" {
		b.WriteString(sentence(c.Short) + "\n")
	} else {
		b.WriteString(c.Long + "\n")
	}
	if c == root {
		section("Usage", "  leaven COMMAND [flags]")
		section("Examples", c.Example)
		section("Commands", commandList(root))
		section("Exit codes", codeText(c))
		return b.String() + "\nFor the flags of a command, run: " + called() + " help COMMAND"
	}
	c.InitDefaultHelpFlag()
	section("Usage", "  "+c.UseLine()+" [flags]")
	section("Examples", c.Example)
	section("Flags", c.LocalFlags().FlagUsages())
	section("Exit codes", codeText(c))
	return strings.TrimRight(b.String(), "\n")
}

func commandList(root *cobra.Command) string {
	var b strings.Builder
	for _, c := range root.Commands() {
		if !c.Hidden {
			_, _ = fmt.Fprintf(&b, "  %-11s %s\n", c.Name(), c.Short)
		}
	}
	return b.String()
}

// codeText lists the exit codes of a command; those of the program are all.
func codeText(c *cobra.Command) string {
	var b strings.Builder
	for _, m := range meanings {
		if c == c.Root() || m.of == nil || slices.Contains(m.of, c.Name()) {
			_, _ = fmt.Fprintf(&b, "  %-4d %s\n", m.code, m.text)
		}
	}
	return b.String()
}
