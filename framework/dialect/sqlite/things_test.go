package sqlite_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leavendb/leaven/framework/dialect/dialecttest"
	"github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
)

// Each thing that must be seen is made by SQL in a database of its own.
func TestEachThingIsSeen(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/things.sql")
	if err != nil {
		t.Fatal(err)
	}
	var told strings.Builder
	for _, thing := range dialecttest.Things(string(text)) {
		db, _ := sqlitetest.New(t)
		if _, err := db.ExecContext(t.Context(), thing.SQL); err != nil {
			t.Fatalf("%s: %v", thing.Name, err)
		}
		found, err := sqlite.Dialect{}.Inspect(t.Context(), db)
		if err != nil {
			t.Fatalf("%s: %v", thing.Name, err)
		}
		fmt.Fprintf(&told, "== %s\n%s", thing.Name, dialecttest.Told(found))
	}
	const golden = "testdata/things.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(told.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(told.String(), "\n")); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
