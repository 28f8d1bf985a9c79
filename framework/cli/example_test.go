package cli_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"

	"github.com/leavendb/leaven/framework/cli"
	_ "github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/spf13/cobra"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/driver/sqliteshim"
)

// The commands run on any registry, and write where cobra is told to.
func ExampleNew() {
	root := cli.New(cli.App{Name: "migrate", Registry: migrate.NewRegistry(), Environ: []string{"DATABASE_URL=sqlite::memory:"}})
	root.SetOut(os.Stdout)
	root.SetErr(os.Stdout)

	root.SetArgs([]string{"status"})
	fmt.Println("exit code", cli.ExitCode(root.Execute()))

	root.SetArgs([]string{"stauts"})
	fmt.Println("exit code", cli.ExitCode(root.Execute()))

	// Output:
	// Database: sqlite::memory: (from DATABASE_URL)
	// There are no migrations yet. To write the first, run: migrate new NAME
	// exit code 0
	// Error: there is no command "stauts".
	// Next:  did you mean: migrate status
	// exit code 2
}

type region struct{}

// An application mounts the commands under its own, opens the database from its
// own settings, and gives its migrations what they need.
func ExampleNew_mounted() {
	registry := migrate.NewRegistry()
	registry.Register(migrate.Migration{
		ID: "0001_shops",
		Up: func(ctx context.Context, db bun.IDB) error {
			_, err := db.ExecContext(ctx, "CREATE TABLE shops AS SELECT ? AS region", ctx.Value(region{}))
			return err
		},
		Down: func(ctx context.Context, db bun.IDB) error {
			_, err := db.ExecContext(ctx, "DROP TABLE shops")
			return err
		},
	})

	var dsn, where string
	shop := &cobra.Command{Use: "shop", SilenceErrors: true, SilenceUsage: true}
	shop.PersistentFlags().StringVar(&dsn, "dsn", "", "the shop's database")
	shop.PersistentFlags().StringVar(&where, "region", "north", "where the shop is")
	shop.AddCommand(cli.New(cli.App{
		Name:     "db",
		Registry: registry,
		Environ:  []string{},
		Open: func(context.Context) (*bun.DB, error) {
			db, err := sql.Open(sqliteshim.ShimName, dsn)
			if err != nil {
				return nil, err
			}
			db.SetMaxOpenConns(1) // in memory, each connection is a database
			return bun.NewDB(db, sqlitedialect.New()), nil
		},
		Context: func(ctx context.Context) context.Context { return context.WithValue(ctx, region{}, where) },
	}))
	shop.SetOut(os.Stdout)
	shop.SetErr(os.Stdout)

	shop.SetArgs([]string{"db", "status", "--dsn", ":memory:"})
	fmt.Println("exit code", cli.ExitCode(shop.Execute()))

	shop.SetArgs([]string{"--dsn", ":memory:", "--region", "south", "db", "up", "2", "3"})
	fmt.Println("exit code", cli.ExitCode(shop.Execute()))

	// Output:
	// Database: opened by the application
	// STATE    MIGRATION   APPLIED  TOOK  REMARKS
	// pending  0001_shops  -        -     -
	//
	// 0 applied, 1 pending. To apply, run: shop db up
	// exit code 0
	// Error: up does not know what to do with "3".
	// Next:  for its words and flags, run: shop db help up
	// exit code 2
}
