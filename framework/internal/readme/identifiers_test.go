package readme

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/cli"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/model"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// goFiles is the text of a package without its tests.
func goFiles(t *testing.T, dir string) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(paths) == 0 {
		t.Fatal("no Go files in", dir, err)
	}
	var text strings.Builder
	for _, p := range paths {
		if strings.HasSuffix(p, "_test.go") {
			continue
		}
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(b)
	}
	return text.String()
}

// declared are the names at the top of a package.
func declared(t *testing.T, dir string) map[string]bool {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, p := range paths {
		f, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					names[d.Name.Name] = true
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					switch s := s.(type) {
					case *ast.TypeSpec:
						names[s.Name.Name] = true
					case *ast.ValueSpec:
						for _, n := range s.Names {
							names[n.Name] = true
						}
					}
				}
			}
		}
	}
	return names
}

var qualified = regexp.MustCompile(`\b(migrate|op|schema|cli|dialect|history)\.([A-Z]\w*)`)

// TestQualifiedNames looks up each package.Name of running text. Those of Go
// blocks are compiled.
func TestQualifiedNames(t *testing.T) {
	top := repository(t)
	for _, d := range documents(t, top) {
		for _, s := range d.spans {
			for _, m := range qualified.FindAllStringSubmatch(s, -1) {
				if !declared(t, filepath.Join(top, "framework", m[1]))[m[2]] {
					t.Errorf("%s names %s.%s, which is not there", d.path, m[1], m[2])
				}
			}
		}
	}
}

// types are those whose fields and methods are named without them.
var types = []reflect.Type{
	reflect.TypeFor[migrate.Migration](), reflect.TypeFor[migrate.Options](),
	reflect.TypeFor[op.CreateTable](), reflect.TypeFor[op.AlterColumn](), reflect.TypeFor[op.DropColumn](), reflect.TypeFor[op.SQL](),
	reflect.TypeFor[schema.ForeignKey](), reflect.TypeFor[schema.Extras](), reflect.TypeFor[model.Definer](), reflect.TypeFor[model.Options](), reflect.TypeFor[cli.App](), reflect.TypeFor[*migrate.Migrator](),
}

var member = regexp.MustCompile(`^([A-Z][a-z]\w*)(: .*)?$`)

// TestMembers looks up each field and method of running text; the functions of
// package migrate, and tests, may stand there without a package's name too.
func TestMembers(t *testing.T) {
	top := repository(t)
	functions := declared(t, filepath.Join(top, "framework", "migrate"))
	for _, d := range documents(t, top) {
		for _, s := range d.spans {
			if m := member.FindStringSubmatch(s); m != nil && !isMember(m[1]) && !functions[m[1]] && !isTest(t, top, m[1]) {
				t.Errorf("%s names %s, which is neither a field nor a method", d.path, s)
			}
		}
	}
}

// isTest looks for a test of that name in all packages.
func isTest(t *testing.T, top, name string) bool {
	t.Helper()
	found := false
	if !strings.HasPrefix(name, "Test") {
		return false
	}
	err := filepath.WalkDir(top, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		found = found || strings.Contains(string(text), "\nfunc "+name+"(t *testing.T)")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func isMember(name string) bool {
	for _, typ := range types {
		if _, ok := typ.MethodByName(name); ok {
			return true
		}
		if typ.Kind() == reflect.Struct {
			if _, ok := typ.FieldByName(name); ok {
				return true
			}
		}
	}
	return false
}

// TestReasons looks up each reason for not showing SQL in what gives them.
func TestReasons(t *testing.T) {
	top := repository(t)
	code := goFiles(t, filepath.Join(top, "framework", "record"))
	rows := 0
	for _, d := range documents(t, top) {
		for _, row := range d.table("the migration | why it is not shown") {
			if rows++; !strings.Contains(code, row[1]) {
				t.Errorf("%s: no migration is not shown because it %s", d.path, row[1])
			}
		}
	}
	if rows == 0 {
		t.Error("no document says why SQL is not shown")
	}
}
