package postgres

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/uptrace/bun"
)

// PostgreSQL is the fence: a transaction-level advisory lock belongs to the
// transaction that does the work, so whoever holds the lock is who can commit,
// and the lock ends with the transaction however that ends. Behind a pooler in
// transaction mode this stays true, while everything here is SET LOCAL and
// leaks to nobody.

// session is what a claim has seen of its session, before it changed anything.
type session struct {
	pid        int64
	searchPath string
	role       string // "none" or a role
	want       string // the role that the claim has set; empty: none
	key        int64
	mark       string // names the transactions of the claims, with their number
	claims     int
	watches    bool      // the server shall look for us during a long statement
	conn       *joined   // nil: the driver's own
	prepared   *prepared // nil: the session may be another one the next time
}

// tx names the transaction of the last claim.
func (s session) tx() string { return s.mark + strconv.Itoa(s.claims) }

// during is the role in which the transaction works.
func (s session) during() string {
	if s.want != "" {
		return s.want
	}
	return s.role
}

// checkInterval lets the server notice a dead client during a long statement,
// unless it is set to do so anyway, on the platforms where it can (elsewhere it
// refuses the setting); local is "true" for the transaction alone.
func checkInterval(local string) string {
	return "CASE WHEN current_setting('client_connection_check_interval', true) = '0' AND version() ~ 'linux|darwin|bsd' " +
		"THEN set_config('client_connection_check_interval', '1s', " + local + ") END"
}

func millis(t time.Duration) string { return strconv.FormatInt(t.Milliseconds(), 10) }

// TxOptions implements dialect.Fence: whatever the database's default is, a
// statement after the lock must see what was committed before it.
func (Dialect) TxOptions() *sql.TxOptions {
	return &sql.TxOptions{Isolation: sql.LevelReadCommitted}
}

// Pooled implements dialect.Fence: two connections that share one server
// process, or one connection whose process changes, are behind a pooler that
// gives out sessions by transaction.
func (d Dialect) Pooled(ctx context.Context, conn, other bun.Conn) (bool, error) {
	pid := func(c bun.Conn) (n int64, err error) {
		err = c.QueryRowContext(ctx, "SELECT pg_backend_pid()").Scan(&n)
		return n, err
	}
	var first int64
	for range 3 { // a busy pooler may give out another process once by chance
		a, err := pid(conn)
		if err != nil {
			return false, err
		}
		if first != 0 && a != first {
			return true, nil
		}
		first = a
		if other.Conn == nil {
			continue
		}
		b, err := pid(other)
		if err != nil {
			return false, err
		}
		if a == b {
			return true, nil
		}
	}
	return false, nil
}

// ForeignKeys implements dialect.Fence: PostgreSQL changes tables in place.
func (Dialect) ForeignKeys(context.Context, bun.Conn, bool) (bool, error) { return true, nil }

// CheckForeignKeys implements dialect.Fence: PostgreSQL has checked them already.
func (Dialect) CheckForeignKeys(context.Context, bun.IDB) ([]string, error) { return nil, nil }

// ServerTime implements dialect.Dialect.
func (Dialect) ServerTime() string { return "clock_timestamp()" }

// Describe implements dialect.Dialect.
func (Dialect) Describe(ctx context.Context, db bun.IDB) (dialect.Server, error) {
	s := dialect.Server{Product: "PostgreSQL"}
	err := db.QueryRowContext(ctx, "SELECT current_setting('server_version'), current_database(), current_user::text, pg_is_in_recovery() OR current_setting('transaction_read_only')::bool").
		Scan(&s.Version, &s.Database, &s.User, &s.ReadOnly)
	s.Version, _, _ = strings.Cut(s.Version, " ")
	return s, err
}
