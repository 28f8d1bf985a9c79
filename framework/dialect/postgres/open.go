package postgres

import (
	"context"
	"database/sql"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// Schemes implements dialect.Opener.
func (Dialect) Schemes() []string { return []string{"postgres", "postgresql"} }

// Open implements dialect.Opener: a pool for a URL or DSN, read as libpq reads
// it. It does not connect yet; Ping does. The error is a *URLError, and those of
// connecting are *ConnectError; neither shows the password.
//
// The pool's connections are *pgdriver.Conn without timeouts of their own.
func (Dialect) Open(_ context.Context, url string) (*bun.DB, error) {
	config, err := ParseURL(url)
	if err != nil {
		return nil, err
	}
	return bun.NewDB(sql.OpenDB(newConnector(config)), pgdialect.New()), nil
}
