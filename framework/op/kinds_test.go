package op_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leavendb/leaven/framework/op"
)

// Kinds are the exported types of this package that are operations: those with
// the method op, which the set is closed by.
func TestKindsAreTheClosedSet(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var want []string
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if m, ok := d.(*ast.FuncDecl); ok && m.Recv != nil && m.Name.Name == "op" {
				if name := m.Recv.List[0].Type.(*ast.Ident); name.IsExported() {
					want = append(want, "op."+name.Name)
				}
			}
		}
	}
	slices.Sort(want)
	var got []string
	for _, o := range op.Kinds() {
		got = append(got, fmt.Sprintf("%T", o))
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-in the source +Kinds):\n%s", d)
	}
}
