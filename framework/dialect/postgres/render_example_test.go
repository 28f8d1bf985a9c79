package postgres_test

import (
	"context"
	"fmt"

	"github.com/leavendb/leaven/framework/dialect/postgres"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// Operations are rendered without a database; a Fold stands for its state.
func ExampleDialect_Render() {
	add := op.AddColumn{Schema: "app", Table: "users", Column: schema.Column{
		Name: "joined", Type: schema.Timestamptz, NotNull: true, Default: schema.Now,
	}}
	statements, err := postgres.Dialect{}.Render(context.Background(), add, op.Fold{Schema: &schema.Schema{}})
	if err != nil {
		fmt.Println(err)
	}
	for _, s := range statements {
		fmt.Println(s.SQL)
	}
	// Output: ALTER TABLE "app"."users" ADD COLUMN "joined" timestamptz NOT NULL DEFAULT now()
}
