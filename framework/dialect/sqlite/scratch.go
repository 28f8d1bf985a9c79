package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
)

var _ dialect.Scratcher = Dialect{}

// Scratch implements dialect.Scratcher: a database in memory, in one connection
// of db's own driver, so that it knows the functions and collations which that
// adds, with the pragmas of db that decide what a migration may do. It needs no
// right, and nothing of it can outlive the process.
func (Dialect) Scratch(ctx context.Context, db *bun.DB, _ dialect.ScratchOptions) (dialect.Scratch, error) {
	pragmas, err := settings(ctx, db)
	if err != nil {
		return nil, fmt.Errorf("looking at what a scratch database needs: %w", err)
	}
	pool := sql.OpenDB(memory{driver: db.Driver(), pragmas: pragmas})
	pool.SetMaxOpenConns(1) // each connection would see another database
	pool.SetConnMaxLifetime(0)
	pool.SetConnMaxIdleTime(0)
	if err := pool.PingContext(ctx); err != nil {
		_ = pool.Close()
		return nil, fmt.Errorf("opening a scratch database: %w", err)
	}
	return scratch{bun.NewDB(pool, sqlitedialect.New())}, nil
}

// Sweep implements dialect.Scratcher: there is never anything to remove.
func (Dialect) Sweep(context.Context, *bun.DB) ([]string, error) { return nil, nil }

const settingsQuery = `SELECT 'PRAGMA encoding = ''' || e.encoding || '''; PRAGMA foreign_keys = ' || f.foreign_keys ||
	'; PRAGMA recursive_triggers = ' || r.recursive_triggers || '; PRAGMA legacy_alter_table = ' || l.legacy_alter_table
FROM pragma_encoding e, pragma_foreign_keys f, pragma_recursive_triggers r, pragma_legacy_alter_table l`

// settings are statements that give a connection the pragmas of db's.
func settings(ctx context.Context, db bun.IDB) (statements string, err error) {
	err = db.QueryRowContext(ctx, settingsQuery).Scan(&statements)
	return statements, err
}

// memory connects to a fresh database in memory.
type memory struct {
	driver  driver.Driver
	pragmas string
}

// Driver implements driver.Connector.
func (m memory) Driver() driver.Driver { return m.driver }

// Connect implements driver.Connector.
func (m memory) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := m.driver.Open(":memory:")
	if err != nil {
		return nil, err
	}
	run, ok := conn.(driver.ExecerContext)
	if !ok {
		_ = conn.Close()
		return nil, fmt.Errorf("the driver %T runs no statements without preparing them", m.driver)
	}
	if _, err := run.ExecContext(ctx, m.pragmas, nil); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

// scratch is a database in memory.
type scratch struct{ pool *bun.DB }

// DB implements dialect.Scratch.
func (s scratch) DB() bun.IDB { return s.pool }

// Pool implements dialect.Scratch.
func (s scratch) Pool() *bun.DB { return s.pool }

// Inside implements dialect.Scratch.
func (scratch) Inside(want *schema.Schema) *schema.Schema { return want }

// Inspect implements dialect.Scratch.
func (s scratch) Inspect(ctx context.Context, schemas ...string) (*schema.Schema, error) {
	return Dialect{}.Inspect(ctx, s.pool, schemas...)
}

// Weaker implements dialect.Scratch.
func (scratch) Weaker() string { return "" }

// Swept implements dialect.Scratch.
func (scratch) Swept() []string { return nil }

// Close implements dialect.Scratch. Closing the pool twice does nothing.
func (s scratch) Close() error { return s.pool.Close() }
