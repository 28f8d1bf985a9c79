package readme

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/cli"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// program is the command line that the documents are about.
func program() *cobra.Command {
	root := cli.New(cli.App{Name: "migrate"})
	for _, c := range append(root.Commands(), root) {
		c.InitDefaultHelpFlag()
		c.InitDefaultVersionFlag()
	}
	return root
}

// TestExitCodes holds the table of exit codes equal to the constants.
func TestExitCodes(t *testing.T) {
	top := repository(t)
	inCode := map[string]bool{}
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(top, "framework", "cli", "exit.go"), nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(v.Names[0].Name, "code") {
			if l, ok := v.Values[0].(*ast.BasicLit); ok {
				inCode[l.Value] = true
			}
		}
		return true
	})
	inTable := map[string]bool{}
	for _, row := range documents(t, top)[0].table("code | meaning") {
		for code := range strings.SplitSeq(row[0], ", ") {
			inTable[code] = true
			if !inCode[code] {
				t.Errorf("README.md has exit code %s, framework/cli has not", code)
			}
		}
	}
	for code := range inCode {
		if !inTable[code] {
			t.Errorf("framework/cli has exit code %s, README.md has not", code)
		}
	}
	if len(inTable) == 0 {
		t.Error("README.md has no table of exit codes")
	}
}

var (
	makeLists = regexp.MustCompile("`make` lists everything: ([^.]*)\\.")
	makes     = regexp.MustCompile(`(?:^|\s)make ([a-z-]+)`)
)

// TestMakeTargets asks make for each target that is named.
func TestMakeTargets(t *testing.T) {
	c := newCheckout(t)
	listed := c.must(t, "make")
	for _, d := range documents(t, c.dir) {
		var targets []string
		for _, m := range makeLists.FindAllStringSubmatch(d.text, -1) {
			for _, s := range span.FindAllStringSubmatch(m[1], -1) {
				targets = append(targets, s[1])
			}
		}
		if d.path == "README.md" && len(targets) == 0 {
			t.Error("README.md does not say any more what make can do: this test looks for a sentence that begins `make` lists everything:")
		}
		for _, text := range append(d.commands(), d.spans...) {
			if m := makes.FindStringSubmatch(text); m != nil {
				targets = append(targets, m[1])
			}
		}
		for _, target := range targets {
			c.must(t, "make -n "+target)
			if !regexp.MustCompile(`(?m)^ +make ` + target + ` `).MatchString(listed) {
				t.Errorf("%s names make %s, which make does not list", d.path, target)
			}
		}
	}
}

var flag = regexp.MustCompile("(?:^|[\\s`(\\[])--([a-z][a-z-]*)")

// TestFlags looks up each flag: on the command beside which it stands, else on
// any. Those of other programs stand in blocks of their own.
func TestFlags(t *testing.T) {
	root := program()
	c := newCheckout(t)
	var help strings.Builder
	for _, command := range []string{"new", "init", "migration"} {
		help.WriteString(c.must(t, "go run ./cmd/leaven help "+command))
	}
	generator := help.String()
	for _, d := range documents(t, c.dir) {
		text := d.text
		for _, b := range d.of("console") {
			text = strings.ReplaceAll(text, b.text, "")
		}
		for _, m := range flag.FindAllStringSubmatch(text, -1) {
			if strings.Contains(generator, " --"+m[1]+" ") {
				continue
			}
			if !slices.ContainsFunc(append(root.Commands(), root), func(c *cobra.Command) bool { return hasFlag(c, m[1]) }) {
				t.Errorf("%s names --%s, which no command has", d.path, m[1])
			}
		}
		for _, s := range d.spans {
			words := strings.Fields(strings.TrimPrefix(s, "migrate ")) // the program; alone it is a command
			c, _, err := root.Find(words[:1])
			if err != nil || c == root {
				continue
			}
			for _, m := range flag.FindAllStringSubmatch(s, -1) {
				if !hasFlag(c, m[1]) {
					t.Errorf("%s names %q, but %s has no --%s", d.path, s, c.Name(), m[1])
				}
			}
		}
	}
}

func hasFlag(c *cobra.Command, name string) bool {
	found := false
	look := func(f *pflag.Flag) { found = found || f.Name == name }
	c.Flags().VisitAll(look)
	c.InheritedFlags().VisitAll(look)
	return found
}

var (
	word = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	verb = regexp.MustCompile(`^([a-z]+)( --?[a-z]| [A-Z]+\b)`)
)

// plain words in code type are these, a command, a make target or a folder.
var plain = map[string]string{
	"db":      "the parameter of a migration",
	"make":    "the program",
	"running": "a state", "applied": "a state", "reverting": "a state",
	"resolved": "a field of the report",
	"rel":      "an option of bun's tag", "leaven": "a tag, with the options that follow",
	"index": "of it", "desc": "of it", "concurrently": "of it", "unique": "of it", "virtual": "of it", "enum": "of it",
}

// TestVerbs looks up each command that running text names.
func TestVerbs(t *testing.T) {
	root := program()
	c := newCheckout(t)
	listed := c.must(t, "make")
	for _, d := range documents(t, c.dir) {
		for _, s := range d.spans {
			name := s
			if m := verb.FindStringSubmatch(s); m != nil {
				name = m[1]
			} else if !word.MatchString(s) || plain[s] != "" || c.has(s) || c.has("framework/"+s) || strings.Contains(listed, "make "+s+" ") {
				continue
			}
			if cmd, _, err := root.Find([]string{name}); name != "make" && (err != nil || cmd == root) {
				t.Errorf("%s names `%s`, but there is no command %s", d.path, s, name)
			}
		}
	}
}

// TestEachCommandHasHelpAndJSON is for the sentence that says --help and --json are on
// any command.
func TestEachCommandHasHelpAndJSON(t *testing.T) {
	for _, c := range program().Commands() {
		if c.Hidden {
			continue
		}
		if !hasFlag(c, "help") || !hasFlag(c, "json") {
			t.Errorf("%s lacks --help or --json", c.Name())
		}
	}
}

var variable = regexp.MustCompile(`^([A-Z]+(_[A-Z]+)+|PG[A-Z]+)$`)

// TestVariables looks for each variable of the environment in what reads them, and
// among those of flags.
func TestVariables(t *testing.T) {
	top := repository(t)
	var read strings.Builder
	for _, dir := range []string{"framework/cli", "framework/cli/settings", "framework/internal/pgtest"} {
		read.WriteString(goFiles(t, filepath.Join(top, dir)))
	}
	var ofFlags []string
	root := program()
	for _, c := range append(root.Commands(), root) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			ofFlags = append(ofFlags, "MIGRATE_"+strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_")))
		})
	}
	for _, d := range documents(t, top) {
		for _, s := range d.spans {
			if variable.MatchString(s) && !strings.Contains(read.String(), `"`+s+`"`) && !slices.Contains(ofFlags, s) {
				t.Errorf("%s names the variable %s, which nothing reads", d.path, s)
			}
		}
	}
}
