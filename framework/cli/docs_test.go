package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// shown are the commands that people see.
func shown(p *program) []*cobra.Command {
	return slices.DeleteFunc(p.commands().Commands(), func(c *cobra.Command) bool { return c.Hidden })
}

// reference describes every command and flag, in Markdown.
func reference() string {
	var b strings.Builder
	p := newProgram(App{}, nil)
	commands := shown(p)
	for _, g := range p.root.Groups() {
		_, _ = fmt.Fprintf(&b, "\n### %s\n", strings.TrimSuffix(g.Title, ":"))
		for _, c := range commands {
			if c.GroupID == g.ID {
				describe(&b, p, c)
			}
		}
	}
	b.WriteString("\n### Flags of every command\n\n")
	flags(&b, p.root.PersistentFlags())
	b.WriteString("\n### Topics of help\n\n")
	for _, t := range topics() {
		_, _ = fmt.Fprintf(&b, "- `help %s`: %s\n", t.name, t.short)
	}
	return b.String()
}

func describe(b *strings.Builder, p *program, c *cobra.Command) {
	_, _ = fmt.Fprintf(b, "\n#### %s\n\n%s\n", c.Name(), sentence(c.Short))
	if len(c.Aliases) > 0 {
		_, _ = fmt.Fprintf(b, "Also called %s.\n", enumerate(c.Aliases))
	}
	_, _ = fmt.Fprintf(b, "\n```text\nmigrate %s\n```\n\n", c.Use)
	flags(b, p.flagsOf(c))
	var codes []string
	for _, m := range meanings {
		if slices.Contains(p.codes[c], m.code) {
			codes = append(codes, fmt.Sprint(m.code))
		}
	}
	_, _ = fmt.Fprintf(b, "\nExit codes: %s.\n", strings.Join(codes, ", "))
}

func flags(b *strings.Builder, fs *pflag.FlagSet) {
	rows := false
	fs.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		if !rows {
			b.WriteString("| flag | does |\n|---|---|\n")
			rows = true
		}
		name, usage := pflag.UnquoteUsage(f)
		text := "--" + f.Name
		if f.Shorthand != "" {
			text = "-" + f.Shorthand + ", " + text
		}
		if name != "" {
			text += " " + strings.ReplaceAll(name, "|", "\\|")
		}
		_, _ = fmt.Fprintf(b, "| %s | %s |\n", text, usage)
	})
}

// The chapter on the command line has every command and flag there is, and none
// else. -update writes it.
func TestReferenceIsComplete(t *testing.T) {
	const path, begin = "../docs/cli.md", "## Reference\n"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	above, _, ok := strings.Cut(string(text), begin)
	if !ok {
		t.Fatal("the chapter has no reference")
	}
	want := above + begin + reference()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(text) != want {
		t.Error("the reference in framework/docs/cli.md is not that of the commands; write it with: go test ./framework/cli -run TestReferenceIsComplete -update")
	}
}

var codeBlock = regexp.MustCompile("(?s)```text\n(.*?)```")

// The commands that the chapter shows exist, with their flags.
func TestChapterNamesCommands(t *testing.T) {
	text, err := os.ReadFile("../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	above, _, _ := strings.Cut(string(text), "## Reference\n")
	root := newProgram(App{}, nil).commands()
	n := 0
	for _, block := range codeBlock.FindAllStringSubmatch(above, -1) {
		for line := range strings.Lines(block[1]) {
			if rest, ok := strings.CutPrefix(strings.TrimPrefix(line, "$ "), "migrate "); ok && strings.TrimSpace(rest) != "" && rest[0] != ' ' {
				n++
				checkAdvice(t, root, advice{rest, "cli.md"})
			}
		}
	}
	if n < 10 {
		t.Errorf("%d commands were found: does this test still read the chapter?", n)
	}
}

// Each page of help has what a page has, and its examples are commands.
func TestEachPageOfHelp(t *testing.T) {
	p := newProgram(App{}, nil)
	for _, c := range append(shown(p), p.root) {
		page := p.helpText(c, output{})
		wants := []string{"\nUsage:\n", "\nExamples:\n"}
		if c != p.root {
			wants = append(wants, "\nExit codes:\n", "\nEnvironment:\n", "\nFlags of every command:\n", c.Long)
		}
		for _, want := range wants {
			if !strings.Contains(page, p.self(want)) || want == "" {
				t.Errorf("%s: no %q in\n%s", c.Name(), want, page)
			}
		}
		examples := strings.Split(c.Example, "\n")
		if len(examples) < 2 {
			t.Errorf("%s has %d examples", c.Name(), len(examples))
		}
		for _, e := range examples {
			if !strings.HasPrefix(e, "  ") || !strings.Contains(e, "{migrate}") {
				t.Errorf("%s: the example %q", c.Name(), e)
			}
			for _, command := range strings.Split(e, "{migrate} ")[1:] {
				checkAdvice(t, p.root, advice{command, "help " + c.Name()})
			}
		}
		if strings.Contains(page, "{migrate}") || strings.Contains(page, "\t") {
			t.Errorf("%s: the page is not for readers:\n%s", c.Name(), page)
		}
		for line := range strings.Lines(c.Long) {
			if len([]rune(line)) > 96 {
				t.Errorf("%s: %d characters in %q", c.Name(), len(line), line)
			}
		}
	}
	for _, topic := range topicNames() {
		if text, err := p.helpOn([]string{topic}, output{}); err != nil || len(text) < 200 || strings.Contains(text, "{migrate}") {
			t.Errorf("%s: %v\n%s", topic, err, text)
		}
	}
}

var scripted = regexp.MustCompile(`(?m)^(?:\[\w+\] )?exits \d+ migrate ?([a-z-]*)(.*)$`)

// Every command, under every name, and every flag of it, stands in a script,
// and scripts run on both databases.
func TestEachCommandHasAScript(t *testing.T) {
	scripts, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	called := map[string]string{} // by the name that was typed
	for _, s := range scripts {
		text, err := os.ReadFile(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range scripted.FindAllStringSubmatch(string(text), -1) {
			called[m[1]] += m[2] + " "
		}
	}
	p := newProgram(App{}, nil)
	for _, c := range shown(p) {
		var typed []string
		for _, name := range append([]string{c.Name()}, c.Aliases...) {
			if called[name] == "" {
				t.Errorf("no script runs %q", name)
			}
			typed = append(typed, called[name])
		}
		all := strings.Join(typed, " ")
		p.flagsOf(c).VisitAll(func(f *pflag.Flag) {
			long, short := strings.Contains(all, " --"+f.Name), f.Shorthand != "" && strings.Contains(all, " -"+f.Shorthand+" ")
			if !long && !short && f.Name != "help" && p.root.Flags().Lookup(f.Name) == nil {
				t.Errorf("no script runs %s --%s", c.Name(), f.Name)
			}
		})
	}
}
