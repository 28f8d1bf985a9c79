package migrate

import (
	"context"
	"database/sql/driver"
	"net"

	"github.com/uptrace/bun"
)

// link is the one connection on which a run works.
type link struct {
	bun.Conn
	socket  net.Conn // nil: the driver does not show it
	stained bool     // its session has settings of ours, which nobody shall inherit
}

// connect takes a connection from the pool.
func (m *Migrator) connect(ctx context.Context) (*link, error) {
	conn, err := m.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	l := &link{Conn: conn}
	// Only now: database/sql guards the driver's connection while a statement
	// runs, which is when the socket may have to be closed.
	err = conn.Raw(func(dc any) error {
		switch c := dc.(type) {
		case interface{ NetConn() net.Conn }:
			l.socket = c.NetConn()
		case interface{ Conn() net.Conn }: // pgdriver
			l.socket = c.Conn()
		}
		return nil
	})
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return l, nil
}

// cut closes the socket under a statement that does not end.
func (l *link) cut() {
	if l.socket != nil {
		_ = l.socket.Close()
	}
}

// valid reports whether the driver holds the connection for usable.
func (l *link) valid() bool {
	err := l.Raw(func(dc any) error {
		if v, ok := dc.(driver.Validator); ok && !v.IsValid() {
			return driver.ErrBadConn
		}
		return nil
	})
	return err == nil
}

// drop makes the pool forget the connection, whose state is not known.
func (l *link) drop() {
	_ = l.Raw(func(any) error { return driver.ErrBadConn })
	_ = l.Close()
}

// control is a second connection to the same database, for cancelling and
// asking; nil where there is none.
func (m *Migrator) control() *bun.DB {
	if m.o.Control != nil {
		return bun.NewDB(m.o.Control, m.db.Dialect())
	}
	if m.db.Stats().MaxOpenConnections == 1 {
		return nil
	}
	return m.db
}
