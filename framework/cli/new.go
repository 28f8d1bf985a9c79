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
	f := newFlags{dir: p.app.Dir, models: "models"}
	return p.verb(leaf{
		use: "new [NAME]", aliases: []string{"create", "revision", "migrate"}, group: groupWrite, max: -1, codes: append([]int{codePending, codeDatabase}, writeCodes...),
		short: "Write a migration: from the models where they differ, else an empty one",
		long: "Compares the models with the database and writes what makes the database what the\n" +
			"models say: one file for each transaction, Up and Down, with a remark beside each line\n" +
			"that loses data, may fail or locks for long. Read it before you apply it. Where nothing\n" +
			"differs, a NAME gets an empty migration.\n\n" +
			"A rename is never guessed: on a terminal it is asked about, elsewhere say --rename, or\n" +
			"renamed_from in the model.",
		example: "  {migrate} new\n  {migrate} new \"add invoices\" --rename users.nick:users.nickname\n  {migrate} new --diff\n  {migrate} new --undo\n  {migrate} new \"fill in names\" --empty --model users,projects",
		flags: func(fs *pflag.FlagSet) {
			fs.BoolVar(&f.auto, "auto", false, "from the models only: where nothing differs, write nothing")
			fs.BoolVar(&f.auto, "autogenerate", false, "as --auto")
			_ = fs.MarkHidden("autogenerate") // Alembic's word
			fs.BoolVar(&f.empty, "empty", false, "an empty migration; no database is asked")
			fs.BoolVar(&f.diff, "diff", false, "show what would be written, and write nothing")
			f.sideFlags.define(fs)
			fs.StringArrayVar(&f.renames, "rename", nil, "`OLD:NEW` is one thing under two names, as users.nick:users.nickname (repeatable)")
			fs.BoolVar(&f.undo, "undo", false, "remove the files that new wrote last, unless they are applied")
			fs.StringVar(&f.dir, "dir", f.dir, "the folder of the migrations")
			fs.StringSliceVar(&f.freeze, "model", nil, "copy these models, as they are today, into an empty migration (types or tables)")
			messageFlag(fs, &f.message)
			fs.StringVar(&f.models, "models", f.models, "the folder of the models")
		},
		do: func(c *call) (view, error) {
			if err := c.writesSource(); err != nil {
				return nil, err
			}
			return c.untilSignal(func() (view, error) { return c.new(f) })
		},
	})
}

// new decides where a migration comes from.
func (c *call) new(f newFlags) (view, error) {
	f.auto = f.auto || c.cmd.CalledAs() == "migrate" && len(c.app.Models) > 0 // Flask-Migrate's word
	compares := f.auto || f.diff || f.replay || f.offline || len(f.renames) > 0
	switch {
	case f.undo && (compares || f.empty || len(f.freeze) > 0 || f.message != "" || len(c.args) > 0):
		return nil, misuse("--undo removes what new wrote last, and takes no word and no other flag but --dir", "leave the rest out: {migrate} new --undo")
	case f.undo:
		return c.undoNew(f.dir)
	case f.empty && compares:
		return nil, misuse("--empty asks for no comparison", "leave --empty out, or the flags of the comparison")
	case !f.empty && len(f.freeze) == 0 && (compares || len(c.app.Models) > 0):
		name := strings.Join(c.args, " ")
		if name != "" && f.message != "" {
			return nil, misuse("--message and the words after "+c.cmd.Name()+" say the name twice", "give one of them")
		}
		return c.generate(&f, name+f.message)
	}
	name, err := c.named(f.message, c.args)
	if err != nil {
		return nil, err
	}
	frozen, err := frozenModels(f.models, f.freeze)
	if err != nil {
		return nil, err
	}
	return c.writeNew(f.dir, name, frozen)
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
		return nil, notWritten(path, err)
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
	if same := folder.Doubled(); same != nil {
		return folder, doubled(dir, same)
	}
	for _, m := range c.known() {
		folder.Add(scaffold.Node{ID: m.ID, After: m.After})
	}
	return folder, nil
}

// doubled refuses to write after an ID that two files have: which one is meant?
func doubled(dir string, same []scaffold.Node) error {
	r := &refusal{code: codeHistory, what: "two migrations have the ID " + same[0].ID, state: "nothing was written",
		next: []string{"give the one that is applied nowhere an ID and a file name of its own, then run the same command"}}
	for _, n := range same {
		r.why = append(r.why, filepath.ToSlash(filepath.Join(dir, n.File)))
	}
	return r
}
