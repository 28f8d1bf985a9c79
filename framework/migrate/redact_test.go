package migrate_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
)

// What a migration says when it fails is kept for good, and read by others.
func TestTheLogKeepsNoPassword(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		redact func(string) string
		kept   string
	}{
		"by itself":       {nil, "cannot reach postgres://shop:***@db/shop, the flour is white"},
		"as the app says": {func(text string) string { return strings.ReplaceAll(text, "white", "***") }, "cannot reach postgres://shop:bread@db/shop, the flour is ***"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sqliteSite(t).seed(2)
			s.options.Redact = c.redact
			s.add(3, func(m *migrate.Migration) {
				m.Up = func(context.Context, bun.IDB) error {
					return errors.New("cannot reach postgres://shop:bread@db/shop, the flour is white")
				}
			})
			if _, err := s.migrator().Up(t.Context(), migrate.Head); err == nil {
				t.Fatal("up succeeds")
			}
			entries, err := s.migrator().History(t.Context(), 1)
			if err != nil || len(entries) != 1 || entries[0].Message != c.kept {
				t.Errorf("the log keeps %+v (%v), want the message %q", entries, err, c.kept)
			}
		})
	}
}
