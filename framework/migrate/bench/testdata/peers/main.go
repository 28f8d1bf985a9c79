// Command peers lets another tool bring databases from one number of applied
// migrations to another: for each line "FROM TO URL" that it reads, it prints how many
// nanoseconds that took over a new connection, once it stood. A migration is one
// statement. The program is a module of its own, so that nobody who uses Leaven has to
// do with the tools.
//
//	peers goose|sql-migrate
package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log"
	"os"
	"runtime"
	"time"

	"github.com/pressly/goose/v3"
	migrate "github.com/rubenv/sql-migrate"
	"github.com/uptrace/bun/driver/pgdriver"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("peers goose|sql-migrate")
	}
	move := map[string]mover{"goose": withGoose, "sql-migrate": withSQLMigrate}[os.Args[1]]
	for {
		var from, to int
		var url string
		switch _, err := fmt.Scanln(&from, &to, &url); {
		case err == io.EOF:
			return
		case err != nil:
			log.Fatal(err)
		}
		took, err := measured(move, from, to, url)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(took.Nanoseconds())
	}
}

// mover is a tool. It says how long it took, and how many migrations it moved.
type mover func(db *sql.DB, from, to int) (time.Duration, int, error)

func measured(move mover, from, to int, url string) (time.Duration, error) {
	db := sql.OpenDB(pgdriver.NewConnector(pgdriver.WithDSN(url)))
	defer db.Close()
	if err := db.Ping(); err != nil {
		return 0, err
	}
	runtime.GC()
	took, did, err := move(db, from, to)
	if err == nil && did != max(from, to)-min(from, to) { // what was not done was not measured
		err = fmt.Errorf("%d done from %d to %d", did, from, to)
	}
	return took, err
}

func tiny(i int) string {
	return fmt.Sprintf("CREATE VIEW t%05d AS SELECT 1 AS id", i)
}

func drop(i int) string { return fmt.Sprintf("DROP VIEW t%05d", i) }

// withGoose uses its provider with functions in Go, which is how it is quickest.
func withGoose(db *sql.DB, from, to int) (time.Duration, int, error) {
	run := func(statement string) *goose.GoFunc {
		return &goose.GoFunc{Mode: goose.TransactionEnabled, RunTx: func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, statement)
			return err
		}}
	}
	var all []*goose.Migration
	for i := 1; i <= max(from, to); i++ {
		all = append(all, goose.NewGoMigration(int64(i), run(tiny(i)), run(drop(i))))
	}
	begun := time.Now()
	p, err := goose.NewProvider(goose.DialectPostgres, db, nil, goose.WithGoMigrations(all...), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return 0, 0, err
	}
	do := p.Up
	if to < from {
		do = func(ctx context.Context) ([]*goose.MigrationResult, error) { return p.DownTo(ctx, int64(to)) }
	}
	done, err := do(context.Background())
	return time.Since(begun), len(done), err
}

func withSQLMigrate(db *sql.DB, from, to int) (time.Duration, int, error) {
	var source migrate.MemoryMigrationSource
	for i := 1; i <= max(from, to); i++ {
		source.Migrations = append(source.Migrations, &migrate.Migration{Id: fmt.Sprintf("%05d", i), Up: []string{tiny(i)}, Down: []string{drop(i)}})
	}
	way, n := migrate.Up, to-from
	if to < from {
		way, n = migrate.Down, from-to
	}
	begun := time.Now()
	did, err := migrate.ExecMax(db, "postgres", source, way, n)
	return time.Since(begun), did, err
}
