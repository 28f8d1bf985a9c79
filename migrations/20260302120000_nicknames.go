package migrations

import (
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

func init() {
	migrate.Register(migrate.Migration{
		ID:    "20260302120000_nicknames",
		After: []string{"20260223101500_time_entries_by_user"},
		Change: migrate.Reversible(
			op.AddColumn{Table: "users", Column: schema.Column{Name: "nickname", Type: schema.Varchar(80)}},
			op.AddCheck{Table: "users", Check: schema.Check{Name: "users_nickname_check", Expr: schema.Expr("nickname <> ''")}},
		),
	})
}
