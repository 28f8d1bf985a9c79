package readme

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/internal/pgtest"
)

// packages are what pieces of Go in the documents speak of.
var packages = map[string]string{
	"bun": "github.com/uptrace/bun", "bunmigrate": "github.com/uptrace/bun/migrate", "bunset": module + "/framework/bunset", "cli": module + "/framework/cli", "context": "context", "errors": "errors",
	"fs": "io/fs", "migrate": module + "/framework/migrate", "migratetest": module + "/framework/migratetest", "migrations": module + "/migrations", "models": module + "/models",
	"op": module + "/framework/op", "os": "os", "sqlfile": module + "/framework/sqlfile", "testing": "testing", "schema": module + "/framework/schema", "slog": "log/slog", "sql": "database/sql", "time": "time",
}

var migrationID = regexp.MustCompile(`ID:\s+"(\w+)"`)

// TestGo compiles each piece of Go, and runs the migrations among them, up and
// down, on both databases.
func TestGo(t *testing.T) {
	c := newCheckout(t)
	complete, fragments := c.writeMigrations(t), 0
	for _, d := range documents(t, c.dir) {
		for _, b := range d.of("go") {
			if isExample(b) || isMigration(b) {
				continue // TestOperations runs it, or it is written already
			}
			fragments++
			c.write(t, "models/readme"+strconv.Itoa(fragments)+"/fragment.go", withImports(t, fragment(t, b.text)))
		}
	}
	if complete == 0 || fragments == 0 {
		t.Fatalf("%d migrations and %d fragments: the documents have lost theirs, or this test does not see them", complete, fragments)
	}
	c.must(t, "go vet ./migrations ./models/...")
	c.must(t, "test -z \"$(gofmt -l migrations)\"")
	c.must(t, "go build -o bin/migrate ./cmd/migrate")
	_, url := pgtest.New(t)
	for _, variable := range []string{"DATABASE_URL=", "DATABASE_URL=" + url} {
		c.must(t, "bin/migrate validate", variable)
		c.must(t, "bin/migrate up", variable)
		c.must(t, "bin/migrate redo "+strconv.Itoa(complete), variable)
		c.must(t, "bin/migrate down "+strconv.Itoa(complete), variable)
	}
}

func isMigration(b block) bool {
	return b.language == "go" && strings.HasPrefix(b.text, "package migrations\n") && migrationID.MatchString(b.text)
}

// writeMigrations puts the migrations of the documents beside the others, and
// returns how many they are.
func (c checkout) writeMigrations(t *testing.T) (written int) {
	t.Helper()
	for _, d := range documents(t, c.dir) {
		for _, b := range d.of("go") {
			if isMigration(b) {
				written++
				c.write(t, "migrations/"+migrationID.FindStringSubmatch(b.text)[1]+".go", withImports(t, b.text))
			}
		}
	}
	return written
}

// fragment is a file of a piece that is not one: declarations, or statements.
func fragment(t *testing.T, text string) string {
	t.Helper()
	declarations := "package fragment\n\n" + text
	if _, err := parser.ParseFile(token.NewFileSet(), "", declarations, parser.SkipObjectResolution); err == nil {
		return declarations
	}
	return inFunction(t, text)
}

// inFunction puts statements where a context and a database are at hand, and
// uses what they declare.
func inFunction(t *testing.T, text string) string {
	t.Helper()
	const before = "package fragment\n\nfunc fragment(ctx context.Context, db *bun.DB) {\n"
	f, err := parser.ParseFile(token.NewFileSet(), "", before+text+"}\n", parser.SkipObjectResolution)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok && a.Tok == token.DEFINE {
			for _, name := range a.Lhs {
				text += "_ = " + name.(*ast.Ident).Name + "\n"
			}
		}
		_, inner := n.(*ast.FuncLit)
		return !inner
	})
	return before + text + "}\n\nvar _ = fragment\n"
}

// withImports adds the imports that a file of the documents leaves out.
func withImports(t *testing.T, text string) string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "", text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if len(f.Imports) > 0 {
		return text
	}
	var own []string // declared inside, as db is
	var used []string
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			for _, name := range n.Names {
				own = append(own, name.Name)
			}
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && packages[x.Name] != "" && !slices.Contains(own, x.Name) {
				used = append(used, packages[x.Name])
			}
		}
		return true
	})
	slices.Sort(used)
	var imports strings.Builder
	for _, path := range slices.Compact(used) {
		name := ""
		if path == packages["bunmigrate"] {
			name = "bunmigrate "
		}
		imports.WriteString("\t" + name + strconv.Quote(path) + "\n")
	}
	head, body, _ := strings.Cut(text, "\n")
	return head + "\n\nimport (\n" + imports.String() + ")\n" + body
}

// TestInYourApplication does what that chapter says: a module of its own, the
// two files copied with their import paths changed.
func TestInYourApplication(t *testing.T) {
	c := newCheckout(t)
	shop := checkout{dir: filepath.Join(desk, "shop"), env: c.env}
	shop.write(t, "go.mod", "module example.com/shop\n\ngo 1.25.0\n")
	for _, name := range []string{"cmd/migrate/main.go", "migrations/sources.go"} {
		text, err := os.ReadFile(filepath.Join(c.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		changed := string(text)
		for _, mine := range []string{"migrations", "models"} {
			changed = strings.ReplaceAll(changed, strconv.Quote(module+"/"+mine), strconv.Quote("example.com/shop/"+mine))
		}
		shop.write(t, name, changed)
	}
	shop.write(t, "models/models.go", "// Package models is the shop's.\npackage models\n\n// All lists the models.\nfunc All() []any { return nil }\n")
	shop.must(t, "go mod edit -require="+module+"@v0.0.0 -replace="+module+"=../leaven")
	// `go mod tidy` would look at the network for what only tests of others need.
	sums, err := os.ReadFile(filepath.Join(c.dir, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	shop.write(t, "go.sum", string(sums))
	shop.must(t, "go build -mod=mod -o bin/migrate ./cmd/migrate", "GOPROXY=off")
	if out := shop.must(t, `bin/migrate new "first"`); !strings.Contains(out, "_first.go") {
		t.Error(out)
	}
	shop.must(t, "go build -o bin/migrate ./cmd/migrate && bin/migrate validate")
	if out := shop.must(t, "bin/migrate up"); !strings.Contains(out, "Applied 1 migration ") {
		t.Error(out)
	}
}
