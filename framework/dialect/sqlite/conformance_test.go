package sqlite_test

import (
	"testing"

	"github.com/leavendb/leaven/framework/dialect/dialecttest"
	_ "github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/uptrace/bun"
)

func TestConformance(t *testing.T) {
	dialecttest.Run(t, dialecttest.Target{
		Open: func(t testing.TB) *bun.DB {
			db, _ := sqlitetest.New(t)
			return db
		},
		Again: again,
		Refused: []string{
			"create schema", "drop schema", "create table in a schema", "set schema", "create extension", "drop extension",
			"create sequence", "drop sequence", "add exclusion", "create table with an exclusion", "create materialized view",
			"drop materialized view", "create constraint trigger", "add unique that is deferrable", "create index with a method",
			"create index with more columns", "create index with parameters", "create index with an operator class",
			"create index with NULLs elsewhere", "create table that only an identity numbers",
		},
	})
}

// again opens another pool on the file of db, which does not wait for locks.
func again(t testing.TB, db *bun.DB) *bun.DB {
	t.Helper()
	b := sqlitetest.Open(t, file(t, db))
	b.SetMaxOpenConns(1)
	if _, err := b.ExecContext(t.Context(), "PRAGMA busy_timeout = 0"); err != nil {
		t.Fatal(err)
	}
	return b
}

func file(t testing.TB, db *bun.DB) (path string) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), "SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&path); err != nil {
		t.Fatal(err)
	}
	return path
}
