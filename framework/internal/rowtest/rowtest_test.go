package rowtest_test

import (
	"context"
	"testing"

	"github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/diff"
	"github.com/leavendb/leaven/framework/internal/rowtest"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// change makes from in a database, fills it, and runs the operations that lead to
// to, and one more statement.
func change(t *testing.T, from, to *schema.Schema, more string) (*rowtest.Rows, *bun.DB) {
	t.Helper()
	db, _ := sqlitetest.New(t)
	begin, err := diff.Compare(&schema.Schema{}, from, diff.Options{})
	must(t, err)
	must(t, op.Run(t.Context(), db, begin.Ops()...))
	var o diff.Options
	if to.Tables[0].Column("nickname") != nil {
		o.Renames = []diff.Rename{{From: op.Object{Kind: "column", Table: "users", Name: "nick"}, To: op.Object{Kind: "column", Table: "users", Name: "nickname"}}}
	}
	r, err := diff.Compare(from, to, o)
	must(t, err)
	rows, err := rowtest.Fill(t.Context(), db, sqlite.Dialect{}, from, to, r, rowtest.Both)
	must(t, err)
	must(t, db.RunInTx(t.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
		return op.Run(op.WithEnv(ctx, &op.Env{InTx: true}), tx, r.Ops()...)
	}))
	if more != "" {
		_, err = db.ExecContext(t.Context(), more)
		must(t, err)
	}
	return rows, db
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func users(columns ...schema.Column) *schema.Schema {
	id := schema.Column{Name: "id", Type: schema.BigInt, NotNull: true}
	return &schema.Schema{Tables: []*schema.Table{{Name: "users", PrimaryKey: []string{"id"}, Columns: append([]schema.Column{id}, columns...)}}}
}

// What a change loses is found, whatever way it was lost.
func TestWhatIsLostIsFound(t *testing.T) {
	nick, nickname := schema.Column{Name: "nick", Type: schema.Integer}, schema.Column{Name: "nickname", Type: schema.Text}
	for _, c := range []struct{ name, more, want string }{
		{"nothing", "", ""},
		{"a value", "UPDATE users SET nickname = 9 WHERE id = 1", `the rows of users are ["1 | 9" "2 | NULL" "3 | 3"], want ["1 | 1" "2 | NULL" "3 | 3"]`},
		{"a row", "DELETE FROM users WHERE id = 2", `the rows of users are ["1 | 1" "3 | 3"], want ["1 | 1" "2 | NULL" "3 | 3"]`},
		{"values change places", "UPDATE users SET nickname = 4 - nickname", `the rows of users are ["1 | 3" "2 | NULL" "3 | 1"], want ["1 | 1" "2 | NULL" "3 | 3"]`},
		{"a row more", "INSERT INTO users (id) VALUES (4)", `the rows of users are ["1 | 1" "2 | NULL" "3 | 3" "4 | NULL"], want ["1 | 1" "2 | NULL" "3 | 3"]`},
	} {
		rows, db := change(t, users(nick), users(nickname), c.more)
		got, err := rows.Forward(t.Context(), db)
		must(t, err)
		if got != c.want {
			t.Errorf("%s: %s\nwant %s", c.name, got, c.want)
		}
	}
}

// Rows fit what the change asks of them: a table that cannot have any stays empty.
func TestRowsFitBothSides(t *testing.T) {
	required := schema.Column{Name: "nick", Type: schema.Text, NotNull: true}
	unique := users(schema.Column{Name: "nick", Type: schema.Text, NotNull: true, Default: schema.Literal("x")})
	unique.Tables[0].Uniques = []schema.Unique{{Columns: []string{"nick"}}}
	for _, c := range []struct {
		name     string
		from, to *schema.Schema
		want     int
	}{
		{"as they are", users(required), users(required), 3},
		{"a new column without a value", users(), users(required), 0},
		{"a new column that is unique", users(), unique, 1},
		{"a column that gets unique", users(required), unique, 3},
	} {
		if rows, _ := change(t, c.from, c.to, ""); rows.Len() != c.want {
			t.Errorf("%s: %d rows, want %d", c.name, rows.Len(), c.want)
		}
	}
}
