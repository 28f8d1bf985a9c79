package bunset

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"sync/atomic"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
)

// lent is a database whose only connection is somebody else's.
type lent struct {
	db         *bun.DB
	conn       driver.Conn
	taken      atomic.Bool
	statements atomic.Int64
}

// errSecond answers whoever wants another connection.
var errSecond = errors.New("this migration of bun used its database while a transaction or rows of it were still open, and it has one connection: " +
	"use the transaction for everything inside, and read all rows before the next statement")

// borrow makes a database of a connection, which the caller leaves alone until
// giveBack.
func borrow(conn bun.Conn) (*lent, error) {
	l := &lent{}
	// The connection is used after Raw has returned: inside, a panic of the
	// migration would make the pool drop it, and the runners' lock with it.
	err := conn.Raw(func(dc any) error {
		l.conn, _ = dc.(driver.Conn)
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case l.conn == nil:
		return nil, errors.New("the driver does not show its connection")
	}
	pool := sql.OpenDB(l)
	l.db = migrate.Watched(bun.NewDB(pool, conn.Dialect()))
	return l, nil
}

// giveBack ends the database, and not the connection.
func (l *lent) giveBack() { _ = l.db.DB.Close() }

// Connect implements driver.Connector.
func (l *lent) Connect(context.Context) (driver.Conn, error) {
	if l.taken.Swap(true) {
		return nil, errSecond
	}
	return &connection{l}, nil
}

// Driver implements driver.Connector.
func (l *lent) Driver() driver.Driver { return noDriver{} }

type noDriver struct{}

func (noDriver) Open(string) (driver.Conn, error) { return nil, errSecond }

// connection passes everything on but Close.
type connection struct{ *lent }

func (c *connection) Close() error { return nil }

func (c *connection) Prepare(query string) (driver.Stmt, error) {
	c.statements.Add(1)
	return c.conn.Prepare(query)
}

func (c *connection) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	p, ok := c.conn.(driver.ConnPrepareContext)
	if !ok {
		return c.Prepare(query)
	}
	c.statements.Add(1)
	return p.PrepareContext(ctx, query)
}

func (c *connection) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	e, ok := c.conn.(driver.ExecerContext)
	if !ok {
		return nil, driver.ErrSkip
	}
	c.statements.Add(1)
	return e.ExecContext(ctx, query, args)
}

func (c *connection) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	q, ok := c.conn.(driver.QueryerContext)
	if !ok {
		return nil, driver.ErrSkip
	}
	c.statements.Add(1)
	return q.QueryContext(ctx, query, args)
}

func (c *connection) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

func (c *connection) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	if b, ok := c.conn.(driver.ConnBeginTx); ok {
		return b.BeginTx(ctx, o)
	}
	return c.conn.Begin() //nolint:staticcheck // the driver has nothing newer
}

func (c *connection) Ping(ctx context.Context) error {
	if p, ok := c.conn.(driver.Pinger); ok {
		return p.Ping(ctx)
	}
	return nil
}

// CheckNamedValue leaves to the driver what it takes, and else to database/sql.
func (c *connection) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := c.conn.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

// IsValid tells what the driver knows of it. Its session is not reset between two
// statements: the runner's settings and the migration's own stay.
func (c *connection) IsValid() bool {
	v, ok := c.conn.(driver.Validator)
	return !ok || v.IsValid()
}
