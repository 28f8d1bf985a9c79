package autogen_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/leavendb/leaven/framework/autogen"
	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/dialect/postgres"
	"github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/diff"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

type counter struct{ n atomic.Int64 }

func (c *counter) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }
func (c *counter) AfterQuery(context.Context, *bun.QueryEvent)                        { c.n.Add(1) }

// Where nothing differs, the number of statements does not grow with the tables.
func TestStatementsDoNotGrowWithTables(t *testing.T) {
	for _, d := range []dialect.Dialect{postgres.Dialect{}, sqlite.Dialect{}} {
		t.Run(d.Name(), func(t *testing.T) {
			t.Parallel()
			db := fresh(t, d)
			s, asked := &schema.Schema{}, [2]int64{}
			for i, tables := range []int{2, 40} {
				from := s.Clone()
				for len(s.Tables) < tables {
					name := fmt.Sprintf("t%d", len(s.Tables))
					s.Tables = append(s.Tables, &schema.Table{Name: name, PrimaryKey: []string{"id"}, Columns: []schema.Column{
						{Name: "id", Type: schema.BigInt, AutoIncrement: true, NotNull: true}, {Name: "name", Type: schema.Varchar(80), NotNull: true, Default: schema.Literal("x")},
						{Name: "total", Type: schema.Numeric(12, 2)}, {Name: "made", Type: schema.Timestamptz, Default: schema.Now},
					}, Indexes: []schema.Index{{Name: name + "_idx", Parts: []schema.Part{{Column: "name"}, {Column: "made", Desc: true}}}}})
				}
				r, err := diff.Compare(from, s, diff.Options{})
				check(t, err)
				check(t, op.Run(t.Context(), db, r.Ops()...))
				var c counter
				found, err := autogen.Compare(t.Context(), autogen.Request{Dialect: d, DB: db.WithQueryHook(&c), Models: []any{s}})
				check(t, err)
				if !found.Empty() {
					t.Error(show(found))
				}
				asked[i] = c.n.Load()
			}
			if asked[0] != asked[1] || asked[1] > 5 {
				t.Errorf("%d statements for 2 tables, %d for 40", asked[0], asked[1])
			}
		})
	}
}
