package project

import (
	"go/ast"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Found is what a module has that matters to Leaven.
type Found struct {
	Models    []ModelPackage
	Programs  []string  // folders of main packages, "." for the module's own; without cmd/migrate
	Dialects  []string  // of Leaven's, for those of bun that are imported
	Creates   []Place   // calls that create tables at start: NewCreateTable, IfNotExists
	Histories []History // migrations of other tools
}

// Place is a line of a file.
type Place struct {
	File string // below the module
	Line int
}

func (p Place) String() string { return p.File + ":" + strconv.Itoa(p.Line) }

// History is a folder with the migrations of another tool.
type History struct {
	Tool string // as people call it: bun/migrate, goose, …
	Dir  string
}

// Look reads the files of a module; nothing need compile. The results are in the
// order of their paths.
func Look(module fs.FS) (Found, error) {
	var f Found
	models := newModelFinder()
	err := walkGo(module, func(name string, set *token.FileSet, file *ast.File) {
		models.readGo(name, set, file)
		f.readGo(name, set, file)
	})
	if err != nil {
		return f, err
	}
	f.Models = models.packages()
	err = fs.WalkDir(module, ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir():
			return passOver(module, name)
		}
		return f.readOther(module, name)
	})
	f.Creates = slices.DeleteFunc(f.Creates, func(p Place) bool { return f.Occupied(path.Dir(p.File)) }) // those are steps of migrations
	slices.Sort(f.Dialects)
	f.Dialects, f.Programs = slices.Compact(f.Dialects), slices.Compact(f.Programs)
	return f, err
}

// dialects are those of bun, by the last element of their paths.
var dialects = map[string]string{"pgdialect": "postgres", "sqlitedialect": "sqlite"}

// libraries are the tools that keep migrations in Go files.
var libraries = map[string]string{
	"github.com/uptrace/bun/migrate": "bun/migrate", "github.com/pressly/goose/v3": "goose", "github.com/pressly/goose": "goose",
	"github.com/go-gormigrate/gormigrate/v2": "gormigrate", "github.com/rubenv/sql-migrate": "sql-migrate",
}

func (f *Found) readGo(name string, set *token.FileSet, file *ast.File) {
	dir := path.Dir(name)
	imports := map[string]bool{}
	for _, s := range file.Imports {
		p, _ := strconv.Unquote(s.Path.Value)
		imports[p] = true
		if d := dialects[path.Base(p)]; d != "" && strings.HasPrefix(p, "github.com/uptrace/bun/dialect/") {
			f.Dialects = append(f.Dialects, d)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if file.Name.Name == "main" && n.Name.Name == "main" && n.Recv == nil && dir != "cmd/migrate" {
				f.Programs = append(f.Programs, dir)
			}
		case *ast.CallExpr:
			called := typeNameOf(n.Fun)
			if called == "IfNotExists" && chainHas(n, "NewCreateTable") {
				f.Creates = append(f.Creates, Place{File: name, Line: set.Position(n.Pos()).Line})
			}
			if strings.HasPrefix(called, "NewMigrations") || strings.HasPrefix(called, "AddMigration") || strings.HasPrefix(called, "AddNamedMigration") {
				for p, tool := range libraries {
					if imports[p] {
						f.history(tool, dir)
					}
				}
			}
		}
		return true
	})
}

func typeNameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// chainHas reports whether a chain of calls, a().b().c(), has one of that name.
func chainHas(e ast.Expr, name string) bool {
	for {
		switch x := e.(type) {
		case *ast.CallExpr:
			e = x.Fun
		case *ast.SelectorExpr:
			if x.Sel.Name == name {
				return true
			}
			e = x.X
		default:
			return false
		}
	}
}

// marks tell the tool of an SQL file by its text, or else by its name.
var marks = []struct{ tool, text string }{
	{"goose", "-- +goose "}, {"sql-migrate", "-- +migrate "}, {"dbmate", "-- migrate:up"}, {"tern", "---- create above / drop below ----"},
}

var (
	numbered = regexp.MustCompile(`^\d+_.*\.up\.sql$`)
	flyway   = regexp.MustCompile(`^V\d[\d._]*__.*\.sql$`)
	alone    = map[string]string{"atlas.sum": "Atlas", "alembic.ini": "Alembic", "liquibase.properties": "Liquibase"}
)

// readOther looks for migrations that are no Go files.
func (f *Found) readOther(module fs.FS, name string) error {
	base, dir := path.Base(name), path.Dir(name)
	if tool := alone[base]; tool != "" {
		f.history(tool, dir)
	}
	if strings.Contains(strings.ToLower(base), "changelog") && slices.Contains([]string{".xml", ".yaml", ".yml"}, path.Ext(base)) {
		f.history("Liquibase", dir)
	}
	if path.Ext(base) != ".sql" || slices.ContainsFunc(f.Histories, func(h History) bool { return h.Dir == dir }) {
		return nil
	}
	text, err := fs.ReadFile(module, name)
	if err != nil {
		return err
	}
	for _, m := range marks {
		if strings.Contains(string(text), m.text) {
			f.history(m.tool, dir)
			return nil
		}
	}
	switch {
	case numbered.MatchString(base):
		f.history("golang-migrate", dir)
	case flyway.MatchString(base):
		f.history("Flyway", dir)
	}
	return nil
}

func (f *Found) history(tool, dir string) {
	if h := (History{tool, dir}); !slices.Contains(f.Histories, h) {
		f.Histories = append(f.Histories, h)
	}
}

// Occupied reports whether a folder has the migrations of another tool.
func (f Found) Occupied(dir string) bool {
	return slices.ContainsFunc(f.Histories, func(h History) bool { return h.Dir == dir })
}
