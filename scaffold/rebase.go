package scaffold

import (
	"bytes"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
)

// Rebase gives a migration another ID and other parents.
type Rebase struct {
	Old, New string
	After    []string // what it is to come after, at least one
}

// Rebased is what a Rebase makes of the files of a folder.
type Rebased struct {
	Edits    []Edit   // the migration's own file first
	Children []string // IDs whose After names the new ID now, in order
	Mentions []string // files that speak of the old ID elsewhere: in comments, in tests
}

// Edit is one file with its new text.
type Edit struct {
	Name string // base name
	To   string // base name from now on; mostly the same
	Text []byte
}

// SourceError says what stands in the way of an edit, and where.
type SourceError struct {
	File string // base name
	Line int
	What string
}

func (e *SourceError) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.What) }

// Files edits the files of a folder in memory: in the migrate.Migration{…} with
// the old ID the strings of ID and After, elsewhere the old ID in After. All
// other bytes stay. A file that has the name of the old ID gets that of the new
// one. It refuses what it cannot edit with certainty; a *SourceError says where
// that stands.
func (r Rebase) Files(dir fs.FS) (Rebased, error) {
	sources, err := mentioning(dir, r.Old)
	if err != nil {
		return Rebased{}, err
	}
	own, err := r.own(sources)
	if err != nil {
		return Rebased{}, err
	}
	own.setID(r.New)
	if err := own.setAfter(r.After); err != nil {
		return Rebased{}, err
	}
	var out Rebased
	for _, s := range sources {
		if strings.HasSuffix(s.name, "_test.go") {
			continue
		}
		for _, l := range s.literals() {
			if !l.is(r.Old) && l.rename(r.Old, r.New) {
				out.Children = append(out.Children, l.called())
			}
		}
	}
	slices.Sort(out.Children)
	return out, r.render(&out, dir, own, sources)
}

// render writes the edits into out.
func (r Rebase) render(out *Rebased, dir fs.FS, own literal, sources []*goFile) error {
	for _, s := range sources {
		e := Edit{Name: s.name, To: s.name, Text: s.text}
		if len(s.changes) > 0 {
			var err error
			if e.Text, err = s.edited(); err != nil {
				return s.fault(own.lit.Pos(), "it cannot be edited: %v", err)
			}
			if s == own.goFile && s.name == r.Old+".go" {
				e.To = r.New + ".go"
				if _, err := fs.Stat(dir, e.To); err == nil {
					return fmt.Errorf("there is a file %s already", e.To)
				}
			}
			out.Edits = append(out.Edits, e)
		}
		if word(r.Old).Match(e.Text) {
			out.Mentions = append(out.Mentions, e.To)
		}
	}
	i := slices.IndexFunc(out.Edits, func(e Edit) bool { return e.Name == own.name })
	out.Edits[0], out.Edits[i] = out.Edits[i], out.Edits[0]
	return r.check(out.Edits[0])
}

// check reads the result as the next command will.
func (r Rebase) check(e Edit) error {
	s, err := parseSource(e.To, e.Text)
	if err != nil {
		return err
	}
	for _, n := range literals(s.file) {
		if n.ID == r.New && slices.Equal(n.After, r.After) {
			return nil
		}
	}
	return &SourceError{File: e.Name, Line: 1, What: "ID and After cannot be edited as they are laid out"}
}

// own finds the one literal of the old ID.
func (r Rebase) own(sources []*goFile) (literal, error) {
	var found []literal
	var near error // where it would be expected
	for _, s := range sources {
		if strings.HasSuffix(s.name, "_test.go") {
			continue
		}
		all := s.literals()
		for _, l := range all {
			if l.is(r.Old) {
				found = append(found, l)
			}
		}
		if s.name != r.Old+".go" {
			continue
		}
		near = &SourceError{File: s.name, Line: 1, What: "there is no migrate.Migration{…} in it"}
		if len(all) > 0 {
			near = s.fault(all[0].lit.Pos(), "its ID is not the plain string %q", r.Old)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return literal{}, found[1].fault(found[1].id.Pos(), "the ID %s is registered twice: also in %s", r.Old, found[0].name)
	case near != nil:
		return literal{}, near
	}
	return literal{}, fmt.Errorf("no file here has a migrate.Migration{…} with the ID %q", r.Old)
}

// mentioning parses the Go files that contain an ID or are named after it.
func mentioning(dir fs.FS, id string) ([]*goFile, error) {
	names, err := fs.Glob(dir, "*.go")
	if err != nil {
		return nil, err
	}
	var sources []*goFile
	for _, name := range names {
		text, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, err
		}
		if name != id+".go" && !bytes.Contains(text, []byte(id)) {
			continue
		}
		s, err := parseSource(name, text)
		if err != nil {
			return nil, fmt.Errorf("this is no valid Go: %w", err)
		}
		sources = append(sources, s)
	}
	return sources, nil
}

// word finds an ID that is not a part of a longer one.
func word(id string) *regexp.Regexp { return regexp.MustCompile(`\b` + regexp.QuoteMeta(id) + `\b`) }
