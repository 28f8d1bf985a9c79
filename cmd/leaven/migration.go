package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/leavendb/leaven/framework/cli/settings"
	"github.com/leavendb/leaven/scaffold"
	"github.com/leavendb/leaven/scaffold/project"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (g *generator) migrationCommand() *cobra.Command {
	var n newMigration
	return g.verb(leaf{
		use: "migration NAME", min: 1, max: -1, missing: `a name, as in: migration "add invoices"`,
		short: "Write the file of a new migration",
		long: "Writes an empty migration that comes after the newest one. Its ID is the time and the\n" +
			"name; the file has the same name. `migrate new` does the same, and more; this one\n" +
			"works while the sources do not compile.",
		example: "  leaven migration \"add invoices\"\n  leaven migration \"fill in names\" --model users,projects",
		flags: func(fs *pflag.FlagSet) {
			fs.StringVar(&n.dir, "dir", "", "the `folder` of the migrations (default: migrations, beside go.mod)")
			fs.StringSliceVar(&n.models, "model", nil, "copy these `models`, as they are today, into the file (types or tables)")
			fs.StringVar(&n.modelsDir, "models", "", "the `folder` of the models (default: models, beside go.mod)")
		},
		do: func(words []string) error {
			n.name = strings.Join(words, " ")
			return g.writeMigration(n)
		},
	})
}

// newMigration is what the user asks for; empty folders are the usual ones.
type newMigration struct {
	name, dir, modelsDir string
	models               []string
}

func (g *generator) writeMigration(n newMigration) error {
	if err := g.mayWrite("migration"); err != nil {
		return err
	}
	dir, err := usual(n.dir, "migrations", "dir")
	if err != nil {
		return err
	}
	folder, err := scaffold.ReadFolder(os.DirFS(dir))
	if err != nil {
		return err
	}
	if same := folder.Doubled(); same != nil {
		return doubled(dir, same)
	}
	m, err := folder.Draft(g.now(), n.name)
	if err != nil {
		return misuse(err.Error())
	}
	if m.Frozen, err = freeze(n.modelsDir, n.models); err != nil {
		return err
	}
	text, err := m.File()
	if err != nil {
		return err
	}
	path := filepath.Join(dir, m.ID+".go")
	if err := scaffold.Create(path, text); errors.Is(err, fs.ErrExist) { // made since we looked
		return &refusal{code: codeUsage, what: "there is a file of this name already: " + filepath.ToSlash(path), why: []string{"another program may have just written it"}, state: "nothing was written",
			next: []string{"run the same command again: the next ID is a later one"}}
	} else if err != nil {
		return &refusal{code: codeUsage, what: "the file cannot be written: " + path, why: []string{err.Error()}, state: "nothing was written",
			next: []string{"make the folder writable, or name another with --dir"}}
	}
	g.say("Wrote " + filepath.ToSlash(path) + " (empty).")
	if len(m.After) > 1 {
		g.note(fmt.Sprintf("it joins %d heads: %s", len(m.After), strings.Join(m.After, ", ")))
	}
	for _, remark := range m.Frozen.Remarks {
		g.note(remark)
	}
	_, _ = fmt.Fprintln(g.err, "Fill in Up and Down, then run: "+applies(dir))
	return nil
}

// doubled refuses to write after an ID that two files have: which one is meant?
func doubled(dir string, same []scaffold.Node) error {
	r := &refusal{code: codeDouble, what: "two migrations have the ID " + same[0].ID, state: "nothing was written",
		next: []string{"give the one that is applied nowhere an ID and a file name of its own, then run the same command"}}
	for _, n := range same {
		r.why = append(r.why, filepath.ToSlash(filepath.Join(dir, n.File)))
	}
	return r
}

// freeze copies models out of a folder.
func freeze(dir string, names []string) (scaffold.Frozen, error) {
	if len(names) == 0 {
		return scaffold.Frozen{}, nil
	}
	dir, err := usual(dir, "models", "models")
	if err != nil {
		return scaffold.Frozen{}, err
	}
	frozen, err := scaffold.Freeze(os.DirFS(dir), names...)
	if err != nil {
		return frozen, &refusal{code: codeUsage, what: fmt.Sprintf("the models cannot be copied from the folder %q", dir), why: []string{err.Error()},
			state: "nothing was written", next: []string{"name models that are there, or their folder: --models PATH"}}
	}
	return frozen, nil
}

// usual returns the folder that a flag names, or else the one of that name below
// the module's go.mod, as seen from here. It must exist.
func usual(named, name, flag string) (string, error) {
	dir := named
	if dir == "" {
		dir = name
		if m, err := project.FindModule("."); err == nil {
			if near, err := fromHere(filepath.Join(m.Dir, name)); err == nil {
				dir = near
			}
		}
	}
	if !project.IsFolder(dir) {
		return "", &refusal{code: codeUsage, what: fmt.Sprintf("there is no folder %q here", dir), state: "nothing was written",
			next: []string{"run it where the sources are, or name the folder: --" + flag + " PATH"}}
	}
	return dir, nil
}

// fromHere writes a path as seen from the working directory.
func fromHere(path string) (string, error) {
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	return filepath.Rel(here, path)
}

// applies is the command that applies what is in a folder of migrations.
func applies(dir string) string {
	if project.IsFolder(filepath.Join(filepath.Dir(dir), "cmd", "migrate")) {
		if parent := filepath.ToSlash(filepath.Dir(dir)); parent != "." {
			return "go run -C " + parent + " ./cmd/migrate up"
		}
		return "go run ./cmd/migrate up"
	}
	return "migrate up"
}

// mayWrite refuses where source files are not to be written.
func (g *generator) mayWrite(command string) error {
	word := g.env("APP_ENV")
	if !settings.Guarded(word) {
		return nil
	}
	return &refusal{code: codePolicy, what: command + " writes source files, which is refused here",
		why:   []string{fmt.Sprintf("APP_ENV is %q: sources are written where they are developed", word)},
		state: "nothing was written", next: []string{"run it on a development machine, and commit the files"}}
}
