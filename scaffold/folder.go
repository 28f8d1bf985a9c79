package scaffold

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Folder is what a folder of migrations holds, as its files tell. They need not
// compile.
type Folder struct {
	Package    string // name of the Go package; empty: there is no Go file
	Migrations []Node // in order of their IDs
}

// Node is one migration with its parents.
type Node struct {
	ID    string
	After []string // as written; empty: the previous ID
	File  string   // its name in the folder; empty: known from elsewhere
}

// ReadFolder reads the Go files of a folder. A file that cannot be parsed counts
// by its name.
func ReadFolder(dir fs.FS) (Folder, error) {
	names, err := fs.Glob(dir, "*.go")
	if err != nil {
		return Folder{}, err
	}
	var f Folder
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := fs.ReadFile(dir, name)
		if err != nil {
			return Folder{}, err
		}
		file, _ := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
		var nodes []Node
		if file != nil {
			if f.Package == "" && file.Name != nil {
				f.Package = file.Name.Name
			}
			nodes = literals(file)
		}
		if id := strings.TrimSuffix(path.Base(name), ".go"); len(nodes) == 0 && id[0] >= '0' && id[0] <= '9' {
			nodes = []Node{{ID: id}}
		}
		for i := range nodes {
			nodes[i].File = name
		}
		f.Migrations = append(f.Migrations, nodes...)
	}
	f.sort()
	return f, nil
}

// Add adds migrations that are known from elsewhere, unless the files have them.
func (f *Folder) Add(nodes ...Node) {
	for _, n := range nodes {
		if !slices.ContainsFunc(f.Migrations, func(o Node) bool { return o.ID == n.ID }) {
			f.Migrations = append(f.Migrations, n)
		}
	}
	f.sort()
}

// Doubled returns the migrations of the first ID that more than one has, in the
// order of their files; nil: there is none. What comes after them is not known.
func (f Folder) Doubled() []Node {
	for i, n := range f.Migrations {
		end := i + 1
		for end < len(f.Migrations) && f.Migrations[end].ID == n.ID {
			end++
		}
		if end > i+1 {
			return f.Migrations[i:end]
		}
	}
	return nil
}

func (f *Folder) sort() {
	slices.SortStableFunc(f.Migrations, func(a, b Node) int { return strings.Compare(a.ID, b.ID) })
}

// Heads returns the IDs of the migrations that are nobody's parent, in order.
// Where After is empty, the previous ID is the parent.
func (f Folder) Heads() []string {
	parent := map[string]bool{}
	for i, n := range f.Migrations {
		for _, id := range n.After {
			parent[id] = true
		}
		if len(n.After) == 0 && i > 0 {
			parent[f.Migrations[i-1].ID] = true
		}
	}
	var heads []string
	for _, n := range f.Migrations {
		if !parent[n.ID] {
			heads = append(heads, n.ID)
		}
	}
	return heads
}

// literals finds the migrate.Migration{…} of a file.
func literals(file *ast.File) []Node {
	var nodes []Node
	ast.Inspect(file, func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if !ok || typeName(lit.Type) != "Migration" {
			return true
		}
		node := Node{}
		for _, e := range lit.Elts {
			kv, ok := e.(*ast.KeyValueExpr)
			if !ok {
				continue
			}
			switch key, _ := kv.Key.(*ast.Ident); {
			case key == nil:
			case key.Name == "ID":
				node.ID = text(kv.Value)
			case key.Name == "After":
				node.After = texts(kv.Value)
			}
		}
		if node.ID != "" {
			nodes = append(nodes, node)
		}
		return true
	})
	return nodes
}

func typeName(e ast.Expr) string {
	switch t := e.(type) {
	case *ast.SelectorExpr:
		return t.Sel.Name
	case *ast.Ident:
		return t.Name
	}
	return ""
}

func text(e ast.Expr) string {
	if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
		s, _ := strconv.Unquote(lit.Value)
		return s
	}
	return ""
}

func texts(e ast.Expr) []string {
	lit, ok := e.(*ast.CompositeLit)
	if !ok {
		return nil
	}
	var out []string
	for _, e := range lit.Elts {
		if s := text(e); s != "" {
			out = append(out, s)
		}
	}
	return out
}
