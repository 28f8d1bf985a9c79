package bunset_test

import (
	"context"
	"errors"
	"testing/fstest"

	"github.com/uptrace/bun"
	bunmigrate "github.com/uptrace/bun/migrate"
)

// sqlFiles are the SQL half of the set.
var sqlFiles = fstest.MapFS{
	"20240102000000_orders.up.sql":      {Data: []byte("CREATE TABLE orders (id bigint PRIMARY KEY);\n\n--bun:split\n\nINSERT INTO orders VALUES (1)")},
	"20240102000000_orders.down.sql":    {Data: []byte("DROP TABLE orders")},
	"20240104000000_prices-1.tx.up.sql": {Data: []byte("INSERT INTO orders VALUES ({{.Next}})")},
}

// set is what an app has that uses bun/migrate: Go and SQL, with transactions of
// its own.
func set() *bunmigrate.Migrations {
	all := bunmigrate.NewMigrations()
	registerUsers(all)
	registerMore(all)
	if err := all.Discover(sqlFiles); err != nil {
		panic(err)
	}
	return all
}

//line 20240101000000_users.go:1
func registerUsers(all *bunmigrate.Migrations) {
	all.MustRegister(func(ctx context.Context, db *bun.DB) error {
		type User struct {
			ID   int64 `bun:",pk"`
			Name string
		}
		return db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			if _, err := tx.NewCreateTable().Model((*User)(nil)).Exec(ctx); err != nil {
				return err
			}
			_, err := tx.NewInsert().Model(&[]User{{1, "Ada"}, {2, "Alan"}}).Exec(ctx)
			return err
		})
	}, func(ctx context.Context, db *bun.DB) error {
		_, err := db.NewDropTable().Table("users").Exec(ctx)
		return err
	})
}

//line 20240103000000_more_users.go:1
func registerMore(all *bunmigrate.Migrations) {
	all.MustRegister(func(ctx context.Context, db *bun.DB) error {
		if db.Dialect().Name().String() == "sqlite" {
			if _, err := db.ExecContext(ctx, "PRAGMA foreign_keys = OFF"); err != nil {
				return err
			}
			defer func() { _, _ = db.ExecContext(ctx, "PRAGMA foreign_keys = ON") }()
		}
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }()
		var names []string
		if err := tx.NewSelect().Table("users").Column("name").Order("id").Scan(ctx, &names); err != nil {
			return err
		}
		if len(names) != 2 || names[1] != "Alan" {
			return errors.New("who is there?")
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO users (id, name) VALUES (?, ?)", 3, "Grace"); err != nil {
			return err
		}
		return tx.Commit()
	}, func(context.Context, *bun.DB) error { return nil }) // as bun's template leaves it
}
