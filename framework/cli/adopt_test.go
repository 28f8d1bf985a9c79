package cli

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/uptrace/bun"
)

// atWork lets another tool apply a migration while ours is about to record: just
// when the tables of our history are made.
type atWork struct {
	once sync.Once
	do   func()
}

func (a *atWork) BeforeQuery(ctx context.Context, e *bun.QueryEvent) context.Context {
	if strings.Contains(e.Query, "CREATE TABLE") && strings.Contains(e.Query, "leaven_history") {
		a.once.Do(a.do)
	}
	return ctx
}

func (*atWork) AfterQuery(context.Context, *bun.QueryEvent) {}

// What the other tool does between the plan and the record is noticed inside the
// transaction that records, which then records nothing.
func TestAdoptReadsAgain(t *testing.T) {
	db, url := pgtest.New(t)
	exec := func(statement string) {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Error(err)
		}
	}
	exec("CREATE TABLE goose_db_version (id integer PRIMARY KEY, version_id bigint, is_applied boolean, tstamp timestamp)")
	exec("INSERT INTO goose_db_version VALUES (1, 20260101090000, true)")
	app := fixture("shop")
	app.Open = func(context.Context) (*bun.DB, error) {
		return pgtest.Open(t, url).WithQueryHook(&atWork{do: func() { exec("INSERT INTO goose_db_version VALUES (2, 20260102090000, true)") }}), nil
	}
	_, stderr, code := outputOf(t, app, "adopt", "--yes")
	if code != codeHistory || !strings.Contains(stderr, "public.goose_db_version has changed since the plan was made") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
	if n, err := db.NewSelect().Table("leaven_history").Count(t.Context()); n != 0 || err != nil {
		t.Errorf("%d rows were recorded, %v", n, err)
	}
	app.Open = func(context.Context) (*bun.DB, error) { return pgtest.Open(t, url), nil }
	if stdout, stderr, code := outputOf(t, app, "adopt", "--yes"); code != codeOK || !strings.Contains(stdout, "Recorded 2 migrations") {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
}
