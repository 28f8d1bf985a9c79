package dialecttest

import (
	"fmt"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"path/filepath"
	"testing"
)

// Every operation of package op is one of the suite's.
func TestTheSuiteKnowsEveryOperation(t *testing.T) {
	tried := map[string]bool{}
	for _, list := range [][]operation{operations(), vocabulary(), optional()} {
		for _, c := range list {
			for _, o := range append(c.prepare, c.do) {
				tried[fmt.Sprintf("%T", o)] = true
			}
		}
	}
	files, err := filepath.Glob("../../op/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		f, err := parser.ParseFile(gotoken.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			m, ok := d.(*ast.FuncDecl)
			if !ok || m.Recv == nil || m.Name.Name != "op" {
				continue
			}
			name, ok := m.Recv.List[0].Type.(*ast.Ident)
			if ok && name.IsExported() && !tried["op."+name.Name] {
				t.Errorf("no test of op.%s", name.Name)
			}
		}
	}
}
