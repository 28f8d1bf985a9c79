package bunset

import (
	"context"
	"database/sql/driver"
)

// connection is what database/sql takes for one of its own.
type connection struct{ *lent }

// turn waits until the connection is free, or says who has it.
func (c *connection) turn() (free func(), err error) {
	c.mu.Lock()
	switch {
	case c.over:
		err = errOver
	case c.tx != nil && c.tx.c != c:
		err = errBeside
	default:
		return c.mu.Unlock, nil
	}
	c.mu.Unlock()
	return nil, err
}

// Close leaves the connection to whom it belongs.
func (c *connection) Close() error { return nil }

func (c *connection) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

func (c *connection) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	free, err := c.turn()
	if err != nil {
		return nil, err
	}
	defer free()
	var s driver.Stmt
	if p, ok := c.conn.(driver.ConnPrepareContext); ok {
		s, err = p.PrepareContext(ctx, query)
	} else {
		s, err = c.conn.Prepare(query)
	}
	if err != nil {
		return nil, err
	}
	return &prepared{s, c}, nil
}

func (c *connection) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	e, ok := c.conn.(driver.ExecerContext)
	if !ok {
		return nil, driver.ErrSkip
	}
	free, err := c.turn()
	if err != nil {
		return nil, err
	}
	defer free()
	c.statements.Add(1)
	return e.ExecContext(ctx, query, args)
}

func (c *connection) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	q, ok := c.conn.(driver.QueryerContext)
	if !ok {
		return nil, driver.ErrSkip
	}
	return c.query(func() (driver.Rows, error) { return q.QueryContext(ctx, query, args) })
}

// query reads all rows at once outside a transaction, since somebody else may have
// the connection before they are read; inside, they stay the driver's.
func (c *connection) query(send func() (driver.Rows, error)) (driver.Rows, error) {
	free, err := c.turn()
	if err != nil {
		return nil, err
	}
	defer free()
	c.statements.Add(1)
	rows, err := send()
	if err != nil || c.tx != nil {
		return rows, err
	}
	return readAll(rows)
}

func (c *connection) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

func (c *connection) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	free, err := c.turn()
	if err != nil {
		return nil, err
	}
	defer free()
	var tx driver.Tx
	if b, ok := c.conn.(driver.ConnBeginTx); ok {
		tx, err = b.BeginTx(ctx, o)
	} else {
		tx, err = c.conn.Begin() //nolint:staticcheck // the driver has nothing newer
	}
	if err != nil {
		return nil, err
	}
	c.tx = &transaction{Tx: tx, c: c}
	return c.tx, nil
}

func (c *connection) Ping(ctx context.Context) error {
	p, ok := c.conn.(driver.Pinger)
	if !ok {
		return nil
	}
	free, err := c.turn()
	if err != nil {
		return err
	}
	defer free()
	return p.Ping(ctx)
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

// transaction lets the others in when it ends. database/sql ends one that was left
// open too, in a goroutine and perhaps late.
type transaction struct {
	driver.Tx
	c    *connection
	over bool
}

func (t *transaction) Commit() error   { return t.end(t.Tx.Commit) }
func (t *transaction) Rollback() error { return t.end(t.Tx.Rollback) }

func (t *transaction) end(how func() error) error {
	t.c.mu.Lock()
	defer t.c.mu.Unlock()
	if t.over {
		return errOver
	}
	t.over, t.c.tx = true, nil
	return how()
}

// prepared is a prepared statement.
type prepared struct {
	driver.Stmt
	c *connection
}

func (p *prepared) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	free, err := p.c.turn()
	if err != nil {
		return nil, err
	}
	defer free()
	p.c.statements.Add(1)
	if e, ok := p.Stmt.(driver.StmtExecContext); ok {
		return e.ExecContext(ctx, args)
	}
	return p.Stmt.Exec(values(args)) //nolint:staticcheck // the driver has nothing newer
}

func (p *prepared) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return p.c.query(func() (driver.Rows, error) {
		if q, ok := p.Stmt.(driver.StmtQueryContext); ok {
			return q.QueryContext(ctx, args)
		}
		return p.Stmt.Query(values(args)) //nolint:staticcheck // as above
	})
}

func (p *prepared) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := p.Stmt.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return p.c.CheckNamedValue(v)
}

func values(args []driver.NamedValue) []driver.Value {
	all := make([]driver.Value, len(args))
	for i, a := range args {
		all[i] = a.Value
	}
	return all
}
