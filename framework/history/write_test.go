package history_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/leavendb/leaven/framework/dialect"
	_ "github.com/leavendb/leaven/framework/dialect/postgres"
	_ "github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/history"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/uptrace/bun"
)

// A stamp, and one transaction for all that is pending, write every row in one
// statement: databases limit what one may consist of.
func TestThousandsOfRowsInOneStatement(t *testing.T) {
	t.Parallel()
	const n = 10000
	for name, open := range map[string]func(testing.TB) *bun.DB{
		"postgres": func(t testing.TB) *bun.DB { db, _ := pgtest.New(t); return db },
		"sqlite":   func(t testing.TB) *bun.DB { db, _ := sqlitetest.New(t); return db },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := open(t)
			d, err := dialect.For(db)
			if err != nil {
				t.Fatal(err)
			}
			s := history.NewStore(d, "", "")
			records, entries := make([]history.Record, n), make([]history.LogEntry, n)
			for i := range records {
				id := fmt.Sprintf("%05d_m", i)
				records[i] = history.Record{ID: id, Attempt: "a", Found: []string{"table " + id}}
				entries[i] = history.LogEntry{ID: id, Attempt: "a", Action: history.ActUp, Outcome: history.Done}
			}
			err = db.RunInTx(t.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
				if _, err := s.Ensure(ctx, tx); err != nil {
					return err
				}
				for _, statement := range []string{s.InsertRunning(records), s.SetApplied(records), s.Append(entries)} {
					res, err := tx.ExecContext(ctx, statement)
					if err != nil {
						return err
					}
					if hit, err := res.RowsAffected(); err != nil || hit != n {
						return fmt.Errorf("%d rows, %w", hit, err)
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			read, err := s.Read(t.Context(), db)
			rows := read.Records
			if err != nil || len(rows) != n {
				t.Fatalf("%d rows, %v", len(rows), err)
			}
			if r := rows[n-1]; r.ID != "09999_m" || r.State != history.Applied || len(r.Found) != 1 || r.Found[0] != "table 09999_m" {
				t.Errorf("the last row: %+v", r)
			}
		})
	}
}
