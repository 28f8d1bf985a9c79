package diff_test

import (
	"testing"

	"github.com/leavendb/leaven/framework/dialect/postgres"
	"github.com/leavendb/leaven/framework/diff"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/schema"
)

// Each type becomes each other one, and comes back: a cast that PostgreSQL does
// not have is refused in a table without rows too.
func TestEveryTypeBecomesEveryOther(t *testing.T) {
	t.Parallel()
	pool, _ := pgtest.New(t)
	g := server{t, pool, postgres.Dialect{}, can}
	types := []schema.Type{schema.Boolean, schema.SmallInt, schema.Integer, schema.Double, schema.Varchar(20), schema.Bytes,
		schema.Date, schema.Time, schema.Timestamptz, schema.Interval, schema.UUID, schema.JSON, schema.JSONB, schema.Array(schema.Integer),
		schema.Array(schema.Boolean), schema.EnumType("", "mood")}
	from, to := tbl("t"), tbl("t")
	for _, a := range types {
		for _, b := range types {
			name := a.String() + " to " + b.String()
			from.Columns, to.Columns = append(from.Columns, col(name, a)), append(to.Columns, col(name, b))
		}
	}
	mood := enum("mood", "a")
	is, will, o := g.sides(scenario{from: db(mood, from), to: db(mood, to)})
	r, err := diff.Compare(is, will, o)
	g.must(err, "comparing")
	if changes, want := len(r.Ops()), len(types)*(len(types)-1); changes != want {
		t.Errorf("%d changes, want %d", changes, want)
	}
	g.apply(r)
	g.equal("there", g.inspect(), will, o)
	g.undo(r)
	g.equal("and back", g.inspect(), is, o)
}
