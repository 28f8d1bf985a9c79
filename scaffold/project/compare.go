package project

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/leavendb/leaven/scaffold"
)

// File is one file that an application is to have.
type File struct {
	Path string // with slashes, below the application's folder
	Text []byte

	// Section: the text is a part of the file, and is added to one that is there
	// already. Its first line tells whether it was. Head is what a new file begins
	// with, before it.
	Section bool
	Head    []byte
}

// Change is what a File means for a folder.
type Change struct {
	Path   string
	Before []byte // nil: there is no such file
	After  []byte
	Kind   Kind
}

// Kind says what a change is.
type Kind uint8

// The kinds. Replace is the one that takes something away, so that it is done
// only when asked for.
const (
	Keep    Kind = iota // it is as it should be
	Add                 // a new file
	Extend              // the file is kept, and something added
	Replace             // the file is there, with another text
)

// Compare tells what files mean for a folder, which need not exist. It writes
// nothing. The result is in the order of the paths.
func Compare(dir string, files []File) ([]Change, error) {
	changes := make([]Change, 0, len(files))
	for _, f := range files {
		if !filepath.IsLocal(filepath.FromSlash(f.Path)) {
			return nil, fmt.Errorf("%s is not below the folder", f.Path)
		}
		before, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.Path)))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if err == nil && before == nil {
			before = []byte{}
		}
		changes = append(changes, f.against(before))
	}
	slices.SortFunc(changes, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	return changes, nil
}

func (f File) against(before []byte) Change {
	c := Change{Path: f.Path, Before: before, After: append(bytes.Clone(f.Head), f.Text...), Kind: Replace}
	switch {
	case before == nil:
		c.Kind = Add
	case bytes.Equal(before, c.After):
		c.Kind = Keep
	case f.Section && hasLine(before, firstLine(f.Text)):
		c.After, c.Kind = before, Keep
	case f.Section:
		c.After, c.Kind = appended(before, f.Text), Extend
	}
	return c
}

// Diff is the change as a unified diff; empty where nothing changes.
func (c Change) Diff() string {
	old := "a/" + c.Path
	if c.Before == nil {
		old = "/dev/null"
	}
	return unified(old, "b/"+c.Path, string(c.Before), string(c.After))
}

// Write makes one change in a folder. A file that has changed since it was
// compared is not touched.
func (c Change) Write(dir string) error {
	path := filepath.Join(dir, filepath.FromSlash(c.Path))
	if c.Kind == Keep {
		return nil
	}
	if c.Kind == Add {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		return scaffold.Create(path, c.After)
	}
	now, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !bytes.Equal(now, c.Before) {
		return fmt.Errorf("%s was changed by somebody else: look at it, and try again", c.Path)
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return scaffold.Overwrite(path, c.After, info.Mode())
}

func firstLine(text []byte) []byte {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return line
}

func hasLine(text, line []byte) bool {
	for l := range bytes.Lines(text) {
		if bytes.Equal(bytes.TrimRight(l, "\r\n"), line) {
			return true
		}
	}
	return false
}

// appended puts a part behind a text, with an empty line between them.
func appended(text, part []byte) []byte {
	out := bytes.TrimRight(text, "\r\n")
	if len(out) > 0 {
		out = append(bytes.Clone(out), "\n\n"...)
	}
	return append(out, part...)
}
