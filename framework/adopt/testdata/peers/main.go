// Command peers runs migrations with other tools, as their users do, so that the
// tests of package adopt read histories that nobody imitated. It is a module of
// its own: nothing else needs these libraries.
//
//	peers TOOL postgres|sqlite ADDRESS FOLDER up|down
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	"github.com/golang-migrate/migrate/v4"
	"github.com/golang-migrate/migrate/v4/database"
	"github.com/golang-migrate/migrate/v4/database/pgx/v5"
	"github.com/golang-migrate/migrate/v4/database/sqlite"
	_ "github.com/golang-migrate/migrate/v4/source/file"
	"github.com/pressly/goose/v3"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 5 {
		return errors.New("peers TOOL postgres|sqlite ADDRESS FOLDER up|down")
	}
	name := map[string]string{"postgres": "pgx/v5", "sqlite": "sqlite"}[args[1]]
	db, err := sql.Open(name, args[2])
	if err != nil {
		return err
	}
	defer db.Close()
	switch args[0] {
	case "goose":
		return runGoose(db, args[1], args[3], args[4])
	case "golang-migrate":
		return runGolangMigrate(db, args[1], args[3], args[4])
	}
	return fmt.Errorf("unknown tool %q", args[0])
}

func runGoose(db *sql.DB, kind, folder, way string) error {
	dialect := map[string]goose.Dialect{"postgres": goose.DialectPostgres, "sqlite": goose.DialectSQLite3}[kind]
	p, err := goose.NewProvider(dialect, db, os.DirFS(folder))
	if err != nil {
		return err
	}
	if way == "down" {
		_, err = p.Down(context.Background())
		return err
	}
	_, err = p.Up(context.Background())
	return err
}

func runGolangMigrate(db *sql.DB, kind, folder, way string) (err error) {
	var driver database.Driver
	if kind == "postgres" {
		driver, err = pgx.WithInstance(db, &pgx.Config{})
	} else {
		driver, err = sqlite.WithInstance(db, &sqlite.Config{})
	}
	if err != nil {
		return err
	}
	m, err := migrate.NewWithDatabaseInstance("file://"+folder, kind, driver)
	if err != nil {
		return err
	}
	if way == "down" {
		return m.Steps(-1)
	}
	return m.Up()
}
