package migrations

import (
	"context"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/uptrace/bun"
)

// Accountants see all hours and change none, and the manager of a project is
// called its lead. Whoever is an accountant when this is reverted becomes a
// member, the least there is.
func init() {
	migrate.Register(migrate.Migration{
		ID:    "20260309094500_accountants",
		After: []string{"20260302120000_nicknames"},
		Up: func(ctx context.Context, db bun.IDB) error {
			return op.Run(ctx, db,
				op.AddEnumValue{Name: "user_role", Value: "accountant", Before: "owner"},
				op.RenameEnumValue{Name: "user_role", Value: "manager", To: "lead"},
			)
		},
		Down: func(ctx context.Context, db bun.IDB) error {
			return op.Run(ctx, db,
				op.RenameEnumValue{Name: "user_role", Value: "lead", To: "manager"},
				op.DropEnumValue{Name: "user_role", Value: "accountant", Instead: "member", Before: "owner"},
			)
		},
	})
}
