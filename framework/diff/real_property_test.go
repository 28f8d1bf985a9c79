package diff_test

import (
	"flag"
	"fmt"
	"slices"
	"testing"

	"github.com/leavendb/leaven/framework/dialect/postgres"
	"github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/diff"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/rowtest"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/schema"
	"pgregory.net/rapid"
)

// Random pairs for real, with rows: go test -run TestRandomPairs -pairs 1000
// -first-pair 5000 tries a thousand others than always, and -run
// TestRandomPairsOnSQLite/17$ one of them again.
var (
	morePairs = flag.Int("pairs", 0, "random pairs of schemas on each database; 0: as many as take a few seconds")
	firstPair = flag.Int("first-pair", 1, "the number of the first random pair")
)

func TestRandomPairsOnPostgres(t *testing.T) {
	t.Parallel()
	db, _ := pgtest.New(t)
	pairs(t, 16/everyNth, func(t *testing.T) server { return server{t, db, postgres.Dialect{}, can} })
}

func TestRandomPairsOnSQLite(t *testing.T) {
	t.Parallel()
	db, _ := sqlitetest.New(t)
	pairs(t, 80/everyNth, func(t *testing.T) server { return server{t, db, sqlite.Dialect{}, diff.Capabilities{}} })
}

// pairs walks n pairs. Every third has rows that only its first schema allows.
func pairs(t *testing.T, n int, on func(*testing.T) server) {
	if *morePairs > 0 {
		n = *morePairs
	}
	walked := map[string]int{}
	for i := *firstPair; i < *firstPair+n; i++ {
		pair := rapid.Custom(func(t *rapid.T) scenario {
			return scenario{from: buildable(drawSchema(t)), to: buildable(drawSchema(t)), empty: true}
		}).Example(i)
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			if i%3 == 0 {
				walked[on(t).surprise(pair)]++
				return
			}
			if on(t).walk(pair) > 0 {
				walked["with rows"]++
			}
		})
	}
	t.Log(walked)
	if full := walked["with rows"]; full < n/3 {
		t.Errorf("%d of %d pairs had rows", full, n)
	}
}

// surprise makes a change on rows that were not chosen for it: it does not fail,
// nor lose anything, unless it says that it may. It says how far it came.
func (g server) surprise(s scenario) string {
	g.Helper()
	from, to, o := g.sides(s)
	r, err := diff.Compare(from, to, o)
	g.must(err, "comparing")
	rows, err := rowtest.Fill(g.Context(), g.db, g.Dialect, s.from, s.to, r, rowtest.FromOnly)
	g.must(err, "filling")
	for _, part := range r.Parts {
		if err := g.run(part.NoTx, part.Ops()...); err != nil {
			if !r.Has(diff.MayFail) {
				g.Errorf("nothing says that this may fail: %v\n%s", err, describe(r))
			}
			return "failed on its rows"
		}
	}
	g.equal("after applying\n"+describe(r), g.inspect(), to, after(o, r))
	g.kept("after applying\n"+describe(r), rows.Forward)
	for _, part := range slices.Backward(r.Parts) {
		back, err := part.Reverse()
		g.must(err, "undoing")
		if err := g.run(part.NoTx, back...); err != nil {
			if !r.Has(diff.WayBack) {
				g.Errorf("nothing says that this cannot be undone: %v\n%s", err, describe(r))
			}
			return "failed on its way back"
		}
	}
	g.equal("after undoing\n"+describe(r), g.inspect(), from, diff.Options{Can: g.can})
	g.kept("after undoing\n"+describe(r), rows.Back)
	return "there and back"
}

// buildable takes away what no server makes: references between types that do
// not compare.
func buildable(s *schema.Schema) *schema.Schema {
	for _, t := range s.Tables {
		t.ForeignKeys = slices.DeleteFunc(t.ForeignKeys, func(f schema.ForeignKey) bool {
			a, b := t.Column(f.Columns[0]), s.Table("", f.RefTable).Column(f.RefColumns[0])
			return !a.Type.Equal(b.Type) || !a.Generated.IsZero()
		})
		for i, c := range t.Columns {
			if !c.Generated.IsZero() {
				t.Columns[i].Type = schema.BigInt
			}
		}
	}
	return s
}
