package apps

import (
	"encoding/json"
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

	text, err := os.ReadFile(filepath.Join(m.dir, "deploy", "ecs-task.json"))
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(text) {
		t.Errorf("the task of ECS is no JSON:\n%s", text)
	}
}

var runs = regexp.MustCompile(`(?m)^        run: ([^|\n].*)$`)

// TestWorkflow runs the steps of the workflow on a PostgreSQL, and the one that
// shows the SQL of a pull request as far as it does not need GitHub.
func TestWorkflow(t *testing.T) {
	m := theShop(t)
	_, url := pgtest.New(t)
	text, err := os.ReadFile(filepath.Join(m.dir, ".github", "workflows", "migrations.yml"))
	if err != nil {
		t.Fatal(err)
	}
	steps := runs.FindAllSubmatch(text, -1)
	if len(steps) < 5 {
		t.Fatalf("%d steps", len(steps))
	}
	env := []string{"APP_ENV=ci", "DATABASE_URL=" + url}
	for _, s := range steps {
		m.do(t, string(s[1]), env...)
	}
	m.do(t, "bin/migrate down --to base --yes", env...)
	if out := m.do(t, "bin/migrate sql", env...); !strings.Contains(out, `CREATE TABLE "products"`) {
		t.Error(out)
	}
}
