package project

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/leavendb/leaven/scaffold"
)

// openers are the functions of a module that return a *bun.DB, by folder and name.
type openers struct {
	module string
	known  map[string]bool
}

func (o openers) read(dir string, file *ast.File) {
	for _, d := range file.Decls {
		if f, is := d.(*ast.FuncDecl); is && f.Recv == nil && returnsDB(f) {
			o.known[dir+"."+f.Name.Name] = true
		}
	}
}

func returnsDB(f *ast.FuncDecl) bool {
	if f.Type.Results == nil || len(f.Type.Results.List) == 0 {
		return false
	}
	star, is := f.Type.Results.List[0].Type.(*ast.StarExpr)
	return is && isSelector(star.X, "bun", "DB")
}

func isSelector(e ast.Expr, x, name string) bool {
	s, is := e.(*ast.SelectorExpr)
	if !is || s.Sel.Name != name {
		return false
	}
	id, is := s.X.(*ast.Ident)
	return is && id.Name == x
}

// opens reports whether a call in a file opens a database.
func (o openers) opens(e *edit, call ast.Expr) bool {
	c, is := call.(*ast.CallExpr)
	if !is {
		return false
	}
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return o.known[path.Dir(e.name)+"."+f.Name]
	case *ast.SelectorExpr:
		x, is := f.X.(*ast.Ident)
		if !is {
			return false
		}
		if x.Name == "bun" && f.Sel.Name == "NewDB" {
			return true
		}
		for _, s := range e.file.Imports {
			p, _ := strconv.Unquote(s.Path.Value)
			if dir, ours := strings.CutPrefix(p, o.module+"/"); ours && importedAs(s) == x.Name && o.known[dir+"."+f.Sel.Name] {
				return true
			}
		}
	}
	return false
}

// bootstrap puts the call behind the first place of the server that opens a
// database, and returns that place; or tells that the server uses Leaven already.
func (a App) bootstrap(edits map[string]*edit, opened openers) (opens Place, uses bool) {
	var server []*edit
	for _, name := range slices.Sorted(maps.Keys(edits)) {
		if e := edits[name]; e != nil && a.Server != "" && path.Dir(name) == path.Clean(a.Server) {
			server = append(server, e)
		}
	}
	if slices.ContainsFunc(server, (*edit).usesLeaven) {
		return Place{}, true
	}
	for _, e := range server {
		for _, d := range e.file.Decls {
			f, is := d.(*ast.FuncDecl)
			if !is || f.Body == nil || returnsDB(f) {
				continue
			}
			for i, s := range f.Body.List {
				assign, is := s.(*ast.AssignStmt)
				if !is || len(assign.Rhs) != 1 || !opened.opens(e, assign.Rhs[0]) {
					continue
				}
				if db, is := assign.Lhs[0].(*ast.Ident); is && db.Name != "_" {
					a.putBootstrap(e, f, i, db.Name)
					return Place{File: e.name, Line: e.set.Position(s.Pos()).Line}, false
				}
			}
		}
	}
	return Place{}, false
}

func (e *edit) usesLeaven() bool {
	return slices.ContainsFunc(e.file.Imports, func(s *ast.ImportSpec) bool { return s.Path.Value == strconv.Quote(LeavenModule+"/framework/migrate") })
}

// putBootstrap writes the call behind statement i of a function, which opens db,
// and behind what belongs to that: the look at its error, and a defer.
func (a App) putBootstrap(e *edit, f *ast.FuncDecl, i int, db string) {
	for i+1 < len(f.Body.List) {
		next := f.Body.List[i+1]
		check, is := next.(*ast.IfStmt)
		if _, deferred := next.(*ast.DeferStmt); !deferred && !(is && check.Init == nil && isErrCheck(check)) {
			break
		}
		i++
	}
	history := "migrations"
	if e.names(history) {
		history = "leavenmigrations"
	}
	imports := []string{`"io/fs"`, `"os"`, scaffold.Wiring{Module: a.Module}.Import(a.Migrations, history)}
	for _, d := range a.Dialects {
		imports = append(imports, "_ "+strconv.Quote(LeavenModule+"/framework/dialect/"+d))
	}
	name, spec := "migrate", strconv.Quote(LeavenModule+"/framework/migrate")
	if e.names(name) {
		name, spec = "leaven", "leaven "+spec
	}
	ctx := "ctx"
	if !hasBefore(f, ctx, f.Body.List[i].End()) {
		ctx, imports = "context.Background()", append(imports, `"context"`)
	}
	e.imports(append(imports, spec)...)
	e.put(f.Body.List[i], fmt.Sprintf(`	if err := %[1]s.Bootstrap(%[2]s, %[3]s, %[1]s.BootstrapOptions{
		Mode:    %[1]s.Mode(os.Getenv("MIGRATE_ON_START")),
		Options: %[1]s.Options{Sources: []fs.FS{%[4]s.Sources}},
	}); err != nil {
		%[5]s
	}`, name, ctx, db, history, e.handler(f)))
}

// names reports whether a file imports something under a name.
func (e *edit) names(name string) bool {
	return slices.ContainsFunc(e.file.Imports, func(s *ast.ImportSpec) bool { return importedAs(s) == name })
}

// isErrCheck reports whether a statement is: if err != nil, without an else.
func isErrCheck(s *ast.IfStmt) bool {
	b, is := s.Cond.(*ast.BinaryExpr)
	if !is || b.Op != token.NEQ || s.Else != nil {
		return false
	}
	x, isX := b.X.(*ast.Ident)
	y, isY := b.Y.(*ast.Ident)
	return isX && isY && x.Name == "err" && y.Name == "nil"
}

// hasBefore reports whether a function has a parameter or a variable of that name
// in front of a place.
func hasBefore(f *ast.FuncDecl, name string, at token.Pos) bool {
	for _, p := range f.Type.Params.List {
		for _, n := range p.Names {
			if n.Name == name {
				return true
			}
		}
	}
	return slices.ContainsFunc(f.Body.List, func(s ast.Stmt) bool {
		a, is := s.(*ast.AssignStmt)
		return is && a.Pos() < at && a.Tok == token.DEFINE && slices.ContainsFunc(a.Lhs, func(l ast.Expr) bool {
			id, is := l.(*ast.Ident)
			return is && id.Name == name
		})
	})
}

// handler is what a function does about an error: it returns it, or what it does
// elsewhere with one call, or it panics.
func (e *edit) handler(f *ast.FuncDecl) string {
	if r := f.Type.Results; r != nil && len(r.List) == 1 {
		if id, is := r.List[0].Type.(*ast.Ident); is && id.Name == "error" {
			return "return err"
		}
	}
	for _, s := range f.Body.List {
		check, is := s.(*ast.IfStmt)
		if !is || !isErrCheck(check) || len(check.Body.List) != 1 {
			continue
		}
		if call, is := check.Body.List[0].(*ast.ExprStmt); is {
			if text := string(e.text[e.offset(call.Pos()):e.offset(call.End())]); strings.HasSuffix(text, "(err)") {
				return text
			}
		}
	}
	return "panic(err)"
}
