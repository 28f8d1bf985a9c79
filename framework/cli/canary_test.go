package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
)

// canary has every sign that has a meaning in an address.
const canary = "C4nary@:/?%# é'x"

// canaryForms are how it could stand in an output.
func canaryForms() []string {
	return []string{canary, url.QueryEscape(canary), url.PathEscape(canary), url.UserPassword("", canary).String()[1:], "C4nary", "é'x", "%C3%A9"}
}

// wordsOf is how each command is called, and what it is called with.
func wordsOf(name string) []string {
	return map[string][]string{
		"wait": {"wait", "--for", "1ms"}, "ping": {"ping"}, "show": {"show", failing}, "resolve": {"resolve", "--applied", failing},
		"repair": {"repair", failing}, "stamp": {"stamp", likes}, "new": {"new", "x", "--empty"}, "merge": {"merge"}, "rebase": {"rebase", failing},
		"reset": {"reset", "--confirm"}, "down": {"down", "--yes"}, "redo": {"redo", "--yes"}, "completion": {"completion", "bash"}, "help": {"help", "up"},
	}[name]
}

// TestNoCommandShowsASecret runs every command in every kind of failure and in
// every form of output.
func TestNoCommandShowsASecret(t *testing.T) {
	t.Chdir(t.TempDir())
	_, login := pgtest.PasswordRole(t, pgtest.URL(t))
	_, good := pgtest.New(t)
	u, err := url.Parse(login)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(u.User.Username(), canary)
	wrong := u.String()
	g, err := url.Parse(good)
	if err != nil {
		t.Fatal(err)
	}
	g.User = url.UserPassword(g.User.Username(), canary) // a server that trusts us takes any password
	trusted := g.String()
	unreachable := "postgres://app:" + url.QueryEscape(canary) + "@127.0.0.1:1/shop"
	talkative := func() App {
		return withMigration(migrate.Migration{ID: failing, After: []string{likes}, Down: nothing, Up: func(ctx context.Context, db bun.IDB) error {
			_, err := db.ExecContext(ctx, "SELECT '"+strings.ReplaceAll(canary, "'", "''")+"' FROM nowhere")
			return fmt.Errorf("dial %s (%s): %w", trusted, canary, errors.Join(err, errors.New("host=h password='"+canary+"'")))
		}})
	}
	panics := func() App {
		app := fixture("shop")
		app.Open = func(context.Context) (*bun.DB, error) { panic("bad DSN " + trusted) }
		return app
	}
	opens := func() App {
		app := fixture("shop")
		app.Open = func(context.Context) (*bun.DB, error) { return nil, errors.New("open " + unreachable) }
		return app
	}
	secretFile := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secretFile, []byte(canary), 0o600); err != nil {
		t.Fatal(err)
	}
	shop := func() App { return fixture("shop") }
	for _, failure := range []struct {
		name    string
		app     func() App
		environ []string
	}{
		{"wrong password", shop, []string{"DATABASE_URL=" + wrong}},
		{"unreachable", shop, []string{"DATABASE_URL=" + unreachable}},
		{"bad port", shop, []string{"DATABASE_URL=" + strings.Replace(unreachable, ":1/", ":x/", 1)}},
		{"raw in the address", shop, []string{"DATABASE_URL=postgres://app:" + canary + "@127.0.0.1:1/shop"}},
		{"pairs", shop, []string{"DATABASE_URL=host=127.0.0.1 port=1 password='" + strings.ReplaceAll(canary, "'", `\'`) + "'"}},
		{"pairs that are broken", shop, []string{"DATABASE_URL=host=127.0.0.1 port=1 password='" + canary + "'"}},
		{"by parts", shop, []string{"DB_HOST=127.0.0.1", "DB_PORT=1", "DB_NAME=d", "DB_PASSWORD=" + canary}},
		{"by libpq", shop, []string{"DATABASE_URL=postgres://127.0.0.1:1/d", "PGPASSWORD_FILE=" + secretFile}},
		{"that lost", shop, []string{"MIGRATE_DATABASE_URL=postgres://127.0.0.1:1/d", "DATABASE_URL=" + unreachable}},
		{"migration", talkative, []string{"DATABASE_URL=" + trusted}},
		{"panic of Open", panics, []string{"DATABASE_URL=" + trusted}},
		{"error of Open", opens, []string{"DATABASE_URL=" + unreachable}},
	} {
		t.Run(failure.name, func(t *testing.T) {
			for _, name := range newProgram(App{}, nil).commandsForTest() {
				if name == "exec" {
					continue // would become another program
				}
				args := wordsOf(name)
				if args == nil {
					args = []string{name}
				}
				for _, more := range [][]string{nil, {"--debug"}, {"--json"}, {"--events"}, {"LOG_FORMAT=json"}} {
					app := failure.app()
					app.Environ = append([]string{"APP_ENV=test"}, failure.environ...)
					words := args
					if len(more) > 0 && !strings.HasPrefix(more[0], "--") {
						app.Environ = append(app.Environ, more...)
					} else {
						words = append(append([]string{}, args...), more...)
					}
					out, stderr, _ := outputOf(t, app, words...)
					for _, form := range canaryForms() {
						if strings.Contains(out+stderr, form) {
							t.Errorf("%q %q shows %q:\n%s%s", words, more, form, out, stderr)
							break
						}
					}
				}
			}
		})
	}
}
