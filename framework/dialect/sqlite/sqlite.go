// Package sqlite teaches Leaven SQLite, through bun's sqlitedialect and any
// driver that it works with (modernc.org/sqlite, mattn/go-sqlite3).
//
// What lives here: the SQL of operations, the rebuild of tables that SQLite
// cannot change in place, the inspection of a database, the fence around a
// migration, the classes of errors, and how a database is opened by URL.
// Importing the package registers the dialect. What does not live here: which
// migration runs when (package migrate) and what the operations mean (package
// op).
//
// What an author of migrations for two databases should know:
//
//   - Types are those that bun's sqlitedialect gives a model: every integer is
//     INTEGER, times are TIMESTAMP, arrays and UUIDs are VARCHAR. A numeric of
//     at most 15 digits is NUMERIC, which keeps them all and compares as a
//     number; a larger one is TEXT, which keeps every digit and compares as text.
//   - Constraints and keys, changes of a column, and columns that rows cannot
//     take as a constant, make the table anew. What SQLite knows of the table is
//     kept, and so are its rows and their numbers, indexes, triggers and views. It
//     needs a transaction. Renaming a table or a column happens in place.
//   - A changed type converts the rows as SQLite does, which leaves alone what it
//     cannot convert; Using says better. It is an SQL expression of SQLite, where
//     x::type is CAST(x AS type).
//   - An enum is a view of its name that lists the values; a column of its type
//     is TEXT with a check that is named after it. A changed enum makes the tables
//     anew that use it. Values compare as text, not in their order; arrays of an
//     enum are not checked, nor columns whose type has a text of its own for
//     SQLite.
//   - There are no comments: what says one is accepted and leaves no trace, as
//     nothing in the database depends on it. [Dialect.Normalize] drops them, so
//     that a comparison does not find them missing.
//   - A constraint checks the rows that are there when it is added, NotValid or
//     not; validating it later is nothing to do.
//   - A column that counts up is AUTOINCREMENT, also where Identity stands beside
//     it; SQLite then takes a number that a row brings.
//   - Refused before anything ran, because SQLite has nothing like it: schemas,
//     extensions, sequences, exclusion constraints, materialized views, constraint
//     triggers, deferrable or NULLS NOT DISTINCT unique constraints, index methods,
//     INCLUDE, operator classes and storage parameters, other collations than
//     BINARY, NOCASE and RTRIM. Where SQLite can do without, op.SQL with op.NoSQL
//     says so; an index is spelled for each database in Index.Definition.
//   - A table that others refer to, or that a view reads, cannot be dropped before
//     them, as on PostgreSQL.
//   - A NoTx migration is fenced by a file beside the database, named after it
//     and the history table ("app.db-leaven-…"). It stays, and is empty of data.
package sqlite

import (
	"strings"

	"github.com/leavendb/leaven/framework/dialect"
	bundialect "github.com/uptrace/bun/dialect"
)

// Dialect is SQLite. Its zero value is ready for use.
type Dialect struct{}

var (
	_ dialect.Dialect = Dialect{}
	_ dialect.Copier  = Dialect{}
)

func init() { dialect.Register(Dialect{}) }

// Name is "sqlite".
func (Dialect) Name() string { return "sqlite" }

// BunName is the name of bun's dialect.
func (Dialect) BunName() bundialect.Name { return bundialect.SQLite }

// Capabilities says that changes of structure are transactional; there are no
// schemas, no roles, and one writer at a time.
func (Dialect) Capabilities() dialect.Capabilities {
	return dialect.Capabilities{TransactionalDDL: true, FaultsUndo: true}
}

// Quote returns an identifier in double quotes. A NUL would end the statement
// there, and no SQLite identifier holds one, so it becomes U+FFFD.
func (Dialect) Quote(name string) string { return quote(name) }

func quote(name string) string {
	name = strings.ReplaceAll(name, "\x00", "\uFFFD")
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// Literal returns a text in single quotes; where it holds a NUL, which would
// end the statement, an expression that joins its pieces.
func (Dialect) Literal(text string) string { return literal(text) }

func literal(text string) string {
	if strings.IndexByte(text, 0) < 0 {
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	}
	pieces := strings.Split(text, "\x00")
	for i, p := range pieces {
		pieces[i] = literal(p)
	}
	return "(" + strings.Join(pieces, "||char(0)||") + ")"
}

// ServerTime is the clock at the statement, in UTC, to the millisecond, as text
// that bun and the drivers read as a time.
func (Dialect) ServerTime() string { return `strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')` }
