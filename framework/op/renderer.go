package op

import (
	"context"
	"fmt"
	"slices"
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

// Catalog is a State that knows more than tables: those of databases that have
// more.
type Catalog interface {
	State

	// Enum returns an enum, nil when there is none.
	Enum(ctx context.Context, schemaName, name string) (*schema.Enum, error)

	// EnumUsers returns the tables with columns of an enum, or of arrays of it.
	EnumUsers(ctx context.Context, schemaName, name string) ([]EnumUser, error)

	// Has reports whether there is a schema, an extension or a table.
	Has(ctx context.Context, o Object) (bool, error)
}

// EnumUser is a table with the names of its columns that use an enum.
type EnumUser struct {
	Table   *schema.Table
	Columns []string
}

// Fold is the State that a schema.Schema describes: what operations have made,
// without a database.
type Fold struct{ Schema *schema.Schema }

// Table implements State.
func (f Fold) Table(_ context.Context, schemaName, name string) (*schema.Table, error) {
	return f.Schema.Table(schemaName, name), nil
}

// Enum implements Catalog.
func (f Fold) Enum(_ context.Context, schemaName, name string) (*schema.Enum, error) {
	return f.Schema.Enum(schemaName, name), nil
}

// EnumUsers implements Catalog.
func (f Fold) EnumUsers(_ context.Context, schemaName, name string) ([]EnumUser, error) {
	var users []EnumUser
	for _, t := range f.Schema.Tables {
		u := EnumUser{Table: t}
		for _, c := range t.Columns {
			if c.Type.UsesEnum(schemaName, name) {
				u.Columns = append(u.Columns, c.Name)
			}
		}
		if len(u.Columns) > 0 {
			users = append(users, u)
		}
	}
	return users, nil
}

// Has implements Catalog.
func (f Fold) Has(_ context.Context, o Object) (bool, error) {
	if o.Kind == "schema" {
		return slices.Contains(f.Schema.Schemas, o.Schema), nil
	}
	return f.Schema.Extension(o.Name) != nil, nil
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

	// AfterCommit says that what the statement adds cannot be used before the
	// commit of its transaction (a value of an enum). See [Uncommitted]. OwnSince is
	// the version of the server, as in Since, from which on it can where the
	// transaction has made the enum, too; 0: none.
	AfterCommit bool
	OwnSince    int

	// Since is the lowest version of the server that knows the statement, as the
	// server counts its versions (150000); 0: all. Run refuses it on others before
	// anything ran, where the renderer is a Versioner.
	Since int
}

// Versioner is implemented by renderers of databases whose versions differ in
// what they know.
type Versioner interface {
	// Version is the server's, comparable with Statement.Since.
	Version(ctx context.Context, db bun.IDB) (int, error)

	// VersionError says that a server of version cannot do what needs since.
	VersionError(version, since int) error
}

// Explainer is implemented by renderers that can say more about a failed
// statement than its database did. It returns err, or an error that wraps it.
type Explainer interface {
	Explain(o Op, err error) error
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
