package diff_test

import (
	"slices"
	"testing"

	"github.com/leavendb/leaven/framework/dialect/postgres"
	"github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/diff"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/schema"
	"pgregory.net/rapid"
)

// Random pairs for real: there, nothing left, and back again.

func TestRandomPairsOnPostgres(t *testing.T) {
	t.Parallel()
	db, _ := pgtest.New(t)
	server{t, db, postgres.Dialect{}, can}.pairs(8)
}

func TestRandomPairsOnSQLite(t *testing.T) {
	t.Parallel()
	db, _ := sqlitetest.New(t)
	server{t, db, sqlite.Dialect{}, diff.Capabilities{}}.pairs(30)
}

// pairs walks n pairs. Their tables are empty: random rows seldom fit a random
// schema, and the scenarios have rows.
func (g server) pairs(n int) {
	rapid.Check(g.T, func(t *rapid.T) {
		if n--; n < 0 {
			return
		}
		from, to := buildable(drawSchema(t)), buildable(drawSchema(t))
		g.walk(scenario{from: from, to: to, options: diff.Options{}}, withoutRows)
		if g.Failed() {
			t.FailNow()
		}
	})
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
