// Command statements runs SQL in a database, as another tool has before Leaven came:
//
//	statements ADDRESS SQL...
package main

import (
	"context"
	"log"
	"os"

	"github.com/leavendb/leaven/framework/dialect"
	_ "github.com/leavendb/leaven/framework/dialect/sqlite"
)

func main() {
	db, err := dialect.Open(context.Background(), os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	for _, statement := range os.Args[2:] {
		if _, err := db.Exec(statement); err != nil {
			log.Fatal(err)
		}
	}
}
