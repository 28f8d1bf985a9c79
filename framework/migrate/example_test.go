package migrate_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"

	_ "github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/driver/sqliteshim"
)

func Example() {
	// In an application, migrate.Register in the init function of each file.
	registry := migrate.NewRegistry()
	registry.Register(migrate.Migration{
		ID: "0001_users",
		Change: migrate.Reversible(op.CreateTable{Name: "users", PrimaryKey: []string{"id"}, Columns: []schema.Column{
			{Name: "id", Type: schema.BigInt, AutoIncrement: true, NotNull: true},
			{Name: "email", Type: schema.Varchar(320), NotNull: true},
		}}),
	})
	registry.Register(migrate.Migration{
		ID: "0002_first_user",
		Up: func(ctx context.Context, db bun.IDB) error {
			type user struct {
				bun.BaseModel `bun:"users"`
				ID            int64 `bun:",pk,autoincrement"`
				Email         string
			}
			_, err := db.NewInsert().Model(&user{Email: "baker@example.com"}).Exec(ctx)
			return err
		},
		Irreversible: "the first user is never removed",
	})

	pool, err := sql.Open(sqliteshim.ShimName, "file::memory:")
	if err != nil {
		log.Fatal(err)
	}
	pool.SetMaxOpenConns(1) // each connection would have a memory of its own
	m, err := migrate.New(bun.NewDB(pool, sqlitedialect.New()), migrate.Options{Registry: registry})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	report, err := m.Up(ctx, migrate.Head)
	fmt.Println(report.IDs(), err)
	report, err = m.Up(ctx, migrate.Head)
	fmt.Println(report.IDs(), err)
	_, err = m.Down(ctx, migrate.Steps(1))
	fmt.Println(err)
	// Output:
	// [0001_users 0002_first_user] <nil>
	// [] <nil>
	// 0002_first_user cannot be reverted: the first user is never removed
}
