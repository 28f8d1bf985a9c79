package migrate

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/leavendb/leaven/framework/dialect"
)

// loan is the driver's connection of a link while a pool of ours has it, in which
// there is no other. database/sql lets nobody take part in how a connection begins
// and ends its transactions, except the driver. So what the dialect has put on top
// of the driver's connection is the driver's connection of that pool.
type loan struct {
	owner *sql.Conn // of the caller's pool; not to be used meanwhile
	was   any       // what was known of it
	pool  *sql.DB
	back  chan error // how the connection is given back: nil, or driver.ErrBadConn
	ended chan struct{}
}

// join makes transactions on the link cheaper, where the dialect and the driver can
// do that. NoTx migrations do not get such a connection: pgdriver.CopyFrom wants to
// have its own.
func (l *link) join(ctx context.Context, d dialect.Dialect, drv driver.Driver) error {
	k, ok := d.(dialect.Knower)
	if !ok || l.loan != nil || l.alone {
		return nil
	}
	o := &loan{owner: l.Conn.Conn, back: make(chan error, 1), ended: make(chan struct{})}
	lent := make(chan driver.Conn, 1)
	go func() {
		defer close(o.ended)
		defer close(lent)
		_ = o.owner.Raw(func(dc any) error { // the connection is ours until it returns
			c := k.Join(dc)
			if c == nil {
				return nil
			}
			lent <- c
			return <-o.back
		})
	}()
	c := <-lent
	if c == nil {
		<-o.ended
		l.alone = true
		return nil
	}
	o.pool = sql.OpenDB(&single{conn: c, driver: drv})
	conn, err := o.pool.Conn(ctx)
	if err != nil {
		o.end(nil)
		return err
	}
	o.was, l.known = l.known, k.Know(c)
	l.loan, l.Conn.Conn = o, conn
	return nil
}

// part undoes join; how is nil, or driver.ErrBadConn for a connection that the
// caller's pool shall forget.
func (l *link) part(how error) {
	if l.loan == nil {
		return
	}
	_ = l.Conn.Close()
	l.loan.end(how)
	l.Conn.Conn, l.known, l.loan = l.loan.owner, l.loan.was, nil
}

// abandon gives up a connection on which a transaction may be open, which database/sql
// does not let be closed: the server is to end it, and the caller's pool forgets it.
func (l *link) abandon() {
	l.cut()
	if l.loan != nil {
		l.loan.back <- driver.ErrBadConn
		<-l.loan.ended
	}
}

func (o *loan) end(how error) {
	if how == nil && o.pool.Close() != nil {
		how = driver.ErrBadConn
	}
	o.back <- how
	<-o.ended
	_ = o.pool.Close() // of a connection that is gone
}

// single is the connector of a pool with one connection, which it opens once.
type single struct {
	conn   driver.Conn
	driver driver.Driver
}

// Connect implements driver.Connector.
func (s *single) Connect(context.Context) (driver.Conn, error) {
	c := s.conn
	if s.conn = nil; c == nil {
		return nil, errors.New("the connection is gone")
	}
	return c, nil
}

// Driver implements driver.Connector.
func (s *single) Driver() driver.Driver { return s.driver }
