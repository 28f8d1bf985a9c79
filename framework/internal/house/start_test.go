package house

import (
	"go/ast"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// slowStarts are the patterns that a package compiles when a program starts, and
// those that could not be compiled when they are needed: every program that links
// the framework pays for its init at every start.
func slowStarts(files []source) []string {
	var found []string
	for _, s := range files {
		if s.test || !strings.HasPrefix(s.path, "framework/") || slices.Contains(forTests, s.dir()) {
			continue
		}
		for _, d := range s.syntax.Decls {
			vars, ok := d.(*ast.GenDecl)
			if !ok || vars.Tok != token.VAR {
				continue
			}
			ast.Inspect(vars, func(n ast.Node) bool {
				if _, later := n.(*ast.FuncLit); later {
					return false
				}
				if call, ok := n.(*ast.CallExpr); ok {
					found = append(found, slowStart(s, call)...)
				}
				return true
			})
		}
	}
	return found
}

func slowStart(s source, call *ast.CallExpr) []string {
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || len(call.Args) != 1 {
		return nil
	}
	x, _ := f.X.(*ast.Ident)
	switch {
	case x == nil:
	case s.imports[x.Name] == "regexp":
		return []string{s.at(call) + " compiles a pattern at every start: use pattern.Lazy"}
	case s.imports[x.Name] == module+"framework/internal/pattern":
		text, ok := call.Args[0].(*ast.BasicLit)
		if !ok {
			return []string{s.at(call) + ": this test cannot read a pattern that is no literal"}
		}
		expr, err := strconv.Unquote(text.Value)
		if err == nil {
			_, err = regexp.Compile(expr)
		}
		if err != nil {
			return []string{s.at(call) + ": " + err.Error()}
		}
	}
	return nil
}

func TestNothingIsCompiledAtTheStart(t *testing.T) {
	report(t, slowStarts(sources(t, os.DirFS(top(t)))))
}

func TestStartRule(t *testing.T) {
	lazy := `"` + module + `framework/internal/pattern"`
	for _, c := range []struct{ name, file, imports, body, want string }{
		{"when it is needed", "framework/op/a.go", lazy, "var word = pattern.Lazy(`\\w`)", ""},
		{"in a function", "framework/op/a.go", `"regexp"`, "var word = func() any { return regexp.MustCompile(`\\w`) }", ""},
		{"in a test", "framework/op/a_test.go", `"regexp"`, "var word = regexp.MustCompile(`\\w`)", ""},
		{"at once", "framework/op/a.go", `"regexp"`, "var word = regexp.MustCompile(`\\w`)", "at every start"},
		{"at once in a table", "framework/op/a.go", `"regexp"`, "var words = []*regexp.Regexp{regexp.MustCompile(`\\w`)}", "at every start"},
		{"never", "framework/op/a.go", lazy, "var word = pattern.Lazy(`(`)", "missing closing"},
		{"unreadable", "framework/op/a.go", lazy, "var word = pattern.Lazy(text)", "no literal"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := "package x\nimport " + c.imports + "\n" + c.body + "\n"
			expect(t, slowStarts(sources(t, tree(map[string]string{c.file: text}))), c.want)
		})
	}
}
