package project

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
)

// edit is a Go file that is going to change: parts of its text are cut out, others
// put in. What it does not touch stays as it is, with its comments.
type edit struct {
	name  string
	text  []byte
	set   *token.FileSet
	file  *ast.File
	parts []part
}

// part is a place in the text: what stands there from begin to end goes, and put
// comes.
type part struct {
	begin, end int
	put        string
}

// newEdit parses a file; nil: it cannot be.
func newEdit(name string, text []byte) *edit {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	return &edit{name: name, text: text, set: set, file: file}
}

func (e *edit) offset(p token.Pos) int { return e.set.Position(p).Offset }

// cut takes a node away, with the lines that are its alone.
func (e *edit) cut(n ast.Node) {
	begin, end := e.offset(n.Pos()), e.offset(n.End())
	if line := bytes.LastIndexByte(e.text[:begin], '\n') + 1; len(bytes.TrimSpace(e.text[line:begin])) == 0 {
		begin = line
	}
	if rest := bytes.IndexByte(e.text[end:], '\n'); rest >= 0 && len(bytes.TrimSpace(e.text[end:end+rest])) == 0 {
		end += rest + 1
	}
	e.parts = append(e.parts, part{begin: begin, end: end})
}

// put puts a line behind that on which a node ends.
func (e *edit) put(behind ast.Node, line string) {
	at := e.offset(behind.End())
	if rest := bytes.IndexByte(e.text[at:], '\n'); rest >= 0 {
		at += rest + 1
	}
	e.parts = append(e.parts, part{begin: at, end: at, put: line + "\n"})
}

// isCut reports whether a place goes.
func (e *edit) isCut(p token.Pos) bool {
	at := e.offset(p)
	return slices.ContainsFunc(e.parts, func(c part) bool { return c.begin <= at && at < c.end })
}

// imports makes sure that packages are imported; a name before the path is theirs.
func (e *edit) imports(specs ...string) {
	var standard, others string
	for _, s := range specs {
		quoted := s[strings.IndexByte(s, '"'):]
		if slices.ContainsFunc(e.file.Imports, func(have *ast.ImportSpec) bool { return have.Path.Value == quoted }) {
			continue
		}
		if isStandard(quoted) {
			standard += "\t" + s + "\n"
		} else {
			others += "\t" + s + "\n"
		}
	}
	i := slices.IndexFunc(e.file.Decls, func(d ast.Decl) bool {
		g, is := d.(*ast.GenDecl)
		return is && g.Tok == token.IMPORT && g.Lparen.IsValid() && len(g.Specs) > 0
	})
	switch {
	case standard+others == "":
	case i < 0:
		e.put(e.file.Name, "\nimport (\n"+standard+"\n"+others+")")
	default:
		group := e.file.Decls[i].(*ast.GenDecl)
		first, last := group.Specs[0].(*ast.ImportSpec), group.Specs[len(group.Specs)-1].(*ast.ImportSpec)
		if standard != "" && !isStandard(first.Path.Value) {
			standard += "\n"
		}
		e.parts = append(e.parts, part{begin: e.lineOf(first), end: e.lineOf(first), put: standard})
		if others != "" && isStandard(last.Path.Value) {
			others = "\n" + others
		}
		e.put(last, strings.TrimSuffix(others, "\n"))
	}
}

// lineOf is where the line of a node begins.
func (e *edit) lineOf(n ast.Node) int {
	return bytes.LastIndexByte(e.text[:e.offset(n.Pos())], '\n') + 1
}

func isStandard(quoted string) bool {
	p, _ := strconv.Unquote(quoted)
	first, _, _ := strings.Cut(p, "/")
	return !strings.Contains(first, ".")
}

// dropUnused cuts the imports that only what is cut has used.
func (e *edit) dropUnused() {
	used, left := map[string]bool{}, map[string]bool{}
	ast.Inspect(e.file, func(n ast.Node) bool {
		if s, is := n.(*ast.SelectorExpr); is {
			if x, is := s.X.(*ast.Ident); is {
				used[x.Name] = true
				left[x.Name] = left[x.Name] || !e.isCut(x.Pos())
			}
		}
		return true
	})
	for _, d := range e.file.Decls {
		group, is := d.(*ast.GenDecl)
		if !is || group.Tok != token.IMPORT {
			continue
		}
		for _, s := range group.Specs {
			switch name := importedAs(s.(*ast.ImportSpec)); {
			case !used[name] || left[name]:
			case len(group.Specs) == 1:
				e.cut(group)
			default:
				e.cut(s)
			}
		}
	}
}

// importedAs is the name of an imported package, as far as its path tells.
func importedAs(s *ast.ImportSpec) string {
	if s.Name != nil {
		return s.Name.Name
	}
	p, _ := strconv.Unquote(s.Path.Value)
	return path.Base(p)
}

// result is the new text; false: it is no Go.
func (e *edit) result() ([]byte, bool) {
	slices.SortStableFunc(e.parts, func(a, b part) int { return a.begin - b.begin })
	var out []byte
	at := 0
	for _, p := range e.parts {
		if p.begin < at { // inside another
			continue
		}
		out = append(append(out, e.text[at:p.begin]...), p.put...)
		at = p.end
	}
	text, err := format.Source(append(out, e.text[at:]...))
	return text, err == nil
}
