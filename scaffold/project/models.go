package project

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// ModelPackage is a package that declares bun models.
type ModelPackage struct {
	Dir    string   // below the module, with slashes
	Name   string   // of the package
	Models []string // exported types, join tables first: bun wants to know them before the others
	Listed bool     // it has a function All
}

// FindModels finds the packages of a module that declare bun models, which are
// structs with a bun.BaseModel, in the order of their folders. Files that cannot
// be parsed are passed over, as are tests and what the go command passes over.
func FindModels(module fs.FS) ([]ModelPackage, error) {
	m := newModelFinder()
	err := walkGo(module, m.readGo)
	return m.packages(), err
}

// modelFinder is what the files read so far declare.
type modelFinder struct {
	found  map[string]*ModelPackage // by folder
	joins  map[string]bool          // tables that relations go through
	tables map[string]string        // of models, by folder and name
}

func newModelFinder() *modelFinder {
	return &modelFinder{found: map[string]*ModelPackage{}, joins: map[string]bool{}, tables: map[string]string{}}
}

func (m *modelFinder) readGo(name string, _ *token.FileSet, file *ast.File) {
	dir := path.Dir(name)
	p := m.found[dir]
	if p == nil {
		p = &ModelPackage{Dir: dir, Name: file.Name.Name}
		m.found[dir] = p
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			p.Listed = p.Listed || n.Recv == nil && n.Name.Name == "All"
			return false // types inside functions are frozen models
		case *ast.TypeSpec:
			s, ok := n.Type.(*ast.StructType)
			if !ok || !n.Name.IsExported() {
				return false
			}
			table, isModel := readStruct(s, m.joins)
			if isModel {
				p.Models = append(p.Models, n.Name.Name)
				m.tables[dir+"."+n.Name.Name] = table
			}
			return false
		}
		return true
	})
}

// packages are those with models, in the order of their folders.
func (m *modelFinder) packages() []ModelPackage {
	var packages []ModelPackage
	for _, p := range m.found {
		if len(p.Models) == 0 {
			continue
		}
		slices.SortStableFunc(p.Models, func(a, b string) int {
			return order(m.joins[m.tables[p.Dir+"."+a]]) - order(m.joins[m.tables[p.Dir+"."+b]])
		})
		packages = append(packages, *p)
	}
	slices.SortFunc(packages, func(a, b ModelPackage) int { return strings.Compare(a.Dir, b.Dir) })
	return packages
}

func order(join bool) int {
	if join {
		return 0
	}
	return 1
}

// readStruct returns the table that a model names, and notes the join tables
// that its relations go through.
func readStruct(s *ast.StructType, joins map[string]bool) (table string, isModel bool) {
	for _, f := range s.Fields.List {
		var options []string
		if f.Tag != nil {
			text, _ := strconv.Unquote(f.Tag.Value)
			options = strings.Split(reflect.StructTag(text).Get("bun"), ",")
		}
		sel, _ := f.Type.(*ast.SelectorExpr)
		base := sel != nil && sel.Sel.Name == "BaseModel" && len(f.Names) == 0
		isModel = isModel || base
		for _, o := range options {
			if t, ok := strings.CutPrefix(o, "table:"); ok && base {
				table = t
			}
			if t, ok := strings.CutPrefix(o, "m2m:"); ok {
				joins[t] = true
			}
		}
	}
	return table, isModel
}

// walkGo parses the Go files of a module in the order of their paths.
func walkGo(module fs.FS, visit func(name string, set *token.FileSet, file *ast.File)) error {
	return fs.WalkDir(module, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			return passOver(module, name)
		}
		if path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		text, err := fs.ReadFile(module, name)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, text, parser.SkipObjectResolution)
		if err == nil {
			visit(name, set, file)
		}
		return nil
	})
}

// passOver skips the folders that are not the module's own: what the go command
// skips, vendored code, and modules inside it.
func passOver(module fs.FS, dir string) error {
	if dir == "." {
		return nil
	}
	base := path.Base(dir)
	if strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "vendor" || base == "node_modules" {
		return fs.SkipDir
	}
	if _, err := fs.Stat(module, path.Join(dir, "go.mod")); err == nil {
		return fs.SkipDir
	}
	return nil
}
