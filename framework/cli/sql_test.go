package cli

import (
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/migrate"
)

// Neither the connection's secrets nor those in an error of a migration get into
// SQL that is passed around.
func TestNoSecretInSQL(t *testing.T) {
	for _, args := range [][]string{
		{"sql"}, {"sql", "base:head"}, {"sql", "--dialect", "sqlite"}, {"plan"}, {"plan", "down"}, {"up", "--dry-run"}, {"down", "--dry-run"}, {"show", "head"},
	} {
		for _, address := range []string{"postgres://app:canary@127.0.0.1:1/shop?sslmode=disable", "postgres://app:canary@127.0.0.1:banana/shop", "sqlite::memory:"} {
			for _, more := range [][]string{nil, {"--json"}, {"--debug"}} {
				app := fixture("fails")
				app.Environ = []string{"APP_ENV=test", "DATABASE_URL=" + address}
				all := append(append([]string{}, args...), more...)
				out, err, _ := outputOf(t, app, all...)
				if strings.Contains(out+err, "canary") {
					t.Errorf("%q %s:\n%s%s", all, address, out, err)
				}
			}
		}
	}
}

// The same migrations give the same text.
func TestSQLIsTheSameTwice(t *testing.T) {
	for _, dialect := range []string{"postgres", "sqlite"} {
		app := fixture("reads")
		first, _, code := outputOf(t, app, "sql", "--dialect", dialect)
		again, _, _ := outputOf(t, app, "sql", "--dialect", dialect)
		if first != again || first == "" || code != codeFailed {
			t.Errorf("exit code %d\n%s\n%s", code, first, again)
		}
	}
}

func TestPlanTarget(t *testing.T) {
	for _, tt := range []struct {
		words string
		d     migrate.Direction
		t     migrate.Target
		fails bool
	}{
		{"", migrate.Up, migrate.Head, false},
		{"up", migrate.Up, migrate.Head, false},
		{"up 2", migrate.Up, migrate.Steps(2), false},
		{"up posts", migrate.Up, migrate.To("posts"), false},
		{"posts", migrate.Up, migrate.To("posts"), false},
		{"2", migrate.Up, migrate.Steps(2), false},
		{"down", migrate.Down, migrate.Steps(1), false},
		{"down base", migrate.Down, migrate.Base, false},
		{"downgrade 3", migrate.Down, migrate.Steps(3), false},
		{"up base", 0, migrate.Target{}, true},
		{"down head", 0, migrate.Target{}, true},
		{"base", 0, migrate.Target{}, true},
		{"posts 2", 0, migrate.Target{}, true},
	} {
		d, target, err := planTarget(&call{args: strings.Fields(tt.words)})
		if tt.fails != (err != nil) || err == nil && (d != tt.d || target.String() != tt.t.String()) {
			t.Errorf("%q: %s %s %v", tt.words, d, target, err)
		}
	}
}
