package migrations

import (
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

func init() {
	migrate.Register(migrate.Migration{
		ID:    "20260216160000_audit_events",
		After: []string{"20260209083000_display_names"},
		Change: migrate.Reversible(
			op.CreateTable{Name: "audit_events", Columns: []schema.Column{
				{Name: "id", Type: schema.BigInt, AutoIncrement: true, NotNull: true},
				{Name: "company_id", Type: schema.BigInt, NotNull: true},
				{Name: "user_id", Type: schema.BigInt},
				{Name: "action", Type: schema.Varchar(0), NotNull: true},
				{Name: "data", Type: schema.JSONB},
				{Name: "created_at", Type: schema.Timestamptz, NotNull: true, Default: schema.Now},
			}, PrimaryKey: []string{"id"},
				ForeignKeys: []schema.ForeignKey{{Name: "audit_events_company_id_fkey", Columns: []string{"company_id"},
					RefTable: "companies", RefColumns: []string{"id"}, OnDelete: schema.Cascade}},
			},
			op.CreateIndex{Table: "audit_events", Index: schema.Index{Name: "audit_events_company_id_idx",
				Parts: []schema.Part{{Column: "company_id"}, {Column: "created_at", Desc: true}}}},
		),
	})
}
