package main

import (
	"context"
	"os"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/uptrace/bun"
)

// waitForItself changes a row in the transaction and then once more on another
// connection: of the application's pool, or of one that it opens for it. That one
// waits for the transaction, which waits for it.
func (s shape) waitForItself(ctx context.Context, db bun.IDB) error {
	if err := exec(ctx, db, "UPDATE effects SET v = v"); err != nil {
		return err
	}
	other := apps
	if other == nil {
		var err error
		if other, err = dial(ctx); err != nil {
			return err
		}
		defer other.Close()
	}
	return exec(context.WithoutCancel(ctx), other, "UPDATE effects SET v = v /* itself */")
}

// open is the application's own way to its database: one pool for everything.
func open(ctx context.Context) (*bun.DB, error) {
	db, err := dial(ctx)
	if err == nil {
		db.SetMaxOpenConns(pool)
		apps = db
	}
	return db, err
}

var (
	pool int     // how many connections it may have
	apps *bun.DB // the application's pool; nil: it has none
)

func dial(ctx context.Context) (*bun.DB, error) {
	return dialect.Open(ctx, os.Getenv("DATABASE_URL"))
}

// deadlock takes two rows in one order while another connection takes them in the
// other. "deadlock": only in the first try of the process.
func (s shape) deadlock(ctx context.Context, db bun.IDB) error {
	if tries++; tries > 1 && s.Deed == "deadlock" {
		return nil
	}
	if err := exec(ctx, db, "SET LOCAL deadlock_timeout = '10ms'", "UPDATE effects SET v = v WHERE v = 1"); err != nil {
		return err
	}
	other, err := dial(ctx)
	if err != nil {
		return err
	}
	go func() {
		defer other.Close()
		_ = other.RunInTx(context.WithoutCancel(ctx), nil, func(ctx context.Context, tx bun.Tx) error {
			return exec(ctx, tx, "SET LOCAL deadlock_timeout = '1h'", "UPDATE effects SET v = v WHERE v = 2",
				"UPDATE effects SET v = v WHERE v = 1")
		}) // it ends when our transaction does
	}()
	if err := s.until(ctx, db, "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"); err != nil {
		return err
	}
	return exec(ctx, db, "UPDATE effects SET v = v WHERE v = 2")
}

var tries int

func (s shape) until(ctx context.Context, db bun.IDB, condition string) error {
	for {
		var is bool
		if err := db.QueryRowContext(ctx, condition).Scan(&is); err != nil || is {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}
