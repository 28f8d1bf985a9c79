// Package dialect is the boundary between Leaven and one kind of database.
//
// What lives here: the [Dialect] interface, its values, and the register of
// dialects (filled by imports, like database/sql drivers). The packages below it
// (postgres, sqlite) implement it; dialecttest is the suite that each must pass.
// What does not live here: which migration runs when (package migrate), the
// history's columns (package history), settings and output (package cli).
package dialect

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// Dialect is everything that Leaven needs to know about one kind of database.
// Its methods are safe for concurrent use and hold no state between calls.
type Dialect interface {
	op.Renderer
	Fence

	// Capabilities say what the database can do.
	Capabilities() Capabilities

	// Quote returns an identifier, safe to be put into SQL.
	Quote(name string) string

	// Literal returns a text as an SQL string literal, safe to be put into SQL.
	Literal(text string) string

	// ServerTime is the SQL expression of the server's clock (not of the
	// transaction's begin), in a form that time.Time scans.
	ServerTime() string

	// Classify says what kind of fault err is; Other for nil and for errors that
	// do not come from this kind of database. It looks through wrapped errors and
	// knows the errors of every driver that bun uses with this dialect.
	Classify(err error) Fault

	// Inspect reads the structure of the database in a number of statements that
	// does not grow with it. Without names of schemas it reads the connection's
	// default schema, whose tables then name no schema; a name "" asks for that one
	// beside others.
	Inspect(ctx context.Context, db bun.IDB, schemas ...string) (*schema.Schema, error)

	// Describe asks the server for its product and version, for people:
	// "PostgreSQL 15.4", and whether it takes no writes.
	Describe(ctx context.Context, db bun.IDB) (Server, error)
}

// Opener is implemented by dialects that open databases by URL, for programs
// that are told where to connect by a setting.
type Opener interface {
	// Schemes are the URL schemes that it understands, without ":".
	Schemes() []string

	// Open returns a database whose pool suits a migrator: no client-side time
	// limit on statements. It connects to nothing yet. Errors say what is wrong
	// with the URL and never contain a secret.
	Open(ctx context.Context, url string) (*bun.DB, error)

	// Redact returns the URL without its secrets, also where it is malformed.
	Redact(url string) string
}

// Capabilities say what a kind of database can do. The zero value can nothing.
type Capabilities struct {
	// TransactionalDDL: changes of structure are part of a transaction.
	TransactionalDDL bool
	// Schemas: tables live in named schemas.
	Schemas bool
	// Roles: SET ROLE exists.
	Roles bool
	// ManyWriters: several connections write at once, so that the order of
	// commits is the locks' matter.
	ManyWriters bool
	// FaultsUndo: a full disk (Full) or an interrupted statement (Cancelled) may
	// roll the whole transaction back, without a word of its own.
	FaultsUndo bool

	// ConcurrentIndexes, NotValid and Casts are what a comparison of schemas takes
	// into account: diff.Capabilities.
	ConcurrentIndexes, NotValid, Casts bool
}

// Server describes a connected server.
type Server struct {
	Product  string
	Version  string
	Database string
	User     string
	ReadOnly bool
}

// Fence brackets the work of one migration so that only one runner can do and
// record it. The runner begins and ends the transaction; Claim and Settle run
// inside it, each in as few round trips as the database allows, to which belongs
// that Settle may commit before the runner does (Settle.CommitIf).
type Fence interface {
	// Claim prepares the transaction that was just begun on tx: settings, the
	// runners' lock (never waiting for it), and then, if the lock was got and the
	// history is what the plan saw, c.Write.
	Claim(ctx context.Context, tx bun.Tx, c Claim) (Claimed, error)

	// Settle finishes it: it checks that the transaction is the one that Claim
	// prepared, puts back session settings that the migration has changed, and
	// then runs s.Write and s.Log.
	Settle(ctx context.Context, tx bun.Tx, c Claimed, s Settle) (Settled, error)

	// TxOptions are those of the transactions that Claim prepares.
	TxOptions() *sql.TxOptions

	// LockSession tries to take the runners' lock for the session of conn,
	// without waiting, and prepares the session's settings; UnlockSession gives
	// the lock back, and makes sure that nobody inherits those settings (it may
	// make the pool drop the connection). HoldsSession reports whether the session
	// still has it. pid is the server's name for the session, 0 where it has none.
	LockSession(ctx context.Context, conn bun.Conn, l SessionLock) (ok bool, pid int64, err error)
	UnlockSession(ctx context.Context, conn bun.Conn, l SessionLock) error
	HoldsSession(ctx context.Context, conn bun.Conn, key LockKey) (bool, error)

	// Pooled reports whether a pooler stands between us and the server that
	// gives each transaction another session, which makes session locks
	// worthless. other may be a zero Conn when there is only one connection.
	Pooled(ctx context.Context, conn, other bun.Conn) (bool, error)

	// Cancel asks the server to stop the statement that session pid is running.
	// It is a no-op where a statement ends with its context.
	Cancel(ctx context.Context, control bun.IDB, pid int64) error

	// Blockers tells which sessions keep pid waiting, nearest first.
	Blockers(ctx context.Context, control bun.IDB, pid int64) ([]Session, error)

	// BlockedBy tells which sessions of this client machine wait for pid although
	// pid is doing nothing inside its transaction: they began after it, so that
	// they may be waited for by the very work that pid's transaction belongs to.
	BlockedBy(ctx context.Context, control bun.IDB, pid int64) ([]Session, error)

	// Holders tells which sessions have the runners' lock; where the database
	// cannot name them, one zero Session says that somebody has it.
	Holders(ctx context.Context, control bun.IDB, key LockKey) ([]Session, error)

	// ForeignKeys switches the enforcement of foreign keys on or off for a
	// connection that is outside a transaction, and tells what it was before;
	// CheckForeignKeys returns the violations in the transaction. Both are no-ops
	// where a rebuild of tables is never needed.
	ForeignKeys(ctx context.Context, conn bun.Conn, on bool) (was bool, err error)
	CheckForeignKeys(ctx context.Context, db bun.IDB) ([]string, error)
}

// Knower is implemented by dialects whose brackets are quicker on connections of
// which they know something.
type Knower interface {
	// Know looks at a driver's connection, or at what Join has made of it; what it
	// returns is for Claim.Known.
	Know(driverConn any) any

	// Join returns a driver's connection whose transactions take fewer messages. It
	// stands on driverConn, which nobody else uses meanwhile, and does not close it;
	// nil: that cannot be done with this driver.
	Join(driverConn any) driver.Conn

	// Forget removes what claims have left in the session, before the connection
	// is given back; claimed is the last Claimed.Session. After an error the
	// connection must not be used by anybody else.
	Forget(ctx context.Context, conn bun.Conn, claimed any) error
}

// LockKey names the lock of one history table: all runners of that table, and
// no others, meet there.
type LockKey struct {
	Name   string // "leaven:public.leaven_history"
	Number int64  // the first 8 bytes of sha256(Name), big endian
}

// Claim is what Fence.Claim is to do.
type Claim struct {
	Key  LockKey
	Role string // run as this role; empty: as the connected user
	// Session is Claimed.Session of an earlier claim on this connection, which may
	// make this one quicker; nil: there was none.
	Session any
	// Known is what Knower.Know has told of this connection; nil: nothing.
	Known any

	StatementTimeout time.Duration // 0: none
	IdleTimeout      time.Duration // of the open transaction between statements; 0: none
	LockTimeout      time.Duration // for every statement of the transaction; 0: none

	// Token is a SELECT of one text value that tells the state of the history;
	// Want is the value that the plan saw. An empty Token is not checked.
	Token string
	Want  string

	// Write is an INSERT … SELECT … WHERE …, UPDATE … WHERE … or DELETE … WHERE …
	// to which a dialect may add " AND (…)". Empty: nothing to write.
	Write string
}

// Claimed is the outcome of a Claim.
type Claimed struct {
	Locked bool   // the lock is ours; without it nothing was written
	Token  string // the history's state, as found before Write
	Rows   int64  // rows hit by Write

	PID     int64  // the server's name for our session; 0: none
	Tx      string // the dialect's name for the transaction
	Session any    // what Settle and later claims need; the dialect's own
}

// Settle is what Fence.Settle is to do.
type Settle struct {
	Write string // as Claim.Write; empty: none
	Log   string // INSERT … SELECT … WHERE …, as Claim.Write; empty: none

	// CommitIf says that the runner commits next if Write hits exactly so many
	// rows, all of which Claim.Write has written, and rolls back otherwise. A
	// dialect may do the one or the other in the same message. 0: the runner decides
	// by what is returned.
	CommitIf int64

	// Next is what the runner claims after that, if nothing intervenes; nil: not
	// known. A dialect may make that claim in the same message, too. The runner
	// then begins and claims as ever, and if it does something else on the
	// connection, the dialect takes the claim back.
	Next *Claim
}

// Settled is the outcome of a Settle.
type Settled struct {
	// Ours is false when the transaction is not the one that Claim prepared: the
	// migration has committed or rolled back by itself. Nothing was written then.
	Ours bool
	Rows int64 // rows hit by Write
	// Committed: the transaction is committed, and only to be given back. Together
	// with an error: it may be, as the answer was lost, or what was refused is Next.
	Committed bool
	// Restored names session settings that the migration had changed.
	Restored []string
}

// SessionLock is what Fence.LockSession is to do.
type SessionLock struct {
	Key              LockKey
	Role             string
	StatementTimeout time.Duration
	IdleTimeout      time.Duration // of the session outside transactions; 0: none
	LockTimeout      time.Duration
}

// Session is another session of the server, for messages.
type Session struct {
	PID         int64
	Application string
	User        string
	State       string
	Query       string
	Age         time.Duration // of its transaction
}

var register struct {
	sync.RWMutex
	all []Dialect
}

// Register makes a dialect known, for op.Run too; a later one of the same name
// replaces it. Dialect packages call it in init.
func Register(d Dialect) {
	op.RegisterRenderer(d)
	register.Lock()
	defer register.Unlock()
	register.all = slices.DeleteFunc(register.all, func(o Dialect) bool { return o.Name() == d.Name() })
	register.all = append(register.all, d)
	slices.SortFunc(register.all, func(a, b Dialect) int { return strings.Compare(a.Name(), b.Name()) })
}

// All returns the registered dialects, in order of their names.
func All() []Dialect {
	register.RLock()
	defer register.RUnlock()
	return slices.Clone(register.all)
}

// Binder is implemented by dialects that must know the pool's driver; For calls
// it.
type Binder interface {
	Bind(db *bun.DB) Dialect
}

// For returns the dialect of db. The error says which import is missing.
func For(db *bun.DB) (Dialect, error) {
	for _, d := range All() {
		if d.BunName() != db.Dialect().Name() {
			continue
		}
		if b, ok := d.(Binder); ok {
			return b.Bind(db), nil
		}
		return d, nil
	}
	return nil, fmt.Errorf("no Leaven dialect for bun's %s: import one, for example _ \"github.com/leavendb/leaven/framework/dialect/postgres\"", db.Dialect().Name())
}
