// Command peers lets other tools apply or revert migrations of one statement, and
// prints how many nanoseconds they took. It is a module of its own, so that nobody
// who uses Leaven has to do with them.
//
//	peers goose|sql-migrate up|down N URL
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
		log.Fatal("peers goose|sql-migrate up|down N URL")
	}
	n, err := strconv.Atoi(os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	db := sql.OpenDB(pgdriver.NewConnector(pgdriver.WithDSN(os.Args[4])))
	defer db.Close()
	if os.Args[2] == "down" { // what applies connects first, as its time says
		if err := db.Ping(); err != nil {
			log.Fatal(err)
		}
	}
	run := map[string]func(*sql.DB, string, int) (time.Duration, int, error){"goose": withGoose, "sql-migrate": withSQLMigrate}[os.Args[1]]
	took, did, err := run(db, os.Args[2], n)
	if err != nil {
		log.Fatal(err)
	}
	if did != n {
		log.Fatalf("%d done instead of %d", did, n)
	}
	fmt.Println(took.Nanoseconds())
}

func tiny(i int) string {
	return fmt.Sprintf("CREATE TABLE t%05d (id integer PRIMARY KEY, name varchar NOT NULL, made_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP)", i)
}

func drop(i int) string { return fmt.Sprintf("DROP TABLE t%05d", i) }

// withGoose uses its provider with functions in Go, which is how it is quickest.
func withGoose(db *sql.DB, direction string, n int) (time.Duration, int, error) {
	run := func(statement string) *goose.GoFunc {
		return &goose.GoFunc{Mode: goose.TransactionEnabled, RunTx: func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, statement)
			return err
		}}
	}
	var all []*goose.Migration
	for i := 1; i <= n; i++ {
		all = append(all, goose.NewGoMigration(int64(i), run(tiny(i)), run(drop(i))))
	}
	begun := time.Now()
	p, err := goose.NewProvider(goose.DialectPostgres, db, nil, goose.WithGoMigrations(all...), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return 0, 0, err
	}
	do := p.Up
	if direction == "down" {
		do = func(ctx context.Context) ([]*goose.MigrationResult, error) { return p.DownTo(ctx, 0) }
	}
	done, err := do(context.Background())
	return time.Since(begun), len(done), err
}

func withSQLMigrate(db *sql.DB, direction string, n int) (time.Duration, int, error) {
	var source migrate.MemoryMigrationSource
	for i := 1; i <= n; i++ {
		source.Migrations = append(source.Migrations, &migrate.Migration{Id: fmt.Sprintf("%05d", i), Up: []string{tiny(i)}, Down: []string{drop(i)}})
	}
	way := migrate.Up
	if direction == "down" {
		way = migrate.Down
	}
	begun := time.Now()
	did, err := migrate.Exec(db, "postgres", source, way)
	return time.Since(begun), did, err
}
