package migrations

import (
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// Some currencies need more digits than cents.
func init() {
	cents := schema.Column{Name: "hourly_rate", Type: schema.Numeric(12, 2)}
	finer := schema.Column{Name: "hourly_rate", Type: schema.Numeric(14, 4)}
	migrate.Register(migrate.Migration{
		ID:    "20260330103000_finer_rates",
		After: []string{"20260323140500_activities_of_users_checked"},
		Change: migrate.Reversible(
			op.AlterColumn{Table: "projects", From: cents, To: finer},
			op.SetComment{On: op.Object{Kind: "column", Table: "projects", Name: "hourly_rate"}, To: "in the currency of the company"},
		),
	})
}
