package migrations

import (
	"context"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

func init() {
	migrate.Register(migrate.Migration{
		ID:    "20260126140000_clients_and_projects",
		After: []string{"20260119093000_company_settings"},
		Up: func(ctx context.Context, db bun.IDB) error {
			return op.Run(ctx, db,
				op.CreateTable{Name: "clients", Columns: []schema.Column{
					{Name: "id", Type: schema.BigInt, AutoIncrement: true, NotNull: true},
					{Name: "company_id", Type: schema.BigInt, NotNull: true},
					{Name: "name", Type: schema.Varchar(0), NotNull: true},
					{Name: "address", Type: schema.Text},
					{Name: "created_at", Type: schema.Timestamptz, NotNull: true, Default: schema.Now},
					{Name: "deleted_at", Type: schema.Timestamptz},
				}, PrimaryKey: []string{"id"},
					Uniques: []schema.Unique{{Name: "clients_company_id_name_key", Columns: []string{"company_id", "name"}}},
					ForeignKeys: []schema.ForeignKey{{Name: "clients_company_id_fkey", Columns: []string{"company_id"},
						RefTable: "companies", RefColumns: []string{"id"}, OnDelete: schema.Cascade}},
				},
				op.CreateTable{Name: "projects", Columns: []schema.Column{
					{Name: "id", Type: schema.BigInt, AutoIncrement: true, NotNull: true},
					{Name: "company_id", Type: schema.BigInt, NotNull: true},
					{Name: "client_id", Type: schema.BigInt},
					{Name: "parent_id", Type: schema.BigInt},
					{Name: "name", Type: schema.Varchar(0), NotNull: true},
					{Name: "hourly_rate", Type: schema.Numeric(12, 2)},
					{Name: "tags", Type: schema.Array(schema.Varchar(0))},
					{Name: "billable", Type: schema.Boolean, NotNull: true, Default: schema.Literal(true)},
					{Name: "starts_on", Type: schema.Date},
					{Name: "created_at", Type: schema.Timestamptz, NotNull: true, Default: schema.Now},
					{Name: "deleted_at", Type: schema.Timestamptz},
				}, PrimaryKey: []string{"id"},
					Checks: []schema.Check{{Name: "projects_hourly_rate_check", Expr: schema.Expr("hourly_rate >= 0")}},
					ForeignKeys: []schema.ForeignKey{
						{Name: "projects_company_id_fkey", Columns: []string{"company_id"},
							RefTable: "companies", RefColumns: []string{"id"}, OnDelete: schema.Cascade},
						{Name: "projects_client_id_fkey", Columns: []string{"client_id"},
							RefTable: "clients", RefColumns: []string{"id"}, OnDelete: schema.SetNull},
						{Name: "projects_parent_id_fkey", Columns: []string{"parent_id"},
							RefTable: "projects", RefColumns: []string{"id"}, OnDelete: schema.SetNull},
					},
				},
				op.CreateIndex{Table: "projects", Index: schema.Index{Name: "projects_company_id_idx", Parts: schema.Columns("company_id")}},
				op.CreateTable{Name: "project_members", Columns: []schema.Column{
					{Name: "project_id", Type: schema.BigInt, NotNull: true},
					{Name: "user_id", Type: schema.BigInt, NotNull: true},
					{Name: "added_at", Type: schema.Timestamptz, NotNull: true, Default: schema.Now},
				}, PrimaryKey: []string{"project_id", "user_id"},
					ForeignKeys: []schema.ForeignKey{
						{Name: "project_members_project_id_fkey", Columns: []string{"project_id"},
							RefTable: "projects", RefColumns: []string{"id"}, OnDelete: schema.Cascade},
						{Name: "project_members_user_id_fkey", Columns: []string{"user_id"},
							RefTable: "users", RefColumns: []string{"id"}, OnDelete: schema.Cascade},
					},
				},
			)
		},
		Down: func(ctx context.Context, db bun.IDB) error {
			return op.Run(ctx, db,
				op.DropTable{Name: "project_members"},
				op.DropTable{Name: "projects"},
				op.DropTable{Name: "clients"},
			)
		},
	})
}
