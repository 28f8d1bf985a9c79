package migrations

import (
	"context"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// Settings are changed in many places, some of which forgot to say when. From
// now on the database says it.
func init() {
	migrate.Register(migrate.Migration{
		ID:    "20260427083000_settings_touched",
		After: []string{"20260420090000_billable_hours"},
		Up: func(ctx context.Context, db bun.IDB) error {
			return op.Run(ctx, db,
				op.SQL{SQLite: op.NoSQL, Postgres: `CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql
					AS 'BEGIN NEW.updated_at := now(); RETURN NEW; END'`},
				op.CreateTrigger{Trigger: schema.Trigger{Table: "company_settings", Name: "company_settings_touch",
					Event: schema.Expr("BEFORE UPDATE").On("sqlite", "AFTER UPDATE OF week_start, round_to, preferences"),
					Action: schema.Expr("FOR EACH ROW EXECUTE FUNCTION touch_updated_at()").On("sqlite",
						"FOR EACH ROW BEGIN UPDATE company_settings SET updated_at = CURRENT_TIMESTAMP WHERE company_id = NEW.company_id; END")}},
			)
		},
		Down: func(ctx context.Context, db bun.IDB) error {
			return op.Run(ctx, db,
				op.DropTrigger{Table: "company_settings", Name: "company_settings_touch"},
				op.SQL{SQLite: op.NoSQL, Postgres: "DROP FUNCTION touch_updated_at()"},
			)
		},
	})
}
