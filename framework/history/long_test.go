package history_test

import (
	"context"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/history"
	"github.com/uptrace/bun"
)

// A migration that fails whenever a program starts, and others that are applied and
// reverted all day, do not make reading slow. (Entry by entry compared with all others
// of its migration, it was 10 s.)
func TestALongLogIsReadQuickly(t *testing.T) {
	const ids, times = 100, 80
	both(t, "", "", func(t *testing.T, db *bun.DB, s *history.Store) {
		ctx := t.Context()
		err := db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			if _, err := s.Ensure(ctx, tx); err != nil {
				return err
			}
			for n := range times {
				var entries []history.LogEntry
				for i := range ids {
					of := func(id string, a history.Action, o history.Outcome) {
						entries = append(entries, history.LogEntry{ID: fmt.Sprint(id, i), Attempt: fmt.Sprint(id, i, n), Action: a, Outcome: o})
					}
					of("fails", history.ActUp, history.Failed)
					of("moves", history.ActUp, history.Done)
					of("moves", history.ActDown, history.Done)
				}
				if _, err := tx.ExecContext(ctx, s.Append(entries)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		read, err := s.ReadWithFailures(ctx, db)
		if err != nil || len(read.Failures) != ids || len(read.Deleted) != 0 {
			t.Errorf("%d failures, %d deleted, %v", len(read.Failures), len(read.Deleted), err)
		}
		if took := time.Since(begun); took > 3*time.Second {
			t.Errorf("it took %s", took)
		}
		if _, err := db.ExecContext(ctx, s.Append([]history.LogEntry{{ID: "moves7", Attempt: "last", Action: history.ActUp, Outcome: history.Done}})); err != nil {
			t.Fatal(err)
		}
		if read, err = s.Read(ctx, db); err != nil || len(read.Deleted) != 1 || read.Deleted[0].Attempt != "last" || len(read.Failures) != 0 {
			t.Errorf("%+v, %v", read, err)
		}
	})
}

// A failure counts as long as nothing but a beginning is newer.
func TestTheNewestEntryTellsWhetherAMigrationFails(t *testing.T) {
	both(t, "", "", func(t *testing.T, db *bun.DB, s *history.Store) {
		ctx := t.Context()
		err := db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			if _, err := s.Ensure(ctx, tx); err != nil {
				return err
			}
			var entries []history.LogEntry
			for id, outcomes := range map[string][]history.Outcome{
				"failed":      {history.Done, history.Failed},
				"again":       {history.Failed, history.Begun},
				"mended":      {history.Failed, history.Failed, history.Done},
				"interrupted": {history.Begun, history.Interrupted},
				"begun":       {history.Done, history.Begun},
			} {
				for _, o := range outcomes {
					entries = append(entries, history.LogEntry{ID: id, Action: history.ActDown, Outcome: o})
				}
			}
			_, err := tx.ExecContext(ctx, s.Append(entries))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		read, err := s.ReadWithFailures(ctx, db)
		got := map[string]history.Outcome{}
		for _, f := range read.Failures {
			got[f.ID] = f.Outcome
		}
		want := map[string]history.Outcome{"failed": history.Failed, "again": history.Failed, "interrupted": history.Interrupted}
		if err != nil || !maps.Equal(got, want) || len(read.Failures) != len(want) {
			t.Errorf("%v, %v", read.Failures, err)
		}
	})
}
