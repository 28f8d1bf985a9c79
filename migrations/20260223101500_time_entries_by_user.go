package migrations

import (
	"context"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// time_entries is large by now: the index is built while people go on working,
// which no transaction can hold. If it is interrupted it begins again: what is
// left of the index is found invalid and built anew.
func init() {
	migrate.Register(migrate.Migration{
		ID:         "20260223101500_time_entries_by_user",
		After:      []string{"20260216160000_audit_events"},
		NoTx:       true,
		Rerunnable: true,
		Up: func(ctx context.Context, db bun.IDB) error {
			return op.Run(ctx, db, op.CreateIndex{Table: "time_entries", Concurrently: true, Index: schema.Index{
				Name: "time_entries_user_id_idx", Parts: []schema.Part{{Column: "user_id"}, {Column: "started_at", Desc: true}}}})
		},
		Down: func(ctx context.Context, db bun.IDB) error {
			return op.Run(ctx, db, op.DropIndex{Table: "time_entries", Name: "time_entries_user_id_idx", Concurrently: true})
		},
	})
}
