package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/uptrace/bun"
)

// takeWriteLock makes the transaction the database's writer without leaving
// anything behind: it returns free pages of an auto-vacuum database at most. It
// is the first statement, so that a deferred BEGIN, too, waits (busy_timeout)
// for the writer before it, and reads what that one has committed; a deferred
// transaction that reads first is refused when it wants to write.
const takeWriteLock = `PRAGMA main.incremental_vacuum(1)`

// seen is the state under the write lock in which a claim found its lock free and
// the history as the plan saw it, for the claims after it on the same connection.
type seen struct {
	key     int64 // of the lock
	version int64 // what dataVersion told
}

// dataVersion tells whether another connection has committed anything since this
// one asked last. Its own commits do not count.
const dataVersion = `PRAGMA main.data_version`

// Claim implements dialect.Fence. SQLite's own write lock is the runners' lock
// for a transaction: there is one writer, and a killed one is rolled back.
// Claim also yields to a NoTx migration of another runner; see LockSession.
// Timeouts have no meaning here, and a Role is refused.
//
// Where nobody else has committed since an earlier claim on this connection, the
// history is what the plan saw, and no NoTx migration has begun, as its runner
// commits its row first: neither is asked again.
func (d Dialect) Claim(ctx context.Context, tx bun.Tx, c dialect.Claim) (dialect.Claimed, error) {
	out := dialect.Claimed{Tx: savepoint()}
	if c.Role != "" {
		return out, fmt.Errorf("sqlite has no roles: leave the role %q out of the settings", c.Role)
	}
	if _, err := tx.ExecContext(ctx, takeWriteLock); err != nil {
		return out, d.unlessBusy(err)
	}
	now := seen{key: c.Key.Number}
	if err := tx.QueryRowContext(ctx, dataVersion).Scan(&now.version); err != nil {
		return out, err
	}
	out.Token = c.Want
	if c.Session != now {
		if held, err := d.heldElsewhere(ctx, tx, c.Key); held || err != nil {
			return dialect.Claimed{}, err
		}
		if c.Token != "" {
			if err := tx.QueryRowContext(ctx, c.Token).Scan(&out.Token); err != nil {
				return out, err
			}
		}
	}
	out.Locked = true
	if out.Token != c.Want {
		return out, nil
	}
	if c.Token != "" {
		out.Session = now
	}
	var err error
	out.Rows, err = rows(ctx, tx, "SAVEPOINT "+quote(out.Tx), c.Write)
	return out, err
}

// Settle implements dialect.Fence. The savepoint that Claim made is gone when
// the migration, or SQLite after a grave error, has ended the transaction.
func (Dialect) Settle(ctx context.Context, tx bun.Tx, c dialect.Claimed, s dialect.Settle) (dialect.Settled, error) {
	n, err := rows(ctx, tx, "RELEASE "+quote(c.Tx), s.Log, s.Write)
	if err != nil {
		if strings.Contains(err.Error(), "no such savepoint") {
			return dialect.Settled{}, nil
		}
		return dialect.Settled{}, err
	}
	return dialect.Settled{Ours: true, Rows: n}, nil
}

// TxOptions implements dialect.Fence: a transaction as the driver begins it.
func (Dialect) TxOptions() *sql.TxOptions { return nil }

// savepoint makes a name that no migration uses by chance.
func savepoint() string {
	return "leaven_" + strconv.FormatUint(rand.Uint64(), 36)
}

// rows runs statements, of which the last may be empty, in one call and returns
// the number of rows that the last has hit. A driver stops at the first that fails.
// What it prepares to see whether there are several, it prepares again: the first
// should be short.
func rows(ctx context.Context, db bun.IDB, statements ...string) (int64, error) {
	res, err := db.ExecContext(ctx, strings.Join(statements, "; "))
	if err != nil || statements[len(statements)-1] == "" {
		return 0, err
	}
	return res.RowsAffected()
}

// unlessBusy returns nil for an error which says that another has the lock.
func (d Dialect) unlessBusy(err error) error {
	if d.Classify(err).Class == dialect.Busy {
		return nil
	}
	return err
}

// Pooled implements dialect.Fence: nothing stands between us and a file.
func (Dialect) Pooled(context.Context, bun.Conn, bun.Conn) (bool, error) { return false, nil }

// Cancel implements dialect.Fence as a no-op: the drivers interrupt a statement
// when its context ends.
func (Dialect) Cancel(context.Context, bun.IDB, int64) error { return nil }

// Blockers implements dialect.Fence: SQLite does not know who has its locks.
func (Dialect) Blockers(context.Context, bun.IDB, int64) ([]dialect.Session, error) { return nil, nil }

// BlockedBy implements dialect.Fence: SQLite does not know who waits.
func (Dialect) BlockedBy(context.Context, bun.IDB, int64) ([]dialect.Session, error) {
	return nil, nil
}

// ForeignKeys implements dialect.Fence. It fails inside a transaction, where
// SQLite would ignore the change.
func (Dialect) ForeignKeys(ctx context.Context, conn bun.Conn, on bool) (was bool, err error) {
	const read = "PRAGMA foreign_keys"
	if err := conn.QueryRowContext(ctx, read).Scan(&was); err != nil || was == on {
		return was, err
	}
	if _, err := conn.ExecContext(ctx, fmt.Sprintf("PRAGMA foreign_keys = %t", on)); err != nil {
		return was, err
	}
	var now bool
	if err := conn.QueryRowContext(ctx, read).Scan(&now); err != nil {
		return was, err
	}
	if now != on {
		return was, errors.New("foreign keys cannot be switched inside a transaction: switch them before BEGIN")
	}
	return was, nil
}

// violationsShown limits what CheckForeignKeys reads of a table full of them.
const violationsShown = 20

const foreignKeyViolations = `
SELECT c."table", coalesce(c.rowid, 0), c.parent, coalesce(group_concat(f."from", ', '), '')
FROM (SELECT * FROM pragma_foreign_key_check LIMIT 21) AS c
LEFT JOIN pragma_foreign_key_list(c."table") AS f ON f.id = c.fkid
GROUP BY c."table", c.rowid, c.parent, c.fkid
ORDER BY 1, 2, 3, c.fkid`

// CheckForeignKeys implements dialect.Fence. Each line names a row, without its
// values: "invoices row 5: user_id refers to a row of users that does not
// exist". After 20 of them a line says that there are more.
func (Dialect) CheckForeignKeys(ctx context.Context, db bun.IDB) ([]string, error) {
	rows, err := db.QueryContext(ctx, foreignKeyViolations)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var table, parent, columns string
		var row int64
		if err := rows.Scan(&table, &row, &parent, &columns); err != nil {
			return nil, err
		}
		where := fmt.Sprintf("%s row %d", table, row)
		if row == 0 {
			where = table // a table without rowid
		}
		lines = append(lines, fmt.Sprintf("%s: %s refers to a row of %s that does not exist", where, columns, parent))
	}
	if len(lines) > violationsShown {
		lines = append(lines[:violationsShown], "and more")
	}
	return lines, rows.Err()
}
