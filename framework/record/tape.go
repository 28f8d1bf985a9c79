package record

import (
	"errors"
	"fmt"
	"sync"

	"github.com/leavendb/leaven/framework/internal/pattern"
	"github.com/leavendb/leaven/framework/op"
)

// Statement is one statement that a migration sends, directly executable.
type Statement struct {
	SQL string

	// Op is the operation that it belongs to; nil: other code of the migration
	// sent it. IfAbsent says that the operation does it only where its object does
	// not exist.
	Op       op.Op
	IfAbsent bool

	// Strong and NoTx are those of the operation's op.Statement. Lock is the
	// database's name for the lock that it takes on existing tables, where it is
	// known.
	Strong, NoTx bool
	Lock         string

	of     int      // how many statements the operation has; they stand together
	tables []string // what the operation touches that existed before the migration
}

// statementLimit ends a migration that never stops sending.
const statementLimit = 50_000

var errClosed = errors.New("the recorder has stopped listening")

// tape takes down what one migration sends. Its methods may be called from any
// goroutine: an abandoned migration goes on running.
type tape struct {
	mu         sync.Mutex
	inTx       bool // the transaction around the migration is the runner's
	statements []Statement
	why        string // it is tainted; empty: it is not
	closed     bool
	points     map[string]string // names of savepoints
}

// taint keeps the first reason.
func (t *tape) taint(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.why == "" && !t.closed {
		t.why = fmt.Sprintf(format, args...)
	}
}

func (t *tape) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
}

func (t *tape) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.statements)
}

var (
	ends   = pattern.Lazy(`(?is)^(?:\s|--[^\n]*\n|/\*.*?\*/)*(COMMIT|END|ABORT|ROLLBACK|BEGIN|START\s+TRANSACTION)\b(\s+(?:WORK\s+|TRANSACTION\s+)?TO\b)?`)
	inside = pattern.Lazy(`(?i);\s*(COMMIT|ROLLBACK)\s*(?:;|$)`)
	points = pattern.Lazy(`\bSP_[0-9a-f]{28}\b`)
)

// write takes a statement down. Names of savepoints, which bun draws by lot,
// become sp_1, sp_2, …
func (t *tape) write(sql string, args int) error {
	t.mu.Lock()
	full := len(t.statements) >= statementLimit
	closed := t.closed
	if !closed && !full {
		t.statements = append(t.statements, Statement{SQL: points().ReplaceAllStringFunc(sql, t.point)})
	}
	t.mu.Unlock()
	switch {
	case closed:
		return errClosed
	case full:
		t.taint("sends more than %d statements, not shown", statementLimit)
		return errClosed
	case args > 0:
		t.taint("sends values apart from the statement, through database/sql, not shown")
	case t.inTx:
		if word := ending(sql); word != "" {
			t.taint("ends the runner's transaction by itself (%s), not shown", word)
		}
	}
	return nil
}

// ending is the word with which sql ends a transaction, or begins one.
func ending(sql string) string {
	if m := ends().FindStringSubmatch(sql); m != nil {
		if m[2] != "" { // ROLLBACK TO a savepoint
			return ""
		}
		return m[1]
	}
	if m := inside().FindStringSubmatch(sql); m != nil {
		return m[1]
	}
	return ""
}

// point is called with t.mu held.
func (t *tape) point(name string) string {
	if t.points == nil {
		t.points = map[string]string{}
	}
	if t.points[name] == "" {
		t.points[name] = fmt.Sprintf("sp_%d", len(t.points)+1)
	}
	return t.points[name]
}

// last gives the newest n statements to change, if they are of the operation
// that the caller was just told of.
func (t *tape) last(n int, change func(i int, s *Statement)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	from := max(0, len(t.statements)-n)
	for i := range t.statements[from:] {
		change(i, &t.statements[from+i])
	}
}
