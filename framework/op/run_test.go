package op_test

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/driver/pgdriver"
)

// watched returns a context whose Env collects the events.
func watched(t *testing.T, env *op.Env) (context.Context, *[]op.Event) {
	var events []op.Event
	env.Sink = func(e op.Event) { events = append(events, e) }
	return op.WithEnv(t.Context(), env), &events
}

func exec(t *testing.T, db bun.IDB, sql string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func count(t *testing.T, db bun.IDB, query string) (n int) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func TestRunTellsWhatItDid(t *testing.T) {
	db, _ := pgtest.New(t)
	ctx, events := watched(t, &op.Env{})
	drop := op.DropTable{Name: "images", Was: &schema.Table{Name: "images",
		Columns: []schema.Column{{Name: "id", Type: schema.BigInt}},
		Indexes: []schema.Index{{Name: "images_id", Parts: schema.Columns("id")}}}}
	back, err := drop.Reversed()
	if err != nil {
		t.Fatal(err)
	}
	if err := op.Run(ctx, db, back, op.SQL{All: "SELECT '{}'::jsonb ? 'a'"}, &op.DropIndex{Table: "images", Name: "images_id"}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range *events {
		got = append(got, string(e.Outcome)+": "+e.Op.String()+": "+strings.Join(e.Statements, "; "))
	}
	want := []string{
		"ran: create table images: CREATE TABLE \"images\" (\n    \"id\" bigint\n)",
		`ran: create index images_id on images: CREATE INDEX "images_id" ON "images" ("id")`,
		`ran: run SQL SELECT '{}'::jsonb ? 'a': SELECT '{}'::jsonb ? 'a'`,
		`ran: drop index images_id on images: DROP INDEX "images_id"`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// unconnected is a database that nobody listens at: what is refused on it was
// refused without asking.
func unconnected(t *testing.T) *bun.DB {
	db := bun.NewDB(sql.OpenDB(pgdriver.NewConnector(pgdriver.WithAddr("127.0.0.1:1"), pgdriver.WithInsecure(true))), pgdialect.New())
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestRunRefusesWithoutAsking(t *testing.T) {
	db := unconnected(t)
	for _, c := range []struct {
		op   op.Op
		want string
	}{
		{op.SQL{SQLite: "VACUUM"}, "run SQL VACUUM: there is no SQL for postgres"},
		{op.DropTable{Name: strings.Repeat("x", 64)}, "PostgreSQL keeps 63"},
		{op.CreateTable{Name: "t"}, "create table t: it has no columns"},
	} {
		err := op.Run(t.Context(), db, op.CreateTable{Name: "first", Columns: []schema.Column{{Name: "id", Type: schema.BigInt}}}, c.op)
		var failed *op.Error
		if !errors.As(err, &failed) || failed.Statement != 0 || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	if err := op.Run(t.Context(), db); err != nil {
		t.Errorf("nothing to do: %v", err)
	}
}

func atoi(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
