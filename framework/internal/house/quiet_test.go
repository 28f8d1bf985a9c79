package house

import (
	"go/ast"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

// loud is what only cli may use: it alone prints, reads the environment, takes
// signals and exits. Everywhere else it would surprise the app that embeds us.
var loud = map[string][]string{
	"fmt":       {"Print", "Printf", "Println"},
	"os":        {"Stdout", "Stderr", "Stdin", "Getenv", "LookupEnv", "Environ", "ExpandEnv", "Setenv", "Unsetenv", "Exit"},
	"os/signal": nil, // nil: the whole package
	"log":       nil,
	"syscall":   {"Getenv", "Environ", "Exit", "Stdout", "Stderr"},
	"log/slog":  {"Default", "SetDefault", "Debug", "Info", "Warn", "Error", "Log"},
}

// mayBeLoud are cli and what only tests link.
var mayBeLoud = append([]string{"cli"}, forTests...)

func noises(files []source) []string {
	var found []string
	for _, s := range files {
		if s.test || !strings.HasPrefix(s.path, "framework/") || slices.Contains(mayBeLoud, s.dir()) {
			continue
		}
		for _, to := range s.imports {
			if names, ok := loud[to]; ok && names == nil {
				found = append(found, s.path+" imports "+to+": only cli may")
			}
		}
		ast.Inspect(s.syntax, func(n ast.Node) bool {
			if what := noise(s, n); what != "" {
				found = append(found, s.at(n)+" uses "+what+": only cli may")
			}
			return true
		})
	}
	return found
}

// noise names the forbidden thing that n is, if it is one.
func noise(s source, n ast.Node) string {
	switch n := n.(type) {
	case *ast.CallExpr:
		if f, ok := n.Fun.(*ast.Ident); ok && (f.Name == "print" || f.Name == "println") {
			return f.Name
		}
	case *ast.SelectorExpr:
		x, ok := n.X.(*ast.Ident)
		if !ok {
			return ""
		}
		if to := s.imports[x.Name]; slices.Contains(loud[to], n.Sel.Name) {
			return path.Base(to) + "." + n.Sel.Name
		}
	}
	return ""
}

func TestOnlyTheCommandLineIsLoud(t *testing.T) {
	report(t, noises(sources(t, os.DirFS(top(t)))))
}

func TestQuietRule(t *testing.T) {
	for _, c := range []struct{ name, file, imports, body, want string }{
		{"text for others", "framework/op/a.go", `"fmt"`, `_ = fmt.Sprint(1)`, ""},
		{"a method of that name", "framework/op/a.go", `"context"`, `var p printer; p.Println(context.Background())`, ""},
		{"cli prints", "framework/cli/a.go", `"fmt"`, `fmt.Println()`, ""},
		{"a test prints", "framework/op/a_test.go", `"fmt"`, `fmt.Println()`, ""},
		{"an app prints", "cmd/migrate/main.go", `"fmt"`, `fmt.Println()`, ""},
		{"the machine's name", "framework/migrate/a.go", `"os"`, `os.Hostname()`, ""},
		{"printing", "framework/op/a.go", `"fmt"`, `fmt.Println()`, "fmt.Println"},
		{"printing under another name", "framework/op/a.go", `f "fmt"`, `f.Printf("")`, "fmt.Printf"},
		{"the stream itself", "framework/migrate/a.go", `"os"`, `_ = os.Stdout`, "os.Stdout"},
		{"a setting", "framework/dialect/postgres/a.go", `"os"`, `_ = os.Getenv("PGHOST")`, "os.Getenv"},
		{"leaving", "framework/migrate/a.go", `"os"`, `os.Exit(1)`, "os.Exit"},
		{"the global logger", "framework/migrate/a.go", `"log/slog"`, `slog.Info("")`, "slog.Info"},
		{"the old logger", "framework/migrate/a.go", `"log"`, `log.Print()`, "imports log"},
		{"a builtin", "framework/schema/a.go", `"context"`, `println(context.Background())`, "println"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := "package x\nimport " + c.imports + "\nfunc f() {\n" + c.body + "\n}\n"
			expect(t, noises(sources(t, tree(map[string]string{c.file: text}))), c.want)
		})
	}
}
