package migrate

import (
	"context"
	"database/sql/driver"
	"net"
	"sync"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/uptrace/bun"
)

// link is the one connection on which a run works.
type link struct {
	bun.Conn
	socket  net.Conn // nil: the driver does not show it
	known   any      // what the dialect knows of it; its own
	session any      // what the last claim on it has found; the dialect's own
	stained bool     // its session has settings of ours, which nobody shall inherit
	loan    *loan    // nil: Conn is the caller's pool's
	alone   bool     // it cannot be joined

	mu      sync.Mutex
	closed  bool // it may be somebody else's now
	unguard func() bool
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
		if k, ok := m.d.(dialect.Knower); ok {
			l.known = k.Know(dc)
		}
		switch c := dc.(type) {
		case interface{ NetConn() net.Conn }:
			l.socket = c.NetConn()
		case interface{ Conn() net.Conn }: // pgdriver
			l.socket = c.Conn()
		default:
			if d, ok := m.d.(interface{ NetConn(any) net.Conn }); ok {
				l.socket = d.NetConn(dc)
			}
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
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.socket != nil && !l.closed {
		_ = l.socket.Close()
	}
}

// guard cuts the connection a while after ctx has ended, if it is still in use:
// whatever the run was just doing, the server does not answer it.
func (l *link) guard(ctx context.Context) {
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(cutAfter, l.cut) })
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unguard = stop
}

// Close gives the connection back to the pool.
func (l *link) Close() error {
	l.part(nil)
	l.mu.Lock()
	if l.closed = true; l.unguard != nil {
		l.unguard()
	}
	l.mu.Unlock()
	return l.Conn.Close()
}

// release gives the connection back to the pool without what claims have left on
// it, or makes the pool forget it.
func (m *Migrator) release(ctx context.Context, l *link) {
	k, ok := m.d.(dialect.Knower)
	if l.stained || ok && k.Forget(ctx, l.Conn, l.session) != nil {
		l.drop()
		return
	}
	_ = l.Close()
}

// valid reports whether the driver holds the connection for usable. It does not
// tell database/sql, which would wait for the end of an open transaction.
func (l *link) valid() bool {
	valid := true
	err := l.Raw(func(dc any) error {
		if v, ok := dc.(driver.Validator); ok {
			valid = v.IsValid()
		}
		return nil
	})
	return err == nil && valid
}

// drop makes the pool forget the connection, whose state is not known.
func (l *link) drop() {
	l.part(driver.ErrBadConn)
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
