package cli

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
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

var aGeneratedMark = pattern.Lazy("(?m)^// Written by `new` from the models(?:: part (\\d+) of (\\d+))?\\.( Unedited it has the sum ([0-9a-f]{16})\\.)?$")

// sealed puts into the mark what the file is without it, so that --undo never
// removes what a person has put into a file.
func sealed(text []byte) []byte {
	at := aGeneratedMark().FindIndex(text)
	seal := " Unedited it has the sum " + sumOf(text) + "."
	return slices.Concat(text[:at[1]], []byte(seal), text[at[1]:])
}

// unsealed is a sealed file's text before it was sealed. Version control may have
// changed how its lines end.
func unsealed(text []byte) (bare []byte, mark [][]byte) {
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	at := aGeneratedMark().FindSubmatchIndex(text)
	if at == nil {
		return text, nil
	}
	mark = aGeneratedMark().FindSubmatch(text)
	if at[6] >= 0 {
		text = slices.Concat(text[:at[6]], text[at[7]:])
	}
	return text, mark
}

func sumOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

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
// those before it of one comparison. Nobody has edited one of them.
func lastGroup(dir string, files scaffold.Folder) ([]string, error) {
	heads := files.Heads()
	refuse := func(what string) ([]string, error) {
		return nil, misuse(what, "remove the files by hand, or with your version control")
	}
	if len(heads) != 1 {
		return refuse(fmt.Sprintf("there are %d newest migrations, so --undo cannot tell which is meant", len(heads)))
	}
	var group []string
	part, of := 0, ""
	for id := heads[0]; ; {
		text, err := os.ReadFile(filepath.Join(dir, id+".go"))
		if err != nil {
			return refuse("the newest migration, " + id + ", has no file of its name in " + strconv.Quote(dir))
		}
		bare, mark := unsealed(text)
		if mark == nil {
			return refuse("the newest migration, " + id + ", was not written from the models")
		}
		if string(mark[4]) != sumOf(bare) {
			return refuse(id + " was edited after it was written, so --undo leaves it")
		}
		next, _ := strconv.Atoi(string(mark[1]))
		if len(group) > 0 && (next != part-1 || string(mark[2]) != of) {
			return refuse(fmt.Sprintf("part %d of %s, %s, does not come after part %d", part, of, group[len(group)-1], part-1))
		}
		part, of = next, string(mark[2])
		group = append(group, id)
		if part <= 1 {
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
