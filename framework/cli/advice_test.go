package cli

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/spf13/cobra"
)

// Every command that an error names exists, with its flags. The library's texts
// are read from its source, so that one nobody thought of is among them.
func TestAdvisedCommandsExist(t *testing.T) {
	root := newProgram(App{}, nil).commands()
	advised := slices.Concat(libraryAdvice(t, "../migrate"), ownAdvice(t))
	var verbs []string
	for _, a := range advised {
		verb := checkAdvice(t, root, a)
		verbs = append(verbs, verb)
	}
	for _, verb := range []string{"merge", "rebase", "resolve", "repair", "stamp", "history", "up", "down", "status", "wait", "validate"} {
		if !slices.Contains(verbs, verb) {
			t.Errorf("%s is advised somewhere, and was not found: does this test still read the texts?", verb)
		}
	}
}

// advice is a command in a text.
type advice struct{ text, where string }

// checkAdvice returns the verb.
func checkAdvice(t *testing.T, root *cobra.Command, a advice) string {
	t.Helper()
	words := strings.Fields(a.text)
	verb := strings.TrimRight(words[0], ",;:.)`")
	cmd, rest, err := root.Find([]string{verb})
	if err != nil || cmd == root || len(rest) > 0 {
		t.Errorf("%s: %q: there is no command %q", a.where, a.text, verb)
		return verb
	}
	for _, w := range words[1:] {
		name, _, _ := strings.Cut(strings.Trim(w, "(),;.`\""), "=")
		name = strings.Trim(name, "[]")
		if flag, ok := strings.CutPrefix(name, "--"); ok && flag != "" && cmd.Flag(flag) == nil {
			t.Errorf("%s: %q: %s has no flag --%s", a.where, a.text, verb, flag)
		}
	}
	return verb
}

// libraryAdvice finds commands in the texts of a package: those in Next of a
// HistoryError, which are nothing else, and those after "run: " and "or: " in
// any text, and in `quotes`.
func libraryAdvice(t *testing.T, dir string) []advice {
	var found []advice
	inText := regexp.MustCompile("(?:\\brun: |\\bor: |`)([a-z][^,;`]*)")
	eachFile(t, dir, func(fset *token.FileSet, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			for _, e := range nextOf(n) {
				if text, ok := leading(e); ok {
					found = append(found, advice{text, fset.Position(e.Pos()).String()})
				}
			}
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			text, _ := strconv.Unquote(lit.Value)
			for _, m := range inText.FindAllStringSubmatch(text, -1) {
				found = append(found, advice{m[1], fset.Position(lit.Pos()).String()})
			}
			return true
		})
	})
	if len(found) == 0 {
		t.Fatal("no advice found in " + dir)
	}
	return found
}

// nextOf returns what a node puts into a Next that is a list: Next: []string{…}
// and append(e.Next, …).
func nextOf(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.KeyValueExpr:
		key, _ := n.Key.(*ast.Ident)
		list, ok := n.Value.(*ast.CompositeLit)
		if key != nil && key.Name == "Next" && ok {
			return list.Elts
		}
	case *ast.CallExpr:
		fun, _ := n.Fun.(*ast.Ident)
		if fun == nil || fun.Name != "append" {
			return nil
		}
		if to, ok := n.Args[0].(*ast.SelectorExpr); ok && to.Sel.Name == "Next" {
			return n.Args[1:]
		}
	}
	return nil
}

// leading is the string that an expression begins with: "rebase " + id.
func leading(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && text != ""
	case *ast.BinaryExpr:
		return leading(e.X)
	}
	return "", false
}

// ownAdvice finds {migrate} VERB in this package's texts: hints, errors, help.
func ownAdvice(t *testing.T) []advice {
	var found []advice
	inText := regexp.MustCompile(`\{migrate\} ([a-z][^\n,;]*)`)
	eachFile(t, ".", func(fset *token.FileSet, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			text, _ := strconv.Unquote(lit.Value)
			for _, m := range inText.FindAllStringSubmatch(text, -1) {
				found = append(found, advice{m[1], fset.Position(lit.Pos()).String()})
			}
			return true
		})
	})
	return found
}

func eachFile(t *testing.T, dir string, see func(*token.FileSet, *ast.File)) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		see(fset, file)
	}
}

// What the plan refuses is read from the library itself, too: the errors of real
// registries name commands that exist.
func TestRefusalsNameCommands(t *testing.T) {
	root := newProgram(App{}, nil).commands()
	for name, want := range map[string]error{"heads": migrate.ErrTwoHeads, "late": migrate.ErrOutOfOrder, "older": migrate.ErrUnknown, "edited": migrate.ErrEdited} {
		problem := problemOf(t, name)
		var h *migrate.HistoryError
		if !errors.Is(problem, want) || !errors.As(problem, &h) || len(h.Next) == 0 {
			t.Errorf("%s: got %v", name, problem)
			continue
		}
		for _, n := range h.Next {
			checkAdvice(t, root, advice{n, name})
		}
	}
}

// problemOf applies the shop to a new database, and returns what up of another
// fixture would refuse there.
func problemOf(t *testing.T, name string) error {
	t.Helper()
	db, _ := sqlitetest.New(t)
	for _, fixed := range []App{fixture("shop"), fixture(name)} {
		m, err := migrate.New(db, migrate.Options{Registry: fixed.Registry, Sources: fixed.Sources, Strict: true})
		if err != nil {
			t.Fatal(err)
		}
		if fixed.Registry == nil {
			t.Fatal("a fixture without a registry")
		}
		s, err := m.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if s.Applied > 0 {
			return s.Problem
		}
		if _, err := m.Up(t.Context(), migrate.Head); err != nil {
			t.Fatal(err)
		}
	}
	return nil
}
