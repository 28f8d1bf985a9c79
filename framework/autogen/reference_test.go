package autogen_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/leavendb/leaven/framework/autogen"
	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/dialect/postgres"
	"github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/record"
	"github.com/leavendb/leaven/framework/schema"
	_ "github.com/leavendb/leaven/migrations"
	"github.com/leavendb/leaven/models"
	"github.com/uptrace/bun"
)

// The models of the reference application say all that its migrations make.
func TestTheReferenceApplicationHasNoDrift(t *testing.T) {
	for _, d := range []dialect.Dialect{postgres.Dialect{}, sqlite.Dialect{}} {
		t.Run(d.Name(), func(t *testing.T) {
			t.Parallel()
			known, err := migrate.NewOffline(migrate.Options{})
			check(t, err)
			fold, err := record.Fold(t.Context(), d, known.Known(), "", record.Options{})
			check(t, err)
			request := autogen.Request{Dialect: d, Models: models.All(), Fold: fold}

			offline, err := autogen.Compare(t.Context(), request)
			check(t, err)
			if !offline.Empty() {
				t.Errorf("offline:\n%s", show(offline))
			}
			if got := strings.Join(offline.Unseen, " "); got != "invitations" {
				t.Errorf("unseen: %q", got)
			}

			db := fresh(t, d)
			migrated(t, db)
			request.DB, request.Own = db, own()
			live, err := autogen.Compare(t.Context(), request)
			check(t, err)
			if !live.Empty() || len(live.Strangers) > 0 || len(live.Weaker) > 0 {
				t.Errorf("live:\n%s", show(live))
			}
		})
	}
}

func own() []op.Object {
	return []op.Object{{Kind: "table", Table: "leaven_history"}, {Kind: "table", Table: "leaven_history_log"}}
}

func fresh(t *testing.T, d dialect.Dialect) *bun.DB {
	t.Helper()
	if d.Name() == "postgres" {
		db, _ := pgtest.New(t)
		return db
	}
	db, _ := sqlitetest.New(t)
	return db
}

// migrated applies all migrations of the reference application.
func migrated(t *testing.T, db *bun.DB) {
	t.Helper()
	m, err := migrate.New(db, migrate.Options{})
	check(t, err)
	_, err = m.Up(t.Context(), migrate.Head)
	check(t, err)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func show(c *autogen.Comparison) string {
	var b strings.Builder
	for _, s := range autogen.Sources(c.Result) {
		fmt.Fprintf(&b, "-- %s\n%s\n", s.Title, strings.Join(s.Up, "\n"))
	}
	for _, o := range c.Strangers {
		fmt.Fprintf(&b, "stranger %s\n", o)
	}
	return b.String() + strings.Join(c.Weaker, "\n")
}

// shown compares schemas as they are, with the spellings inside of types and
// expressions.
var shown = cmp.Options{cmp.Exporter(func(reflect.Type) bool { return true }), cmpopts.EquateEmpty()}

// forget takes away what the way there and back may change: the order of columns,
// and that what was validated stays valid.
func forget(s *schema.Schema) *schema.Schema {
	s = s.Clone()
	for _, t := range s.Tables {
		slices.SortFunc(t.Columns, func(a, b schema.Column) int { return strings.Compare(a.Name, b.Name) })
	}
	return s
}
