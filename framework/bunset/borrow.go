package bunset

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
)

// lent is a database whose only connection is somebody else's. database/sql may
// have as many as it likes of it: their statements take turns, and a transaction
// keeps the others out.
type lent struct {
	db         *bun.DB
	statements atomic.Int64

	mu   sync.Mutex
	conn driver.Conn
	tx   *transaction // that is open; nil: none
	over bool         // it was given back
}

var (
	errBeside = errors.New("this migration of bun used its database beside its own open transaction, and both have one connection: " +
		"use the transaction for everything inside")
	errOver = errors.New("this migration of bun has returned: what it began must end before")
	errLeft = errors.New("this migration of bun left a transaction open, which was rolled back: commit it, or return its error")
)

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
	l.db = migrate.Watched(bun.NewDB(sql.OpenDB(l), conn.Dialect()))
	return l, nil
}

// giveBack ends the database, and not the connection, which has no transaction
// then.
func (l *lent) giveBack() error {
	l.mu.Lock()
	l.over = true
	open := l.tx
	l.mu.Unlock()
	if open != nil {
		_ = open.Rollback() // the runner looks at the connection's state
	}
	_ = l.db.DB.Close()
	if open != nil {
		return errLeft
	}
	return nil
}

// Connect implements driver.Connector.
func (l *lent) Connect(context.Context) (driver.Conn, error) { return &connection{l}, nil }

// Driver implements driver.Connector.
func (l *lent) Driver() driver.Driver { return noDriver{} }

type noDriver struct{}

func (noDriver) Open(string) (driver.Conn, error) {
	return nil, errors.New("the database of a migration has no address")
}
