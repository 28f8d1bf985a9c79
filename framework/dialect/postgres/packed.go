package postgres

import (
	"context"

	"github.com/uptrace/bun"
)

// textOf is the text that a SELECT of one value gives; that of none is empty.
func textOf(query string) string {
	if query == "" {
		return "''"
	}
	return "(" + query + ")::text"
}

// silently evaluates expressions and returns no rows: a message may hold only one
// statement that does (pgdriver). A DO block can do that too, but its expressions
// are planned one by one, which costs more than all of the rest. What must be
// remembered travels in settings of the transaction.
func silently(expressions string) string {
	return "DECLARE leaven NO SCROLL CURSOR FOR SELECT " + expressions + "; MOVE ALL IN leaven; CLOSE leaven; "
}

// write runs a statement with RETURNING behind prelude, scans the last of its
// rows and returns their number.
func (d Dialect) write(ctx context.Context, db bun.IDB, prelude, statement string, dest ...any) (n int64, err error) {
	if !d.packs {
		if _, err := db.ExecContext(ctx, prelude); err != nil {
			return 0, err
		}
		prelude = ""
	}
	rows, err := db.QueryContext(ctx, prelude+statement)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return 0, err
		}
		n++
	}
	return n, rows.Err()
}

// exec runs a statement behind prelude and returns the number of rows that the
// statement hit. Rows of the prelude are thrown away.
func (d Dialect) exec(ctx context.Context, db bun.IDB, prelude, statement string) (int64, error) {
	if !d.packs && prelude != "" {
		if _, err := db.ExecContext(ctx, prelude); err != nil {
			return 0, err
		}
		prelude = ""
	}
	res, err := db.ExecContext(ctx, prelude+statement)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// queryRow scans the one row of query, which runs after prelude: in the same
// message where the driver lets a message hold several statements.
func (d Dialect) queryRow(ctx context.Context, db bun.IDB, prelude, query string, dest ...any) error {
	if !d.packs && prelude != "" {
		if _, err := db.ExecContext(ctx, prelude); err != nil {
			return err
		}
		prelude = ""
	}
	return db.QueryRowContext(ctx, prelude+query).Scan(dest...)
}
