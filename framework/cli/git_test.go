package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/leavendb/leaven/scaffold"
)

// repository is a git repository with a folder of migrations, and the program
// that is built of it.
type repository struct {
	t        *testing.T
	dir, url string
}

func newRepository(t *testing.T, url string) repository {
	r := repository{t: t, dir: t.TempDir(), url: url}
	if err := os.Mkdir(r.migrations(), 0o755); err != nil {
		t.Fatal(err)
	}
	r.git("init", "--quiet", "--initial-branch=main")
	return r
}

func (r repository) migrations() string { return filepath.Join(r.dir, "migrations") }

// git runs git, without the settings of whoever runs the test.
func (r repository) git(args ...string) string {
	r.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=Ann", "GIT_AUTHOR_EMAIL=ann@example.org", "GIT_COMMITTER_NAME=Ann", "GIT_COMMITTER_EMAIL=ann@example.org")
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return string(out)
}

func (r repository) commit(message string) {
	r.t.Helper()
	r.git("add", "--all")
	r.git("commit", "--quiet", "--message="+message)
}

// migrate runs the program that is built of the files as they are now.
func (r repository) migrate(code int, args ...string) (stdout, stderr string) {
	r.t.Helper()
	app := App{Dir: r.migrations(), Registry: registryOf(r.t, r.migrations()), Environ: []string{"DATABASE_URL=" + r.url}}
	stdout, stderr, got := outputOf(r.t, app, args...)
	if got != code {
		r.t.Fatalf("migrate %q: code %d, want %d:\n%s%s", args, got, code, stdout, stderr)
	}
	return stdout, stderr
}

// Two people write a migration each, on a branch of their own. git merges the
// branches without a word; up does not, and both ways out that it names end with
// a history in which everything is applied.
func TestTwoBranchesOfARepository(t *testing.T) {
	for _, kind := range []string{"sqlite", "postgres"} {
		for _, tt := range []struct {
			do      []string
			changed string // by the commit, as git tells it
		}{
			{[]string{"merge", "invoices", "and", "teams"}, `^A\tmigrations/\d{14}_invoices_and_teams\.go\n$`},
			{[]string{"rebase", "invoices"}, `^R\d+\tmigrations/\d{14}_invoices\.go\tmigrations/\d{14}_invoices\.go\n$`},
		} {
			t.Run(kind+"/"+tt.do[0], func(t *testing.T) {
				t.Parallel()
				_, url := database(t, kind)
				r := newRepository(t, url)
				put(t, r.migrations(), scaffold.Node{ID: authors})
				r.commit("authors")
				r.migrate(codeOK, "up")

				r.git("switch", "--quiet", "--create", "invoices")
				r.migrate(codeOK, "new", "invoices")
				r.commit("invoices")
				r.git("switch", "--quiet", "main")
				r.migrate(codeOK, "new", "teams")
				r.commit("teams")
				r.migrate(codeOK, "up")

				r.git("merge", "--quiet", "--no-edit", "invoices")
				heads, _ := r.migrate(codeOK, "heads")
				if strings.Count(heads, "\n") != 2 {
					t.Errorf("heads: %s", heads)
				}
				_, stderr := r.migrate(codeHistory, "up")
				if !strings.Contains(stderr, "migrate "+tt.do[0]) {
					t.Errorf("%s is not advised:\n%s", tt.do[0], stderr)
				}
				r.migrate(codeOK, tt.do...)
				r.commit(tt.do[0])
				if got := r.git("show", "--format=", "--name-status", "--find-renames=40%"); !regexp.MustCompile(tt.changed).MatchString(got) {
					t.Errorf("%s changed:\n%s", tt.do[0], got)
				}
				r.migrate(codeOK, "up")
				stdout, _ := r.migrate(codeOK, "status", "--exit-code")
				if !strings.Contains(stdout, "nothing pending") {
					t.Error(stdout)
				}
				r.migrate(codeOK, "validate")
				if left := r.git("status", "--porcelain"); left != "" {
					t.Errorf("left in the working tree:\n%s", left)
				}
			})
		}
	}
}

// Nothing needs git: neither the program on the PATH nor a repository.
func TestWithoutGit(t *testing.T) {
	_, url := database(t, "sqlite")
	r := repository{t: t, dir: t.TempDir(), url: url}
	t.Setenv("PATH", "")
	if err := os.Mkdir(r.migrations(), 0o755); err != nil {
		t.Fatal(err)
	}
	put(t, r.migrations(), scaffold.Node{ID: authors}, scaffold.Node{ID: posts, After: []string{authors}}, scaffold.Node{ID: likes, After: []string{authors}})
	for _, args := range []string{"merge", "new more", "up", "rebase more", "status", "history", "validate", "info", "version", "plan down", "redo", "sql :", "down 2", "stamp head", "reset --confirm"} {
		r.migrate(codeOK, strings.Fields(args)...)
	}
}
