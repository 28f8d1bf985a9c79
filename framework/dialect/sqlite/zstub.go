package sqlite

import (
	"context"
	"errors"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

var errNotYet = errors.New("being written")

func (d Dialect) Render(ctx context.Context, o op.Op, at op.State) ([]op.Statement, error) {
	return nil, errNotYet
}
func (d Dialect) Live(db bun.IDB) op.State { return nil }
func (d Dialect) Normalize(ctx context.Context, db bun.IDB, t *schema.Table) (*schema.Table, error) {
	return nil, errNotYet
}
func (d Dialect) Inspect(ctx context.Context, db bun.IDB, schemas ...string) (*schema.Schema, error) {
	return nil, errNotYet
}
