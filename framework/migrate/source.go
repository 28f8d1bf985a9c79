package migrate

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/leavendb/leaven/framework/history"
)

// Source is the file that registers a migration. What it holds is read, and its
// checksums are computed, when they are asked for and then kept. Its methods are
// safe for concurrent use.
type Source struct {
	fsys fs.FS
	path string
	more []string // other files of the same migration

	read sync.Once
	text []byte
	data []history.Data // what the file embeds, without Go files
	raw  string
	err  error

	scan   sync.Once
	tokens string
}

// Raw is the checksum of the bytes, Tokens that of the code: the latter costs
// more and is needed only where the former differs from what was recorded, and
// for a new record. Both are empty if the file cannot be read.
func (s *Source) Raw() string { s.load(); return s.raw }

// Tokens is the checksum of the code; see Raw.
func (s *Source) Tokens() string {
	s.load()
	s.scan.Do(func() {
		switch {
		case s.err != nil:
		case s.isGo():
			s.tokens = history.TokenSum(s.text, s.data...)
		default:
			s.tokens = s.raw
		}
	})
	return s.tokens
}

// Text returns the file's bytes, nil if it cannot be read.
func (s *Source) Text() []byte { s.load(); return s.text }

func (s *Source) load() {
	s.read.Do(func() {
		if s.text, s.err = fs.ReadFile(s.fsys, s.path); s.err != nil {
			s.text = nil
			return
		}
		if s.isGo() {
			s.data, s.err = embedded(s.fsys, path.Dir(s.path), s.text)
		}
		for _, name := range s.more {
			content, err := fs.ReadFile(s.fsys, name)
			s.data = append(s.data, history.Data{Name: path.Base(name), Content: content})
			s.err = cmp.Or(s.err, err)
		}
		if s.err == nil {
			s.raw = history.RawSum(s.text, s.data...)
		}
	})
}

func (s *Source) isGo() bool { return strings.HasSuffix(s.path, ".go") }

// compare tells what became of the source since it was recorded. A nil source,
// one that cannot be read, and a record without a checksum are NoSource.
func (s *Source) compare(r *history.Record) SourceState {
	switch {
	case s == nil || r == nil || r.Raw == "" || s.Raw() == "":
		return NoSource
	case s.Raw() == r.Raw:
		return Unchanged
	case r.Tokens != "" && s.Tokens() == r.Tokens:
		return Formatted
	}
	return Edited
}

// unchanged reports whether a recorded checksum is that of the bytes, or there is
// nothing to compare.
func (s *Source) unchanged(raw string) bool {
	return s == nil || raw == "" || s.Raw() == raw || s.Raw() == ""
}

// sources are the Go files of Options.Sources, by base name.
type sources map[string][]*Source

// newSources finds the Go files of the file systems, without tests, hidden
// directories and testdata. It reads none of them.
func newSources(systems []fs.FS) (sources, error) {
	found := sources{}
	for _, fsys := range systems {
		if fsys == nil {
			continue
		}
		err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
			base := path.Base(name)
			switch {
			case err != nil:
				return fmt.Errorf("the sources of the migrations cannot be read: %w", err)
			case d.IsDir() && name != "." && ignored(base):
				return fs.SkipDir
			case !d.IsDir() && strings.HasSuffix(base, ".go") && !strings.HasSuffix(base, "_test.go"):
				found[base] = append(found[base], &Source{fsys: fsys, path: name})
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// ignored reports whether the go command leaves out a directory of this name.
func ignored(base string) bool {
	return base[0] == '.' || base[0] == '_' || base == "testdata"
}

// attach returns the migrations, each with its source if there is one. The slice
// may be the given one: it is not to be changed.
func (s sources) attach(known []Known) []Known {
	if len(s) == 0 {
		return known
	}
	with := slices.Clone(known)
	for i := range with {
		if with[i].Source == nil {
			with[i].Source = s.of(with[i].at)
		}
	}
	return with
}

// of returns the source that registered a migration at p: the file of that name,
// and of several the one whose path is the longest end of p's. Nil: there is
// none, or it cannot be told.
func (s sources) of(p place) *Source {
	candidates := s[p.base()]
	if len(candidates) == 1 {
		return candidates[0]
	}
	var best *Source
	for _, c := range candidates {
		if !strings.HasSuffix(p.path, "/"+c.path) {
			continue
		}
		switch {
		case best == nil || len(c.path) > len(best.path):
			best = c
		case len(c.path) == len(best.path):
			return nil // the same name in two file systems
		}
	}
	return best
}
