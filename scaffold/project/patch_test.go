package project_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/leavendb/leaven/scaffold/project"
)

// patched shows what a module becomes, as lines that went and came, without imports
// of Leaven's dialects.
func patched(t *testing.T, server string, files map[string]string) (project.Patch, string) {
	t.Helper()
	module := tree(files)
	found, err := project.Look(module)
	if err != nil {
		t.Fatal(err)
	}
	p, err := project.App{Name: "shop", Module: "example.com/shop", Server: server, Dialects: []string{"sqlite"}}.Patch(module, found.Creates)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(p.Diff()) {
		if strings.HasPrefix(line, "+") && !strings.HasPrefix(line, "+++") || strings.HasPrefix(line, "-") && !strings.HasPrefix(line, "---") {
			lines = append(lines, strings.TrimRight(line, "\n"))
		}
	}
	return p, strings.Join(lines, "\n")
}

const callsBootstrap = `+	if err := migrate.Bootstrap(ctx, db, migrate.BootstrapOptions{
+		Mode:    migrate.Mode(os.Getenv("MIGRATE_ON_START")),
+		Options: migrate.Options{Sources: []fs.FS{migrations.Sources}},
+	}); err != nil {
+		return err
+	}`

// Bootstrap is called behind what opens the database, in the words of the function.
func TestPatchCallsBootstrap(t *testing.T) {
	const opener = "package store\nimport \"github.com/uptrace/bun\"\nfunc Open() (*bun.DB, error) { db := bun.NewDB(nil, nil); return db, nil }\n"
	for name, c := range map[string]struct {
		main  string
		want  string
		opens string
	}{
		"in a function that returns an error": {
			"package main\n\nimport (\n\t\"context\"\n\t\"os\"\n\n\t\"github.com/uptrace/bun\"\n)\n\nfunc main() { os.Exit(1) }\n\nfunc run(ctx context.Context) error {\n\tdb := bun.NewDB(nil, nil)\n\tdefer db.Close()\n\treturn nil\n}\n",
			"+\t\"io/fs\"\n+\t\"example.com/shop/migrations\"\n+\t_ \"github.com/leavendb/leaven/framework/dialect/sqlite\"\n+\t\"github.com/leavendb/leaven/framework/migrate\"\n" + callsBootstrap, "main.go:13",
		},
		"behind the call of another package": {
			"package main\n\nimport (\n\t\"context\"\n\t\"os\"\n\n\t\"example.com/shop/store\"\n)\n\nfunc run(ctx context.Context) error {\n\tdb, err := store.Open()\n\tif err != nil {\n\t\treturn err\n\t}\n\tdefer db.Close()\n\t_ = os.Args\n\treturn nil\n}\n",
			"+\t\"io/fs\"\n+\t\"example.com/shop/migrations\"\n+\t_ \"github.com/leavendb/leaven/framework/dialect/sqlite\"\n+\t\"github.com/leavendb/leaven/framework/migrate\"\n" + callsBootstrap, "main.go:11",
		},
		"without a context, in a main with a migrate and a migrations of its own": {
			"package main\n\nimport \"log\"\nimport \"example.com/shop/store\"\nimport \"example.com/shop/db/migrations\"\nimport \"github.com/uptrace/bun/migrate\"\n\nfunc main() {\n\tdb, err := store.Open()\n\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n\tmigrate.NewMigrator(db, migrations.Migrations)\n}\n",
			"+\n+import (\n+\t\"context\"\n+\t\"io/fs\"\n+\t\"os\"\n+\n+\tleavenmigrations \"example.com/shop/migrations\"\n+\t_ \"github.com/leavendb/leaven/framework/dialect/sqlite\"\n+\tleaven \"github.com/leavendb/leaven/framework/migrate\"\n+)\n" +
				"+\t\tlog.Fatal(err)\n+\t}\n+\tif err := leaven.Bootstrap(context.Background(), db, leaven.BootstrapOptions{\n+\t\tMode:    leaven.Mode(os.Getenv(\"MIGRATE_ON_START\")),\n+\t\tOptions: leaven.Options{Sources: []fs.FS{leavenmigrations.Sources}},\n+\t}); err != nil {", "main.go:9",
		},
		"not where the server does it already": {
			"package main\nimport \"github.com/leavendb/leaven/framework/migrate\"\nimport \"github.com/uptrace/bun\"\nfunc main() { db := bun.NewDB(nil, nil); migrate.Bootstrap(nil, db, migrate.BootstrapOptions{}) }\n", "", ":0",
		},
		"not where nothing is opened": {"package main\nfunc main() {}\n", "", ":0"},
	} {
		t.Run(name, func(t *testing.T) {
			p, got := patched(t, ".", map[string]string{"main.go": c.main, "store/open.go": opener})
			if got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
			if p.Opens.String() != c.opens {
				t.Errorf("it opens at %s, want %s", p.Opens, c.opens)
			}
		})
	}
}

// Calls that create tables go with what is theirs alone; what others need stays, and
// is told.
func TestPatchTakesCreatesOut(t *testing.T) {
	for name, c := range map[string]struct{ body, want, left string }{
		"if": {"\tif _, err := db.NewCreateTable().Model(a).IfNotExists().Exec(ctx); err != nil {\n\t\treturn err\n\t}\n\treturn nil\n",
			"-\tif _, err := db.NewCreateTable().Model(a).IfNotExists().Exec(ctx); err != nil {\n-\t\treturn err\n-\t}", "[]"},
		"alone": {"\tdb.NewCreateTable().Model(a).IfNotExists().Exec(ctx)\n\treturn nil\n", "-\tdb.NewCreateTable().Model(a).IfNotExists().Exec(ctx)", "[]"},
		"assigned": {"\t_, err := db.NewCreateTable().Model(a).IfNotExists().Exec(ctx)\n\tif err != nil {\n\t\treturn err\n\t}\n\treturn nil\n",
			"-\t_, err := db.NewCreateTable().Model(a).IfNotExists().Exec(ctx)\n-\tif err != nil {\n-\t\treturn err\n-\t}", "[]"},
		"assigned, and err is used again": {"\t_, err := db.NewCreateTable().Model(a).IfNotExists().Exec(ctx)\n\tif err != nil {\n\t\treturn err\n\t}\n\t_, err = db.Exec(\"SELECT 1\")\n\treturn err\n", "", "[store/create.go:8]"},
		"returned":                        {"\treturn db.NewCreateTable().Model(a).IfNotExists().Exec(ctx)\n", "", "[store/create.go:8]"},
		"in a loop over a list": {"\tall := []any{a, b}\n\tfor _, m := range all {\n\t\tif _, err := db.NewCreateTable().Model(m).IfNotExists().Exec(ctx); err != nil {\n\t\t\treturn errors.New(\"no\")\n\t\t}\n\t}\n\treturn nil\n",
			"-import \"errors\"\n-\tall := []any{a, b}\n-\tfor _, m := range all {\n-\t\tif _, err := db.NewCreateTable().Model(m).IfNotExists().Exec(ctx); err != nil {\n-\t\t\treturn errors.New(\"no\")\n-\t\t}\n-\t}", "[]"},
		"in a loop with other work": {"\tfor _, m := range all {\n\t\twork(m)\n\t\tif _, err := db.NewCreateTable().Model(m).IfNotExists().Exec(ctx); err != nil {\n\t\t\treturn err\n\t\t}\n\t}\n\treturn nil\n",
			"-\t\tif _, err := db.NewCreateTable().Model(m).IfNotExists().Exec(ctx); err != nil {\n-\t\t\treturn err\n-\t\t}", "[]"},
	} {
		t.Run(name, func(t *testing.T) {
			head := "package store\n\nimport \"context\"\n\n// Create makes the tables.\n\nfunc Create(ctx context.Context) error {\n"
			if strings.Contains(c.body, "errors.") {
				head = strings.Replace(head, "\n\n//", "\nimport \"errors\"\n\n//", 1)
			}
			p, got := patched(t, "", map[string]string{"store/create.go": head + c.body + "}\n"})
			if got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
			if left := fmt.Sprint(p.Left); left != c.left {
				t.Errorf("left %s, want %s", left, c.left)
			}
		})
	}
}

// git takes the diff without a word, also behind a hunk with several changes.
func TestDiffIsExact(t *testing.T) {
	before, after := []byte(strings.Repeat("line\n", 40)), []byte{}
	for i, l := range bytes.SplitAfter(bytes.TrimSuffix(before, []byte("\n")), []byte("\n")) {
		switch i {
		case 2, 5, 7, 30:
			after = append(after, fmt.Sprintf("new %d\nnew too\n", i)...)
		}
		after = append(after, l...)
	}
	after = append(after, '\n')
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.txt"), before, 0o644); err != nil {
		t.Fatal(err)
	}
	diff := project.Change{Path: "a.txt", Before: before, After: after, Kind: project.Replace}.Diff()
	cmd := exec.CommandContext(t.Context(), "git", "apply", "--verbose")
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(diff)
	cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
	out, err := cmd.CombinedOutput()
	if err != nil || bytes.Contains(out, []byte("offset")) {
		t.Errorf("%v: %s\n%s", err, out, diff)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "a.txt")); err != nil || !bytes.Equal(got, after) {
		t.Errorf("%v\n%s", err, got)
	}
}
