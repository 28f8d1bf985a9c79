package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

const module = "github.com/leavendb/leaven/"

// source is one Go file of the repository.
type source struct {
	path    string // from the top, with slashes
	test    bool
	imports map[string]string // the name in the file to the import path
	syntax  *ast.File
	set     *token.FileSet
}

// dir is the package's directory, below framework/ without that prefix.
func (s source) dir() string { return strings.TrimPrefix(path.Dir(s.path), "framework/") }

func (s source) at(n ast.Node) string {
	return s.path + ":" + strconv.Itoa(s.set.Position(n.Pos()).Line)
}

// sources parses every Go file that the go command would build. Other people's
// files in testdata are material, not code.
func sources(t *testing.T, tree fs.FS) []source {
	t.Helper()
	var all []source
	err := fs.WalkDir(tree, ".", func(p string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir():
			if p != "." && (strings.HasPrefix(e.Name(), ".") || strings.HasPrefix(e.Name(), "_") || e.Name() == "testdata") {
				return fs.SkipDir
			}
			return nil
		case path.Ext(p) != ".go":
			return nil
		}
		s, err := parse(tree, p)
		all = append(all, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func parse(tree fs.FS, p string) (source, error) {
	text, err := fs.ReadFile(tree, p)
	if err != nil {
		return source{}, err
	}
	s := source{path: p, test: strings.HasSuffix(p, "_test.go"), imports: map[string]string{}, set: token.NewFileSet()}
	s.syntax, err = parser.ParseFile(s.set, p, text, parser.SkipObjectResolution)
	if err != nil {
		return source{}, err
	}
	for _, i := range s.syntax.Imports {
		where, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			return source{}, err
		}
		name := path.Base(where)
		if i.Name != nil && i.Name.Name != "_" && i.Name.Name != "." {
			name = i.Name.Name
		}
		if _, twice := s.imports[name]; twice || (i.Name != nil && (i.Name.Name == "_" || i.Name.Name == ".")) {
			name += " " + where // cannot be spoken in the file, but must not hide another
		}
		s.imports[name] = where
	}
	return s, nil
}

// top is the repository's first directory.
func top(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// tree makes a small repository: paths with the text of the files.
func tree(files map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

// expect compares a rule's findings with the one expected: "" for none.
func expect(t *testing.T, found []string, want string) {
	t.Helper()
	switch {
	case want == "" && len(found) > 0:
		t.Errorf("found fault with a good tree: %q", found)
	case want != "" && (len(found) != 1 || !strings.Contains(found[0], want)):
		t.Errorf("got %q, want one finding that mentions %q", found, want)
	}
}

func report(t *testing.T, found []string) {
	t.Helper()
	for _, f := range found {
		t.Error(f)
	}
}
