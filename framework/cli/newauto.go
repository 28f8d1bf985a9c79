package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/autogen"
	"github.com/leavendb/leaven/framework/diff"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/leavendb/leaven/scaffold"
)

// generatedView is what new found and wrote.
type generatedView struct {
	newView
	Kind    string       `json:"kind"`  // auto; none: nothing differs; diff: nothing was to be written
	Files   []newView    `json:"files"` // in order; ID, File and After are those of the first
	Changes []changeView `json:"changes"`
	Against string       `json:"against"` // what the models were compared with
	Objects []string     `json:"strangers"`
	Renames []string     `json:"renames"` // flags for what may have been renamed
	text    []string     // of the files, where they are only shown
	found   *autogen.Comparison
}

type changeView struct {
	Title   string       `json:"title"`
	Remarks []remarkView `json:"remarks"`
}

type remarkView struct {
	Risk string `json:"risk"`
	Text string `json:"text"`
}

func (v *generatedView) show(c *call) {
	if v.Kind == "none" {
		c.out.line("Nothing to write: the models and " + v.Against + " are the same.")
		showStrangers(c, v.Objects)
		return
	}
	showChanges(c, v.Changes)
	showStrangers(c, v.Objects)
	for _, flag := range v.Renames {
		c.err.line("If it was renamed, run it again with: " + flag)
	}
	if v.Kind == "diff" {
		for _, text := range v.text {
			c.out.line("")
			c.out.line(strings.TrimRight(text, "\n"))
		}
		c.err.line(c.self("Nothing was written. To write it, run: {migrate} new"))
		return
	}
	for _, f := range v.Files {
		c.out.line("Wrote " + f.File)
	}
	c.err.line(c.self("Read " + map[bool]string{true: "it", false: "them"}[len(v.Files) == 1] + ", " + c.again() + "then run: {migrate} up"))
}

func showChanges(c *call, changes []changeView) {
	for _, ch := range changes {
		c.out.line("  " + ch.Title)
		for _, m := range ch.Remarks {
			label := m.Risk
			if m.Risk == string(diff.DataLoss) {
				label = c.out.red(label)
			}
			c.out.line("    " + label + ": " + m.Text)
		}
	}
}

func showStrangers(c *call, strangers []string) {
	if len(strangers) > 0 {
		c.note("not ours, and left alone: " + enumerate(strangers))
	}
}

// newFlags are those of new.
type newFlags struct {
	sideFlags
	dir, models, message    string
	auto, empty, diff, undo bool
	freeze, renames         []string
}

// generate writes what makes the database into what the models say.
func (c *call) generate(f *newFlags, name string) (view, error) {
	folder, err := c.folder(f.dir)
	if err != nil {
		return nil, err
	}
	if err := c.upToDate(f.dir); err != nil {
		return nil, err
	}
	c.reading = true
	first := len(folder.Migrations) == 0
	if first {
		f.offline = true // with what no migration has made yet: the same on every database
	}
	if !f.offline && !f.replay {
		m, err := c.migrator()
		if err != nil {
			return nil, err
		}
		if err := c.settled(c.ctx, m); err != nil {
			return nil, err
		}
	}
	var v *generatedView
	var renames []diff.Rename
	if len(f.renames) > 0 {
		if renames, err = c.namedRenames(f); err != nil {
			return nil, err
		}
	}
	err = c.differing(&f.sideFlags, renames, func(found *autogen.Comparison, r autogen.Request) error {
		if agreed := c.askRenames(found.Candidates); len(agreed) > 0 {
			r.Renames = append(r.Renames, agreed...)
			if found, err = autogen.Compare(c.ctx, r); err != nil {
				return c.modelFaults(err)
			}
		}
		if !first {
			c.sayWeaker(&f.sideFlags, found, r.Fold)
		}
		v = newGeneratedView(f, found)
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case v.Kind == "none" && name != "" && !f.auto && !f.diff && !f.offline && !f.replay && len(f.renames) == 0:
		c.note("the models and the database are the same, so the migration is empty")
		return c.writeNew(f.dir, name, scaffold.Frozen{})
	case v.Kind == "none":
		return v, nil
	}
	return v, c.writeGenerated(f, folder, name, v)
}

func newGeneratedView(f *newFlags, found *autogen.Comparison) *generatedView {
	v := &generatedView{Kind: "auto", Files: []newView{}, Changes: newChangeViews(found.Changes), Against: f.says(), Objects: strangersOf(found), Renames: []string{}, found: found}
	v.After = []string{}
	for _, r := range found.Candidates {
		v.Renames = append(v.Renames, renameFlag(r))
	}
	switch {
	case found.Empty():
		v.Kind = "none"
	case f.diff:
		v.Kind = "diff"
	}
	return v
}

func newChangeViews(changes []diff.Change) []changeView {
	all := make([]changeView, len(changes))
	for i, ch := range changes {
		all[i] = changeView{Title: ch.Title, Remarks: []remarkView{}}
		for _, m := range ch.Remarks {
			all[i].Remarks = append(all[i].Remarks, remarkView{string(m.Risk), m.Text})
		}
	}
	return all
}

func strangersOf(found *autogen.Comparison) []string {
	all := make([]string, len(found.Strangers))
	for i, o := range found.Strangers {
		all[i] = o.String()
	}
	return all
}

// namedRenames reads --rename by the names that the models have.
func (c *call) namedRenames(f *newFlags) ([]diff.Rename, error) {
	var want *schema.Schema
	err := c.differing(&sideFlags{offline: true}, nil, func(found *autogen.Comparison, _ autogen.Request) error {
		want = found.Desired.Schema
		return nil
	})
	if err != nil {
		return nil, err
	}
	return parseRenames(f.renames, want)
}

// upToDate refuses where files of migrations are not in this program: what they
// make would be written once more.
func (c *call) upToDate(dir string) error {
	files, err := scaffold.ReadFolder(os.DirFS(dir))
	if err != nil {
		return err
	}
	known := c.known()
	for _, n := range files.Migrations {
		if slices.IndexFunc(known, func(m migrate.Migration) bool { return m.ID == n.ID }) < 0 {
			return &refusal{code: codeUsage, what: "this program is older than the files in " + fmt.Sprintf("%q", dir), why: []string{n.ID + " is not in it"},
				next: []string{"build it again, and then run the same command", "an empty migration needs no comparison: --empty"}}
		}
	}
	return nil
}

// writeGenerated writes a file for each transaction, all of them or none.
func (c *call) writeGenerated(f *newFlags, folder scaffold.Folder, name string, v *generatedView) (err error) {
	if name == "" {
		name = autogen.Name(v.found.Result)
	}
	sources := autogen.Sources(v.found.Result)
	var written []string
	defer func() {
		if err != nil {
			for _, path := range written {
				err = errors.Join(err, os.Remove(path))
			}
		}
	}()
	for i, s := range sources {
		words := strings.TrimSpace(name + " " + s.Title)
		longest := 110
		if s.Title != "" {
			longest = 72 // or each list of migrations gets too wide
		}
		if scaffold.Snake(words) == "" || len(scaffold.Snake(words)) > longest {
			words = fmt.Sprintf("%.80s part %d", scaffold.Snake(name), i+1)
		}
		m, err := folder.Draft(c.now(), words)
		if err != nil {
			return misuse(err.Error())
		}
		m.Up, m.Down, m.UsesSchema, m.NoTx, m.Final = s.Up, s.Down, s.UsesSchema, s.NoTx, s.Final
		m.About = []string{generatedMark(i+1, len(sources))}
		text, err := m.File()
		if err != nil {
			return err
		}
		text = sealed(text)
		folder.Add(scaffold.Node{ID: m.ID, After: m.After})
		path := filepath.Join(f.dir, m.ID+".go")
		file := newView{ID: m.ID, File: filepath.ToSlash(path), After: append([]string{}, m.After...)}
		v.Files = append(v.Files, file)
		if f.diff {
			v.text = append(v.text, string(text))
			continue
		}
		if err := scaffold.Create(path, text); err != nil {
			return notWritten(path, err)
		}
		written = append(written, path)
	}
	v.newView = v.Files[0]
	return nil
}
