package migrations

import (
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

func init() {
	migrate.Register(migrate.Migration{
		ID:    "20260119093000_company_settings",
		After: []string{"20260112100000_companies_and_users"},
		Change: migrate.Reversible(
			op.CreateTable{Name: "company_settings", Columns: []schema.Column{
				{Name: "company_id", Type: schema.BigInt, NotNull: true},
				{Name: "week_start", Type: schema.SmallInt, NotNull: true, Default: schema.Literal(1)},
				{Name: "round_to", Type: schema.Integer, NotNull: true, Default: schema.Literal(1)},
				{Name: "preferences", Type: schema.JSONB, NotNull: true, Default: schema.Literal("{}")},
				{Name: "updated_at", Type: schema.Timestamptz, NotNull: true, Default: schema.Now},
			}, PrimaryKey: []string{"company_id"},
				Checks: []schema.Check{
					{Name: "company_settings_week_start_check", Expr: schema.Expr("week_start BETWEEN 0 AND 6")},
					{Name: "company_settings_round_to_check", Expr: schema.Expr("round_to > 0")},
				},
				ForeignKeys: []schema.ForeignKey{{Name: "company_settings_company_id_fkey", Columns: []string{"company_id"},
					RefTable: "companies", RefColumns: []string{"id"}, OnDelete: schema.Cascade}},
			},
		),
	})
}
