package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/leavendb/leaven/scaffold/project"
	"github.com/spf13/pflag"
)

// writing is how files are written; the flags that new and init share.
type writing struct {
	force, dryRun, diff bool
	keep                bool // files with another text are kept, and the others written
	leaven              string
}

func (w *writing) define(fs *pflag.FlagSet) {
	fs.BoolVar(&w.dryRun, "dry-run", false, "show what would be written, and write nothing")
	fs.BoolVar(&w.diff, "diff", false, "show the text of new files too")
	fs.BoolVar(&w.force, "force", false, "overwrite files that are there with another text")
	fs.StringVar(&w.leaven, "leaven", "", "the `folder` of a checkout of Leaven, for go.mod (default: the one this program comes from)")
}

// origin finds out where the application is to get Leaven from.
func (w writing) origin() (project.Origin, error) {
	o := project.Origin{Checkout: project.FindCheckout(".")}
	if w.leaven != "" {
		o.Checkout = project.FindCheckout(w.leaven)
		if m, err := project.FindModule(w.leaven); err != nil || m.Path != project.LeavenModule {
			return o, misuse(fmt.Sprintf("%q is no checkout of Leaven", w.leaven), "name the folder that has its go.mod: --leaven PATH")
		}
		return o, nil
	}
	if o.Checkout != "" {
		return o, nil
	}
	if v := version(); v != "unknown" {
		return project.Origin{Version: v}, nil
	}
	return o, &refusal{code: codeUsage, what: "there is no checkout of Leaven here, and this program does not know its version",
		state: "nothing was written", next: []string{"name the checkout: --leaven PATH"}}
}

// write compares files, and go.mod with what Leaven needs, with a folder; shows
// the difference; writes; and lets go fill in go.mod for the given packages.
func (g *generator) write(dir string, files []project.File, origin project.Origin, app project.App, w writing, packages ...string) error {
	changes, err := project.Compare(dir, files)
	if err != nil {
		return err
	}
	modules, err := moduleFiles(dir, origin, app)
	if err != nil {
		return err
	}
	changes = append(modules, changes...)
	if err := g.review(dir, changes, w); err != nil || w.dryRun {
		return err
	}
	for _, c := range changes {
		if c.Kind == project.Replace && !w.force {
			continue
		}
		if err := c.Write(dir); err != nil {
			return &refusal{code: codeUsage, what: "the file cannot be written: " + filepath.Join(shown(dir), c.Path), why: []string{err.Error()},
				state: "the files before it were written, and the same command goes on from there", next: []string{"let this user write there, and try again"}}
		}
	}
	return g.resolve(dir, packages)
}

// moduleFiles are the changes of go.mod and go.sum.
func moduleFiles(dir string, origin project.Origin, app project.App) ([]project.Change, error) {
	mod, err := readIfThere(filepath.Join(dir, "go.mod"))
	if err != nil {
		return nil, err
	}
	begin := mod
	if mod == nil {
		begin = app.GoMod()
	}
	after, err := origin.GoMod(begin, dir)
	if err != nil {
		return nil, &refusal{code: codeUsage, what: "go.mod cannot be read", why: []string{err.Error()}, state: "nothing was written", next: []string{"correct it, and try again"}}
	}
	changes := []project.Change{change("go.mod", mod, after)}
	if origin.Checkout == "" {
		return changes, nil
	}
	ours, err := os.ReadFile(filepath.Join(origin.Checkout, "go.sum"))
	if err != nil {
		return nil, err
	}
	sum, err := readIfThere(filepath.Join(dir, "go.sum"))
	if err != nil {
		return nil, err
	}
	return append(changes, change("go.sum", sum, project.GoSum(sum, ours))), nil
}

func change(path string, before, after []byte) project.Change {
	c := project.Change{Path: path, Before: before, After: after, Kind: project.Extend}
	switch {
	case before == nil:
		c.Kind = project.Add
	case bytes.Equal(before, after):
		c.Kind = project.Keep
	}
	return c
}

func readIfThere(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

// review shows what is going to change. Where something would be lost it refuses,
// unless the file is to be kept.
func (g *generator) review(dir string, changes []project.Change, w writing) error {
	var differ []string
	for _, c := range changes {
		if c.Kind == project.Replace && !w.force {
			differ = append(differ, c.Path)
		}
		shows := c.Kind == project.Extend || c.Kind == project.Replace || c.Kind == project.Add && w.diff
		if shows && c.Path != "go.sum" { // which nobody reads
			g.say(strings.TrimRight(g.colored(c.Diff()), "\n"))
		}
	}
	if len(differ) > 0 && !w.keep {
		return &refusal{code: codeUsage, what: fmt.Sprintf("there %s with another text, shown above: %s", files(len(differ)), strings.Join(differ, ", ")),
			state: "nothing was written", next: []string{"to keep yours, move it away, or take over by hand what you want of ours", "to overwrite, add: --force"}}
	}
	g.summarize(dir, changes, w)
	return nil
}

// summarize names the files of each kind.
func (g *generator) summarize(dir string, changes []project.Change, w writing) {
	var lines []string
	kept := 0
	for _, c := range changes {
		switch {
		case c.Kind == project.Replace && !w.force:
			kept++
			lines = append(lines, "  kept      "+c.Path+" (ours is another one: see above)")
		case c.Kind == project.Add:
			lines = append(lines, "  new       "+c.Path)
		case c.Kind == project.Extend:
			lines = append(lines, "  added to  "+c.Path)
		case c.Kind == project.Replace:
			lines = append(lines, "  replaced  "+c.Path)
		}
	}
	noun, verb := "files", "Wrote"
	if len(lines)-kept == 1 {
		noun = "file"
	}
	if w.dryRun {
		verb = "Would write"
	}
	switch {
	case len(lines) == 0:
		g.say("Nothing to do: all of it is " + place(dir) + ".")
	default:
		g.say(fmt.Sprintf("%s %d %s %s:", verb, len(lines)-kept, noun, place(dir)))
	}
	for _, l := range lines {
		g.say(l)
	}
}

func files(n int) string {
	if n == 1 {
		return "is a file"
	}
	return fmt.Sprintf("are %d files", n)
}

// colored paints a diff, where standard output is a terminal.
func (g *generator) colored(diff string) string {
	if !onTerminal(g.out) || !onTerminal(g.err) {
		return diff
	}
	lines := strings.Split(diff, "\n")
	for i, l := range lines {
		switch {
		case strings.HasPrefix(l, "+++ "), strings.HasPrefix(l, "--- "):
			lines[i] = g.paint("1", l)
		case strings.HasPrefix(l, "+"):
			lines[i] = g.paint("32", l)
		case strings.HasPrefix(l, "-"):
			lines[i] = g.paint("31", l)
		}
	}
	return strings.Join(lines, "\n")
}

// resolve lets go complete go.mod: which modules the packages need is known from
// Leaven's own go.mod, so that it asks the network for nothing that is cached.
func (g *generator) resolve(dir string, packages []string) error {
	cmd := exec.Command("go", append([]string{"list", "-mod=mod", "-deps", "-test"}, packages...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	var problems bytes.Buffer
	cmd.Stderr = &problems
	if err := cmd.Run(); err != nil {
		why := strings.TrimSpace(problems.String())
		if why == "" {
			why = err.Error()
		}
		return &refusal{code: codeFailed, what: "go could not find all modules that the files need", why: []string{why},
			state: "the files are written; go.mod may lack lines", next: []string{"where modules can be fetched, run: cd " + shown(dir) + " && go mod tidy"}}
	}
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return err
	}
	if get := project.UnequalDialects(text); len(get) > 0 {
		g.note("bun wants its dialects in its own version, and panics otherwise; run: go get " + strings.Join(get, " "))
	}
	return nil
}

// next prints what to do now: commands alone on their lines, for copying.
func (g *generator) next(dir string, commands ...string) {
	label := g.paint("1", "Next:") + "  "
	if near := shown(dir); near != "." {
		commands = append([]string{"cd " + near}, commands...)
	}
	for _, c := range commands {
		_, _ = fmt.Fprintln(g.err, strings.TrimRight(label+c, " "))
		label = "       "
	}
}

// place says where a folder is.
func place(dir string) string {
	if near := shown(dir); near != "." {
		return "in " + near
	}
	return "here"
}

// shown is a folder as seen from here.
func shown(dir string) string {
	if near, err := fromHere(dir); err == nil && strings.Count(near, "..") <= 2 {
		return filepath.ToSlash(near)
	}
	return filepath.ToSlash(dir)
}
