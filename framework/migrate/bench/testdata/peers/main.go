// Command peers lets other tools apply or revert migrations of one statement, and
// prints how many nanoseconds they took. It is a module of its own, so that nobody
// who uses Leaven has to do with them.
//
//	peers goose|sql-migrate first|up|down N URL
//
// first applies N to an empty database, connecting included. up applies N behind a
// first one that does not count, and down reverts N, which does not count either.
package main

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"strconv"
	"time"

	"github.com/pressly/goose/v3"
	migrate "github.com/rubenv/sql-migrate"
	"github.com/uptrace/bun/driver/pgdriver"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 5 {
		log.Fatal("peers goose|sql-migrate first|up|down N URL")
	}
	n, err := strconv.Atoi(os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	db := sql.OpenDB(pgdriver.NewConnector(pgdriver.WithDSN(os.Args[4])))
	defer db.Close()
	run := map[string]func(db *sql.DB, direction string, have, want int) (time.Duration, error){
		"goose": withGoose, "sql-migrate": withSQLMigrate,
	}[os.Args[1]]
	took, err := time.Duration(0), error(nil)
	switch os.Args[2] {
	case "first":
		took, err = run(db, "up", 0, n)
	case "up":
		if _, err = run(db, "up", 0, 1); err == nil {
			took, err = run(db, "up", 1, 1+n)
		}
	case "down":
		if _, err = run(db, "up", 0, n); err == nil {
			took, err = run(db, "down", n, 0)
		}
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(took.Nanoseconds())
}

func tiny(i int) string {
	return fmt.Sprintf("CREATE TABLE t%05d (id integer PRIMARY KEY, name varchar NOT NULL, made_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP)", i)
}

func drop(i int) string { return fmt.Sprintf("DROP TABLE t%05d", i) }

// withGoose uses its provider with functions in Go, which is how it is quickest.
func withGoose(db *sql.DB, direction string, have, want int) (time.Duration, error) {
	run := func(statement string) *goose.GoFunc {
		return &goose.GoFunc{Mode: goose.TransactionEnabled, RunTx: func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, statement)
			return err
		}}
	}
	var all []*goose.Migration
	for i := 1; i <= max(have, want); i++ {
		all = append(all, goose.NewGoMigration(int64(i), run(tiny(i)), run(drop(i))))
	}
	begun := time.Now()
	p, err := goose.NewProvider(goose.DialectPostgres, db, nil, goose.WithGoMigrations(all...), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return 0, err
	}
	do := p.Up
	if direction == "down" {
		do = func(ctx context.Context) ([]*goose.MigrationResult, error) { return p.DownTo(ctx, int64(want)) }
	}
	done, err := do(context.Background())
	return time.Since(begun), whole(len(done), have, want, err)
}

func withSQLMigrate(db *sql.DB, direction string, have, want int) (time.Duration, error) {
	var source migrate.MemoryMigrationSource
	for i := 1; i <= max(have, want); i++ {
		source.Migrations = append(source.Migrations, &migrate.Migration{Id: fmt.Sprintf("%05d", i), Up: []string{tiny(i)}, Down: []string{drop(i)}})
	}
	way := migrate.Up
	if direction == "down" {
		way = migrate.Down
	}
	begun := time.Now()
	did, err := migrate.Exec(db, "postgres", source, way)
	return time.Since(begun), whole(did, have, want, err)
}

// whole is an error where something else was done than asked: what was not done was
// not measured.
func whole(did, have, want int, err error) error {
	if err == nil && did != max(have, want)-min(have, want) {
		err = fmt.Errorf("%d done between %d and %d", did, have, want)
	}
	return err
}
