package migrations

import (
	"context"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// A company's projects have different names, as its clients do. Those that were
// called alike get their number behind it, and keep it when this is reverted.
// The rule for clients is named as everything newer is.
func init() {
	migrate.Register(migrate.Migration{
		ID:    "20260406090000_project_names",
		After: []string{"20260330103000_finer_rates"},
		Up: func(ctx context.Context, db bun.IDB) error {
			return op.Run(ctx, db,
				op.SQL{All: `UPDATE projects SET name = name || ' #' || id WHERE EXISTS (SELECT 1 FROM projects AS other
					WHERE other.company_id = projects.company_id AND other.name = projects.name AND other.id < projects.id)`},
				op.AddUnique{Table: "projects", Unique: schema.Unique{Name: "projects_name_key", Columns: []string{"company_id", "name"}}},
				op.RenameConstraint{Table: "clients", Name: "clients_company_id_name_key", To: "clients_name_key"},
			)
		},
		Down: func(ctx context.Context, db bun.IDB) error {
			return op.Run(ctx, db,
				op.RenameConstraint{Table: "clients", Name: "clients_name_key", To: "clients_company_id_name_key"},
				op.DropConstraint{Table: "projects", Name: "projects_name_key"},
			)
		},
	})
}
