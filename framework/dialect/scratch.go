package dialect

import (
	"context"
	"errors"

	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// Scratcher is implemented by dialects that can give a place in which a schema
// is built only to see how the database spells it: a comparison of like with
// like has both sides read from one kind of server, of one version.
type Scratcher interface {
	// Scratch makes an empty temporary place on the server of db and sweeps what
	// runs that died have left. The place is a database of its own wherever that
	// can be had, also through a pool that the application opened itself; never
	// db's own database, nor one that anybody else made.
	//
	// Where it cannot, the place is a schema (in the database's sense) in a
	// transaction of db that is rolled back, unless o.Whole. Without that too, the
	// error is an ErrNoScratch that says which right is missing. Other errors are
	// those of the connection. Whatever was begun is gone when it returns an error,
	// also when ctx ended.
	Scratch(ctx context.Context, db *bun.DB, o ScratchOptions) (Scratch, error)

	// Sweep removes the scratch databases that runs which died have left on the
	// server of db, and returns their names, in order. Those of living runs, and
	// those that the connected user may not remove, stay. An error does not end
	// it: what could be removed is.
	Sweep(ctx context.Context, db *bun.DB) ([]string, error)
}

// ScratchOptions say what a scratch place is for. The zero value asks for what
// db has around its tables, and takes the weaker place where it must.
type ScratchOptions struct {
	// Whole asks for a database of its own or an error, as running migrations
	// needs one.
	Whole bool

	// Makes is what is going to be built. The extensions and schemas that it has
	// are left to its builder; those that db has besides (without their tables) are
	// there from the beginning, as far as the role may make them. Nil: nothing is
	// left out.
	Makes *schema.Schema
}

// Scratch is a temporary place to build a schema in. It is used by one goroutine
// and closed by who got it.
type Scratch interface {
	// DB is where to build: op.Run takes it. In the weaker place it is a
	// transaction, in which a statement that fails ends everything that is not
	// inside a RunInTx of its own. That place takes a connection of the pool it was
	// made from until it is closed: with a pool of one, inspect the live side before.
	DB() bun.IDB

	// Pool is the database of its own, for a migrator; nil in the weaker place.
	Pool() *bun.DB

	// Inside returns want as it is to be built here: the same in a database of its
	// own; with other names of schemas, and without what is there already, in the
	// weaker place. want is not changed.
	Inside(want *schema.Schema) *schema.Schema

	// Inspect reads what was built, as Dialect.Inspect reads the database that the
	// place was made for: in the words, and with the names, that compare with it.
	Inspect(ctx context.Context, schemas ...string) (*schema.Schema, error)

	// Weaker says what a comparison through this place cannot tell, and why it is
	// not a better one; empty: nothing.
	Weaker() string

	// Swept are the leftovers of dead runs that were removed on the way.
	Swept() []string

	// Close removes the place. It needs no living context, and is called again
	// without effect. The error names what is left, and how to remove it.
	Close() error
}

// ErrNoScratch is in the chain of errors that say that the server gives no
// scratch place to this role. A comparison can still be made offline.
var ErrNoScratch = errors.New("no scratch database")
