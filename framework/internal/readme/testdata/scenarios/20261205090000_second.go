package migrations

import (
	"context"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
)

func init() {
	migrate.Register(migrate.Migration{
		ID:    "20261205090000_second",
		After: []string{"20260504100000_invitations"},
		Up: func(ctx context.Context, db bun.IDB) error {
			_, err := db.ExecContext(ctx, "SELECT 1")
			return err
		},
		Down: func(context.Context, bun.IDB) error { return nil },
	})
}
