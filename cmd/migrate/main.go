// Command migrate brings the database of this application to a version, and
// shows where it stands:
//
//	go run ./cmd/migrate up
//
// It is wiring only, and yours to keep.
package main

import (
	"io/fs"

	"github.com/leavendb/leaven/framework/cli"
	"github.com/leavendb/leaven/migrations"
	"github.com/leavendb/leaven/models"

	// One line for each kind of database. Delete those that you do not use.
	_ "github.com/leavendb/leaven/framework/dialect/postgres"
	_ "github.com/leavendb/leaven/framework/dialect/sqlite"
)

func main() {
	cli.Main(cli.App{
		Name:    "migrate",
		Models:  models.All(),
		Sources: []fs.FS{migrations.Sources},
	})
}
