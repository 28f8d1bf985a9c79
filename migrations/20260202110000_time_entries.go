package migrations

import (
	"context"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// monthlyHours is the report of a month, in each database's words, as this
// migration makes it.
var monthlyHours = schema.View{Name: "monthly_hours", Query: schema.Expr(`
	SELECT user_id, project_id, date_trunc('month', started_at) AS month,
		sum(extract(epoch FROM ended_at - started_at)) / 3600 AS hours
	FROM time_entries WHERE ended_at IS NOT NULL AND deleted_at IS NULL
	GROUP BY user_id, project_id, date_trunc('month', started_at)`).On("sqlite", `
	SELECT user_id, project_id, strftime('%Y-%m-01', started_at) AS month,
		sum(julianday(ended_at) - julianday(started_at)) * 24 AS hours
	FROM time_entries WHERE ended_at IS NOT NULL AND deleted_at IS NULL
	GROUP BY user_id, project_id, strftime('%Y-%m-01', started_at)`)}

// A user has one running clock at most: the unique index has only the entries
// that have not ended.
func init() {
	migrate.Register(migrate.Migration{
		ID:    "20260202110000_time_entries",
		After: []string{"20260126140000_clients_and_projects"},
		Up: func(ctx context.Context, db bun.IDB) error {
			return op.Run(ctx, db,
				op.CreateTable{Name: "time_entries", Columns: []schema.Column{
					{Name: "id", Type: schema.BigInt, AutoIncrement: true, NotNull: true},
					{Name: "user_id", Type: schema.BigInt, NotNull: true},
					{Name: "project_id", Type: schema.BigInt, NotNull: true},
					{Name: "note", Type: schema.Text, NotNull: true, Default: schema.Literal("")},
					{Name: "started_at", Type: schema.Timestamptz, NotNull: true},
					{Name: "ended_at", Type: schema.Timestamptz},
					{Name: "billable", Type: schema.Boolean, NotNull: true, Default: schema.Literal(true)},
					{Name: "created_at", Type: schema.Timestamptz, NotNull: true, Default: schema.Now},
					{Name: "deleted_at", Type: schema.Timestamptz},
				}, PrimaryKey: []string{"id"},
					Checks: []schema.Check{{Name: "time_entries_period_check", Expr: schema.Expr("ended_at > started_at")}},
					ForeignKeys: []schema.ForeignKey{
						{Name: "time_entries_user_id_fkey", Columns: []string{"user_id"},
							RefTable: "users", RefColumns: []string{"id"}, OnDelete: schema.Cascade},
						{Name: "time_entries_project_id_fkey", Columns: []string{"project_id"},
							RefTable: "projects", RefColumns: []string{"id"}, OnDelete: schema.Restrict},
					},
				},
				op.CreateIndex{Table: "time_entries", Index: schema.Index{Name: "time_entries_running_idx", Unique: true,
					Parts: schema.Columns("user_id"), Where: schema.Expr("ended_at IS NULL AND deleted_at IS NULL")}},
				op.CreateIndex{Table: "time_entries", Index: schema.Index{Name: "time_entries_project_id_idx",
					Parts: []schema.Part{{Column: "project_id"}, {Column: "started_at", Desc: true}}}},
				op.CreateView{Name: monthlyHours.Name, Query: monthlyHours.Query},
			)
		},
		Down: func(ctx context.Context, db bun.IDB) error {
			return op.Run(ctx, db,
				op.DropView{Name: monthlyHours.Name},
				op.DropTable{Name: "time_entries"},
			)
		},
	})
}
