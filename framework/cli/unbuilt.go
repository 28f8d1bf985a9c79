package cli

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/leavendb/leaven/scaffold"
)

// noteUnbuilt tells of migrations that lie in the folder and are not in the
// program. Who has written one and not built again is told that nothing is
// pending, and would look for the fault in the file.
func (c *call) noteUnbuilt() {
	if missing := c.unbuilt(); len(missing) > 0 {
		c.note(fmt.Sprintf("not in this program, though in the folder %q: %s; build it again", c.app.Dir, strings.Join(missing, ", ")))
	}
}

// unbuilt are the IDs of the migrations that lie in the folder and are not in the
// program. Only the folder that the program was built from is meant: it holds
// files of the program's.
func (c *call) unbuilt() []string {
	folder := newcomers{FS: os.DirFS(c.app.Dir), known: map[string]bool{}}
	for _, m := range c.known() {
		folder.known[m.ID] = true
	}
	files, err := scaffold.ReadFolder(&folder)
	if err != nil {
		return nil
	}
	ours := folder.ours
	var missing []string
	for _, n := range files.Migrations {
		if folder.known[n.ID] {
			ours = true
			continue
		}
		missing = append(missing, n.ID)
	}
	if !ours {
		return nil
	}
	return missing
}

// newcomers is a folder without the files that have the name of a known
// migration: reading a thousand files to learn that all of them are known would
// be most of the time of a run that has nothing to do.
type newcomers struct {
	fs.FS
	known map[string]bool
	ours  bool // there were such files
}

// Glob is fs.GlobFS.
func (f *newcomers) Glob(pattern string) ([]string, error) {
	names, err := fs.Glob(f.FS, pattern)
	return slices.DeleteFunc(names, func(name string) bool {
		known := f.known[strings.TrimSuffix(name, ".go")]
		f.ours = f.ours || known
		return known
	}), err
}

// again is what comes between an edit and a run: `go run` builds by itself.
func (c *call) again() string {
	if strings.HasPrefix(c.called, "go run ") {
		return ""
	}
	return "build again, "
}

// nextUp is how to go on when files were written that need no work.
func (c *call) nextUp() string {
	if c.again() == "" {
		return "To apply, run: {migrate} up"
	}
	return "Build again, then run: {migrate} up"
}

// corrected is advice to correct a file and to run a command, with what comes
// between the two.
func (c *call) corrected(advice string) string {
	if !strings.HasPrefix(advice, "correct ") {
		return advice
	}
	return strings.Replace(advice, ", then run: ", ", "+c.again()+"then run: ", 1)
}
