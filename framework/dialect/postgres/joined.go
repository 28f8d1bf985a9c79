package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/uptrace/bun/driver/pgdriver"
)

// joined stands on a connection of pgdriver whose transactions have no messages of
// their own: BEGIN travels with the first statement, and the fence's last message
// brings the COMMIT, and behind it the next transaction with its claim.
//
// What is kept true:
//   - a statement never runs outside the transaction because its BEGIN had failed:
//     they travel in one message, which the server stops at its first error, and
//     after such an error nothing is sent until the transaction has ended;
//   - a transaction takes no statement behind the message that ends it, whoever
//     still has it in their hands;
//   - a transaction that was begun early is for the claim that it holds. Before any
//     other statement on the connection comes a ROLLBACK.
//
// database/sql calls one method at a time; the mutex is for what the fence asks in
// between.
type joined struct {
	*pgdriver.Conn

	mu     sync.Mutex
	begin  string      // held back
	failed bool        // the message with BEGIN has
	last   *last       // the message that ends the transaction; nil: it was not sent
	early  *early      // nil: no transaction was begun early
	open   driver.Rows // the last ones, which a migration may leave half read
}

// last is the message that ends a transaction, and what came of it.
type last struct {
	message  string
	early    *early // what is behind the COMMIT; nil: nothing is, and what was put back is read
	sent     bool
	over     bool   // the server knows of no transaction any more
	restored string // settings that were put back
}

// early is a transaction that was begun before anybody has asked for it.
type early struct {
	write string // of its claim
	tx    string // the claim's name for it
	rows  int64  // that the claim has hit
}

// errNotBegun is for statements behind the failure of BEGIN.
var errNotBegun = errors.New("the transaction could not be begun")

// Join implements dialect.Knower.
func (Dialect) Join(driverConn any) driver.Conn {
	if c, ok := driverConn.(*pgdriver.Conn); ok {
		return &joined{Conn: c}
	}
	return nil
}

// Close implements driver.Conn: the connection belongs to another pool. An error
// means that it is not as it was.
func (c *joined) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.early == nil {
		return nil
	}
	c.early = nil
	return c.end("ROLLBACK")
}

// beginText is the command that begins a transaction.
func beginText(level sql.IsolationLevel, readOnly bool) string {
	command := "BEGIN"
	if level != sql.LevelDefault {
		command += " ISOLATION LEVEL " + level.String()
	}
	if readOnly {
		command += " READ ONLY"
	}
	return command
}

// BeginTx implements driver.ConnBeginTx. Nothing is sent.
func (c *joined) BeginTx(_ context.Context, o driver.TxOptions) (driver.Tx, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.begin, c.failed, c.last = beginText(sql.IsolationLevel(o.Isolation), o.ReadOnly), false, nil
	return c, nil
}

// ends announces the message that ends the transaction.
func (c *joined) ends(l *last) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = l
}

// take makes the transaction that was begun early the one that was begun last, if
// it is for this claim, and returns the number of rows that the claim has hit. 0:
// there is none, or it was for something else.
func (c *joined) take(write, tx string) int64 {
	if c == nil {
		return 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.early
	if e == nil || c.begin == "" || e.write != write || e.tx != tx {
		return 0
	}
	c.early, c.begin = nil, ""
	return e.rows
}

// closed is why the transaction takes no statement; nil: it does.
func (c *joined) closed() error {
	switch {
	case c.failed:
		return errNotBegun
	case c.last != nil:
		return sql.ErrTxDone
	}
	return nil
}

// outgoing is what to send for query, and whether a transaction begins with it.
func (c *joined) outgoing(query string) (_ string, first bool, _ error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.closed(); err != nil {
		return "", false, err
	}
	if first = c.begin != ""; first {
		query = c.begin + "; " + query
	}
	if c.early != nil {
		query = "ROLLBACK; " + query
	}
	c.begin, c.early = "", nil
	return query, first, nil
}

// sent is told how a message ended, of which first says whether it began a
// transaction.
func (c *joined) sent(first bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failed = first && err != nil
}

// ExecContext implements driver.ExecerContext.
func (c *joined) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if c.isLast(query) {
		return driver.RowsAffected(0), c.settle(ctx)
	}
	query, first, err := c.outgoing(query)
	if err != nil {
		return nil, err
	}
	res, err := c.Conn.ExecContext(ctx, query, args)
	c.sent(first, err)
	return res, err
}

// QueryContext implements driver.QueryerContext.
func (c *joined) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	query, first, err := c.outgoing(query)
	if err != nil {
		return nil, err
	}
	rows, err := c.Conn.QueryContext(ctx, query, args)
	c.sent(first, err)
	return c.opened(rows, err)
}

// opened remembers rows that were asked for.
func (c *joined) opened(rows driver.Rows, err error) (driver.Rows, error) {
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open = rows
	return rows, nil
}

// PrepareContext implements driver.ConnPrepareContext. What is prepared cannot share
// a message with BEGIN.
func (c *joined) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	before, first, err := c.outgoing("")
	if err == nil && before != "" {
		_, err = c.Conn.ExecContext(ctx, before, nil)
		c.sent(first, err)
	}
	if err != nil {
		return nil, err
	}
	s, err := c.Conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return &statement{Stmt: s, c: c}, nil
}

// statement is a prepared one, to which the same applies.
type statement struct {
	driver.Stmt
	c *joined
}

// ExecContext implements driver.StmtExecContext.
func (s *statement) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if err := s.closed(); err != nil {
		return nil, err
	}
	return s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
}

// QueryContext implements driver.StmtQueryContext.
func (s *statement) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if err := s.closed(); err != nil {
		return nil, err
	}
	return s.c.opened(s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args))
}

func (s *statement) closed() error {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	return s.c.closed()
}

// Ping implements driver.Pinger.
func (c *joined) Ping(ctx context.Context) error {
	_, err := c.ExecContext(ctx, "SELECT 1", nil)
	return err
}

// isLast takes query for the message that ends the transaction, once.
func (c *joined) isLast(query string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last == nil || c.last.sent || query != c.last.message {
		return false
	}
	c.last.sent = true
	return true
}

// settle sends the message that ends the transaction.
func (c *joined) settle(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.last
	if c.open != nil { // or its rest would be taken for the answer
		if err := c.open.Close(); err != nil {
			return err
		}
		c.open = nil
	}
	if l.early == nil {
		err := c.text(ctx, l.message, &l.restored)
		l.over = err == nil
		return err
	}
	res, err := c.Conn.ExecContext(ctx, l.message, nil)
	if err == nil {
		l.early.rows, err = res.RowsAffected()
	}
	if l.over = err == nil; l.over && l.early.rows > 0 {
		c.early = l.early
		return nil
	}
	if c.IsValid() {
		l.over = true
		asked := c.text(ctx, "ROLLBACK; SELECT coalesce(current_setting('leaven.restored', true), ''), set_config('leaven.restored', '', false)", &l.restored)
		if err == nil {
			err = asked
		}
	}
	return err
}

// text reads the first column of at most one row.
func (c *joined) text(ctx context.Context, query string, into *string) error {
	rows, err := c.Conn.QueryContext(ctx, query, nil)
	if err != nil {
		return err
	}
	for row := make([]driver.Value, len(rows.Columns())); err == nil; {
		if err = rows.Next(row); err == nil {
			*into = fmt.Sprint(row[0])
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return errors.Join(err, rows.Close())
}

// Commit implements driver.Tx.
func (c *joined) Commit() error { return c.over("COMMIT") }

// Rollback implements driver.Tx.
func (c *joined) Rollback() error { return c.over("ROLLBACK") }

// over ends the transaction, if the server knows of it.
func (c *joined) over(command string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	known := c.begin == "" && (c.last == nil || !c.last.over)
	c.begin, c.failed, c.last, c.open = "", false, nil, nil
	if !known {
		return nil
	}
	return c.end(command)
}

func (c *joined) end(command string) error {
	_, err := c.Conn.ExecContext(context.Background(), command, nil)
	return err
}
