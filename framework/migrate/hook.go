package migrate

import (
	"context"
	"path"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"
)

// hook watches the statements of a migration's function, so that a failure can
// name the statement and the line. It sits on the migrator's clone of the
// caller's DB: the caller's own queries do not pass it. Statements sent past bun
// (tx.Tx) are not seen.
type hook struct{}

// Watched returns db with its statements watched, as far as they are sent with a
// migration's context: for migrations that open a database on the connection which
// they are given. A failure then names the statement and the line.
func Watched(db *bun.DB) *bun.DB { return db.WithQueryHook(&hook{}) }

// trace is what the hook saw of one attempt.
type trace struct {
	mu        sync.Mutex
	file      func() string // base name of the migration's file
	session   *atomic.Int64 // the server's name for it
	count     int
	executing time.Time // since when; zero: nothing is
	deletes   bool      // it has sent a DELETE
	failed    int       // number of the last failed statement
	sql       string    // and its text
	line      int       // and where it was sent from
	err       error
}

type traceKey struct{}

// tracing returns a context in which the hook tells t.
func tracing(ctx context.Context, t *trace) context.Context {
	return context.WithValue(ctx, traceKey{}, t)
}

// BeforeQuery implements bun.QueryHook.
func (*hook) BeforeQuery(ctx context.Context, e *bun.QueryEvent) context.Context {
	if t, ok := ctx.Value(traceKey{}).(*trace); ok {
		t.mu.Lock()
		t.count++
		// A rebuild cleans up after itself in SQLite's own table.
		t.deletes = t.deletes || strings.EqualFold(e.Operation(), "DELETE") && !strings.Contains(e.Query, "sqlite_sequence")
		t.executing = time.Now()
		t.mu.Unlock()
	}
	return ctx
}

// AfterQuery implements bun.QueryHook.
func (*hook) AfterQuery(ctx context.Context, e *bun.QueryEvent) {
	t, ok := ctx.Value(traceKey{}).(*trace)
	if !ok {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.executing = time.Time{}
	if e.Err == nil {
		return
	}
	t.failed, t.sql, t.err = t.count, e.Query, e.Err
	t.line = lineIn(t.file())
}

// lineIn is the line of the innermost caller in a file; 0: none.
func lineIn(file string) int {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	for {
		f, more := frames.Next()
		if file != "" && path.Base(f.File) == file {
			return f.Line
		}
		if !more {
			return 0
		}
	}
}

// here is the line of the innermost caller in the migration's file; 0: none.
func (t *trace) here() int {
	t.mu.Lock()
	file := t.file
	t.mu.Unlock()
	return lineIn(file())
}

// busy reports for how long a statement has been running; 0: none is.
func (t *trace) busy() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.executing.IsZero() {
		return 0
	}
	return time.Since(t.executing)
}

// begin starts the trace of one function; file tells the base name of its file,
// which takes a while to find out and is seldom wanted.
func (t *trace) begin(file func() string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.file, t.count, t.deletes, t.failed, t.sql, t.line, t.err = file, 0, false, 0, "", 0, nil
	t.executing = time.Time{}
}

func (t *trace) deleted() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.deletes
}

// failure is the last statement that failed; number 0: none did.
func (t *trace) failure() (number int, sql string, line int, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.failed, t.sql, t.line, t.err
}
