package migrate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
)

// Batches is an UPDATE in pieces, by the order of a key: for a data migration
// over a table that is too large for one statement. See [UpdateInBatches].
type Batches struct {
	Table string // as in the database; "schema.table" is two names
	Key   string // a unique column without NULL that has an order; empty: "id"

	// Set is what to set, as in bun's UpdateQuery.Set: "total = net * ?". Where
	// limits the rows; empty means all. Args and WhereArgs replace their question
	// marks.
	Set       string
	Args      []any
	Where     string
	WhereArgs []any

	Size int // rows looked at in one statement; 0: 1,000
}

// UpdateInBatches updates in ascending order of the key and reports progress
// after each piece. It returns the number of updated rows. Inside a transaction
// the pieces keep statements short, but not locks; in a NoTx migration each piece
// is committed by itself, so that Where should leave out what is done: then the
// migration is Rerunnable.
func UpdateInBatches(ctx context.Context, db bun.IDB, b Batches) (updated int64, err error) {
	if b.Table == "" || b.Set == "" {
		return 0, &ConfigError{What: "an update in batches needs Table and Set", Next: "set them in migrate.Batches"}
	}
	if b.Key == "" {
		b.Key = "id"
	}
	if b.Size <= 0 {
		b.Size = 1000
	}
	where := bun.SafeQuery("1 = 1")
	if b.Where != "" {
		where = bun.SafeQuery(b.Where, b.WhereArgs...)
	}
	table, key := bun.Ident(b.Table), bun.Ident(b.Key)
	var total, keyed int64
	if err := db.NewRaw("SELECT count(*), count(?) FROM ? WHERE (?)", key, table, where).Scan(ctx, &total, &keyed); err != nil {
		return 0, fmt.Errorf("count the rows of %s: %w", b.Table, err)
	}
	if keyed < total {
		return 0, &ConfigError{What: fmt.Sprintf("%d rows of %s have no %s (NULL), and would be left out", total-keyed, b.Table, b.Key), Next: "name a Key that all rows have"}
	}
	after := bun.SafeQuery("1 = 1") // the keys that are still to come
	for before := any(nil); ; {
		// PostgreSQL has no max(uuid) before 18.
		var last any
		err := db.NewRaw("SELECT k FROM (SELECT ? AS k FROM ? WHERE ? AND (?) ORDER BY ? LIMIT ?) piece ORDER BY k DESC LIMIT 1", key, table, after, where, key, b.Size).Scan(ctx, &last)
		if errors.Is(err, sql.ErrNoRows) {
			return updated, nil
		}
		if err != nil {
			return updated, fmt.Errorf("find the next rows of %s: %w", b.Table, err)
		}
		if text, ok := last.([]byte); ok && db.Dialect().Name() != dialect.SQLite {
			last = string(text) // a text key, as some drivers hand it over; on SQLite it is a BLOB
		}
		if reflect.DeepEqual(last, before) { // it did not come back as it is kept
			return updated, &ConfigError{What: fmt.Sprintf("the order of %s by %s cannot be followed behind %v", b.Table, b.Key, last), Next: "name a Key that is a number or a text"}
		}
		before = last
		res, err := db.NewRaw("UPDATE ? SET ? WHERE ? AND ? <= ? AND (?)", table, bun.SafeQuery(b.Set, b.Args...), after, key, last, where).Exec(ctx)
		if err != nil {
			return updated, fmt.Errorf("update %s up to %s %v: %w", b.Table, b.Key, last, err)
		}
		n, err := res.RowsAffected()
		if err != nil {
			return updated, err
		}
		updated += n
		ReportProgress(ctx, updated, total)
		after = bun.SafeQuery("? > ?", key, last)
	}
}
