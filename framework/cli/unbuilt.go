package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/migrate"
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
	files, err := scaffold.ReadFolder(os.DirFS(c.app.Dir))
	if err != nil {
		return nil
	}
	known := c.known()
	if !slices.ContainsFunc(known, func(m migrate.Migration) bool { return find(files, m.ID) >= 0 }) {
		return nil
	}
	var missing []string
	for _, n := range files.Migrations {
		if !slices.ContainsFunc(known, func(m migrate.Migration) bool { return m.ID == n.ID }) {
			missing = append(missing, n.ID)
		}
	}
	return missing
}

// again is what comes between an edit and a run: `go run` builds by itself.
func (c *call) again() string {
	if strings.HasPrefix(c.called, "go run ") {
		return ""
	}
	return "build again, "
}
