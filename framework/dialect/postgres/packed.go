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

// behind is the message of a statement that runs after prelude: both, where the
// driver lets a message hold several statements, and else the statement alone,
// with prelude sent already.
func (d Dialect) behind(ctx context.Context, db bun.IDB, prelude, statement string) (string, error) {
	if d.packs || prelude == "" {
		return prelude + statement, nil
	}
	_, err := db.ExecContext(ctx, prelude)
	return statement, err
}

// write runs a statement with RETURNING behind prelude, scans the last of its
// rows and returns their number.
func (d Dialect) write(ctx context.Context, db bun.IDB, prelude, statement string, dest ...any) (n int64, err error) {
	statement, err = d.behind(ctx, db, prelude, statement)
	if err != nil {
		return 0, err
	}
	rows, err := db.QueryContext(ctx, statement)
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
// statement hit. All rows are thrown away.
func (d Dialect) exec(ctx context.Context, db bun.IDB, prelude, statement string) (int64, error) {
	statement, err := d.behind(ctx, db, prelude, statement)
	if err != nil {
		return 0, err
	}
	res, err := db.ExecContext(ctx, statement)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// queryRow scans the one row of query, which runs behind prelude.
func (d Dialect) queryRow(ctx context.Context, db bun.IDB, prelude, query string, dest ...any) error {
	query, err := d.behind(ctx, db, prelude, query)
	if err != nil {
		return err
	}
	return db.QueryRowContext(ctx, query).Scan(dest...)
}
