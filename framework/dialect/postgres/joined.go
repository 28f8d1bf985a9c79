package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"sync"

	"github.com/uptrace/bun/driver/pgdriver"
)

// joined stands on a connection of pgdriver whose transactions have no messages of
// their own: BEGIN travels with the first statement, and the fence's last message
// may bring the COMMIT, and behind it the next transaction with its claim.
//
// What is kept true:
//   - a statement never runs outside the transaction because its BEGIN had failed:
//     they travel in one message, which the server stops at its first error, and
//     after such an error nothing is sent until the transaction has ended;
//   - a transaction that was begun ahead is for the claim that it holds. Whatever
//     else is said on the connection, a ROLLBACK comes before it.
type joined struct {
	*pgdriver.Conn

	mu     sync.Mutex
	begin  string // held back
	failed bool   // the message with BEGIN has
	ended  bool   // the fence's last message has brought the COMMIT
	ahead  *ahead // nil: no transaction was begun ahead
}

// ahead is a transaction that was begun before anybody has asked for it.
type ahead struct {
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
	if c.ahead == nil {
		return nil
	}
	c.ahead = nil
	return c.end("ROLLBACK")
}

// BeginTx implements driver.ConnBeginTx. Nothing is sent.
func (c *joined) BeginTx(_ context.Context, o driver.TxOptions) (driver.Tx, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.begin, c.failed, c.ended = "BEGIN", false, false
	if level := sql.IsolationLevel(o.Isolation); level != sql.LevelDefault {
		c.begin += " ISOLATION LEVEL " + level.String()
	}
	if o.ReadOnly {
		c.begin += " READ ONLY"
	}
	return c, nil
}

// has ends a message that has brought a COMMIT, and the transaction after it.
func (c *joined) has(begun *ahead) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended, c.ahead = true, begun
}

// take makes the transaction that was begun ahead the one that was begun last, if
// it is for this claim and the claim has hit rows, whose number it returns. 0: there
// is none, or it was for something else.
func (c *joined) take(write, tx string) int64 {
	if c == nil {
		return 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	a := c.ahead
	if a == nil || c.begin == "" || a.rows == 0 || a.write != write || a.tx != tx {
		return 0
	}
	c.ahead, c.begin = nil, ""
	return a.rows
}

// message is what to send for query, and whether a transaction begins with it.
func (c *joined) message(query string) (_ string, first bool, _ error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed {
		return "", false, errNotBegun
	}
	if first = c.begin != ""; first {
		query = c.begin + "; " + query
	}
	if c.ahead != nil {
		query = "ROLLBACK; " + query
	}
	c.begin, c.ahead = "", nil
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
	query, first, err := c.message(query)
	if err != nil {
		return nil, err
	}
	res, err := c.Conn.ExecContext(ctx, query, args)
	c.sent(first, err)
	return res, err
}

// QueryContext implements driver.QueryerContext.
func (c *joined) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	query, first, err := c.message(query)
	if err != nil {
		return nil, err
	}
	rows, err := c.Conn.QueryContext(ctx, query, args)
	c.sent(first, err)
	return rows, err
}

// PrepareContext implements driver.ConnPrepareContext. What is prepared cannot share
// a message with BEGIN.
func (c *joined) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	before, first, err := c.message("")
	if err == nil && before != "" {
		_, err = c.Conn.ExecContext(ctx, before, nil)
		c.sent(first, err)
	}
	if err != nil {
		return nil, err
	}
	return c.Conn.PrepareContext(ctx, query)
}

// Commit implements driver.Tx.
func (c *joined) Commit() error { return c.over("COMMIT") }

// Rollback implements driver.Tx.
func (c *joined) Rollback() error { return c.over("ROLLBACK") }

// over ends the transaction, if the server knows of it.
func (c *joined) over(command string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	known := c.begin == "" && !c.ended
	c.begin, c.failed, c.ended = "", false, false
	if !known {
		return nil
	}
	return c.end(command)
}

func (c *joined) end(command string) error {
	_, err := c.Conn.ExecContext(context.Background(), command, nil)
	return err
}
