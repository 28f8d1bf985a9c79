package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/leavendb/leaven/scaffold"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (p *program) mergeCommand() *cobra.Command {
	dir := p.app.Dir
	var message string
	return p.verb(leaf{
		use: "merge [NAME]", group: groupWrite, max: -1, codes: writeCodes,
		short: "Join heads with an empty migration",
		long: "Where migrations were written side by side, nothing says what the next one comes after.\n" +
			"This writes a migration that names all heads in After and does nothing, up and down.\n" +
			"It fits where the branches are applied somewhere already; where one is not, `rebase`\n" +
			"leaves a straighter history. No database is needed.",
		example: "  {migrate} merge\n  {migrate} merge \"invoices and teams\"\n  {migrate} merge heads -m \"invoices and teams\"",
		flags: func(fs *pflag.FlagSet) {
			messageFlag(fs, &message)
			fs.StringVar(&dir, "dir", dir, "the folder of the migrations")
		},
		do: func(c *call) (view, error) {
			if err := c.writesSource(); err != nil {
				return nil, err
			}
			switch {
			case message != "":
				return c.merge(dir, message, c.args)
			case len(c.args) == 0, len(c.args) == 1 && c.args[0] == "heads":
				return c.merge(dir, "merge", c.args)
			}
			return c.merge(dir, strings.Join(c.args, " "), nil)
		},
	})
}

type mergeView struct {
	Merged bool     `json:"merged"` // false: there was nothing to join
	ID     string   `json:"id,omitempty"`
	File   string   `json:"file,omitempty"`
	Heads  []string `json:"heads"` // before
}

func (v *mergeView) show(c *call) {
	switch {
	case v.Merged:
		c.out.line("Wrote " + v.File + ", which joins " + enumerate(v.Heads) + " and does nothing else.")
		c.err.line(c.self(c.nextUp()))
	case len(v.Heads) == 0:
		c.out.line("Nothing to merge: there are no migrations yet.")
	default:
		c.out.line("Nothing to merge: " + v.Heads[0] + " is the only head.")
	}
}

// merge joins all heads; those that are named have to be all of them.
func (c *call) merge(dir, name string, revisions []string) (view, error) {
	folder, err := c.branches(dir)
	if err != nil {
		return nil, err
	}
	heads := folder.Heads()
	if len(heads) < 2 {
		return &mergeView{Heads: append([]string{}, heads...)}, nil
	}
	if err := allOf(heads, revisions); err != nil {
		return nil, err
	}
	named, err := scaffold.ID(c.now(), name, nil)
	if err != nil {
		return nil, misuse(err.Error())
	}
	_, words, _ := strings.Cut(named, "_")
	id, err := scaffold.Next(c.now(), words, taken(folder))
	if err != nil {
		return nil, misuse(err.Error())
	}
	text, err := scaffold.Merge{ID: id, After: heads, Package: folder.Package}.File()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, id+".go")
	if err := scaffold.Create(path, text); err != nil {
		return nil, notWritten(path, err)
	}
	return &mergeView{Merged: true, ID: id, File: filepath.ToSlash(path), Heads: heads}, nil
}

// allOf refuses revisions that are not the heads: a migration that joins others
// would leave heads, or join what is joined.
func allOf(heads, revisions []string) error {
	if len(revisions) == 0 || slices.Equal(revisions, []string{"heads"}) {
		return nil
	}
	var meant []string
	for _, h := range heads {
		_, name, _ := strings.Cut(h, "_")
		if slices.ContainsFunc(revisions, func(r string) bool { return strings.HasPrefix(h, r) || name == r }) {
			meant = append(meant, h)
		}
	}
	if len(meant) == len(heads) && len(revisions) == len(heads) {
		return nil
	}
	return misuse("merge joins all heads, which are "+enumerate(heads), "run: {migrate} merge -m NAME")
}

// taken are the IDs that a new one must not have.
func taken(f scaffold.Folder) []string {
	ids := make([]string, len(f.Migrations))
	for i, n := range f.Migrations {
		ids[i] = n.ID
	}
	return ids
}

// notWritten refuses because of the file system.
func notWritten(path string, err error) error {
	if errors.Is(err, fs.ErrExist) { // made since we looked
		return &refusal{code: codeUsage, what: "there is a file of this name already: " + filepath.ToSlash(path), why: []string{"another program may have just written it"}, state: "nothing was written",
			next: []string{"run the same command again: the next ID is a later one"}}
	}
	return &refusal{code: codeUsage, what: "the file cannot be written: " + filepath.ToSlash(path), why: []string{err.Error()}, state: "nothing was written",
		next: []string{"make the folder writable, or name another with --dir"}}
}

// enumerate writes a list as people do: a, b and c.
func enumerate(ids []string) string {
	if len(ids) < 2 {
		return strings.Join(ids, "")
	}
	return fmt.Sprintf("%s and %s", strings.Join(ids[:len(ids)-1], ", "), ids[len(ids)-1])
}
