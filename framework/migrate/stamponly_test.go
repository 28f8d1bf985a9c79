package migrate_test

import (
	"context"
	"errors"
	"testing"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
)

// StampOnly records what it is told and nothing else, unless its check objects:
// then nothing is written, and the error is the check's own.
func TestStampOnly(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.seed(3)
		m := w.migrator()
		changed := errors.New("it has changed")
		reads := func(ctx context.Context, db bun.IDB) error {
			if _, in := db.(bun.Tx); !in {
				return errors.New("the check is not in the transaction")
			}
			return changed
		}
		ids := []string{"0000_effects", "0002_effect"}
		if _, err := m.StampOnly(t.Context(), ids, migrate.StampOptions{Check: reads}); err != changed {
			t.Errorf("got %v", err)
		}
		if records, _, err := m.Records(t.Context()); err != nil || len(records) > 0 {
			t.Errorf("%d rows were written, %v", len(records), err)
		}
		if _, err := m.StampOnly(t.Context(), []string{"0009_nosuch"}, migrate.StampOptions{}); !errors.Is(err, migrate.ErrRevision) {
			t.Errorf("an unknown one: %v", err)
		}
		if _, err := m.StampOnly(t.Context(), ids, migrate.StampOptions{Purge: true}); !errors.Is(err, migrate.ErrConfig) {
			t.Errorf("purge: %v", err)
		}
		report, err := m.StampOnly(t.Context(), ids, migrate.StampOptions{})
		if err != nil || len(report.Steps) != 2 {
			t.Fatalf("%v, %v", report.Steps, err)
		}
		records, _, err := m.Records(t.Context())
		if err != nil || len(records) != 2 || records[0].ID != ids[0] || records[1].ID != ids[1] {
			t.Errorf("%v, %v", records, err)
		}
		if report, err = m.StampOnly(t.Context(), ids, migrate.StampOptions{}); err != nil || len(report.Steps) > 0 {
			t.Errorf("again: %v, %v", report.Steps, err)
		}
	})
}
