package history_test

import (
	"testing"

	"github.com/leavendb/leaven/framework/history"
	"github.com/uptrace/bun"
)

// A plan is made from one reading and checked against the token: so both must
// always tell the same, and no change may leave the token as it was.
func TestTokenTellsEveryChange(t *testing.T) {
	both(t, "", "", func(t *testing.T, db *bun.DB, s *history.Store) {
		ctx := t.Context()
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Ensure(ctx, tx); err != nil {
			t.Fatal(err)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		one := []history.Record{{ID: "1", Attempt: "a"}}
		two := []history.Record{{ID: "2", Attempt: "b"}}
		log := func(attempt string, o history.Outcome) string {
			return s.Append([]history.LogEntry{{ID: "1", Attempt: attempt, Action: history.ActUp, Outcome: o}})
		}
		seen := map[string]string{}
		tokens := func(after string) string {
			t.Helper()
			var token string
			if err := db.QueryRowContext(ctx, s.TokenQuery()).Scan(&token); err != nil {
				t.Fatal(err)
			}
			read, err := s.Read(ctx, db)
			if err != nil {
				t.Fatal(err)
			}
			var newest *history.Record
			if n := len(read.Records); n > 0 {
				newest = &read.Records[n-1]
			}
			if want := history.Token(newest, read.Change); token != want {
				t.Errorf("after %s the token is %q, by what is read %q", after, token, want)
			}
			return token
		}
		seen[tokens("nothing")] = "nothing"
		for _, c := range []struct{ what, sql string }{
			{"a row that is running", s.InsertRunning(one)},
			{"its success", log("a", history.Done)},
			{"the row applied", s.SetApplied(one)},
			{"another beginning outside a transaction", log("b", history.Begun)},
			{"another row", s.InsertRunning(two)},
			{"that applied", s.SetApplied(two)},
			{"its end", log("b", history.Done)},
			{"the newest about to be reverted", s.SetState([]string{"2"}, history.Applied, history.Reverting, "c")},
			{"that reverted", s.DeleteReverting([]string{"2"}, "c")},
			{"an older one about to be", log("d", history.Begun)},
		} {
			if _, err := db.ExecContext(ctx, c.sql); err != nil {
				t.Fatal(err)
			}
			token := tokens(c.what)
			if before, again := seen[token]; again {
				t.Errorf("after %s the token is %q, as after %s", c.what, token, before)
			}
			seen[token] = c.what
		}
		before := tokens("all")
		if _, err := db.ExecContext(ctx, log("e", history.Failed)); err != nil {
			t.Fatal(err)
		}
		if after := tokens("a try that failed"); after != before {
			t.Errorf("a try that failed, which changed nothing, moved the token from %q to %q", before, after)
		}
		var token string
		var rows int
		if err := db.QueryRowContext(ctx, s.ProgressQuery()).Scan(&token, &rows); err != nil || token != before || rows != 1 {
			t.Errorf("progress: %q %d %v", token, rows, err)
		}
	})
}
