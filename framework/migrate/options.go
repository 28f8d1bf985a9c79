package migrate

import (
	"context"
	"database/sql"
	"io/fs"
	"log/slog"
	"time"

	"github.com/leavendb/leaven/framework/internal/secret"
	"github.com/uptrace/bun"
)

// Options configure a Migrator. The zero value is right for most programs.
type Options struct {
	// Registry holds the migrations; nil means those of [Register].
	Registry *Registry

	// Sources hold the files that register the migrations (embed *.go beside
	// them), for checksums. None: nothing is checked against what was applied.
	Sources []fs.FS

	// HistorySchema and HistoryTable say where the version table is; its log is
	// beside it, with the suffix "_log". Defaults: the schema "public" where the
	// database has schemas, and "leaven_history".
	HistorySchema string
	HistoryTable  string

	// Role runs the migrations and owns what they make (SET LOCAL ROLE). Empty:
	// the connected user.
	Role string

	// Control is a second pool to the same database, for cancelling statements
	// and asking who blocks. Nil: one more connection of the migrator's own pool,
	// where it may open one.
	Control *sql.DB

	// Context prepares the context of migrations: data that they need (keys,
	// clients). Nil: unchanged.
	Context func(context.Context) context.Context

	// Tx says how many transactions a run takes. OutOfOrder says what becomes of
	// a pending migration older than the head. Strict also refuses revisions
	// that are newer than this program.
	Tx         TxMode
	OutOfOrder OutOfOrder
	Strict     bool

	// LockTry is how long one statement waits for a strong lock before the
	// migration is rolled back and tried again (100 ms); LockWait is for how long
	// that goes on in total (10 min). RunnerWait is for how long another runner
	// is waited for (10 min). A negative LockTry means no limit, a negative wait
	// that there is none.
	LockTry    time.Duration
	LockWait   time.Duration
	RunnerWait time.Duration

	// StatementTimeout limits each statement; 0 means no limit. IdleTimeout
	// limits how long a transaction may idle between statements (60 s): it frees
	// the lock of a runner that was stopped or cut off.
	StatementTimeout time.Duration
	IdleTimeout      time.Duration

	// Before is called once in a run that has something to do, after it was planned
	// and before anything is written: the place for a backup. db is the run's own
	// connection, outside a transaction. Its error ends the run, which returns it.
	// Other runners are not kept out meanwhile: what they do is then done.
	Before func(ctx context.Context, db bun.IDB, steps []Step) error

	// Rehearsal says that the database is made only to try the migrations on: what
	// they ask of AfterCommit, which reaches beyond it, is not done.
	Rehearsal bool

	// Stop, when closed, ends the run before its next migration; the running one
	// is finished. Cancelling the context ends the running one too.
	Stop <-chan struct{}

	// Redact takes secrets out of the message of a failed try before the history's
	// log keeps it. Nil: the passwords that can be told by their form, as in URLs.
	Redact func(string) string

	// Logger gets one record per event; nil means nobody. Observe gets the events
	// themselves, one after the other: a run waits until it returns, and other runs
	// may wait for it, as the next migration's transaction may have begun. They come
	// from a goroutine of the run's own, Progress from that of whoever reports it.
	Logger  *slog.Logger
	Observe func(Event)

	// AppVersion and AppCommit are recorded with what is applied. Empty: what the
	// Go build knows of itself.
	AppVersion string
	AppCommit  string
}

// TxMode says how many transactions a run takes.
type TxMode uint8

// The modes. TxEach gives each migration its own transaction; TxAll puts a whole
// run into one: all or nothing, and every lock is held to the end.
const (
	TxEach TxMode = iota
	TxAll
)

// OutOfOrder says what becomes of a pending migration that comes before one
// that is applied, and does not name parents which are all applied.
type OutOfOrder uint8

// The policies.
const (
	RefuseOutOfOrder OutOfOrder = iota
	AllowOutOfOrder
)

// withDefaults returns o with every unset field that has a default set.
func (o Options) withDefaults() Options {
	if o.Registry == nil {
		o.Registry = defaultRegistry
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Context == nil {
		o.Context = func(ctx context.Context) context.Context { return ctx }
	}
	if o.Redact == nil {
		o.Redact = secret.Mask
	}
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{
		{&o.LockTry, 100 * time.Millisecond},
		{&o.LockWait, 10 * time.Minute},
		{&o.RunnerWait, 10 * time.Minute},
		{&o.IdleTimeout, time.Minute},
	} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	return o
}
