package main

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
)

// deed is what the third migration does beside its effect.
func (s shape) deed(ctx context.Context, db bun.IDB) error {
	mustKnow(s.Deed)
	switch s.Deed {
	case "sleep":
		return exec(ctx, db, forLong(db))
	case "long":
		return exec(ctx, db, "SELECT pg_sleep(12)")
	case "fail":
		return exec(ctx, db, "INSERT INTO nowhere (v) VALUES (3)")
	case "secret":
		return errors.New("cannot reach " + os.Getenv("DATABASE_URL"))
	case "panic":
		panic("out of flour")
	case "goroutine":
		go func() { panic("out of flour") }()
		<-time.After(time.Minute) // the panic ends the process
	case "exit":
		os.Exit(0)
	case "commit":
		return exec(ctx, db, "COMMIT")
	case "rollback":
		return exec(ctx, db, "ROLLBACK")
	case "search_path":
		return exec(ctx, db, "CREATE SCHEMA IF NOT EXISTS elsewhere", "SET search_path = elsewhere")
	case "role":
		return exec(ctx, db, "SET ROLE pg_monitor")
	case "gucs":
		return exec(ctx, db, "SET LOCAL work_mem = '7MB'", "SELECT set_config('leaven.canary', 'leaked', true)")
	case "rows":
		return exec(ctx, db, "UPDATE held SET v = v + 1")
	case "itself":
		return s.waitForItself(ctx, db)
	case "deadlock", "deadlocks":
		return s.deadlock(ctx, db)
	case "large":
		return exec(ctx, db, large(db))
	}
	return nil
}

func exec(ctx context.Context, db bun.IDB, statements ...string) error {
	for _, q := range statements {
		if _, err := db.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

func onPostgres(db bun.IDB) bool { return db.Dialect().Name() == dialect.PG }

func forLong(db bun.IDB) string {
	if onPostgres(db) {
		return "SELECT pg_sleep(60)"
	}
	return "UPDATE effects SET v = v WHERE (WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 100000000) SELECT count(*) FROM c) < 0"
}

// large writes some 40 MB.
func large(db bun.IDB) string {
	if onPostgres(db) {
		return "CREATE TABLE large AS SELECT repeat(md5(i::text), 32) AS t FROM generate_series(1, 40000) AS i"
	}
	return "CREATE TABLE large AS WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 40000) SELECT hex(randomblob(512)) AS t FROM c"
}
