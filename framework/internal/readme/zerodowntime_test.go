package readme

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/uptrace/bun"
)

// old is the application before the change of the chapter: its model, and what it
// does all day.
type old struct {
	bun.BaseModel `bun:"table:time_entries,alias:e"`

	ID                 int64 `bun:",pk,autoincrement"`
	UserID, ProjectID  int64
	StartedAt, EndedAt time.Time
	Note               string
}

func (*old) work(ctx context.Context, db *bun.DB, user int64, both bool) error {
	e := &old{UserID: user, ProjectID: 1, StartedAt: begun, EndedAt: time.Now(), Note: "asked"}
	if _, err := db.NewInsert().Model(e).Exec(ctx); err != nil {
		return err
	}
	e.Note = "answered"
	if _, err := db.NewUpdate().Model(e).WherePK().Exec(ctx); err != nil {
		return err
	}
	if err := db.NewSelect().Model(e).WherePK().Scan(ctx); err != nil || e.Note != "answered" {
		return errors.Join(err, fmt.Errorf("it has become %q", e.Note))
	}
	if !both {
		return nil
	}
	n := &renamed{ID: e.ID}
	if err := db.NewSelect().Model(n).WherePK().Scan(ctx); err != nil || n.Description != "answered" {
		return errors.Join(err, fmt.Errorf("the new version reads %q", n.Description))
	}
	return nil
}

// renamed is the application after it.
type renamed struct {
	bun.BaseModel `bun:"table:time_entries,alias:e"`

	ID                 int64 `bun:",pk,autoincrement"`
	UserID, ProjectID  int64
	StartedAt, EndedAt time.Time
	Description        string
}

func (*renamed) work(ctx context.Context, db *bun.DB, user int64, both bool) error {
	e := &renamed{UserID: user, ProjectID: 1, StartedAt: begun, EndedAt: time.Now(), Description: "asked"}
	if _, err := db.NewInsert().Model(e).Exec(ctx); err != nil {
		return err
	}
	e.Description = "" // cleared, and not what it was before
	if _, err := db.NewUpdate().Model(e).WherePK().Exec(ctx); err != nil {
		return err
	}
	if err := db.NewSelect().Model(e).WherePK().Scan(ctx); err != nil || e.Description != "" {
		return errors.Join(err, fmt.Errorf("it has become %q", e.Description))
	}
	if !both {
		return nil
	}
	o := &old{ID: e.ID}
	if err := db.NewSelect().Model(o).WherePK().Scan(ctx); err != nil || o.Note != "" {
		return errors.Join(err, fmt.Errorf("the old version reads %q", o.Note))
	}
	return nil
}

var begun = time.Now().Add(-time.Hour)

type version interface {
	work(ctx context.Context, db *bun.DB, user int64, both bool) error
}

// atWork runs versions without a pause while do runs: each has been round before
// it begins, and once more after it ends. both: each can read what the other writes.
func atWork(t *testing.T, db *bun.DB, stage string, both bool, do func(), versions ...version) {
	t.Helper()
	var all sync.WaitGroup
	ended := make(chan struct{})
	for i, v := range versions {
		first := make(chan struct{})
		all.Go(func() {
			for round, last := 0, false; !last; round++ {
				select {
				case <-ended:
					last = true
				default:
				}
				if err := v.work(t.Context(), db, int64(i+1), both); err != nil {
					t.Errorf("%s: %T: %v", stage, v, err)
					last = true
				}
				if round == 0 {
					close(first)
				}
			}
		})
		<-first
	}
	defer all.Wait()
	defer close(ended)
	do()
}

// TestZeroDowntime walks the chapter's change: the old and the new version work
// while each migration runs.
func TestZeroDowntime(t *testing.T) {
	c := newCheckout(t)
	c.writeMigrations(t)
	c.must(t, `sed -i.old -e 's/^\tNote /\tDescription /' -e 's/^\t\tChecks: \[\]schema.Check{{Name: "time_entries/`+
		`\t\tColumns: []schema.Column{{Name: "note", Type: schema.Text, NotNull: true, Default: schema.Literal("")}},\n&/' models/entry.go && rm models/*.old`)
	c.must(t, "mv migrations/*_contract.go . && go build -o bin/first ./cmd/migrate")
	c.must(t, "mv *_contract.go migrations && go build -o bin/second ./cmd/migrate")
	t.Run("postgres", func(t *testing.T) { db, url := pgtest.New(t); c.zeroDowntime(t, db, url) })
	t.Run("sqlite", func(t *testing.T) { db, path := sqlitetest.New(t); c.zeroDowntime(t, db, "sqlite:"+path) })
}

func (c checkout) zeroDowntime(t *testing.T, db *bun.DB, url string) {
	deploy := func(args, want string) func() {
		return func() {
			if out := c.must(t, "bin/"+args, "DATABASE_URL="+url); !strings.Contains(out, want) {
				t.Errorf("it does not say %q", want)
			}
		}
	}
	exec := func(sql string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	apart := func() int64 {
		t.Helper()
		n, err := db.NewSelect().Table("time_entries").Where("note <> description").Count(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	before, after := (*old)(nil), (*renamed)(nil)
	deploy("first up --to add_invoices", "Applied")()
	exec("INSERT INTO companies (name, slug) VALUES ('Acme', 'acme')")
	exec("INSERT INTO users (company_id, email, first_name, last_name) VALUES (1, 'a@acme.example', 'Ann', 'Lee'), (1, 'b@acme.example', 'Bob', 'Lee')")
	exec("INSERT INTO projects (company_id, name) VALUES (1, 'Site')")
	exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
		INSERT INTO time_entries (user_id, project_id, started_at, ended_at, note) SELECT 1, 1, '2026-01-01', '2026-01-02', 'from before' FROM n`)

	atWork(t, db, "expand", false, deploy("first up 1", "_description_expand"), before)
	if n := apart(); n < 5000 {
		t.Errorf("only %d rows are left to be filled: the backfill has no work", n)
	}
	if err := db.NewRaw("SELECT * FROM time_entries LIMIT 1").Scan(t.Context(), new(old)); err == nil || !strings.Contains(err.Error(), "does not have column") {
		t.Errorf("SELECT * into a model that lacks a column: %v", err)
	}
	atWork(t, db, "backfill", true, deploy("first up 1", "_description_backfill"), before, after)
	if n := apart(); n > 0 {
		t.Errorf("%d rows have two texts behind the backfill", n)
	}
	atWork(t, db, "both", true, deploy("first check --include time_entries", "agree"), before, after)
	atWork(t, db, "contract", false, deploy("second up 1", "_description_contract"), after)
	if err := before.work(t.Context(), db, 1, false); err == nil {
		t.Error("the old version works without its column: the stages have no reason")
	}
	atWork(t, db, "the contract taken back", false, deploy("second down --yes", "Reverted 1 migration"), after)
	if n := apart(); n > 0 {
		t.Errorf("%d rows have lost their note", n)
	}
	atWork(t, db, "both again", true, func() {}, before, after)
}
