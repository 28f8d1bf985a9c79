package migrations

import (
	"context"
	"time"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// The table is made by bun from a model that is frozen here; its index is an
// operation. Both ways may be mixed.
func init() {
	type invitation struct {
		bun.BaseModel `bun:"table:invitations"`

		ID        int64     `bun:",pk,autoincrement"`
		CompanyID int64     `bun:",notnull"`
		Email     string    `bun:",notnull"`
		SentAt    time.Time `bun:",nullzero,notnull,default:current_timestamp"`
		TakenAt   time.Time `bun:",nullzero"`
	}
	migrate.Register(migrate.Migration{
		ID:    "20260504100000_invitations",
		After: []string{"20260427083000_settings_touched"},
		Up: func(ctx context.Context, db bun.IDB) error {
			_, err := db.NewCreateTable().Model((*invitation)(nil)).
				ForeignKey(`("company_id") REFERENCES "companies" ("id") ON DELETE CASCADE`).
				Exec(ctx)
			if err != nil {
				return err
			}
			return op.Run(ctx, db, op.CreateIndex{Table: "invitations", Index: schema.Index{Name: "invitations_email_idx",
				Unique: true, Parts: []schema.Part{{Column: "company_id"}, {Expr: schema.Expr("lower(email)")}}}})
		},
		Down: func(ctx context.Context, db bun.IDB) error {
			return op.Run(ctx, db, op.DropTable{Name: "invitations"})
		},
	})
}
