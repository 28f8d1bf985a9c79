package record

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/leavendb/leaven/framework/internal/pattern"
)

// connector is a database that is never connected to: everything that is sent
// goes to the tape.
type connector struct{ t *tape }

func (c connector) Connect(context.Context) (driver.Conn, error) { return conn(c), nil }
func (c connector) Driver() driver.Driver                        { return noDriver{} }

type noDriver struct{}

func (noDriver) Open(string) (driver.Conn, error) {
	return nil, errors.New("a recorder is not opened by name")
}

type conn struct{ t *tape }

func (c conn) Close() error { return nil }

// CheckNamedValue implements driver.NamedValueChecker: any value will do, since
// a statement with values of its own is tainted.
func (c conn) CheckNamedValue(*driver.NamedValue) error { return nil }

func (c conn) Prepare(query string) (driver.Stmt, error) {
	c.t.taint("prepares a statement, whose executions are not shown")
	return stmt{c, query}, nil
}

func (c conn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

// BeginTx takes down a transaction that the migration begins by itself; that of
// the runner is the runner's matter.
func (c conn) BeginTx(_ context.Context, o driver.TxOptions) (driver.Tx, error) {
	if c.t.inTx {
		return tx(c), nil
	}
	begin := "BEGIN"
	if level := sql.IsolationLevel(o.Isolation); level != sql.LevelDefault {
		begin += " ISOLATION LEVEL " + strings.ToUpper(level.String())
	}
	if o.ReadOnly {
		begin += " READ ONLY"
	}
	return tx(c), c.t.write(begin, 0)
}

func (c conn) ExecContext(_ context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return result(c), c.t.write(query, len(args))
}

func (c conn) QueryContext(_ context.Context, query string, _ []driver.NamedValue) (driver.Rows, error) {
	c.t.taint("reads data, not shown")
	return answer(query), c.t.write(query, 0)
}

type tx struct{ t *tape }

func (x tx) Commit() error   { return x.end("COMMIT") }
func (x tx) Rollback() error { return x.end("ROLLBACK") }

func (x tx) end(word string) error {
	if !x.t.inTx {
		return x.t.write(word, 0)
	}
	// The recorder's own rollback comes after the tape was closed.
	x.t.taint("ends the runner's transaction by itself (%s), not shown", word)
	return nil
}

type stmt struct {
	c     conn
	query string
}

func (s stmt) Close() error                               { return nil }
func (s stmt) NumInput() int                              { return -1 }
func (s stmt) Exec([]driver.Value) (driver.Result, error) { return result(s.c), nil }
func (s stmt) Query([]driver.Value) (driver.Rows, error)  { return answer(s.query), nil }

// result is that of a statement nobody has executed.
type result struct{ t *tape }

func (r result) RowsAffected() (int64, error) {
	r.t.taint("asks how many rows a statement has hit, not shown")
	return 0, nil
}

func (r result) LastInsertId() (int64, error) {
	r.t.taint("asks for the number of a new row, not shown")
	return 0, nil
}

var counts = pattern.Lazy(`(?is)^\s*SELECT\s+(count\s*\(|EXISTS\s*\()`)

// rows is what an empty database answers.
type rows struct{ values []driver.Value }

// answer lets a migration that reads go on as on an empty database, where it can:
// what it does to the structure is worth knowing even so.
func answer(query string) *rows {
	m := counts().FindStringSubmatch(query)
	switch {
	case m == nil:
		return &rows{}
	case strings.HasPrefix(strings.ToLower(m[1]), "count"):
		return &rows{[]driver.Value{int64(0)}}
	}
	return &rows{[]driver.Value{false}}
}

func (r *rows) Columns() []string { return []string{"value"} }
func (r *rows) Close() error      { return nil }

func (r *rows) Next(dest []driver.Value) error {
	if len(r.values) == 0 {
		return io.EOF
	}
	if len(dest) != len(r.values) {
		return fmt.Errorf("a recorder has %d values, not %d", len(r.values), len(dest))
	}
	copy(dest, r.values)
	r.values = nil
	return nil
}
