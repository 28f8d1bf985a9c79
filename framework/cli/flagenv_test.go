package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// takes is a value that a flag takes, other than its default.
func takes(f *pflag.Flag) string {
	if c, ok := f.Value.(*choice); ok {
		return c.of[len(c.of)-1]
	}
	switch f.Value.Type() {
	case "bool":
		return map[string]string{"false": "true", "true": "false"}[f.DefValue]
	case "duration":
		return "7s"
	case "int":
		return "7"
	}
	return "word"
}

// Every flag of every command has its variable, and the typed flag is stronger.
func TestEachFlagHasItsVariable(t *testing.T) {
	for _, name := range append(newProgram(App{}, nil).commandsForTest(), "") {
		p := newProgram(App{}, nil)
		cmd, _, err := p.commands().Find(strings.Fields(name))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range p.ownFlags(cmd) {
			p := newProgram(App{Environ: []string{flagVariable(f.Name) + "=" + takes(f)}}, nil)
			root := p.commands()
			cmd, _, _ := root.Find(strings.Fields(name))
			seen := ""
			cmd.RunE = func(cmd *cobra.Command, args []string) error {
				return p.perform(cmd, args, func(c *call) (view, error) {
					if from := c.flagFrom[f.Name]; from.Name != flagVariable(f.Name) {
						t.Errorf("%s --%s: from %q", name, f.Name, from)
					}
					seen = cmd.Flag(f.Name).Value.String()
					return nil, nil
				})
			}
			root.SetArgs(strings.Fields(name))
			root.SetOut(new(strings.Builder))
			root.SetErr(new(strings.Builder))
			if err := root.Execute(); err != nil || strings.Trim(seen, "[]") != takes(f) {
				t.Errorf("%s --%s: %v, it is %q", name, f.Name, err, seen)
			}
		}
	}
}

// commandsForTest are the names of all commands.
func (p *program) commandsForTest() []string {
	var names []string
	for _, c := range p.commands().Commands() {
		names = append(names, c.Name())
	}
	return names
}

func TestVariablesOfFlags(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "settings")
	address := "sqlite:" + filepath.Join(dir, "a.db")
	text := "MIGRATE_HISTORY_TABLE=of_file\nMIGRATE_JSON=1\nDATABASE_URL=" + address + "\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name    string
		environ []string
		args    []string
		code    int
		says    string
	}{
		{"one is read", []string{"MIGRATE_HISTORY_TABLE=mine"}, []string{"info"}, 0, "mine"},
		{"what is typed is stronger", []string{"MIGRATE_HISTORY_TABLE=mine"}, []string{"info", "--history-table", "typed"}, 0, "typed"},
		{"of a file", nil, []string{"info", "--env-file", file}, 0, `"of_file"`},
		{"the file by a variable", []string{"MIGRATE_ENV_FILE=" + file}, []string{"info"}, 0, `"of_file"`},
		{"the environment is stronger than the file", []string{"MIGRATE_HISTORY_TABLE=mine"}, []string{"info", "--env-file", file}, 0, `"mine"`},
		{"two files by a variable", []string{"MIGRATE_ENV_FILE=" + file + string(os.PathListSeparator) + filepath.Join(dir, "nowhere")}, []string{"status"}, 2, "nowhere cannot be read"},
		{"a wrong value", []string{"MIGRATE_LOCK_WAIT=c4nary"}, []string{"up"}, 2, "MIGRATE_LOCK_WAIT has a value that --lock-wait does not take"},
		{"a wrong word", []string{"MIGRATE_TX=c4nary"}, []string{"up"}, 2, "--tx each or --tx all"},
		{"of another command", []string{"MIGRATE_LOCK_WAIT=c4nary"}, []string{"version"}, 0, ""},
		{"an empty one is not set", []string{"MIGRATE_LOCK_WAIT="}, []string{"up", "--dry-run"}, 0, ""},
		{"a secret in a file", []string{"MIGRATE_DATABASE_URL_FILE=" + write(t, "postgres://u:c4nary@127.0.0.1:1/d\n")}, []string{"info"}, 0, "from MIGRATE_DATABASE_URL_FILE"},
		{"pairs", []string{"DATABASE_URL=host=127.0.0.1 port=1 user=u password='c4nary x' dbname=d"}, []string{"up"}, 6, "connection refused"},
		{"what libpq says besides", []string{"DATABASE_URL=postgres://127.0.0.1/d", "PGPORT=1", "PGPASSWORD=c4nary", "PGUSER=u"}, []string{"info"}, 0, "(from DATABASE_URL, PGPASSWORD, PGPORT, PGUSER)"},
		{"a wrong one of libpq", []string{"DATABASE_URL=postgres://127.0.0.1/d", "PGPORT=c4nary"}, []string{"up"}, 2, "PGPORT is not a port"},
		{"a mode that is none", []string{"DATABASE_URL=postgres://127.0.0.1/d", "PGSSLMODE=c4nary"}, []string{"up"}, 2, "sslmode: must be one of disable"},
		{"a demand that cannot be met", []string{"DATABASE_URL=postgres://127.0.0.1/d", "PGREQUIREAUTH=scram-sha-256"}, []string{"up"}, 2, "require_auth: not supported"},
		{"a path", []string{"DATABASE_URL=shop.db"}, []string{"up"}, 2, "write: DATABASE_URL=sqlite:shop.db"},
		{"a path that exists", []string{"DATABASE_URL=" + file}, []string{"up"}, 2, "write sqlite: before its path"},
		{"a misspelt scheme", []string{"DATABASE_URL=postgress://u:c4nary@h/d"}, []string{"up"}, 2, "did you mean: postgres:"},
		{"SQLAlchemy's", []string{"DATABASE_URL=postgresql+psycopg2://u:c4nary@h/d"}, []string{"up"}, 2, "begin it with postgresql:"},
		{"JDBC's", []string{"DATABASE_URL=jdbc:postgresql://h/d?password=c4nary"}, []string{"up"}, 2, "begin it with postgresql:"},
		{"no scheme", []string{"DATABASE_URL=u:c4nary@h/d"}, []string{"up"}, 2, "use one of: postgres:"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app := fixture("shop")
			app.Environ = append([]string{"DATABASE_URL=sqlite:" + filepath.Join(t.TempDir(), "b.db")}, tt.environ...)
			if strings.Contains(strings.Join(tt.args, " "), "--env-file") || strings.Contains(strings.Join(tt.environ, " "), "ENV_FILE") {
				app.Environ = tt.environ
			}
			out, stderr, code := outputOf(t, app, tt.args...)
			if code != tt.code || !strings.Contains(out+stderr, tt.says) {
				t.Errorf("exit code %d, want %d and %q\n%s%s", code, tt.code, tt.says, out, stderr)
			}
			if strings.Contains(out+stderr, "c4nary") {
				t.Errorf("a value shows:\n%s%s", out, stderr)
			}
		})
	}
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
