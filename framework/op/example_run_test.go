package op_test

import (
	"context"
	"database/sql"
	"fmt"

	_ "github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/driver/sqliteshim"
)

// In a migration db is what its function was given. Here it is a database of its
// own, in memory, and so a single connection.
func ExampleRun() {
	pool, err := sql.Open(sqliteshim.ShimName, ":memory:")
	if err != nil {
		fmt.Println(err)
		return
	}
	pool.SetMaxOpenConns(1)
	db := bun.NewDB(pool, sqlitedialect.New())
	defer db.Close()

	ctx := op.WithEnv(context.Background(), &op.Env{Sink: func(e op.Event) { fmt.Println(e.Outcome, e.Op) }})
	users := op.CreateTable{Name: "users", IfNotExists: true, Columns: []schema.Column{
		{Name: "id", Type: schema.BigInt, AutoIncrement: true},
		{Name: "email", Type: schema.Varchar(80), NotNull: true},
	}, PrimaryKey: []string{"id"}}
	for range 2 {
		if err := op.Run(ctx, db, users); err != nil {
			fmt.Println(err)
		}
	}
	users.Columns[1].NotNull = false
	fmt.Println(op.Run(ctx, db, users))
	// Output:
	// ran create table users
	// found create table users
	// create table users: table users exists already and differs from what is wanted; make the two agree:
	//   column users.email: found not null, want null allowed
}
