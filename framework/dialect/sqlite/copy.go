package sqlite

import (
	"context"

	"github.com/uptrace/bun"
)

// Copy implements dialect.Copier. Writers are not kept waiting.
func (Dialect) Copy(ctx context.Context, db bun.IDB, path string) error {
	_, err := db.ExecContext(ctx, "VACUUM INTO "+literal(path))
	return err
}
