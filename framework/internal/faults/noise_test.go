package faults

import (
	"context"
	"sync"
	"time"

	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/uptrace/bun"
)

// noise are clients that use the programs' way to the server all the time, each
// with short transactions and settings of its own; they do not touch effects. The
// result ends them.
func (w *world) noise(clients int) func() {
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for range clients {
		db := pgtest.Open(w, w.url)
		all.Go(func() {
			for ctx.Err() == nil {
				tx, err := db.Begin()
				if err != nil {
					w.Errorf("a client beside it: %v", err)
					return
				}
				_, err = tx.Exec("SET LOCAL work_mem = '9MB'; SELECT pg_sleep(0.002)")
				if err == nil {
					err = tx.Commit()
				}
				if err != nil {
					w.Errorf("a client beside it: %v", err)
					return
				}
				<-time.After(time.Millisecond) // its pace
			}
		})
	}
	return func() {
		cancel()
		all.Wait()
	}
}

// client is a pool that comes the programs' way.
func (w *world) client() *bun.DB {
	w.Helper()
	return pgtest.Open(w, w.url)
}
