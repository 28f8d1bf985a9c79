// Command misbehave is a cmd/migrate whose migrations go wrong on demand: the
// program that the suite in package faults starts, kills, stops and cuts off.
//
// It is told what to do by the variable MISBEHAVE; without it, its migrations
// behave. Of its own it has only migrations. The command line, the runner and the
// dialects are those of every application.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/leavendb/leaven/framework/cli"
	_ "github.com/leavendb/leaven/framework/dialect/postgres"
	_ "github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
)

func main() {
	o, err := ordered(os.Getenv("MISBEHAVE"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "MISBEHAVE is not understood:", err)
		os.Exit(2)
	}
	p := newPoints(o)
	p.pass("ready")
	app := cli.App{Name: "migrate", Version: "1.0.0", Registry: migrate.NewRegistry()}
	s := shape{orders: o, points: p, app: &app}
	s.register()
	switch {
	case o.Pool > 0:
		app.Open = open
		pool = o.Pool
	case o.Strike != "":
		app.Open = func(ctx context.Context) (*bun.DB, error) {
			db, err := dial(ctx)
			if err != nil {
				return nil, err
			}
			return db.WithQueryHook(newStriker(o)), nil
		}
	}
	cli.Main(app)
}
