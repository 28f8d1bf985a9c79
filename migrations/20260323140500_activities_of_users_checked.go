package migrations

import (
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
)

// People go on working while all rows are looked at, which is why it is a
// migration of its own.
func init() {
	migrate.Register(migrate.Migration{
		ID:    "20260323140500_activities_of_users_checked",
		After: []string{"20260323140000_activities_of_users"},
		Change: migrate.Reversible(
			op.ValidateConstraint{Table: "activities", Name: "activities_user_id_fkey"},
		),
	})
}
