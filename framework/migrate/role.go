package migrate

import (
	"context"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/uptrace/bun"
)

// asRole uses the history outside the runners' lock: as the connected user, and
// where that one lacks the right, as the role of the options. A member that does
// not inherit (NOINHERIT) has the role's rights only then; everybody else pays no
// statement for it. Inside the lock the transaction has the role already.
func (m *Migrator) asRole(ctx context.Context, db bun.IDB, use func(bun.IDB) error) error {
	err := use(db)
	if _, has := db.(bun.Tx); has || m.o.Role == "" || m.d.Classify(err).Class != dialect.NoPrivilege {
		return err
	}
	return db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.ExecContext(ctx, "SET LOCAL ROLE "+m.d.Quote(m.o.Role)); err != nil {
			return err
		}
		return use(tx)
	})
}
