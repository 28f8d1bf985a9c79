package migrate_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/leavendb/leaven/framework/migrate"
)

// Rows that somebody removes from the history are missed: what they stood for is
// not done twice.
func TestRowsRemovedFromTheHistoryAreMissed(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		w.seed(3).mustUp()
		refused := func(ids ...string) *migrate.HistoryError {
			t.Helper()
			for _, run := range []func() error{
				func() error { _, err := w.migrator().Up(w.ctx(), migrate.Head); return err },
				func() error { _, err := w.migrator().Down(w.ctx(), migrate.Base); return err },
				func() error { s, err := w.migrator().Status(w.ctx()); return errors.Join(err, s.Problem) },
			} {
				var e *migrate.HistoryError
				if err := run(); !errors.As(err, &e) || !errors.Is(err, migrate.ErrDeleted) || !slices.Equal(e.IDs, ids) {
					t.Fatalf("got %v, want %v removed", err, ids)
				}
			}
			_, err := w.migrator().Up(w.ctx(), migrate.Head)
			var e *migrate.HistoryError
			errors.As(err, &e)
			return e
		}
		remove := func(sql string) {
			t.Helper()
			if _, err := w.db.Exec(sql); err != nil {
				t.Fatal(err)
			}
		}

		remove("DELETE FROM leaven_history WHERE id = '0003_effect'")
		e := refused("0003_effect")
		equal(t, "next", e.Next, []string{"resolve --applied 0003_effect", "resolve --pending 0003_effect"})
		if err := w.migrator().Resolve(w.ctx(), "0003", migrate.Applied, "looked"); err != nil {
			t.Fatal(err)
		}
		if r := w.mustUp(); len(r.Steps) != 0 {
			t.Errorf("after resolve --applied: %v", r.IDs())
		}
		w.sound(3)

		remove("DELETE FROM leaven_history WHERE id = '0003_effect'")
		remove("DELETE FROM effects WHERE v = 3")
		refused("0003_effect")
		if err := w.migrator().Resolve(w.ctx(), "0003", migrate.Pending, "looked"); err != nil {
			t.Fatal(err)
		}
		if r := w.mustUp(); !slices.Equal(r.IDs(), []string{"0003_effect"}) {
			t.Errorf("after resolve --pending: %v", r.IDs())
		}
		w.sound(3)

		// A repair says nothing about whether it is applied.
		remove("INSERT INTO leaven_history_log (id, attempt, action, outcome) VALUES ('0003_effect', 'a', 'repair', 'done')")
		remove("DELETE FROM leaven_history WHERE id = '0003_effect'")
		refused("0003_effect")
		if err := w.migrator().Resolve(w.ctx(), "0003", migrate.Applied, ""); err != nil {
			t.Fatal(err)
		}

		remove("DELETE FROM leaven_history")
		e = refused("0000_effects", "0001_effect", "0002_effect", "0003_effect")
		equal(t, "next", e.Next, []string{"history", "stamp 0003_effect"})
		if _, err := w.migrator().Stamp(w.ctx(), migrate.Head, migrate.StampOptions{}); err != nil {
			t.Fatal(err)
		}
		w.sound(3)

		remove("DROP TABLE leaven_history")
		if _, err := w.migrator().Up(w.ctx(), migrate.Head); !errors.Is(err, migrate.ErrDeleted) {
			t.Errorf("without the table: %v", err)
		}
	})
}
