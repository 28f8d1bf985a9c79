package history

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"strings"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/uptrace/bun"
)

// DefaultTable is the name of the version table where none is configured.
const DefaultTable = "leaven_history"

// Store reads and writes one version table and its log. It holds no connection
// and no state.
type Store struct {
	d      dialect.Dialect
	schema string
	table  string
	// What every step needs, in SQL.
	states, logs, token string
	key                 dialect.LockKey
}

// NewStore returns the store of a version table. Empty names mean the defaults:
// the schema "public" where the database has schemas, and DefaultTable.
func NewStore(d dialect.Dialect, schemaName, table string) *Store {
	if schemaName == "" && d.Capabilities().Schemas {
		schemaName = "public"
	}
	if table == "" {
		table = DefaultTable
	}
	s := &Store{d: d, schema: schemaName, table: table}
	s.states, s.logs = s.qualified(table), s.qualified(table+"_log")
	s.token = "SELECT " + s.newest("attempt || ':' || state", s.states, "") + " || '/' || " +
		s.newest("attempt || ':' || outcome", s.logs, s.changes())
	name := "leaven:" + schemaName + "." + table
	sum := sha256.Sum256([]byte(name))
	s.key = dialect.LockKey{Name: name, Number: int64(binary.BigEndian.Uint64(sum[:8]))}
	return s
}

// Name is the version table's name for people: "public.leaven_history".
func (s *Store) Name() string {
	if s.schema == "" {
		return s.table
	}
	return s.schema + "." + s.table
}

// Key is the runners' lock of this version table: the first 8 bytes of
// sha256("leaven:" + schema + "." + table). For public.leaven_history the number
// is 8547675062605552416.
func (s *Store) Key() dialect.LockKey { return s.key }

func (s *Store) qualified(table string) string {
	if s.schema == "" {
		return s.d.Quote(table)
	}
	return s.d.Quote(s.schema) + "." + s.d.Quote(table)
}

// TokenQuery is a SELECT whose value (of [Token]) changes with every change of
// rows, also with one that a migration commits by itself. It looks at the newest
// row and at the newest of those log entries that are written together with a
// change of rows, so its cost does not grow with the history. A try that failed
// tells of itself without the runners' lock, hence out of turn: it does not count.
func (s *Store) TokenQuery() string { return s.token }

// ProgressQuery is a SELECT of TokenQuery's value and of the number of rows.
func (s *Store) ProgressQuery() string {
	return "SELECT (" + s.TokenQuery() + "), (SELECT count(*) FROM " + s.states + ")"
}

func (s *Store) newest(expr, table, where string) string {
	return "coalesce((SELECT " + expr + " FROM " + table + where + " ORDER BY seq DESC LIMIT 1), '')"
}

// changes is the condition of a log entry that was written with a change of rows.
func (s *Store) changes() string {
	return " WHERE outcome NOT IN (" + s.literal(string(Failed)) + ", " + s.literal(string(Interrupted)) + ")"
}

// Token is the value of TokenQuery where newest is the newest row (nil: there is
// none), and change what Change tells of the newest log entry of a change of rows
// (empty: there is none).
func Token(newest *Record, change string) string {
	row := ""
	if newest != nil {
		row = newest.Attempt + ":" + string(newest.State)
	}
	return row + "/" + change
}

// Change names the entries that an attempt writes together with a change of rows.
func Change(attempt string, o Outcome) string { return attempt + ":" + string(o) }

// literal quotes a text. What no database keeps in text is left out (NUL) or
// replaced (bytes that are not UTF-8).
func (s *Store) literal(text string) string {
	return s.d.Literal(strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "\uFFFD"))
}

// Committed reports whether the attempt's work was committed: its log entry is
// part of the same transaction.
func (s *Store) Committed(ctx context.Context, db bun.IDB, attempt string) (bool, error) {
	var n int
	err := db.QueryRowContext(ctx, "SELECT count(*) FROM "+s.logs+" WHERE attempt = "+s.literal(attempt)+" AND outcome = "+s.literal(string(Done))).Scan(&n)
	return n > 0, err
}

// Unfinished reports whether rows of the attempt were left running or reverting.
func (s *Store) Unfinished(ctx context.Context, db bun.IDB, attempt string) (bool, error) {
	var n int
	err := db.QueryRowContext(ctx, "SELECT count(*) FROM "+s.states+" WHERE attempt = "+s.literal(attempt)+" AND state <> "+s.literal(string(Applied))).Scan(&n)
	return n > 0, err
}
