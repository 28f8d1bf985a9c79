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
	type auditEvent struct {
		bun.BaseModel `bun:"table:audit_events"`

		ID        int64          `bun:",pk,autoincrement"`
		CompanyID int64          `bun:",notnull"`
		UserID    *int64         //
		Action    string         `bun:",notnull"`
		Data      map[string]any `bun:"type:jsonb"`
		CreatedAt time.Time      `bun:",nullzero,notnull,default:current_timestamp"`
	}
	migrate.Register(migrate.Migration{
		ID:    "20260216160000_audit_events",
		After: []string{"20260209083000_display_names"},
		Up: func(ctx context.Context, db bun.IDB) error {
			_, err := db.NewCreateTable().Model((*auditEvent)(nil)).
				ForeignKey(`("company_id") REFERENCES "companies" ("id") ON DELETE CASCADE`).
				Exec(ctx)
			if err != nil {
				return err
			}
			return op.Run(ctx, db, op.CreateIndex{Table: "audit_events", Index: schema.Index{Name: "audit_events_company_id_idx",
				Parts: []schema.Part{{Column: "company_id"}, {Column: "created_at", Desc: true}}}})
		},
		Down: func(ctx context.Context, db bun.IDB) error {
			return op.Run(ctx, db, op.DropTable{Name: "audit_events"})
		},
	})
}
