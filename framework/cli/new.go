package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/leavendb/leaven/scaffold"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (p *program) newCommand() *cobra.Command {
	dir := p.app.Dir
	var empty bool
	return p.verb(leaf{
		use: "new NAME", aliases: []string{"create"}, group: groupWrite, min: 1, max: -1, missing: "a name, as in: new \"add invoices\"",
		short:   "Write the file of a new migration",
		long:    "Writes an empty migration that comes after the newest one. Its ID is the time and the\nname; the file has the same name. No database is needed.",
		example: "  {migrate} new \"add invoices\"",
		flags: func(fs *pflag.FlagSet) {
			fs.StringVar(&dir, "dir", dir, "the folder of the migrations")
			fs.BoolVar(&empty, "empty", true, "an empty migration")
			_ = fs.MarkHidden("empty") // the only kind so far
		},
		do: func(c *call) (view, error) {
			if err := c.writesSource(); err != nil {
				return nil, err
			}
			return c.writeNew(dir, strings.Join(c.args, " "))
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
	c.err.line(c.self("Fill in Up and Down, then run: {migrate} up"))
}

func (c *call) writeNew(dir, name string) (view, error) {
	folder, err := c.folder(dir)
	if err != nil {
		return nil, err
	}
	var taken []string
	for _, n := range folder.Migrations {
		taken = append(taken, n.ID)
	}
	id, err := scaffold.ID(c.now(), name, taken)
	if err != nil {
		return nil, misuse(err.Error())
	}
	heads := folder.Heads()
	text, err := scaffold.Migration{ID: id, After: heads, Package: folder.Package}.File()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, id+".go")
	if err := writeFresh(path, text); err != nil {
		return nil, &refusal{code: codeUsage, what: "the file cannot be written: " + path, why: []string{err.Error()}, next: []string{"make the folder writable, or name another with --dir"}}
	}
	if len(heads) > 1 {
		c.note("it joins " + fmt.Sprint(len(heads)) + " heads: " + strings.Join(heads, ", "))
	}
	if heads == nil {
		heads = []string{}
	}
	return &newView{ID: id, File: filepath.ToSlash(path), After: heads}, nil
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

// writeFresh writes a file that must not exist yet.
func writeFresh(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		var p *fs.PathError
		if errors.As(err, &p) {
			return p.Err
		}
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}
