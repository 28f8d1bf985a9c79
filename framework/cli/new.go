package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/leavendb/leaven/scaffold"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (p *program) newCommand() *cobra.Command {
	dir := p.app.Dir
	modelsDir := "models"
	var empty bool
	var freeze []string
	var message string
	return p.verb(leaf{
		use: "new NAME", aliases: []string{"create", "revision", "migrate"}, group: groupWrite, max: -1, codes: writeCodes,
		short:   "Write the file of a new migration",
		long:    "Writes an empty migration that comes after the newest one. Its ID is the time and the\nname; the file has the same name. No database is needed.",
		example: "  {migrate} new \"add invoices\"\n  {migrate} new \"fill in names\" --model users,projects",
		flags: func(fs *pflag.FlagSet) {
			fs.StringVar(&dir, "dir", dir, "the folder of the migrations")
			fs.BoolVar(&empty, "empty", true, "an empty migration")
			_ = fs.MarkHidden("empty") // the only kind so far
			fs.StringSliceVar(&freeze, "model", nil, "copy these models, as they are today, into the file (types or tables)")
			messageFlag(fs, &message)
			fs.StringVar(&modelsDir, "models", modelsDir, "the folder of the models")
		},
		do: func(c *call) (view, error) {
			if err := c.writesSource(); err != nil {
				return nil, err
			}
			name, err := c.named(message, c.args)
			if err != nil {
				return nil, err
			}
			frozen, err := frozenModels(modelsDir, freeze)
			if err != nil {
				return nil, err
			}
			return c.writeNew(dir, name, frozen)
		},
	})
}

type newView struct {
	ID    string   `json:"id"`
	File  string   `json:"file"`
	After []string `json:"after"`
}

func (v *newView) show(c *call) {
	c.out.line("Wrote " + v.File + " (empty).")
	c.err.line(c.self("Fill in Up and Down, " + c.again() + "then run: {migrate} up"))
}

// messageFlag is -m, --message: the name of a migration, as Alembic's users write
// it.
func messageFlag(fs *pflag.FlagSet, to *string) {
	fs.StringVarP(to, "message", "m", "", "the name, said in another way")
}

// named is the name of a migration, from the words or from --message.
func (c *call) named(message string, words []string) (string, error) {
	name := strings.Join(words, " ")
	switch {
	case name != "" && message != "":
		return "", misuse("--message and the words after "+c.cmd.Name()+" say the name twice", "give one of them")
	case name == "" && message == "":
		return "", misuse(c.cmd.Name()+" needs a name", `give one, as in: {migrate} new "add invoices"`)
	}
	return name + message, nil
}

// frozenModels copies models out of a folder.
func frozenModels(dir string, names []string) (scaffold.Frozen, error) {
	if len(names) == 0 {
		return scaffold.Frozen{}, nil
	}
	frozen, err := scaffold.Freeze(os.DirFS(dir), names...)
	if err != nil {
		return frozen, &refusal{code: codeUsage, what: fmt.Sprintf("the models cannot be copied from the folder %q", dir), why: []string{err.Error()},
			next: []string{"name models that are there, or their folder: --models PATH"}}
	}
	return frozen, nil
}

func (c *call) writeNew(dir, name string, frozen scaffold.Frozen) (view, error) {
	folder, err := c.folder(dir)
	if err != nil {
		return nil, err
	}
	m, err := folder.Draft(c.now(), name)
	if err != nil {
		return nil, misuse(err.Error())
	}
	m.Frozen = frozen
	text, err := m.File()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, m.ID+".go")
	if err := scaffold.Create(path, text); err != nil {
		return nil, &refusal{code: codeUsage, what: "the file cannot be written: " + path, why: []string{err.Error()}, next: []string{"make the folder writable, or name another with --dir"}}
	}
	heads := m.After
	if len(heads) > 1 {
		c.note("it joins " + fmt.Sprint(len(heads)) + " heads: " + strings.Join(heads, ", "))
	}
	for _, r := range frozen.Remarks {
		c.note(r)
	}
	if heads == nil {
		heads = []string{}
	}
	return &newView{ID: m.ID, File: filepath.ToSlash(path), After: heads}, nil
}

// folder reads the migrations' folder, and adds what the program has compiled in
// from elsewhere.
func (c *call) folder(dir string) (scaffold.Folder, error) {
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() {
		return scaffold.Folder{}, &refusal{code: codeUsage, what: fmt.Sprintf("there is no folder %q here, where migrations are written", dir),
			next: []string{"run it where the sources are, or name the folder: --dir PATH"}}
	}
	folder, err := scaffold.ReadFolder(os.DirFS(dir))
	if err != nil {
		return folder, err
	}
	for _, m := range c.known() {
		folder.Add(scaffold.Node{ID: m.ID, After: m.After})
	}
	return folder, nil
}
