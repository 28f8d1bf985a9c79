package dialect

import (
	bunschema "github.com/uptrace/bun/schema"
)

// Offline is implemented by dialects whose migrations can be followed without a
// database, to show their SQL.
type Offline interface {
	// BunDialect returns bun's dialect, fresh: it keeps the models that it meets.
	BunDialect() bunschema.Dialect
}

// Locker is implemented by dialects of databases whose statements lock tables
// in several ways.
type Locker interface {
	// LockMode names the lock that a statement takes on tables which exist, in
	// the database's own words; empty where it takes none that stops others, or
	// where that cannot be told from the text.
	LockMode(sql string) string
}
