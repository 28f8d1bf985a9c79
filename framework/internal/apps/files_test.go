package apps

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/internal/pgtest"
)

// read lets the module testdata/strict read the container and cluster files of an
// application. Its own modules come as all others do.
func (m made) read(t *testing.T, proxy string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "test", "./...")
	cmd.Dir = filepath.Join("testdata", "strict")
	cmd.Env = append(os.Environ(), "GOPROXY="+proxy, "APPLICATION="+m.dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// proxyOf is where modules come from, before offline says from nowhere.
func proxyOf(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOPROXY").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func TestContainerAndClusterFiles(t *testing.T) {
	proxy := proxyOf(t)
	m := theShop(t)
	m.read(t, proxy)
}

var runs = regexp.MustCompile(`(?m)^        run: (?:\|\n((?:          .*\n)+)|(.*)\n)`)

// TestWorkflow runs the steps of the workflow on a PostgreSQL, as a pull request
// that adds a migration to main: with git as it is, and a gh that keeps the comment.
func TestWorkflow(t *testing.T) {
	m := newShop(t)
	_, url := pgtest.New(t)
	text, err := os.ReadFile(filepath.Join(m.dir, ".github", "workflows", "migrations.yml"))
	if err != nil {
		t.Fatal(err)
	}
	said := m.pullRequest(t)
	env := []string{"APP_ENV=ci", "DATABASE_URL=" + url, "GITHUB_BASE_REF=main", "PATH=" + filepath.Dir(said) + string(os.PathListSeparator) + os.Getenv("PATH")}
	var ran []string
	for _, step := range runs.FindAllStringSubmatch(string(text), -1) {
		script := strings.ReplaceAll(step[1]+step[2], "${{ github.event.number }}", "7")
		ran = append(ran, script)
		m.do(t, "set -e\n"+script, env...)
	}
	all := strings.Join(ran, "\n")
	for _, want := range []string{"go build -o bin/ ./...", "go vet ./...", `TEST_DATABASE_URL="$DATABASE_URL" go test ./...`, "bin/migrate validate", "bin/migrate check --replay", "bin/migrate up", "bin/migrate status --exit-code"} {
		if !strings.Contains(all, want) {
			t.Errorf("no step runs %s", want)
		}
	}
	comment, err := os.ReadFile(said)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(comment), "pr comment 7 ") || !strings.Contains(string(comment), `ADD COLUMN "note"`) || !strings.Contains(string(comment), "```sql\n") || strings.Contains(string(comment), `CREATE TABLE "products"`) {
		t.Errorf("the comment is not the SQL of this pull request alone:\n%s", comment)
	}
}

// pullRequest makes the application a branch behind main of a repository, with one
// migration more. It returns the file that gets what gh is given.
func (m made) pullRequest(t *testing.T) (said string) {
	t.Helper()
	tools := t.TempDir()
	said = filepath.Join(tools, "said")
	gh := "#!/bin/sh\n{ echo \"$@\"; cat \"$5\"; } > " + said + "\n"
	if err := os.WriteFile(filepath.Join(tools, "gh"), []byte(gh), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"GIT_CONFIG_GLOBAL": os.DevNull, "GIT_CONFIG_SYSTEM": os.DevNull, "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.com", "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.com"} {
		t.Setenv(name, value)
	}
	m.do(t, "git init -q -b main && git add . && git commit -q -m first && git clone -q --bare . ../origin.git && git remote add origin ../origin.git && git fetch -q origin && git checkout -q -b notes")
	model := filepath.Join(m.dir, "models", "product.go")
	text, err := os.ReadFile(model)
	if err != nil {
		t.Fatal(err)
	}
	text = append(bytes.TrimRight(text, "}\n"), "\n\tNote string `json:\"note\"`\n}\n"...)
	if err := os.WriteFile(model, text, 0o644); err != nil {
		t.Fatal(err)
	}
	m.do(t, "gofmt -w models && go build -o bin/ ./cmd/migrate && bin/migrate up && bin/migrate new && git add . && git commit -q -m note")
	return said
}
