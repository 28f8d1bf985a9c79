package autogen_test

import (
	"context"
	"testing"

	"github.com/leavendb/leaven/framework/autogen"
	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/record"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// A rename quotes the column in what mentions it. Without a server that is no
// difference, and what means something else is one.
func TestOfflineQuotesAreNoDifference(t *testing.T) {
	table := func(column, check string) *schema.Table {
		return &schema.Table{Name: "users", PrimaryKey: []string{"id"}, Columns: []schema.Column{{Name: "id", Type: schema.BigInt, NotNull: true}, {Name: column, Type: schema.Text}},
			Checks:  []schema.Check{{Expr: schema.Expr(check)}},
			Indexes: []schema.Index{{Name: "users_lower", Parts: []schema.Part{{Expr: schema.Expr("lower(" + column + ")")}}, Where: schema.Expr(check)}}}
	}
	for _, d := range dialect.All() {
		for _, c := range []struct {
			to, check string
			same      bool
		}{
			{"handle", "handle <> ''", true}, {"handle", `"handle" <> ''`, true}, {"handle", "HANDLE <> ''", true},
			{"handle", "handle <> 'handle'", false}, {"handle", "handle <> \"id\"", false},
			{"user", `"user" <> ''`, true}, {"user", "user <> ''", false}, // who is connected
		} {
			known, err := migrate.NewOffline(migrate.Options{Registry: registry(
				makes(t, "20260101000000_all", &schema.Schema{Tables: []*schema.Table{table("nick", "nick <> ''")}}),
				migrate.Migration{ID: "20260102000000_renamed", Up: func(ctx context.Context, db bun.IDB) error {
					return op.Run(ctx, db, op.RenameColumn{Table: "users", Name: "nick", To: c.to}, op.RenameConstraint{Table: "users", Name: "users_nick_check", To: "users_" + c.to + "_check"})
				}})})
			check(t, err)
			fold, err := record.Fold(t.Context(), d, known.Known(), "", record.Options{})
			check(t, err)
			want := table(c.to, c.check)
			want.Indexes[0].Parts[0].Expr = schema.Expr(`lower("` + c.to + `")`)
			found, err := autogen.Compare(t.Context(), autogen.Request{Dialect: d, Models: []any{&schema.Schema{Tables: []*schema.Table{want}}}, Fold: fold})
			check(t, err)
			if found.Empty() != c.same {
				t.Errorf("%s, %s: the same: %t\n%s", d.Name(), c.check, found.Empty(), show(found))
			}
		}
	}
}
