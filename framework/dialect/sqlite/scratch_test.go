package sqlite_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/driver/sqliteshim"
)

// The database in memory behaves as the file does, and makes no file.
func TestScratchHasThePragmas(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, dsn := range []string{
		sqlitetest.DSN("app.db"),
		"file:app2.db?_pragma=foreign_keys(0)&_pragma=recursive_triggers(1)&_pragma=legacy_alter_table(1)&_pragma=encoding('UTF-16le')",
	} {
		pool, err := sql.Open(sqliteshim.ShimName, dsn)
		if err != nil {
			t.Fatal(err)
		}
		db := bun.NewDB(pool, sqlitedialect.New())
		defer db.Close()
		if _, err := db.ExecContext(t.Context(), "CREATE TABLE theirs (id integer)"); err != nil {
			t.Fatal(err)
		}
		s, err := sqlite.Dialect{}.Scratch(t.Context(), db, dialect.ScratchOptions{Whole: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, pragma := range []string{"foreign_keys", "recursive_triggers", "legacy_alter_table", "encoding"} {
			var want, got string
			if err := db.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&want); err != nil {
				t.Fatal(err)
			}
			if err := s.DB().QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
				t.Errorf("%s: %s is %q, want %q; %v", dsn, pragma, got, want, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	files, err := filepath.Glob("*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if name != "app.db" && name != "app.db-wal" && name != "app.db-shm" && name != "app2.db" {
			t.Errorf("a file %s was made", name)
		}
	}
	if _, err := os.Stat(":memory:"); err == nil {
		t.Error("the database is a file")
	}
}
