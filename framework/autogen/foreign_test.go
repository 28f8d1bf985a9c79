package autogen_test

import (
	"testing"

	"github.com/leavendb/leaven/framework/autogen"
	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/dialect/postgres"
	"github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/schema"
)

// The table in which another migration tool keeps its history is in no diff, unless
// the models have it.
func TestHistoriesOfOtherToolsAreLeftOut(t *testing.T) {
	for _, d := range []dialect.Dialect{postgres.Dialect{}, sqlite.Dialect{}} {
		t.Run(d.Name(), func(t *testing.T) {
			t.Parallel()
			db := fresh(t, d)
			for _, statement := range []string{
				"CREATE TABLE renamed (id integer PRIMARY KEY, version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp timestamp)",
				"CREATE TABLE migrations (id varchar(255) PRIMARY KEY)",
				"CREATE TABLE other (id bigint PRIMARY KEY)",
			} {
				_, err := db.ExecContext(t.Context(), statement)
				check(t, err)
			}
			found, err := autogen.Compare(t.Context(), autogen.Request{Dialect: d, DB: db})
			check(t, err)
			if !found.Empty() || len(found.Strangers) != 1 || found.Strangers[0].Table != "other" {
				t.Errorf("got %v\n%s", found.Strangers, show(found))
			}
			meant := &schema.Schema{Tables: []*schema.Table{{Name: "migrations", PrimaryKey: []string{"id"},
				Columns: []schema.Column{{Name: "id", Type: schema.Varchar(255), NotNull: true}}}}}
			found, err = autogen.Compare(t.Context(), autogen.Request{Dialect: d, DB: db, Models: []any{meant}})
			check(t, err)
			if !found.Empty() {
				t.Errorf("the models have the table, and so has the database:\n%s", show(found))
			}
		})
	}
}
