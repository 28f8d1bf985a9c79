package dialect

import (
	"context"

	"github.com/uptrace/bun"
)

// Copier is implemented by dialects whose databases are files: those can be copied
// while they are in use.
type Copier interface {
	// Copy writes the database as it is at one moment into the file at path, which
	// must be empty or not exist. db is outside a transaction.
	Copy(ctx context.Context, db bun.IDB, path string) error
}

// Environer is implemented by dialects whose database has tools of its own, such
// as pg_dump.
type Environer interface {
	// Environ returns the variables ("PGHOST=…") with which those tools go to an
	// address, so that no secret stands on their command line. It holds secrets.
	Environ(address string) []string
}
