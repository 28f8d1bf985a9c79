package project

import (
	"go/ast"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// Patch is how a module's own sources would have to change, so that migrations make
// its tables. It is shown to people, and nothing here writes it.
type Patch struct {
	Changes []Change // of kind Replace, in the order of the paths
	Left    []Place  // calls that create tables, in code that cannot be cut out by itself
	Opens   Place    // behind this, Bootstrap is called; zero: where, could not be told
	Uses    bool     // the server uses package migrate already
}

// Diff is the patch in the form that git apply takes.
func (p Patch) Diff() string {
	var b strings.Builder
	for _, c := range p.Changes {
		b.WriteString(c.Diff())
	}
	return b.String()
}

// Patch finds out how the sources of a module would change: the server calls
// Bootstrap where it has opened its database, unless it uses Leaven already, and the
// calls that create tables at start go.
func (a App) Patch(module fs.FS, creates []Place) (Patch, error) {
	a = a.WithDefaults()
	edits := map[string]*edit{}
	opened := openers{module: a.Module, known: map[string]bool{}}
	err := walkGo(module, func(name string, _ *token.FileSet, file *ast.File) {
		opened.read(path.Dir(name), file)
		server := a.Server != "" && path.Dir(name) == path.Clean(a.Server)
		if !server && !slices.ContainsFunc(creates, func(p Place) bool { return p.File == name }) {
			return
		}
		if text, err := fs.ReadFile(module, name); err == nil {
			edits[name] = newEdit(name, text)
		}
	})
	if err != nil {
		return Patch{}, err
	}
	var p Patch
	p.Opens, p.Uses = a.bootstrap(edits, opened)
	for _, c := range creates {
		if e := edits[c.File]; e == nil || !e.cutCreate(c.Line) {
			p.Left = append(p.Left, c)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(edits)) {
		e := edits[name]
		if e == nil || len(e.parts) == 0 {
			continue
		}
		e.dropUnused()
		after, ok := e.result()
		if !ok {
			p.leave(name, creates)
			continue
		}
		p.Changes = append(p.Changes, Change{Path: name, Before: e.text, After: after, Kind: Replace})
	}
	return p, nil
}

// leave gives a file up.
func (p *Patch) leave(name string, creates []Place) {
	for _, c := range creates {
		if c.File == name && !slices.Contains(p.Left, c) {
			p.Left = append(p.Left, c)
		}
	}
	if p.Opens.File == name {
		p.Opens = Place{}
	}
}
