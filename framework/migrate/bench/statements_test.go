package bench

import (
	"context"
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
)

// calls is a query hook that notes each call of a database as the words with
// which its statements begin. SQLite has no wire on which they could be counted.
type calls struct{ all []string }

// BeforeQuery implements bun.QueryHook.
func (c *calls) BeforeQuery(ctx context.Context, e *bun.QueryEvent) context.Context {
	var words []string
	for statement := range strings.SplitSeq(e.Query, "; ") {
		word, rest, _ := strings.Cut(statement, " ")
		if word == "PRAGMA" {
			word += " " + rest
		}
		words = append(words, word)
	}
	c.all = append(c.all, strings.Join(words, "; "))
	return ctx
}

// AfterQuery implements bun.QueryHook.
func (*calls) AfterQuery(context.Context, *bun.QueryEvent) {}

// spent are the calls that f makes.
func (c *calls) spent(tb testing.TB, f func() error) string {
	tb.Helper()
	c.all = nil
	if err := f(); err != nil {
		tb.Fatal(err)
	}
	return strings.Join(c.all, "\n")
}

// TestSQLiteStatements holds what a run on SQLite sends: the first step asks
// whether a NoTx migration is at work and what the history is, the others only
// whether anybody else has committed since.
func TestSQLiteStatements(t *testing.T) {
	t.Parallel()
	const locked = "BEGIN\nPRAGMA main.incremental_vacuum(1)\nPRAGMA main.data_version\n"
	const asked = "PRAGMA database_list\nSELECT\n"
	run := func(begin, step string, n int) string {
		return begin + locked + asked + step + strings.Repeat(locked+step, n-1)
	}
	const n = 4
	db, _ := sqlitetest.New(t)
	c := &calls{}
	db = db.WithQueryHook(c)
	ctx := t.Context()
	on := func(n int) *migrate.Migrator {
		return migrator(t, db, migrate.Options{Registry: registry(n)})
	}
	if err := up(ctx, on(1), 1); err != nil { // the history tables
		t.Fatal(err)
	}
	m := on(1 + n)
	for _, w := range []struct {
		name, want string
		do         func() error
	}{
		{"up", run("SELECT\nSELECT\n", "SAVEPOINT; INSERT\nCREATE\nRELEASE; INSERT; UPDATE\nCOMMIT\n", n), func() error { return up(ctx, m, n) }},
		{"nothing pending", "SELECT\n", func() error { return up(ctx, m, 0) }},
		{"status", "SELECT\n", func() error { _, err := m.Status(ctx); return err }},
		{"down", run("SELECT\n", "SAVEPOINT; UPDATE\nDROP\nRELEASE; INSERT; DELETE\nCOMMIT\n", n), func() error { return expect(n)(m.Down(ctx, migrate.Steps(n))) }},
	} {
		if got := c.spent(t, w.do) + "\n"; got != w.want {
			t.Errorf("%s sends\n%sinstead of\n%s", w.name, got, w.want)
		}
	}
}
