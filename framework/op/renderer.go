package op

import (
	"context"
	"fmt"
	"sync"

	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
	bundialect "github.com/uptrace/bun/dialect"
)

// Renderer spells operations in the SQL of one dialect. Each dialect package
// registers one.
type Renderer interface {
	// Name is the dialect's name in Leaven: "postgres", "sqlite".
	Name() string

	// BunName is the name of the bun dialect of the databases that it serves.
	BunName() bundialect.Name

	// Render returns the statements of o, in order; none when there is nothing to
	// do. at tells the state before o where the statements depend on it. An
	// operation that the dialect does not have is an error which names
	// operation, table and dialect.
	Render(ctx context.Context, o Op, at State) ([]Statement, error)

	// Live returns the state of a connected database. The dialect may learn more
	// through it than the interface tells.
	Live(db bun.IDB) State

	// Normalize returns t as the database itself would spell it (types, defaults,
	// checks), without leaving anything behind, so that it can be compared with
	// what Live tells.
	Normalize(ctx context.Context, db bun.IDB, t *schema.Table) (*schema.Table, error)
}

// State tells which tables there are.
type State interface {
	// Table returns a table, nil when there is none.
	Table(ctx context.Context, schemaName, name string) (*schema.Table, error)
}

// Fold is the State that a schema.Schema describes: what operations have made,
// without a database.
type Fold struct{ Schema *schema.Schema }

// Table implements State.
func (f Fold) Table(_ context.Context, schemaName, name string) (*schema.Table, error) {
	return f.Schema.Table(schemaName, name), nil
}

// Statement is one SQL statement of an operation.
type Statement struct {
	SQL string

	// Strong says that the statement takes a lock on an existing table that would
	// make others queue behind it. Run limits its wait for the lock (Env.LockTry).
	Strong bool

	// NoTx says that the statement cannot run in a transaction.
	NoTx bool

	// ForeignKeysOff says that the statement needs foreign keys switched off
	// before the transaction began (an SQLite table rebuild).
	ForeignKeysOff bool
}

// LockTimer is implemented by renderers of databases whose strong locks make
// others queue. It returns sql, one message, in which the wait for a lock is
// limited to try milliseconds, and afterwards to after milliseconds (0: no
// limit).
type LockTimer interface {
	LimitLockWait(sql string, try, after int64) string
}

var renderers struct {
	sync.RWMutex
	byName map[bundialect.Name]Renderer
}

// RegisterRenderer makes a dialect's renderer known; a later one of the same bun
// name replaces it. Dialect packages call it in init.
func RegisterRenderer(r Renderer) {
	renderers.Lock()
	defer renderers.Unlock()
	if renderers.byName == nil {
		renderers.byName = map[bundialect.Name]Renderer{}
	}
	renderers.byName[r.BunName()] = r
}

// RendererFor returns the renderer for db's dialect. The error says which import
// is missing.
func RendererFor(db bun.IDB) (Renderer, error) {
	renderers.RLock()
	defer renderers.RUnlock()
	name := db.Dialect().Name()
	if r := renderers.byName[name]; r != nil {
		return r, nil
	}
	return nil, fmt.Errorf("no Leaven dialect for bun's %s: import one, for example _ \"github.com/leavendb/leaven/framework/dialect/postgres\"", name)
}
