// Package sqlitetest gives each test a fresh SQLite database in a file, opened
// the way the framework opens an application's. In-memory databases are not
// offered: each of their connections sees another one.
package sqlitetest

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/driver/sqliteshim"
)

const pragmas = "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)&_pragma=synchronous(NORMAL)&_txlock=immediate"

// New makes an empty database for this test and answers with a pool on it and
// the path of its file. The pool is closed and the file removed when the test ends.
func New(t testing.TB) (*bun.DB, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	return Open(t, path), path
}

// Open opens one more pool on the file at path, as another process would, and
// closes it when the test ends. SQLite makes the file when it is not there.
func Open(t testing.TB, path string) *bun.DB {
	t.Helper()
	return open(t, DSN(path))
}

// Durable makes an empty database as New does, with the journal that SQLite has
// by default: what is committed is on disk.
func Durable(t testing.TB) *bun.DB {
	t.Helper()
	return open(t, "file:"+filepath.Join(t.TempDir(), "test.db")+"?_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)&_txlock=immediate")
}

func open(t testing.TB, dsn string) *bun.DB {
	t.Helper()
	db, err := sql.Open(sqliteshim.ShimName, dsn)
	if err != nil {
		t.Fatalf("sqlitetest: %v", err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return bun.NewDB(db, sqlitedialect.New())
}

// DSN is what sqliteshim wants to hear for the file at path.
func DSN(path string) string { return "file:" + path + pragmas }
