package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/scaffold"
)

// Whatever the errors of two heads and of a wrong order advise leads on: the
// program that is built of the changed files applies everything.
func TestBranchesLeadOn(t *testing.T) {
	const (
		ours  = "20260102120000_ours"
		child = "20260102130000_child"
	)
	for _, test := range []struct {
		what    string
		applied []scaffold.Node // before
		added   []scaffold.Node // by another branch
		code    int             // of up, between
		do      []string
	}{
		{"merge", []scaffold.Node{{ID: authors}, {ID: likes, After: []string{authors}}},
			[]scaffold.Node{{ID: ours, After: []string{authors}}}, codeHistory, []string{"merge"}},
		{"merge three", []scaffold.Node{{ID: authors}, {ID: likes, After: []string{authors}}},
			[]scaffold.Node{{ID: ours, After: []string{authors}}, {ID: child, After: []string{authors}}}, codeHistory, []string{"merge", "all", "three"}},
		{"rebase", []scaffold.Node{{ID: authors}, {ID: likes, After: []string{authors}}},
			[]scaffold.Node{{ID: ours, After: []string{authors}}}, codeHistory, []string{"rebase", ours}},
		{"rebase a branch of two", []scaffold.Node{{ID: authors}, {ID: likes, After: []string{authors}}},
			[]scaffold.Node{{ID: ours, After: []string{authors}}, {ID: child, After: []string{ours}}}, codeHistory, []string{"rebase", "ours"}},
		{"rebase a late one", []scaffold.Node{{ID: authors}, {ID: likes}},
			[]scaffold.Node{{ID: ours}}, codeHistory, []string{"rebase", ours}},
		{"rebase a counter", []scaffold.Node{{ID: "0001_a"}, {ID: "0003_c"}},
			[]scaffold.Node{{ID: "0002_b"}}, codeHistory, []string{"rebase", "0002_b"}},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			_, path := sqlitetest.New(t)
			dir := t.TempDir()
			call := func(code int, args ...string) (stdout, stderr string) {
				t.Helper()
				app := App{Dir: dir, Registry: registryOf(t, dir), Environ: []string{"DATABASE_URL=sqlite:" + path}}
				stdout, stderr, got := outputOf(t, app, args...)
				if got != code {
					t.Fatalf("%q: code %d, want %d:\n%s%s", args, got, code, stdout, stderr)
				}
				return stdout, stderr
			}
			put(t, dir, test.applied...)
			call(codeOK, "up")
			put(t, dir, test.added...)
			_, stderr := call(test.code, "up")
			if !strings.Contains(stderr, "migrate "+test.do[0]) {
				t.Errorf("%s is not advised:\n%s", test.do[0], stderr)
			}
			call(codeOK, test.do...)
			call(codeOK, "up")
			stdout, _ := call(codeOK, "status", "--exit-code")
			if !strings.Contains(stdout, "nothing pending") || strings.Contains(stdout, "unknown") {
				t.Error(stdout)
			}
			// And once more: nothing is written.
			before := ids(t, dir)
			if test.do[0] == "merge" {
				call(codeOK, "merge")
			}
			if after := ids(t, dir); !slices.Equal(before, after) {
				t.Errorf("%q became %q", before, after)
			}
		})
	}
}

// put writes files of migrations.
func put(t *testing.T, dir string, nodes ...scaffold.Node) {
	t.Helper()
	for _, n := range nodes {
		text, err := scaffold.Migration{ID: n.ID, After: n.After}.File()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, n.ID+".go"), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// registryOf is what a program has that is built of the files now.
func registryOf(t *testing.T, dir string) *migrate.Registry {
	t.Helper()
	folder, err := scaffold.ReadFolder(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	r := migrate.NewRegistry()
	for _, n := range folder.Migrations {
		r.Register(migrate.Migration{ID: n.ID, After: n.After, Up: nothing, Down: nothing})
	}
	return r
}

func ids(t *testing.T, dir string) []string {
	t.Helper()
	folder, err := scaffold.ReadFolder(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	return taken(folder)
}

// A file that only the program knows to name the migration cannot be changed, so
// the migration keeps its ID.
func TestRebaseRefusesAHiddenChild(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, scaffold.Node{ID: authors}, scaffold.Node{ID: posts, After: []string{authors}})
	app := App{Dir: dir, Registry: registryOf(t, dir), Environ: []string{"DATABASE_URL=sqlite::memory:"}}
	app.Registry.Register(then("20260109090000_plugin", posts))
	app.Registry.Register(then("20260110090000_head", authors))
	_, stderr, code := outputOf(t, app, "rebase", posts)
	if code != codeUsage || !strings.Contains(stderr, "20260109090000_plugin names "+posts+" in After, and not as a plain string in this folder") {
		t.Errorf("code %d:\n%s", code, stderr)
	}
	if got := ids(t, dir); !slices.Equal(got, []string{authors, posts}) {
		t.Errorf("files of %q", got)
	}
}
