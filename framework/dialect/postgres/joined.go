package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"

	"github.com/uptrace/bun/driver/pgdriver"
)

// joined stands on a connection of pgdriver whose transactions have no messages of
// their own: BEGIN travels with the first statement, and COMMIT with the last, if
// that says so. It is for the runner's transactions, in which the first and the
// last word are the fence's.
//
// A statement never runs outside the transaction because its BEGIN had failed: they
// travel in one message, which the server stops at its first error, and after such
// an error nothing is sent until the transaction has ended.
type joined struct {
	*pgdriver.Conn

	begin   string // held back
	failed  bool   // the message with BEGIN has
	commits bool   // the last message has brought its COMMIT
}

const (
	commit    = "COMMIT"
	andCommit = "; " + commit // ends a message that commits too
)

// errNotBegun is for statements behind the failure of BEGIN.
var errNotBegun = errors.New("the transaction could not be begun")

// Join implements dialect.Knower.
func (Dialect) Join(driverConn any) driver.Conn {
	if c, ok := driverConn.(*pgdriver.Conn); ok {
		return &joined{Conn: c}
	}
	return nil
}

// Close implements driver.Conn: the connection belongs to another pool.
func (*joined) Close() error { return nil }

// BeginTx implements driver.ConnBeginTx. Nothing is sent.
func (c *joined) BeginTx(_ context.Context, o driver.TxOptions) (driver.Tx, error) {
	c.begin, c.failed, c.commits = "BEGIN", false, false
	if level := sql.IsolationLevel(o.Isolation); level != sql.LevelDefault {
		c.begin += " ISOLATION LEVEL " + level.String()
	}
	if o.ReadOnly {
		c.begin += " READ ONLY"
	}
	return c, nil
}

// ExecContext implements driver.ExecerContext.
func (c *joined) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	query, first, err := c.message(query)
	if err != nil {
		return nil, err
	}
	res, err := c.Conn.ExecContext(ctx, query, args)
	c.failed = first && err != nil
	return res, err
}

// QueryContext implements driver.QueryerContext.
func (c *joined) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	query, first, err := c.message(query)
	if err != nil {
		return nil, err
	}
	rows, err := c.Conn.QueryContext(ctx, query, args)
	c.failed = first && err != nil
	return rows, err
}

// PrepareContext implements driver.ConnPrepareContext. What is prepared cannot share
// a message with BEGIN.
func (c *joined) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if c.begin != "" {
		if _, err := c.ExecContext(ctx, "", nil); err != nil {
			return nil, err
		}
	}
	return c.Conn.PrepareContext(ctx, query)
}

// message is what to send for query, and whether a transaction begins with it.
func (c *joined) message(query string) (_ string, first bool, _ error) {
	if c.failed {
		return "", false, errNotBegun
	}
	c.commits = strings.HasSuffix(query, andCommit)
	if c.begin == "" {
		return query, false, nil
	}
	query, c.begin = c.begin+"; "+query, ""
	return query, true, nil
}

// Commit implements driver.Tx.
func (c *joined) Commit() error {
	if c.begin != "" || c.commits {
		c.begin, c.commits = "", false
		return nil
	}
	return c.end(commit)
}

// Rollback implements driver.Tx.
func (c *joined) Rollback() error {
	if c.begin != "" {
		c.begin = ""
		return nil
	}
	return c.end("ROLLBACK")
}

func (c *joined) end(command string) error {
	c.failed = false
	_, err := c.Conn.ExecContext(context.Background(), command, nil)
	return err
}
