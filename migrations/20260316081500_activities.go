package migrations

import (
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
)

// The audit log is shown to people now, so it gets the name that the product has
// for it. What belonged to it keeps the old one unless it is renamed too.
func init() {
	migrate.Register(migrate.Migration{
		ID:    "20260316081500_activities",
		After: []string{"20260309094500_accountants"},
		Change: migrate.Reversible(
			op.RenameTable{Name: "audit_events", To: "activities"},
			op.RenameColumn{Table: "activities", Name: "data", To: "details"},
			op.RenameIndex{Table: "activities", Name: "audit_events_company_id_idx", To: "activities_company_id_idx"},
		),
	})
}
