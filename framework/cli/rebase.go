package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/leavendb/leaven/framework/history"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/scaffold"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (p *program) rebaseCommand() *cobra.Command {
	dir := p.app.Dir
	return p.verb(leaf{
		use: "rebase REVISION", group: groupWrite, codes: append([]int{codeDatabase}, writeCodes...), words: oneRevision, min: 1, max: 1, missing: "the ID of a migration",
		short: "Give a migration a new ID, after all others",
		long: "Moves a migration that is not applied behind those of others: its ID becomes the time\n" +
			"now (or the next counter), its file is renamed, After names the other heads, and what\n" +
			"named it in After is changed too. Nothing else in the files is touched.\n" +
			"A migration that the connected database has in its history is refused; other databases\n" +
			"are yours to think of: where it is applied, use `merge`.",
		example: "  {migrate} rebase 20261121090000_add_invoices\n  {migrate} rebase add_invoices",
		flags:   func(fs *pflag.FlagSet) { fs.StringVar(&dir, "dir", dir, "the folder of the migrations") },
		do: func(c *call) (view, error) {
			if err := c.writesSource(); err != nil {
				return nil, err
			}
			return c.rebase(dir, c.word(0))
		},
	})
}

type rebaseView struct {
	Old      string   `json:"old"`
	ID       string   `json:"id"` // the same: there was nothing to do
	File     string   `json:"file,omitempty"`
	After    []string `json:"after"`
	Updated  []string `json:"updated"`  // migrations whose After was changed
	Database bool     `json:"database"` // whether a history was looked at
}

func (v *rebaseView) show(c *call) {
	if v.ID == v.Old {
		if len(v.After) == 0 {
			c.out.line("Nothing to rebase: " + v.ID + " is the only migration.")
			return
		}
		c.out.line("Nothing to rebase: " + v.ID + " comes after " + enumerate(v.After) + " already, and nothing stands beside it.")
		return
	}
	c.out.line(v.Old + " → " + v.ID)
	c.out.line("  file     " + v.File)
	c.out.line("  after    " + enumerate(v.After))
	if len(v.Updated) > 0 {
		c.out.line("  updated  " + enumerate(v.Updated) + ", which came after it and does so still")
	}
	c.err.line(c.self(c.nextUp()))
}

func (c *call) rebase(dir, word string) (view, error) {
	folder, err := c.branches(dir)
	if err != nil {
		return nil, err
	}
	old, err := c.inFolder(folder, dir, word)
	if err != nil {
		return nil, err
	}
	v := &rebaseView{Old: old, ID: old, After: folder.Beside(old), Updated: []string{}}
	if len(v.After) == 0 && len(folder.Migrations) > 1 {
		return nil, misuse("everything else comes after "+old+", so there is nothing to move it behind", "to see the order, run: {migrate} status")
	}
	if last := folder.Migrations[len(folder.Migrations)-1].ID; sameIDs(folder.Parents(old), v.After) && (last == old || !slices.Contains(folder.Heads(), old)) {
		v.After = append([]string{}, v.After...)
		return v, nil
	}
	_, words, _ := strings.Cut(old, "_")
	if v.ID, err = scaffold.Next(c.now(), words, taken(folder)); err != nil {
		return nil, misuse(err.Error())
	}
	files, err := scaffold.Rebase{Old: old, New: v.ID, After: v.After}.Files(os.DirFS(dir))
	if err != nil {
		return nil, notEdited(dir, err)
	}
	if err := everyChild(folder, old, files); err != nil {
		return nil, err
	}
	v.Updated = append(v.Updated, files.Children...)
	if v.Database, err = c.unrecorded(old, v.Updated, len(folder.Heads()) > 1); err != nil {
		return nil, err
	}
	if err := files.Write(dir); err != nil {
		return nil, notWritten(dir, err)
	}
	v.File = filepath.ToSlash(filepath.Join(dir, files.Edits[0].To))
	if len(files.Mentions) > 0 {
		c.note("the old ID is still mentioned in " + enumerate(files.Mentions))
	}
	return v, nil
}

// inFolder resolves a revision among the migrations whose files are in the folder.
func (c *call) inFolder(all scaffold.Folder, dir, word string) (string, error) {
	var s statusView
	for _, n := range all.Migrations {
		s.Migrations = append(s.Migrations, entryView{ID: n.ID})
	}
	id, err := s.find(word)
	if err != nil {
		return "", err
	}
	if id == "" { // head, current
		return "", misuse(fmt.Sprintf("%q may be several migrations", word), "name the one to move by its ID")
	}
	files, err := scaffold.ReadFolder(os.DirFS(dir))
	if err != nil {
		return "", err
	}
	if find(files, id) < 0 {
		return "", &refusal{code: codeUsage, what: fmt.Sprintf("the file of %s is not in the folder %q", id, dir),
			next: []string{"run it where the sources are, or name the folder: --dir PATH"}}
	}
	return id, nil
}

func sameIDs(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// notEdited refuses because of what a file looks like.
func notEdited(dir string, err error) error {
	var s *scaffold.SourceError
	if errors.As(err, &s) {
		return &refusal{code: codeUsage, what: s.What, why: []string{fmt.Sprintf("%s:%d", filepath.ToSlash(filepath.Join(dir, s.File)), s.Line)},
			next: []string{"change ID, After and the file's name by hand, then run: {migrate} validate"}}
	}
	return &refusal{code: codeUsage, what: err.Error(), why: []string{"nothing in " + fmt.Sprintf("%q", dir) + " was changed"}}
}

// everyChild refuses when somebody names the migration where it cannot be edited:
// in another folder, or by a computed After.
func everyChild(all scaffold.Folder, old string, files scaffold.Rebased) error {
	for _, n := range all.Migrations {
		if n.ID != old && slices.Contains(n.After, old) && !slices.Contains(files.Children, n.ID) {
			return &refusal{code: codeUsage, what: n.ID + " names " + old + " in After, and not as a plain string in this folder",
				next: []string{"write After of " + n.ID + " as plain strings, or change both by hand"}}
		}
	}
	return nil
}

// unrecorded refuses when the connected database has the migration in its
// history, under the ID that would be gone, or has one of those whose files would
// change. looked is false where no database could be asked, which is noted.
func (c *call) unrecorded(old string, updated []string, heads bool) (looked bool, err error) {
	s, err := c.historyAlone()
	switch {
	case err != nil && (c.signal != 0 || c.ctx.Err() != nil):
		return false, err
	case err != nil:
		c.note("no database could be asked whether " + old + " is applied: " + c.explain(err).What)
		return false, nil
	}
	for _, e := range s.Entries {
		switch r := e.Record; {
		case r == nil:
		case e.ID == old:
			return true, recorded(r, heads)
		case slices.Contains(updated, e.ID):
			return true, &refusal{code: codeHistory, what: e.ID + " names " + old + " in After and is applied in this database, so its file cannot change",
				next: []string{"if the work of " + old + " is there, record it: {migrate} stamp " + old}}
		}
	}
	return true, nil
}

// recorded refuses to change the ID of a row.
func recorded(r *history.Record, heads bool) error {
	if r.State != history.Applied {
		return &refusal{code: codeHistory, what: r.ID + " was begun in this database and did not end, so its ID cannot change",
			why:  []string{"the database's history has a row with this ID, which nothing would belong to"},
			next: []string{"if nothing of its work is there: {migrate} resolve --pending " + r.ID}}
	}
	e := &refusal{code: codeHistory, what: r.ID + " is applied in this database, so its ID cannot change",
		why:  []string{"the database's history has this ID since " + when(r.AppliedAt) + ", and would not know the new one"},
		next: []string{"to see which migrations are not applied, run: {migrate} status"}}
	if heads {
		e.next = append([]string{"to join the branches as they are, run: {migrate} merge"}, e.next...)
	}
	return e
}

// historyAlone reads what is recorded, whatever this program has registered: its
// migrations may have the very faults that are being mended. It waits for a
// server no longer than a person does.
func (c *call) historyAlone() (*migrate.Status, error) {
	var s *migrate.Status
	_, err := c.look(func() (view, error) {
		var cancel context.CancelFunc
		c.ctx, cancel = context.WithTimeout(c.ctx, 10*time.Second)
		defer cancel()
		m, err := c.migrator(func(o *migrate.Options) error {
			o.Registry, o.Sources = migrate.NewRegistry(), nil
			return nil
		})
		if err != nil {
			return nil, err
		}
		s, err = m.Status(c.ctx)
		return nil, err
	})
	return s, err
}
