package sqlite

import (
	"context"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/uptrace/bun"
)

const describe = `
SELECT sqlite_version(),
	(SELECT coalesce(file, '') FROM pragma_database_list WHERE name = 'main'),
	(SELECT query_only FROM pragma_query_only)`

// Describe implements dialect.Dialect. Database is the file; empty for one in
// memory. To learn whether the file takes writes it asks for the write lock
// and gives it back, without waiting for it.
func (d Dialect) Describe(ctx context.Context, db bun.IDB) (s dialect.Server, err error) {
	s.Product = "SQLite"
	err = onOne(ctx, db, func(one bun.IDB) error {
		err := one.QueryRowContext(ctx, describe).Scan(&s.Version, &s.Database, &s.ReadOnly)
		if _, inTx := one.(bun.Tx); err != nil || inTx {
			return err
		}
		err = withoutWaiting(ctx, one, func() error {
			_, err := one.ExecContext(ctx, takeWriteLock)
			return err
		})
		if d.Classify(err).Class == dialect.ReadOnly {
			s.ReadOnly = true
			return nil
		}
		return d.unlessBusy(err)
	})
	return s, err
}
