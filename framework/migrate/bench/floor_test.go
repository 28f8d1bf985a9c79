package bench

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/uptrace/bun"
)

// What one would write by hand: a version table, and no protection of any kind.

const versionTable = "CREATE TABLE version (seq integer PRIMARY KEY, id text NOT NULL UNIQUE, checksum text NOT NULL, applied_at timestamp DEFAULT CURRENT_TIMESTAMP)"

func insertVersion(i int) string {
	return "INSERT INTO version (seq, id, checksum) VALUES (" + id(i)[:5] + ", '" + id(i) + "', '')"
}

func deleteVersion(i int) string { return "DELETE FROM version WHERE id = '" + id(i) + "'" }

func handBegin(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, versionTable)
	return err
}

// handMove applies or reverts migrations, a transaction and four round trips each.
func handMove(ctx context.Context, db *bun.DB, from, to int) error {
	if from == 0 {
		if err := handBegin(ctx, db.DB); err != nil {
			return err
		}
	}
	for i := from + 1; i <= to; i++ {
		if err := handInTx(ctx, db.DB, func(tx *sql.Tx) error { return handOne(ctx, tx, tiny(i), insertVersion(i)) }); err != nil {
			return err
		}
	}
	for i := from; i > to; i-- {
		if err := handInTx(ctx, db.DB, func(tx *sql.Tx) error { return handOne(ctx, tx, drop(i), deleteVersion(i)) }); err != nil {
			return err
		}
	}
	return nil
}

// handMoveAll does it in one transaction, if it is to apply.
func handMoveAll(ctx context.Context, db *bun.DB, from, to int) error {
	if from == 0 || to < from {
		return handMove(ctx, db, from, to)
	}
	return handInTx(ctx, db.DB, func(tx *sql.Tx) error {
		for i := from + 1; i <= to; i++ {
			if err := handOne(ctx, tx, tiny(i), insertVersion(i)); err != nil {
				return err
			}
		}
		return nil
	})
}

func handInTx(ctx context.Context, db *sql.DB, f func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		_ = tx.Rollback()
		return err
	}
	return tx.Commit()
}

func handOne(ctx context.Context, tx *sql.Tx, work, record string) error {
	if _, err := tx.ExecContext(ctx, work); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, record)
	return err
}

// handRecorded fills a version table with n rows.
func handRecorded(tb testing.TB, db *sql.DB, n int) {
	tb.Helper()
	if err := handBegin(tb.Context(), db); err != nil {
		tb.Fatal(err)
	}
	err := handInTx(tb.Context(), db, func(tx *sql.Tx) error {
		for i := 1; i <= n; i++ {
			if _, err := tx.ExecContext(tb.Context(), insertVersion(i)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// handPending reads what tells that nothing is pending: the applied IDs and
// their checksums.
func handPending(ctx context.Context, db *sql.DB) (map[string]string, error) {
	rows, err := db.QueryContext(ctx, "SELECT id, checksum FROM version ORDER BY seq")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	applied := map[string]string{}
	for rows.Next() {
		var id, sum string
		if err := rows.Scan(&id, &sum); err != nil {
			return nil, err
		}
		applied[id] = sum
	}
	return applied, rows.Err()
}

// handState is a row of our version table with every column.
type handState struct {
	seq, batch, elapsed                                                       int64
	id, state, raw, tokens, target, attempt, by, tool, version, commit, found string
	at                                                                        time.Time
}

// handStatus reads what status shows: all columns of our version table, and the
// tries that failed.
func handStatus(ctx context.Context, db *sql.DB) ([]handState, error) {
	all, err := handStates(ctx, db)
	if err != nil {
		return nil, err
	}
	_, err = handEntries(ctx, db, "WHERE outcome = 'failed' ORDER BY seq")
	return all, err
}

func handStates(ctx context.Context, db *sql.DB) ([]handState, error) {
	rows, err := db.QueryContext(ctx, "SELECT seq, id, state, raw, tokens, batch, target, attempt, applied_at, elapsed_ms, applied_by, tool, app_version, app_commit, found FROM leaven_history ORDER BY seq")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []handState
	for rows.Next() {
		var s handState
		if err := rows.Scan(&s.seq, &s.id, &s.state, &s.raw, &s.tokens, &s.batch, &s.target, &s.attempt, &s.at, &s.elapsed, &s.by, &s.tool, &s.version, &s.commit, &s.found); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, rows.Err()
}

// handLog reads all columns of our log.
func handLog(ctx context.Context, db *sql.DB) ([]handState, error) {
	return handEntries(ctx, db, "ORDER BY seq DESC")
}

func handEntries(ctx context.Context, db *sql.DB, which string) ([]handState, error) {
	rows, err := db.QueryContext(ctx, "SELECT seq, id, attempt, action, outcome, at, elapsed_ms, code, message, reason, batch, applied_by, tool FROM leaven_history_log "+which)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []handState
	for rows.Next() {
		var s handState
		if err := rows.Scan(&s.seq, &s.id, &s.attempt, &s.state, &s.raw, &s.at, &s.elapsed, &s.tokens, &s.target, &s.found, &s.batch, &s.by, &s.tool); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, rows.Err()
}
