package migrations

import (
	"context"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// The first migration takes over a table that code at start has made in each
// installation that is older than the migrations. Where it exists and is equal
// it stays, with its rows, also when everything is reverted.
func init() {
	migrate.Register(migrate.Migration{
		ID: "20260105090000_images",
		Up: func(ctx context.Context, db bun.IDB) error {
			return op.Run(ctx, db,
				op.CreateTable{Name: "images", IfNotExists: true, Columns: []schema.Column{
					{Name: "id", Type: schema.BigInt, AutoIncrement: true, NotNull: true},
					{Name: "owner_type", Type: schema.Varchar(0), NotNull: true},
					{Name: "owner_id", Type: schema.BigInt, NotNull: true},
					{Name: "path", Type: schema.Varchar(0), NotNull: true},
					{Name: "file_name", Type: schema.Varchar(255), NotNull: true},
					{Name: "content_type", Type: schema.Varchar(0), NotNull: true, Default: schema.Literal("image/jpeg")},
					{Name: "byte_size", Type: schema.BigInt, NotNull: true},
					{Name: "width", Type: schema.Integer},
					{Name: "height", Type: schema.Integer},
					{Name: "checksum", Type: schema.Bytes},
					{Name: "alt_text", Type: schema.Text},
					{Name: "position", Type: schema.Integer, NotNull: true, Default: schema.Literal(0)},
					{Name: "public", Type: schema.Boolean, NotNull: true, Default: schema.Literal(false)},
					{Name: "created_at", Type: schema.Timestamptz, NotNull: true, Default: schema.Now},
				}, PrimaryKey: []string{"id"}},
				op.CreateIndex{Table: "images", IfNotExists: true, Index: schema.Index{
					Name: "images_owner_idx", Parts: schema.Columns("owner_type", "owner_id")}},
				op.CreateIndex{Table: "images", IfNotExists: true, Index: schema.Index{
					Name: "images_path_idx", Parts: schema.Columns("path"), Unique: true}},
				op.CreateIndex{Table: "images", IfNotExists: true, Index: schema.Index{
					Name: "images_created_at_idx", Parts: schema.Columns("created_at")}},
			)
		},
		Down: func(ctx context.Context, db bun.IDB) error {
			return op.Run(ctx, db,
				op.DropIndex{Table: "images", Name: "images_created_at_idx"},
				op.DropIndex{Table: "images", Name: "images_path_idx"},
				op.DropIndex{Table: "images", Name: "images_owner_idx"},
				op.DropTable{Name: "images"},
			)
		},
	})
}
