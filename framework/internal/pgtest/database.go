package pgtest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/driver/pgdriver"
)

// New makes an empty database for this test and answers with a pool on it and
// its URL, which names a superuser, works over TCP and is understood by pgdriver,
// pgx and libpq alike. When the test ends the pool is closed and the database
// dropped, even if connections to it are still open.
func New(t testing.TB) (*bun.DB, string) {
	t.Helper()
	return Database(t, URL(t))
}

// Database is New on another server, given by a URL that this package made.
func Database(t testing.TB, server string) (*bun.DB, string) {
	t.Helper()
	name := "pgtest_" + token()
	maintain(t, server, func(ctx context.Context, db *bun.DB) error {
		return create(ctx, db, name)
	})
	t.Cleanup(func() {
		maintain(t, server, func(ctx context.Context, db *bun.DB) error {
			_, err := db.ExecContext(ctx, "DROP DATABASE IF EXISTS ? WITH (FORCE)", bun.Ident(name))
			return err
		})
	})
	mine := change(t, server, func(u *url.URL) { u.Path = "/" + name })
	return Open(t, mine), mine
}

// create copies the template's files where the server can (15 and later): with
// fsync off that is many times faster than writing the copy through the log.
func create(ctx context.Context, db *bun.DB, name string) error {
	var version int
	if err := db.QueryRowContext(ctx, "SELECT current_setting('server_version_num')::int").Scan(&version); err != nil {
		return err
	}
	query := "CREATE DATABASE ? TEMPLATE template0"
	if version >= 150000 {
		query += " STRATEGY file_copy"
	}
	_, err := db.ExecContext(ctx, query, bun.Ident(name))
	return err
}

// URL is the shared server's maintenance database, for what cannot be done from
// inside a test's own. What a test changes there it must change back.
func URL(t testing.TB) string {
	t.Helper()
	u, err := admin()
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return u
}

// Open opens a pool on a URL that this package made, and closes it when the test
// ends. Reads and writes have no time limit of their own, as pgdriver's would
// cut a waiting statement off; nothing is sent before the first use.
func Open(t testing.TB, url string) *bun.DB {
	t.Helper()
	db := open(url)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func open(url string) *bun.DB {
	return bun.NewDB(sql.OpenDB(pgdriver.NewConnector(
		pgdriver.WithDSN(url), pgdriver.WithReadTimeout(0), pgdriver.WithWriteTimeout(0),
	)), pgdialect.New())
}

// maintain runs f on one connection of its own. It does not use the test's
// context, which is over when the cleaning up begins.
func maintain(t testing.TB, url string, f func(context.Context, *bun.DB) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	db := open(url)
	db.SetMaxOpenConns(1)
	defer db.Close()
	if err := f(ctx, db); err != nil {
		if os.Getenv("TEST_DATABASE_URL") != "" {
			err = fmt.Errorf("on the server of TEST_DATABASE_URL: %w", err)
		}
		t.Fatalf("pgtest: %v", err)
	}
}

func change(t testing.TB, raw string, f func(*url.URL)) string {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal("pgtest: the test gave something that is not a URL")
	}
	f(u)
	return u.String()
}
