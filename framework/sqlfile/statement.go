package sqlfile

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/op"
	"github.com/uptrace/bun"
)

// statement is one statement of a file.
type statement struct {
	text string
	file string // base name
	line int    // where it begins
}

// Error is what is wrong at one place of a file.
type Error struct {
	File string // base name
	Line int    // of the file; as near as the database tells, else where the statement begins
	Err  error
}

func (e *Error) Error() string { return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Place is the file and line, for those who show them apart from the error.
func (e *Error) Place() string { return fmt.Sprintf("%s:%d", e.File, e.Line) }

// run executes the statement. Its error is an *Error, except where op.Run needs
// its own kept as it is.
func (s statement) run(ctx context.Context, db bun.IDB) error {
	err := op.Run(ctx, db, op.SQL{All: s.text})
	if err == nil {
		return nil
	}
	return &Error{File: s.file, Line: s.line + s.below(db, err), Err: err}
}

// below is how many lines below its beginning the database found the error.
func (s statement) below(db bun.IDB, err error) int {
	for _, d := range dialect.All() {
		if d.BunName() != db.Dialect().Name() {
			continue
		}
		at := d.Classify(err).Position
		if sent := (*op.Error)(nil); errors.As(err, &sent) {
			at -= sent.Offset
		}
		return strings.Count(firstRunes(s.text, at-1), "\n")
	}
	return 0
}

// firstRunes are the first n characters, by which databases count.
func firstRunes(text string, n int) string {
	end := 0
	for ; n > 0 && end < len(text); n-- {
		_, size := utf8.DecodeRuneInString(text[end:])
		end += size
	}
	return text[:end]
}
