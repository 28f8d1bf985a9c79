package faults

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/internal/pgproxy"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/uptrace/bun"
)

// How long is waited for what must happen, also in the rows that wait as long as
// people would. It says only that something hangs; how long things take is in the
// table.
const (
	patience     = time.Minute
	longPatience = 12 * time.Minute
)

// connectTimeout is the programs' patience with the server's login. Where the disk is
// busy, 50 that are the first in a new database wait there together for more than the
// usual 10 s: each writes a cache of the catalogs, and removes it again.
var connectTimeout = fmt.Sprintf("PGCONNECT_TIMEOUT=%d", int(patience.Seconds()))

// canary is the password in the URLs that programs get. It must not be seen in
// anything that they print.
const canary = "canary-Pa55word"

// world is where one row plays once: an empty database, the tester's own
// connections to it, and a folder for the programs.
type world struct {
	testing.TB
	place  place
	db     *bun.DB // the tester's: always direct
	own    string  // its URL; empty on SQLite
	url    string  // the programs'
	path   string  // of the SQLite file
	dir    string
	random *rand.Rand
	hangs  time.Duration       // after so long; see patience
	orders orders              // of all programs: Shape, Count, Idle
	as     *syscall.Credential // the programs' account; nil: the tester's

	mu      sync.Mutex
	said    []string // what all programs have printed
	struck  time.Time
	figures []time.Duration
	decided bool // somebody has used resolve or stamp, so the log says more than the effects
}

// orders are what the program in misbehave is told; see there.
type orders struct {
	Shape string
	Count int
	Idle  time.Duration
	Deed  string
	Pause string
	Pool  int
	Pipes bool

	Strike string
	At     int64
}

func newWorld(t *testing.T, p place, pool string) *world {
	w := &world{TB: t, place: p, dir: folder(t), hangs: patience}
	if p == file {
		w.path = filepath.Join(w.dir, "app.db")
		w.db = sqlitetest.Open(t, w.path)
		w.url = "sqlite:" + w.path
		return w
	}
	w.db, w.own = pgtest.New(t)
	w.url = w.own
	if p == pooled {
		w.url = pgtest.Through(t, w.own, pool)
	}
	w.url = w.withPassword(w.url)
	return w
}

// at makes the world of another server: one of the row's own.
func (w *world) at(raw string) {
	w.db, w.own, w.url = pgtest.Open(w, raw), raw, w.withPassword(raw)
}

// folder is a temporary folder that other accounts may enter.
func folder(t *testing.T) string {
	dir, err := os.MkdirTemp("", "leaven-fault-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// withPassword puts the canary into a URL that has no password; the server trusts
// whoever comes.
func (w *world) withPassword(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		w.Fatal("the database's URL is not understood")
	}
	if _, ok := u.User.Password(); !ok {
		u.User = url.UserPassword(u.User.Username(), canary)
	}
	return u.String()
}

// secrets are what must never be printed.
func (w *world) secrets() []string {
	u, err := url.Parse(w.url)
	if err != nil || w.place == file {
		return []string{canary}
	}
	word, _ := u.User.Password()
	return []string{canary, word}
}

func (w *world) postgres() bool { return w.place != file }

// through puts a proxy before the server of the programs.
func (w *world) through(decide func(pgproxy.Message) pgproxy.Fate) *pgproxy.Proxy {
	p := pgproxy.New(w, w.url, decide)
	w.url = p.URL
	return p
}

// strike notes when the fault came: recovery is counted from there.
func (w *world) strike() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.struck = time.Now()
}

// mustHaveStruck fails a play whose fault did not come: it would prove nothing.
func (w *world) mustHaveStruck() {
	w.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.struck.IsZero() {
		w.Fatal("the fault did not come")
	}
}

// recovered is how long ago that was, and forgets it; 0: there was no fault.
func (w *world) recovered() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.struck.IsZero() {
		return 0
	}
	since := time.Since(w.struck)
	w.struck = time.Time{}
	return since
}

// took adds a figure to the table.
func (w *world) took(d time.Duration) { w.figures = append(w.figures, d) }

// exec does something to the database.
func (w *world) exec(statements ...string) {
	w.Helper()
	for _, q := range statements {
		if _, err := w.db.ExecContext(context.Background(), q); err != nil {
			w.Fatalf("%s: %v", q, err)
		}
	}
}

// until waits for a condition that the server knows.
func (w *world) until(what, condition string) {
	w.Helper()
	pause := 2 * time.Millisecond
	for deadline := time.Now().Add(w.hangs); ; {
		var is bool
		err := w.db.QueryRowContext(context.Background(), condition).Scan(&is)
		switch {
		case err != nil:
			w.Fatalf("waiting until %s: %v", what, err)
		case is:
			return
		case time.Now().After(deadline):
			w.Fatalf("it is not so after %s: %s\n%s", w.hangs, what, w.activity())
		}
		time.Sleep(pause) // asks again
		pause = min(pause*5/4, 15*time.Millisecond)
	}
}

// activity shows the sessions of the database, for messages.
func (w *world) activity() string {
	var rows []string
	_ = w.db.NewRaw(`SELECT pid || ' ' || coalesce(state, '') || ' ' || coalesce(wait_event_type, '') || ' ' || left(query, 200)
		FROM pg_stat_activity WHERE datname = current_database()`).Scan(context.Background(), &rows)
	return strings.Join(rows, "\n")
}

// others is the condition for sessions in this database that are not the one that
// asks.
const others = "datname = current_database() AND pid <> pg_backend_pid()"

// runs is the condition that some session's running statement is like this.
func runs(pattern string) string {
	return "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE " + others + " AND state = 'active' AND query LIKE '" + pattern + "')"
}

// waits is the condition that such a statement waits for a lock.
func waits(pattern string) string {
	return "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE " + others + " AND wait_event_type = 'Lock' AND query LIKE '" + pattern + "')"
}

// begin opens a transaction of somebody else, as an application has them.
func (w *world) begin(statements ...string) bun.Tx {
	w.Helper()
	tx, err := w.another().BeginTx(context.Background(), &sql.TxOptions{})
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = tx.Rollback() })
	for _, q := range statements {
		if _, err := tx.Exec(q); err != nil {
			w.Fatalf("%s: %v", q, err)
		}
	}
	return tx
}

// another is one more pool of the tester's.
func (w *world) another() *bun.DB {
	w.Helper()
	if w.place == file {
		return sqlitetest.Open(w, w.path)
	}
	return pgtest.Open(w, w.own)
}

func (w *world) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = append(w.said, fmt.Sprintf(format, args...))
}
