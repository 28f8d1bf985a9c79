package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/leavendb/leaven/framework/internal/pattern"
	"github.com/leavendb/leaven/scaffold"
)

// generatedMark is the comment by which --undo knows what new has written.
func generatedMark(part, of int) string {
	if of == 1 {
		return "Written by `new` from the models."
	}
	return fmt.Sprintf("Written by `new` from the models: part %d of %d.", part, of)
}

var aGeneratedMark = pattern.Lazy("(?m)^// Written by `new` from the models(?:: part (\\d+) of (\\d+))?\\.$")

// undoneView is what new --undo removed.
type undoneView struct {
	Kind    string   `json:"kind"` // undo
	Removed []string `json:"removed"`
}

func (v *undoneView) show(c *call) {
	for _, path := range v.Removed {
		c.out.line("Removed " + path)
	}
}

// undoNew removes the files of the newest group, unless one is applied.
func (c *call) undoNew(dir string) (view, error) {
	if _, err := c.folder(dir); err != nil {
		return nil, err
	}
	files, err := scaffold.ReadFolder(os.DirFS(dir))
	if err != nil {
		return nil, err
	}
	group, err := lastGroup(dir, files)
	if err != nil {
		return nil, err
	}
	c.reading = true
	m, err := c.migrator()
	if err != nil {
		return nil, err
	}
	applied, _, err := m.Records(c.ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range applied {
		if slices.Contains(group, r.ID) {
			return nil, &refusal{code: codePolicy, what: r.ID + " is applied, so its file stays", next: []string{fmt.Sprintf("revert first: {migrate} down %d", len(group))}}
		}
	}
	v := &undoneView{Kind: "undo", Removed: []string{}}
	for _, id := range slices.Backward(group) {
		path := filepath.Join(dir, id+".go")
		if err := os.Remove(path); err != nil {
			return v, err
		}
		v.Removed = append(v.Removed, filepath.ToSlash(path))
	}
	return v, nil
}

// lastGroup are the IDs of the files that new wrote last, in order: the head and
// those before it of one comparison.
func lastGroup(dir string, files scaffold.Folder) ([]string, error) {
	heads := files.Heads()
	refuse := func(what string) ([]string, error) {
		return nil, misuse(what, "remove the files by hand, or with your version control")
	}
	if len(heads) != 1 {
		return refuse(fmt.Sprintf("there are %d newest migrations, so --undo cannot tell which is meant", len(heads)))
	}
	var group []string
	for id := heads[0]; ; {
		text, err := os.ReadFile(filepath.Join(dir, id+".go"))
		if err != nil {
			return refuse("the newest migration, " + id + ", has no file of its name in " + strconv.Quote(dir))
		}
		m := aGeneratedMark().FindStringSubmatch(string(text))
		if m == nil {
			return refuse("the newest migration, " + id + ", was not written from the models")
		}
		group = append(group, id)
		if part, _ := strconv.Atoi(m[1]); part <= 1 {
			slices.Reverse(group)
			return group, nil
		}
		i := find(files, id)
		if len(files.Migrations[i].After) != 1 {
			return refuse(id + " comes after several migrations, so --undo cannot tell its first part")
		}
		id = files.Migrations[i].After[0]
	}
}
