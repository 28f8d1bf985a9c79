package record_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/leavendb/leaven/framework/dialect/postgres"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/record"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// Migrations tell their SQL without a database; what reads data cannot.
func Example() {
	r := migrate.NewRegistry()
	r.Register(migrate.Migration{ID: "0001_tags", Change: migrate.Reversible(
		op.CreateTable{Name: "tags", Columns: []schema.Column{{Name: "name", Type: schema.Text, NotNull: true}}},
	)})
	r.Register(migrate.Migration{ID: "0002_fill", Up: func(ctx context.Context, db bun.IDB) error {
		n, err := db.NewSelect().Table("tags").Count(ctx)
		if err != nil || n > 0 {
			return err
		}
		_, err = db.ExecContext(ctx, "INSERT INTO tags (name) VALUES ('new')")
		return err
	}, Irreversible: "it is not known which are ours"})
	offline, err := migrate.NewOffline(migrate.Options{Registry: r})
	if err != nil {
		fmt.Println(err)
		return
	}
	var steps []record.Step
	for _, k := range offline.Known() {
		steps = append(steps, record.Step{Known: &k, Direction: migrate.Up})
	}
	recorded, state, err := record.Run(context.Background(), postgres.Dialect{}, record.State{}, steps, record.Options{})
	if err != nil {
		fmt.Println(err)
	}
	for _, m := range recorded {
		if m.Tainted != "" {
			fmt.Println(m.ID, m.Tainted)
			continue
		}
		for _, s := range m.Statements {
			fmt.Println(m.ID, strings.Join(strings.Fields(s.SQL), " "))
		}
	}
	fmt.Println("tables:", len(state.Schema().Tables))
	// Output:
	// 0001_tags CREATE TABLE "tags" ( "name" text NOT NULL )
	// 0002_fill reads data, not shown
	// tables: 1
}
