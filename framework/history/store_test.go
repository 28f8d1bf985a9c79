package history_test

import (
	"context"
	"fmt"
	"reflect"
	"testing"

	_ "github.com/leavendb/leaven/framework/dialect/postgres"
	_ "github.com/leavendb/leaven/framework/dialect/sqlite"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/history"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/uptrace/bun"
)

// both runs a test with an empty store on PostgreSQL and on SQLite.
func both(t *testing.T, schemaName, table string, test func(t *testing.T, db *bun.DB, s *history.Store)) {
	t.Helper()
	run := func(name string, db *bun.DB) {
		t.Run(name, func(t *testing.T) {
			d, err := dialect.For(db)
			if err != nil {
				t.Fatal(err)
			}
			test(t, db, history.NewStore(d, schemaName, table))
		})
	}
	pg, _ := pgtest.New(t)
	run("postgres", pg)
	lite, _ := sqlitetest.New(t)
	run("sqlite", lite)
}

func TestKey(t *testing.T) {
	for _, d := range dialect.All() {
		key := history.NewStore(d, "", "").Key()
		want := dialect.LockKey{Name: "leaven:.leaven_history", Number: 3139263097143816833}
		if d.Name() == "postgres" {
			want = dialect.LockKey{Name: "leaven:public.leaven_history", Number: 8547675062605552416}
		}
		if key != want {
			t.Errorf("%s: %+v, want %+v", d.Name(), key, want)
		}
	}
}

func TestAMissingTableIsAnEmptyHistory(t *testing.T) {
	both(t, "", "", func(t *testing.T, db *bun.DB, s *history.Store) {
		ctx := context.Background()
		if records, exists, err := s.Applied(ctx, db); records != nil || exists || err != nil {
			t.Errorf("%v %v %v", records, exists, err)
		}
		if got, err := s.Read(ctx, db); !reflect.DeepEqual(got, history.Snapshot{}) || err != nil {
			t.Errorf("%+v %v", got, err)
		}
		if log, err := s.Log(ctx, db, 0); log != nil || err != nil {
			t.Errorf("%v %v", log, err)
		}
	})
}

// Names and texts that are not plain go in and come out as they are.
func TestHostileNamesAndTexts(t *testing.T) {
	both(t, "", `we"ird '; DROP TABLE x; --`, func(t *testing.T, db *bun.DB, s *history.Store) {
		ctx := context.Background()
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Ensure(ctx, tx); err != nil {
			t.Fatal(err)
		}
		hostile := `it's a "test" \ ? $1 %s` + "\n{\"ü\"} 🍞"
		rec := history.Record{ID: hostile, Raw: hostile, Tokens: hostile, Batch: 7, Target: hostile, Attempt: "a", AppliedBy: hostile, Tool: hostile, AppVersion: hostile, AppCommit: hostile, Found: []string{hostile, "b"}}
		entry := history.LogEntry{ID: hostile, Attempt: "a", Action: history.ActUp, Outcome: history.Failed, Code: "42P01", Message: hostile + "\x00", Reason: hostile, Batch: 7, AppliedBy: hostile, Tool: hostile}
		for _, sql := range []string{s.InsertRunning([]history.Record{rec}), s.SetApplied([]history.Record{rec}), s.Append([]history.LogEntry{entry})} {
			if _, err := tx.ExecContext(ctx, sql); err != nil {
				t.Fatalf("%v\n%s", err, sql)
			}
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		read, err := s.ReadWithFailures(ctx, db)
		records, failures := read.Records, read.Failures
		if err != nil || !read.Current || len(records) != 1 || len(failures) != 1 {
			t.Fatalf("%+v %v", read, err)
		}
		without := read
		without.Failures = nil
		if got, err := s.Read(ctx, db); err != nil || !reflect.DeepEqual(got, without) {
			t.Errorf("without failures %+v, %v", got, err)
		}
		got, wanted := records[0], rec
		wanted.Seq, wanted.State, wanted.AppliedAt = 1, history.Applied, got.AppliedAt
		if got.AppliedAt.IsZero() {
			t.Errorf("%+v", got)
		}
		// The list of found objects comes back sorted.
		wanted.Found = []string{"b", hostile}
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", wanted) {
			t.Errorf("got  %+v\nwant %+v", got, wanted)
		}
		if f := failures[0]; f.Message != hostile || f.Reason != hostile || f.Code != "42P01" || f.Outcome != history.Failed || f.Action != history.ActUp {
			t.Errorf("%+v", f)
		}
		log, err := s.Log(ctx, db, 5)
		if err != nil || len(log) != 1 || log[0].Message != hostile {
			t.Errorf("%+v %v", log, err)
		}
	})
}
