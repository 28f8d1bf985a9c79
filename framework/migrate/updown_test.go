package migrate_test

import (
	"testing"

	"github.com/leavendb/leaven/framework/migrate"
)

func TestUpThenDownThenUp(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		w.seed(3)
		r := w.mustUp()
		equal(t, "steps", r.IDs(), []string{"0000_effects", "0001_effect", "0002_effect", "0003_effect"})
		w.sound(3)
		if r.From != "" || r.To != "0003_effect" || r.Pending != 0 || r.Batch != 1 {
			t.Errorf("report: %+v", r)
		}
		again := w.mustUp()
		if len(again.Steps) != 0 || again.To != "0003_effect" {
			t.Errorf("a second up: %+v", again)
		}
		down, err := w.migrator().Down(w.ctx(), migrate.Steps(2))
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "reverted", down.IDs(), []string{"0003_effect", "0002_effect"})
		if down.From != "0003_effect" || down.To != "0001_effect" || down.Pending != 2 {
			t.Errorf("report: %+v", down)
		}
		equal(t, "effects", w.effects(), []int{1, 2, 3, -3, -2})
		w.mustUp()
		equal(t, "effects", w.effects(), []int{1, 2, 3, -3, -2, 2, 3})
		if _, err := w.migrator().Down(w.ctx(), migrate.Base); err != nil {
			t.Fatal(err)
		}
		equal(t, "history", w.applied(), nil)
	})
}
