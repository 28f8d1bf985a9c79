package scaffold

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// goFile is a Go file with the changes that are to be made to it.
type goFile struct {
	name    string
	text    []byte
	fset    *token.FileSet
	file    *ast.File
	changes []change
}

// change replaces the bytes from..to.
type change struct {
	from, to int
	text     string
}

func parseSource(name string, text []byte) (*goFile, error) {
	s := &goFile{name: name, text: text, fset: token.NewFileSet()}
	file, err := parser.ParseFile(s.fset, name, text, parser.SkipObjectResolution)
	s.file = file
	return s, err
}

// literal is one migrate.Migration{…} of a file.
type literal struct {
	*goFile
	lit       *ast.CompositeLit
	id, after *ast.KeyValueExpr // nil: not there
}

func (s *goFile) literals() []literal {
	var found []literal
	ast.Inspect(s.file, func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if !ok || typeName(lit.Type) != "Migration" {
			return true
		}
		l := literal{goFile: s, lit: lit}
		for _, e := range lit.Elts {
			kv, ok := e.(*ast.KeyValueExpr)
			if !ok {
				continue
			}
			switch key, _ := kv.Key.(*ast.Ident); {
			case key == nil:
			case key.Name == "ID":
				l.id = kv
			case key.Name == "After":
				l.after = kv
			}
		}
		found = append(found, l)
		return true
	})
	return found
}

// is reports whether the literal has that ID, written as a plain string.
func (l literal) is(id string) bool { return l.id != nil && text(l.id.Value) == id }

// called is the ID, or the file's name where the ID is no plain string.
func (l literal) called() string {
	if l.id == nil {
		return l.name
	}
	return cmp.Or(text(l.id.Value), l.name)
}

// offset is where a position is in the text, whatever a //line says.
func (s *goFile) offset(p token.Pos) int { return s.fset.PositionFor(p, false).Offset }

func (s *goFile) fault(p token.Pos, format string, args ...any) error {
	return &SourceError{File: s.name, Line: s.fset.PositionFor(p, false).Line, What: fmt.Sprintf(format, args...)}
}

func (s *goFile) replace(from, to token.Pos, text string) {
	s.changes = append(s.changes, change{s.offset(from), s.offset(to), text})
}

// setID changes the ID.
func (l literal) setID(id string) {
	l.replace(l.id.Value.Pos(), l.id.Value.End(), strconv.Quote(id))
}

// setAfter makes After name the given parents. Strings that are there are
// replaced one by one, so that what stands around them stays.
func (l literal) setAfter(parents []string) error {
	if l.after == nil {
		l.addAfter(parents)
		return nil
	}
	if nothing, ok := l.after.Value.(*ast.Ident); ok && nothing.Name == "nil" {
		l.replace(nothing.Pos(), nothing.End(), list(parents))
		return nil
	}
	lit, ok := l.after.Value.(*ast.CompositeLit)
	if !ok || slices.ContainsFunc(lit.Elts, func(e ast.Expr) bool { return text(e) == "" }) {
		return l.fault(l.after.Pos(), "After is not a list of plain strings")
	}
	old := lit.Elts
	if len(old) == 0 {
		l.replace(lit.Lbrace, lit.Rbrace+1, strings.TrimPrefix(list(parents), "[]string"))
		return nil
	}
	kept := min(len(old), len(parents))
	for i := range kept - 1 {
		l.replace(old[i].Pos(), old[i].End(), strconv.Quote(parents[i]))
	}
	l.replace(old[kept-1].Pos(), old[len(old)-1].End(), quoted(parents[kept-1:]))
	return nil
}

// addAfter adds a field behind ID: on a line of its own, where ID has one.
func (l literal) addAfter(parents []string) {
	field := "After: " + list(parents)
	end := l.offset(l.id.End())
	next := l.lit.Rbrace
	for _, e := range l.lit.Elts {
		if e.Pos() > l.id.End() {
			next = min(next, e.Pos())
		}
	}
	start := bytes.LastIndexByte(l.text[:l.offset(l.id.Pos())], '\n') + 1
	indent := l.text[start:l.offset(l.id.Pos())]
	line := bytes.IndexByte(l.text[end:l.offset(next)], '\n')
	if line < 0 || len(bytes.TrimSpace(indent)) > 0 {
		l.changes = append(l.changes, change{end, end, ", " + field})
		return
	}
	at, newline := end+line+1, "\n"
	if l.text[at-2] == '\r' {
		newline = "\r\n"
	}
	l.changes = append(l.changes, change{at, at, string(indent) + field + "," + newline})
}

// rename replaces old by id in After, and reports whether it was there.
func (l literal) rename(old, id string) bool {
	lit, ok := l.afterList()
	if !ok {
		return false
	}
	found := false
	for _, e := range lit.Elts {
		if text(e) == old {
			l.replace(e.Pos(), e.End(), strconv.Quote(id))
			found = true
		}
	}
	return found
}

func (l literal) afterList() (*ast.CompositeLit, bool) {
	if l.after == nil {
		return nil, false
	}
	lit, ok := l.after.Value.(*ast.CompositeLit)
	return lit, ok
}

// edited is the text with the changes made. A file that gofmt had nothing to say
// about stays so: where IDs of another length move what is aligned beside them,
// that is aligned again.
func (s *goFile) edited() ([]byte, error) {
	slices.SortFunc(s.changes, func(a, b change) int { return a.from - b.from })
	var out []byte
	at := 0
	for _, c := range s.changes {
		out = append(append(out, s.text[at:c.from]...), c.text...)
		at = c.to
	}
	out = append(out, s.text[at:]...)
	if before, err := format.Source(s.text); err != nil || !bytes.Equal(before, s.text) {
		return out, nil //nolint:nilerr // it was parsed, and how it is laid out is its owner's
	}
	return format.Source(out)
}

func list(ids []string) string { return "[]string{" + quoted(ids) + "}" }

func quoted(ids []string) string {
	q := make([]string, len(ids))
	for i, id := range ids {
		q[i] = strconv.Quote(id)
	}
	return strings.Join(q, ", ")
}
