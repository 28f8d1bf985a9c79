package sqlite_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// Every operation there is has golden SQL, or is refused by its kind alone, with
// words that say what SQLite does not have.
func TestEveryOperationIsRenderedOrRefused(t *testing.T) {
	rendered := map[string]bool{}
	for _, c := range each() {
		rendered[fmt.Sprintf("%T", c.op)] = true
	}
	for _, o := range op.Kinds() {
		if kind := fmt.Sprintf("%T", o); !rendered[kind] {
			statements, err := sqlite.Dialect{}.Render(t.Context(), o, op.Fold{Schema: &schema.Schema{}})
			if err == nil || len(statements) > 0 || !strings.Contains(err.Error(), "SQLite has no") {
				t.Errorf("%s has no golden SQL, and is not refused: %v, %v", kind, statements, err)
			}
		}
	}
}
