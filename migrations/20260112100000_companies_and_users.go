package migrations

import (
	"context"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// The role of a user is an enum: SQLite, which has none, keeps its words with a
// check.
func init() {
	alive := schema.Expr("deleted_at IS NULL")
	migrate.Register(migrate.Migration{
		ID:    "20260112100000_companies_and_users",
		After: []string{"20260105090000_images"},
		Up: func(ctx context.Context, db bun.IDB) error {
			return op.Run(ctx, db,
				op.CreateEnum{Name: "user_role", Values: []string{"member", "manager", "owner"}},
				op.CreateTable{Name: "companies", Columns: []schema.Column{
					{Name: "id", Type: schema.BigInt, AutoIncrement: true, NotNull: true},
					{Name: "name", Type: schema.Varchar(0), NotNull: true},
					{Name: "slug", Type: schema.Varchar(63), NotNull: true},
					{Name: "time_zone", Type: schema.Varchar(0), NotNull: true, Default: schema.Literal("UTC")},
					{Name: "parent_id", Type: schema.BigInt},
					{Name: "created_at", Type: schema.Timestamptz, NotNull: true, Default: schema.Now},
					{Name: "deleted_at", Type: schema.Timestamptz},
				}, PrimaryKey: []string{"id"},
					Checks: []schema.Check{{Name: "companies_parent_check", Expr: schema.Expr("parent_id <> id")}},
					ForeignKeys: []schema.ForeignKey{{Name: "companies_parent_id_fkey", Columns: []string{"parent_id"},
						RefTable: "companies", RefColumns: []string{"id"}, OnDelete: schema.SetNull}},
				},
				op.CreateIndex{Table: "companies", Index: schema.Index{Name: "companies_slug_idx", Unique: true,
					Parts: []schema.Part{{Expr: schema.Expr("lower(slug)")}}}},
				op.CreateTable{Name: "users", Columns: []schema.Column{
					{Name: "id", Type: schema.BigInt, AutoIncrement: true, NotNull: true},
					{Name: "company_id", Type: schema.BigInt, NotNull: true},
					{Name: "email", Type: schema.Varchar(0), NotNull: true},
					{Name: "first_name", Type: schema.Varchar(0), NotNull: true},
					{Name: "last_name", Type: schema.Varchar(0), NotNull: true},
					{Name: "role", Type: schema.EnumType("", "user_role"), NotNull: true, Default: schema.Literal("member")},
					{Name: "created_at", Type: schema.Timestamptz, NotNull: true, Default: schema.Now},
					{Name: "deleted_at", Type: schema.Timestamptz},
				}, PrimaryKey: []string{"id"},
					ForeignKeys: []schema.ForeignKey{{Name: "users_company_id_fkey", Columns: []string{"company_id"},
						RefTable: "companies", RefColumns: []string{"id"}, OnDelete: schema.Cascade}},
				},
				op.CreateIndex{Table: "users", Index: schema.Index{Name: "users_company_id_idx", Parts: schema.Columns("company_id")}},
				op.CreateIndex{Table: "users", Index: schema.Index{Name: "users_email_idx", Unique: true, Where: alive,
					Parts: []schema.Part{{Expr: schema.Expr("lower(email)")}}}},
			)
		},
		Down: func(ctx context.Context, db bun.IDB) error {
			return op.Run(ctx, db,
				op.DropTable{Name: "users"},
				op.DropTable{Name: "companies"},
				op.DropEnum{Name: "user_role"},
			)
		},
	})
}
