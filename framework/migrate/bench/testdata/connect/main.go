// Command connect is the floor of a start: a program with bun and the drivers of
// both databases that connects to the one in DATABASE_URL, asks one thing and ends.
package main

import (
	"database/sql"
	"log"
	"os"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	_ "github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/driver/pgdriver"
	_ "github.com/uptrace/bun/driver/sqliteshim"
)

func main() {
	db := bun.NewDB(sql.OpenDB(pgdriver.NewConnector(pgdriver.WithDSN(os.Getenv("DATABASE_URL")))), pgdialect.New())
	defer db.Close()
	var n int
	if err := db.QueryRow("SELECT count(*) FROM leaven_history").Scan(&n); err != nil {
		log.Fatal(err)
	}
}
