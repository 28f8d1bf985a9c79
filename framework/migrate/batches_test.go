package migrate_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
)

func TestUpdateInBatches(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		w.exec(`CREATE TABLE "we""ird" (id integer PRIMARY KEY, name text, done integer)`)
		w.exec(`CREATE TABLE codes (code text PRIMARY KEY, n integer)`)
		for i := 1; i <= 25; i++ {
			w.exec(`INSERT INTO "we""ird" VALUES (?, ?, ?)`, i*3, fmt.Sprint("row ", i), i%5/4) // every fifth is done
			w.exec(`INSERT INTO codes VALUES (?, 0)`, fmt.Sprintf("c'%02d", i))
		}
		w.exec(`CREATE TABLE files (id uuid PRIMARY KEY, n integer, hole integer)`)
		if w.db.Dialect().Name() == dialect.SQLite {
			w.exec(`DROP TABLE files`)
			w.exec(`CREATE TABLE files (id BLOB PRIMARY KEY, n integer, hole integer)`)
		}
		for i := range 25 {
			id := fmt.Sprintf("%032x", i)
			if w.db.Dialect().Name() == dialect.SQLite {
				w.exec(`INSERT INTO files VALUES (?, 0, 1)`, []byte(id))
			} else {
				w.exec(`INSERT INTO files VALUES (?, 0, 1)`, id)
			}
		}
		w.exec(`UPDATE files SET hole = NULL WHERE n = 0`)
		var progress []string
		w.options.Observe = func(e migrate.Event) {
			if e.Kind == migrate.Progress {
				progress = append(progress, fmt.Sprintf("%d/%d", e.Done, e.Total))
			}
		}
		w.registry.Register(migrate.Migration{ID: "0001_batches", Up: func(ctx context.Context, db bun.IDB) error {
			n, err := migrate.UpdateInBatches(ctx, db, migrate.Batches{
				Table: `we"ird`, Set: "done = ?, name = name || ?", Args: []any{2, "?!"}, Where: "done = ?", WhereArgs: []any{0}, Size: 8,
			})
			if err != nil || n != 20 {
				return fmt.Errorf("%d rows, %w", n, err)
			}
			n, err = migrate.UpdateInBatches(ctx, db, migrate.Batches{Table: "codes", Key: "code", Set: "n = n + 1", Size: 10})
			if err != nil || n != 25 {
				return fmt.Errorf("%d rows, %w", n, err)
			}
			n, err = migrate.UpdateInBatches(ctx, db, migrate.Batches{Table: "files", Set: "n = n + 1", Size: 20})
			if err != nil || n != 25 {
				return fmt.Errorf("%d rows, %w", n, err)
			}
			if _, err = migrate.UpdateInBatches(ctx, db, migrate.Batches{Table: "files", Key: "hole", Set: "n = n + 1"}); !errors.Is(err, migrate.ErrConfig) {
				return fmt.Errorf("a key with NULL: %w", err)
			}
			if db.Dialect().Name() == dialect.SQLite {
				if _, err := db.ExecContext(ctx, "CREATE TABLE days (day timestamp); INSERT INTO days VALUES ('2026-05-05T07:00')"); err != nil {
					return err
				}
				if _, err = migrate.UpdateInBatches(ctx, db, migrate.Batches{Table: "days", Key: "day", Set: "day = day"}); !errors.Is(err, migrate.ErrConfig) {
					return fmt.Errorf("a time that SQLite keeps as another text: %w", err)
				}
			}
			return nil
		}})
		w.mustUp()
		equal(t, "progress", progress[:8], []string{"8/20", "16/20", "20/20", "10/25", "20/25", "25/25", "20/25", "25/25"})
		var done, named, once int
		if err := w.db.NewRaw(`SELECT count(*) FROM "we""ird" WHERE done = 2`).Scan(w.ctx(), &done); err != nil {
			t.Fatal(err)
		}
		if err := w.db.NewRaw(`SELECT count(*) FROM "we""ird" WHERE name LIKE '%!'`).Scan(w.ctx(), &named); err != nil {
			t.Fatal(err)
		}
		if err := w.db.NewRaw(`SELECT count(*) FROM codes WHERE n = 1 AND NOT EXISTS (SELECT 1 FROM files WHERE n <> 1)`).Scan(w.ctx(), &once); err != nil {
			t.Fatal(err)
		}
		equal(t, "rows", []int{done, named, once}, []int{20, 20, 25})
		if _, err := migrate.UpdateInBatches(w.ctx(), w.db, migrate.Batches{Table: "codes"}); !errors.Is(err, migrate.ErrConfig) {
			t.Error(err)
		}
	})
}
