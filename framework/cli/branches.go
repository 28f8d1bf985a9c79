package cli

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/leavendb/leaven/scaffold"
)

// branches reads the migrations of the folder and of the program, for commands
// that change how they follow one another. A program that was built from other
// files would name parents that are gone, so it is refused.
func (c *call) branches(dir string) (scaffold.Folder, error) {
	all, err := c.folder(dir)
	if err != nil {
		return all, err
	}
	files, err := scaffold.ReadFolder(os.DirFS(dir))
	if err != nil {
		return all, err
	}
	for _, m := range c.known() {
		if i := find(files, m.ID); i < 0 && c.builtFrom(os.DirFS(dir), m.ID) {
			return all, &refusal{code: codeUsage, what: "this program is older than the files in " + fmt.Sprintf("%q", dir),
				why:  []string{"it still has " + m.ID + ", and no file there does"},
				next: []string{"build it again, and then run the same command"}}
		}
		if i := find(all, m.ID); len(all.Migrations[i].After) == 0 {
			all.Migrations[i].After = m.After // where the file computes it
		}
	}
	return all, nil
}

func find(f scaffold.Folder, id string) int {
	return slices.IndexFunc(f.Migrations, func(n scaffold.Node) bool { return n.ID == id })
}

// builtFrom reports whether the program has embedded the file of a migration from
// this folder: from sources that have migrations in common with it.
func (c *call) builtFrom(dir fs.FS, id string) bool {
	for _, embedded := range c.app.Sources {
		if _, err := fs.Stat(embedded, id+".go"); err != nil {
			continue
		}
		names, _ := fs.Glob(dir, "*.go")
		for _, name := range names {
			if _, err := fs.Stat(embedded, name); err == nil && strings.Trim(name[:1], "0123456789") == "" {
				return true
			}
		}
	}
	return false
}
