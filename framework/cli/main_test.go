package cli

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	_ "github.com/leavendb/leaven/framework/dialect/postgres"
	_ "github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/uptrace/bun"
)

var update = flag.Bool("update", false, "write what the scripts print into their expectations")

// TestMain lets the test binary be the program that the scripts run: FIXTURE
// names its set of migrations.
func TestMain(m *testing.M) {
	if os.Getenv("AS_PROGRAM") != "" { // for tests that need a process of their own
		Main(fixture(os.Getenv("FIXTURE")))
	}
	testscript.Main(m, map[string]func(){"migrate": func() { Main(fixture(os.Getenv("FIXTURE"))) }})
}

// TestScripts tells each verb's behaviour, on both databases.
func TestScripts(t *testing.T) {
	scripts, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(scripts) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, kind := range []string{"sqlite", "postgres"} {
		for _, script := range scripts {
			t.Run(kind+"/"+strings.TrimSuffix(filepath.Base(script), ".txtar"), func(t *testing.T) {
				t.Parallel()
				db, url := database(t, kind)
				run(t, script, kind, db, url)
			})
		}
	}
}

// raceOptions spare each process the second that the race detector waits before
// one ends.
const raceOptions = "atexit_sleep_ms=0"

// database makes an empty database of the kind.
func database(t *testing.T, kind string) (*bun.DB, string) {
	if kind == "postgres" {
		return pgtest.New(t)
	}
	db, path := sqlitetest.New(t)
	return db, "sqlite:" + path
}

func run(t *testing.T, script, kind string, db *bun.DB, url string) {
	testscript.Run(t, testscript.Params{
		Files: []string{script}, UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			e.Setenv("DATABASE_URL", url)
			e.Setenv("FIXTURE", "shop")
			e.Setenv("GORACE", raceOptions)
			e.Setenv("ROLE", fmt.Sprintf("flags_%d", os.Getpid()))  // roles belong to the server
			e.Setenv("NAME", path.Base(strings.Split(url, "?")[0])) // of the database
			return nil
		},
		Condition: func(c string) (bool, error) {
			if c == "postgres" || c == "sqlite" {
				return c == kind, nil
			}
			return false, fmt.Errorf("unknown condition %q", c)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "tidy": tidy,
			"sql": func(ts *testscript.TestScript, _ bool, args []string) {
				if _, err := db.Exec(strings.Join(args, " ")); err != nil {
					ts.Fatalf("%v", err)
				}
			},
			"count": func(ts *testscript.TestScript, _ bool, args []string) {
				var n int
				if err := db.QueryRow(strings.Join(args[1:], " ")).Scan(&n); err != nil || strconv.Itoa(n) != args[0] {
					ts.Fatalf("got %d, want %s, %v", n, args[0], err)
				}
			},
		},
	})
}

// exits CODE PROGRAM ARGS… runs a program that must end with the code. What it
// writes with --json must be what the schema says.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var e *exec.ExitError
	if errors.As(err, &e) {
		code = e.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
	out := ts.ReadFile("stdout")
	if slices.Contains(args, "--json") || slices.Contains(args, "--events") && out != "" {
		if err := conforms(out); err != nil {
			ts.Fatalf("%v", err)
		}
	}
}

// what differs between two runs of a script.
var changing = []struct {
	find *regexp.Regexp
	put  string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT[\d:.]+Z`), "TIME"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ`), "TIME"},
	{regexp.MustCompile(`("elapsed_ms": ?)\d+`), "${1}0"},
	{regexp.MustCompile(`"url":"[^"]*"`), `"url":"DATABASE"`},
	{regexp.MustCompile(`(<1|\d+) ms`), "MS"},
	{regexp.MustCompile(`("(applied_by|by)": )"[^"]*"`), `${1}"WHO"`},
	{regexp.MustCompile(`(?s),\n  "sql": \{.*?\n  \}`), ""}, // each database has its own
	{regexp.MustCompile(`("(app_version|tool|leaven|app|commit|go)": )"[^"]*"`), `${1}"VERSION"`},
}

// tidy stdout|stderr writes the last output, without what changes from run to
// run, to tidy.txt.
func tidy(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	for _, c := range changing {
		text = c.find.ReplaceAllString(text, c.put)
	}
	if !strings.HasPrefix(text, "{") {
		text = regexp.MustCompile(`  +`).ReplaceAllString(text, "  ") // the width of columns depends on times
	}
	if err := os.WriteFile(ts.MkAbs("tidy.txt"), []byte(text), 0o644); err != nil {
		ts.Fatalf("%v", err)
	}
}

// output runs the commands in this process and returns what they print.
func outputOf(t *testing.T, app App, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	if app.Environ == nil {
		app.Environ = []string{}
	}
	p := newProgram(app, args)
	root := p.commands()
	var out, err bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&err)
	root.SetIn(strings.NewReader(""))
	root.SetArgs(args)
	code = ExitCode(root.Execute())
	return out.String(), err.String(), code
}
