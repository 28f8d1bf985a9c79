package cli

import (
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
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

// A dry run with --tx all shows the one transaction that a run would take, and
// refuses what the run refuses.
func TestDryRunOfOneTransaction(t *testing.T) {
	for _, tt := range []struct {
		args   string
		begins int
	}{
		{"up --dry-run", 4}, // one for the tables of the history
		{"up --tx all --dry-run", 2},
		{"up 1 --tx all --dry-run", 2},
	} {
		app := fixture("shop")
		app.Environ = []string{"APP_ENV=test", "DATABASE_URL=sqlite://" + t.TempDir() + "/shop.db"}
		out, stderr, code := outputOf(t, app, strings.Fields(tt.args)...)
		if n := strings.Count(out, "BEGIN;"); code != codeOK || n != tt.begins {
			t.Errorf("%s: exit code %d, BEGIN %d times\n%s%s", tt.args, code, n, out, stderr)
		}
	}
	app := fixture("shop")
	app.Registry.Register(migrate.Migration{ID: "20260104090000_outside", After: []string{likes}, NoTx: true, Rerunnable: true, Change: migrate.Reversible(makes("outside"))})
	app.Environ = []string{"APP_ENV=test", "DATABASE_URL=sqlite::memory:"}
	var said []string
	for _, args := range []string{"up --tx all --dry-run", "up --tx all"} {
		out, stderr, code := outputOf(t, app, strings.Fields(args)...)
		if code != codeUsage || strings.Contains(out, "BEGIN") || !strings.Contains(stderr, "20260104090000_outside is NoTx") {
			t.Errorf("%s: exit code %d\n%s%s", args, code, out, stderr)
		}
		said = append(said, stderr)
	}
	if said[0] != said[1] {
		t.Errorf("the dry run says\n%s\nand the run\n%s", said[0], said[1])
	}
}

// So it does where one migration adds a value to an enum and another uses it.
func TestOneTransactionOfANewEnumValue(t *testing.T) {
	app := fixture("shop")
	mood := func(values ...string) op.CreateEnum { return op.CreateEnum{Name: "mood", Values: values} }
	before := likes
	for _, m := range []migrate.Migration{
		{ID: "20260104090000_mood", Change: migrate.Reversible(mood("sad"))},
		{ID: "20260105090000_glad", Change: migrate.Reversible(op.AddEnumValue{Name: "mood", Value: "glad"})},
		{ID: "20260106090000_moods", Change: migrate.Reversible(op.CreateTable{Name: "moods", Columns: []schema.Column{
			{Name: "mood", Type: schema.EnumType("", "mood"), Default: schema.Literal("glad")}}})},
	} {
		m.After, before = []string{before}, m.ID
		app.Registry.Register(m)
	}
	_, address := pgtest.New(t)
	app.Environ = []string{"APP_ENV=test", "DATABASE_URL=" + address}
	for _, tt := range []struct {
		args string
		code int
	}{
		{"up --to mood", codeOK}, {"up --tx all --dry-run", codeUsage}, {"up --tx all", codeUsage}, {"up 1 --tx all", codeOK}, {"up --tx all", codeOK},
	} {
		out, stderr, code := outputOf(t, app, strings.Fields(tt.args)...)
		if code != tt.code {
			t.Fatalf("%s: exit code %d\n%s%s", tt.args, code, out, stderr)
		}
		for _, want := range []string{`20260106090000_moods cannot be part of one transaction with the others: it uses the value "glad" of enum mood, which 20260105090000_glad adds`, "apply up to 20260105090000_glad first"} {
			if code == codeUsage && !strings.Contains(stderr, want) {
				t.Errorf("%s says\n%s, not %q", tt.args, stderr, want)
			}
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
