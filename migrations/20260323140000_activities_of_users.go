package migrations

import (
	"context"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// The user of an activity was never checked. Rows of users that are gone lose
// them; the key holds for new rows at once, and for old ones when the next
// migration has looked at them: adding it locks the table for a moment only.
func init() {
	key := schema.ForeignKey{Name: "activities_user_id_fkey", Columns: []string{"user_id"},
		RefTable: "users", RefColumns: []string{"id"}, OnDelete: schema.SetNull, NotValid: true}
	migrate.Register(migrate.Migration{
		ID:    "20260323140000_activities_of_users",
		After: []string{"20260316081500_activities"},
		Up: func(ctx context.Context, db bun.IDB) error {
			return op.Run(ctx, db,
				op.SQL{All: "UPDATE activities SET user_id = NULL WHERE user_id NOT IN (SELECT id FROM users)"},
				op.AddForeignKey{Table: "activities", ForeignKey: key},
			)
		},
		Down: func(ctx context.Context, db bun.IDB) error {
			return op.Run(ctx, db,
				op.DropConstraint{Table: "activities", Name: key.Name},
			)
		},
	})
}
