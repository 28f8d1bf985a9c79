package migrations

import (
	"context"
	"strings"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// Users get a name to show, made of what is known of them. The type of the rows
// is frozen here, as it was that day: models.User goes on changing.
func init() {
	type user struct {
		bun.BaseModel `bun:"table:users"`

		ID                         int64 `bun:",pk"`
		FirstName, LastName, Email string
		DisplayName                string
	}
	const page = 500
	migrate.Register(migrate.Migration{
		ID:    "20260209083000_display_names",
		After: []string{"20260202110000_time_entries"},
		Up: func(ctx context.Context, db bun.IDB) error {
			err := op.Run(ctx, db, op.AddColumn{Table: "users",
				Column: schema.Column{Name: "display_name", Type: schema.Varchar(0), NotNull: true, Default: schema.Literal("")}})
			if err != nil {
				return err
			}
			total, err := db.NewSelect().Model((*user)(nil)).Count(ctx)
			if err != nil {
				return err
			}
			var done, last int64
			for {
				var users []*user
				err := db.NewSelect().Model(&users).Where("id > ?", last).Order("id").Limit(page).Scan(ctx)
				if err != nil || len(users) == 0 {
					return err
				}
				for _, u := range users {
					u.DisplayName = strings.TrimSpace(u.FirstName + " " + u.LastName)
					if u.DisplayName == "" {
						u.DisplayName, _, _ = strings.Cut(u.Email, "@")
					}
					if _, err := db.NewUpdate().Model(u).Column("display_name").WherePK().Exec(ctx); err != nil {
						return err
					}
				}
				done, last = done+int64(len(users)), users[len(users)-1].ID
				migrate.ReportProgress(ctx, done, total)
			}
		},
		Down: func(ctx context.Context, db bun.IDB) error {
			return op.Run(ctx, db, op.DropColumn{Table: "users", Name: "display_name"})
		},
	})
}
