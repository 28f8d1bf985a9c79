package dialect

import (
	"context"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	bunschema "github.com/uptrace/bun/schema"
)

// Offline is implemented by dialects whose migrations can be followed without a
// database, to show their SQL.
type Offline interface {
	// BunDialect returns bun's dialect, fresh: it keeps the models that it meets.
	BunDialect() bunschema.Dialect

	// Shell is the database's own program for files of SQL.
	Shell() Shell
}

// Shell tells how a file of SQL is run by a database's own program.
type Shell struct {
	Run     string   // the command, with FILE for the file's name
	Prepare []string // statements at the beginning, for what a migrator's connection has by itself

	// Around the transaction of a migration that needs foreign keys off: switching
	// them, and the relation that must have no row at its end. Empty where no
	// migration does.
	ForeignKeysOff, ForeignKeysOn, Violations string
}

// Locker is implemented by dialects of databases whose statements lock tables
// in several ways.
type Locker interface {
	// LockMode names the lock that a statement takes on tables which exist, in
	// the database's own words; empty where it takes none that stops others, or
	// where that cannot be told from the text.
	LockMode(sql string) string
}

// Follower is implemented by dialects of databases that keep the text of views and
// triggers, and rewrite it in ways of their own when what it mentions is renamed.
type Follower interface {
	// Follow returns the views and triggers as they are behind o, an
	// op.RenameTable or op.RenameColumn, in a database that has what s says before
	// it; none where o concerns none of them. The error says that s does not hold
	// all that they use, or that the database refuses o.
	Follow(ctx context.Context, s *schema.Schema, o op.Op) (*schema.Schema, error)
}
