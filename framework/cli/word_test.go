package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/spf13/cobra"
	"github.com/uptrace/bun"
)

func TestTargets(t *testing.T) {
	for _, c := range []struct{ word, up, down string }{
		{"", "head", "1"}, {"head", "head", "-"}, {"base", "-", "base"}, {"3", "3", "3"}, {"+2", "2", "+2"}, {"+x", "-", "+x"},
		{"0", "-", "-"}, {"9999", "9999", "9999"}, {"10000", "10000", "10000"}, {"0001", "0001", "0001"}, {"20260101", "20260101", "20260101"}, {"posts", "posts", "posts"},
	} {
		show := func(target migrate.Target, err error) string {
			if err != nil {
				return "-"
			}
			return target.String()
		}
		if up, down := show(upTarget(c.word)), show(downTarget(c.word)); up != c.up || down != c.down {
			t.Errorf("%q: up %s, down %s", c.word, up, down)
		}
	}
	if target, _ := upTarget("0001"); fmt.Sprintf("%#v", target) != fmt.Sprintf("%#v", migrate.To("0001")) {
		t.Error("0001 is the beginning of an ID")
	}
	if target, _ := upTarget("9999"); fmt.Sprintf("%#v", target) != fmt.Sprintf("%#v", migrate.Steps(9999)) {
		t.Error("9999 is a number")
	}
}

// Whatever is typed where a revision stands is understood or refused, with an
// error that says how it was called: nothing panics, and no number becomes
// another.
func FuzzRevisionWords(f *testing.F) {
	for _, word := range []string{"", "head", "base", "2", "+2", "-2", "0", "0001", "99999", "20260101", "posts", "a:b", ":", "::", "+", "\x00", "head:base", "9999999999999999999999"} {
		f.Add(word)
	}
	known := &statusView{Head: likes, Current: posts, Migrations: []entryView{{ID: authors}, {ID: posts}, {ID: likes}}}
	app := fixture("shop")
	offline, err := migrate.NewOffline(migrate.Options{Registry: app.Registry, Sources: app.Sources})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, word string) {
		var refused *refusal
		for name, read := range map[string]func(string) (migrate.Target, error){"up": upTarget, "down": downTarget} {
			target, err := read(word)
			if err != nil {
				if !errors.As(err, &refused) || refused.code != codeUsage || len(refused.next) == 0 {
					t.Errorf("%s %q: %v", name, word, err)
				}
				continue
			}
			if n, ok := steps(strings.TrimPrefix(word, "+")); ok && target.String() != fmt.Sprint(n) && target.String() != word {
				t.Errorf("%s %q is %s", name, word, target)
			}
		}
		id, err := known.find(word)
		var unknown *migrate.RevisionError
		if err != nil && !errors.As(err, &unknown) {
			t.Errorf("show %q: %v", word, err)
		}
		if err == nil && id != authors && id != posts && id != likes {
			t.Errorf("show %q is %q", word, id)
		}
		for _, args := range [][]string{{word}, {"up", word}, {"down", word}} {
			_, _, err := planTarget(&call{args: args})
			if err != nil && !errors.As(err, &refused) {
				t.Errorf("plan %q: %v", args, err)
			}
		}
		from, to, _ := strings.Cut(word, ":")
		for _, end := range []string{from, to} {
			if _, err := offline.At(rangeTarget(end, migrate.Head)); err != nil && !errors.As(err, &unknown) {
				t.Errorf("sql %q: %v", word, err)
			}
		}
	})
}

func TestNearest(t *testing.T) {
	words := []string{"up", "status", "history", "stamp", "show"}
	for word, want := range map[string]string{"stauts": "status", "stat": "status", "histroy": "history", "upp": "up", "frobnicate": "", "x": "", "shwo": "show"} {
		if got := nearest(word, words); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}

func TestTook(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "<1 ms", 999 * time.Microsecond: "<1 ms", 12 * time.Millisecond: "12 ms", 1200 * time.Millisecond: "1.2 s",
		42 * time.Second: "42 s", 125 * time.Second: "2 min 5 s", 2*time.Hour + 3*time.Minute: "2 h 3 min",
	} {
		if got := took(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

// Each error of the library has its exit code, through any wrapping.
func TestExitCodes(t *testing.T) {
	c := &call{program: newProgram(App{}, nil), cmd: &cobra.Command{Use: "up"}}
	c.root = c.commands()
	for _, test := range []struct {
		err  error
		code int
	}{
		{&migrate.StepError{ID: "1_a", Err: errors.New("x")}, 1},
		{errors.New("anything"), 1},
		{&migrate.RevisionError{Revision: "x"}, 2},
		{&migrate.ConfigError{What: "x"}, 2},
		{misuse("x"), 2},
		{&migrate.LockError{}, 5},
		{&migrate.LockError{ID: "1_a", Blockers: []dialect.Session{{PID: 7, Application: "psql", Query: "SELECT 1", Age: time.Second}}}, 5},
		{&migrate.DatabaseError{Kind: migrate.ErrUnreachable, Err: errors.New("x")}, 6},
		{&migrate.DatabaseError{Kind: migrate.ErrReadOnly, Fault: dialect.Fault{Class: dialect.ReadOnly, Code: "25006"}, Err: errors.New("x")}, 6},
		{&migrate.RegistryError{Problems: []migrate.Problem{{ID: "1_a", Message: "x"}}}, 7},
		{&migrate.HistoryError{Kind: migrate.ErrEdited, IDs: []string{"1_a"}}, 7},
		{&migrate.HistoryError{Kind: migrate.ErrGap, IDs: []string{"1_a"}, Next: []string{"stamp 1_a"}}, 7},
		{&migrate.IrreversibleError{ID: "1_a", Why: "x"}, 9},
		{forbidden("x", "y"), 9},
		{&migrate.StoppedError{ID: "1_a", State: "rolled back"}, 130},
		{&migrate.StoppedError{ID: "1_a", Err: context.DeadlineExceeded}, 1},
		{context.Canceled, 130},
	} {
		e := c.explain(fmt.Errorf("wrapped: %w", test.err))
		if e.code != test.code {
			t.Errorf("%T: code %d, want %d", test.err, e.code, test.code)
		}
		var b bytes.Buffer
		e.write(output{w: &b})
		if !strings.HasPrefix(b.String(), "Error: ") || strings.Contains(b.String(), "{migrate}") {
			t.Errorf("%T: %s", test.err, b.String())
		}
	}
}

// Every class of fault that a newcomer meets has advice, with a place to look.
func TestHints(t *testing.T) {
	l := link{URL: "postgres://h/db", From: "DATABASE_URL"}
	for _, class := range []dialect.Class{
		dialect.Unavailable, dialect.ConnectionLost, dialect.Auth, dialect.NoDatabase, dialect.TLS, dialect.NoPrivilege, dialect.LockTimeout,
		dialect.Busy, dialect.Exists, dialect.Unique, dialect.NotNull, dialect.Constraint, dialect.EnumUncommitted, dialect.ReadOnly, dialect.Full, dialect.IdleTimeout,
	} {
		if h := hintFor(dialect.Fault{Class: class}, l); len(h.next) == 0 {
			t.Errorf("%s has no advice", class)
		}
	}
}

// Mounted into an application's own commands, everything keeps its meaning:
// suggested commands are those that the user can type, and errors keep codes.
func TestMounted(t *testing.T) {
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"db version", 0, "db 1.2.3"},
		{"db", 0, "To apply, run: shop db up"},
		{"db stauts", 2, "did you mean: shop db status"},
		{"db up --xyz", 2, "run: shop db help up"},
		{"db help up", 0, "shop db up [N | REVISION]"},
		{"db help nonsense", 2, "there is no command"},
		{"db up nosuch", 2, `no migration is called "nosuch"`},
	} {
		app := fixture("shop")
		app.Name = "db"
		app.Environ = []string{"DATABASE_URL=sqlite::memory:"}
		root := &cobra.Command{Use: "shop", SilenceUsage: true}
		root.AddCommand(New(app))
		var out bytes.Buffer
		root.SetOut(&out)
		root.SetErr(&out)
		root.SetArgs(strings.Fields(c.args))
		if code := ExitCode(root.Execute()); code != c.code || !strings.Contains(out.String(), c.want) {
			t.Errorf("shop %s: code %d\n%s", c.args, code, out.String())
		}
	}
}

// The application's own way to its database counts, unless somebody overrides it.
func TestOpenedByTheApplication(t *testing.T) {
	app := fixture("shop")
	app.Open = func(context.Context) (*bun.DB, error) { return sqlitetest.Open(t, t.TempDir()+"/own.db"), nil }
	app.Environ = []string{"APP_ENV=production"}
	out, stderr, code := outputOf(t, app, "up")
	if code != 0 || !strings.Contains(out, "Applied 3 migrations") || !strings.Contains(stderr, "Database: opened by the application\n") {
		t.Errorf("%d %s%s", code, out, stderr)
	}
	app.Open = func(context.Context) (*bun.DB, error) { return nil, errors.New("config file app.toml is missing") }
	_, stderr, code = outputOf(t, app, "status")
	if code != 1 || !strings.Contains(stderr, "Error: config file app.toml is missing.") {
		t.Errorf("%d %s", code, stderr)
	}
	out, _, code = outputOf(t, app, "status", "--database-url", "sqlite::memory:")
	if code != 0 || !strings.Contains(out, "3 pending") {
		t.Errorf("%d %s", code, out)
	}
}

func TestExitCodeOfForeignErrors(t *testing.T) {
	if ExitCode(nil) != 0 || ExitCode(errors.New("x")) != 2 || ExitCode(fmt.Errorf("w: %w", &exitError{code: 7})) != 7 {
		t.Error("codes")
	}
}
