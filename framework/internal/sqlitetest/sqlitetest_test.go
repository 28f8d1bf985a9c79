package sqlitetest_test

import (
	"sync"
	"testing"

	"github.com/uptrace/bun"

	"github.com/leavendb/leaven/framework/internal/sqlitetest"
)

func TestPragmasAreInForce(t *testing.T) {
	db, _ := sqlitetest.New(t)
	for pragma, want := range map[string]string{
		"journal_mode": "wal", "foreign_keys": "1", "synchronous": "1", "busy_timeout": "5000",
	} {
		var got string
		if err := db.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s is %s, want %s", pragma, got, want)
		}
	}
}

func TestWritersOfTwoPoolsWaitForEachOther(t *testing.T) {
	a, path := sqlitetest.New(t)
	b := sqlitetest.Open(t, path)
	if _, err := a.ExecContext(t.Context(), "CREATE TABLE t (n int)"); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 20 {
		for _, db := range []*bun.DB{a, b} {
			wg.Go(func() {
				if _, err := db.ExecContext(t.Context(), "INSERT INTO t VALUES (1)"); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
}
