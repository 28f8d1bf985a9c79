package postgres_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leavendb/leaven/framework/dialect/postgres"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

var hostile = []string{`we"ird`, "select", "user", "UPPER case", "a.b", "né", "?", `\`, "'", "--", `""`, strings.Repeat("x", 63), "日本", "$1", "/*", "$leaven$", `mix'"\ed`}

// A name is kept as it is written, through every operation, and what was made
// is there under it.
func TestHostileNames(t *testing.T) {
	db, _ := pgtest.New(t)
	for _, name := range hostile {
		exec(t, db, "CREATE SCHEMA "+postgres.Dialect{}.Quote(name))
		create := basics(name)
		if err := op.Run(t.Context(), db, create...); err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		found, err := postgres.Dialect{}.Live(db).Table(t.Context(), name, name)
		if err != nil || found == nil || found.Column(name) == nil || found.Index("i"+name[:min(len(name), 60)]) == nil || found.ForeignKeys[0].Name != name {
			t.Errorf("%q: found %+v, %v", name, found, err)
		}
		back, err := op.Reverse(create...)
		must(t, err)
		if err := op.Run(t.Context(), db, back...); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// basics are a table of that name, in a schema of that name, and what is in it.
func basics(name string) []op.Op {
	table := op.CreateTable{Schema: name, Name: name, Columns: []schema.Column{{Name: name, Type: schema.BigInt, NotNull: true}}, PrimaryKey: []string{name}}
	return []op.Op{table,
		op.AddColumn{Schema: name, Table: name, Column: schema.Column{Name: "other", Type: schema.BigInt}},
		op.AddForeignKey{Schema: name, Table: name, ForeignKey: schema.ForeignKey{Name: name, Columns: []string{"other"}, RefSchema: name, RefTable: name, RefColumns: []string{name}}},
		op.CreateIndex{Schema: name, Table: name, Index: schema.Index{Name: "i" + name[:min(len(name), 60)], Parts: schema.Columns("other", name)}},
	}
}

func TestHostileNamesOfEverythingElse(t *testing.T) {
	db, _ := pgtest.New(t)
	exec(t, db, "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'")
	for i, name := range hostile {
		t.Run(name, func(t *testing.T) {
			d := postgres.Dialect{}
			exec(t, db, "CREATE SCHEMA "+d.Quote(name)+"; CREATE SCHEMA "+d.Quote(fmt.Sprint(i)))
			ops := strange(name, fmt.Sprint(i))
			var states []*schema.Schema
			state := func() *schema.Schema {
				s, err := d.Inspect(t.Context(), db, name, fmt.Sprint(i))
				must(t, err)
				return s
			}
			for _, o := range ops {
				states = append(states, state())
				must(t, op.Run(t.Context(), db, o))
			}
			if text(t, db, "SELECT count(*) FROM "+d.Quote(name)+"."+d.Quote(with(name, " v"))) != "0" {
				t.Error("the view shows rows that nobody wrote")
			}
			for j, v := range slices.Backward(ops) {
				back, err := op.Reverse(v)
				must(t, err)
				must(t, op.Run(t.Context(), db, back...))
				if diff := cmp.Diff(states[j], state(), asSets); diff != "" && len(back) > 0 {
					t.Fatalf("%s, and back (-want +got):\n%s", v, diff)
				}
			}
		})
	}
}

// strange are operations that use a name wherever one can be used, in the schema
// of that name.
func strange(name, other string) []op.Op {
	in := func(suffix string) string { return with(name, suffix) }
	q := postgres.Dialect{}.Quote
	id := schema.Column{Name: name, Type: schema.BigInt, NotNull: true}
	counted := id
	counted.AutoIncrement = true
	identity := counted
	identity.Identity = schema.IdentityAlways
	noted := identity
	noted.Comment = name
	at := op.Object{Kind: "column", Schema: name, Table: name, Name: name}
	enum := schema.EnumType(name, in(" e"))
	seq, view := in(" s"), in(" v")
	return []op.Op{
		op.CreateTable{Schema: name, Name: name, Comment: name, Columns: []schema.Column{id, {Name: "a", Type: schema.Integer}, {Name: "t", Type: schema.Text}}, PrimaryKey: []string{name}, PrimaryKeyName: in("pk")},
		op.CreateEnum{Schema: enum.Schema, Name: enum.Name, Values: []string{name, "x"}},
		op.AddColumn{Schema: name, Table: name, Column: schema.Column{Name: "e", Type: enum, Default: schema.Literal(name)}},
		op.AddEnumValue{Schema: enum.Schema, Name: enum.Name, Value: in("_1"), Before: name},
		op.RenameEnumValue{Schema: enum.Schema, Name: enum.Name, Value: "x", To: in("_2")},
		op.DropEnumValue{Schema: enum.Schema, Name: enum.Name, Value: in("_2"), Instead: in("_1"), After: name},
		op.AlterColumn{Schema: name, Table: name, From: id, To: counted},
		op.AlterColumn{Schema: name, Table: name, From: counted, To: identity},
		op.AlterColumn{Schema: name, Table: name, From: identity, To: noted},
		op.SetComment{On: at, From: name, To: name + name},
		op.AddUnique{Schema: name, Table: name, Unique: schema.Unique{Name: in("_u"), Columns: []string{name, "a"}, Comment: name, Deferrable: true}},
		op.AddExclusion{Schema: name, Table: name, Exclusion: schema.Exclusion{Name: in("_x"), Elements: []schema.ExclusionElement{{Part: schema.Part{Column: "a"}, Operator: "="}}, Comment: name}},
		op.AddCheck{Schema: name, Table: name, Check: schema.Check{Name: in("_c"), Expr: schema.Expr(q(name) + " > 0"), NotValid: true, Comment: name}},
		op.ValidateConstraint{Schema: name, Table: name, Name: in("_c")},
		op.CreateIndex{Schema: name, Table: name, Index: schema.Index{Name: in("_i"), Parts: []schema.Part{{Column: "t", Collation: "C", Opclass: "text_pattern_ops"}}, Include: []string{name}, Comment: name}},
		op.RenameColumn{Schema: name, Table: name, Name: "a", To: in("_a")},
		op.CreateView{Schema: name, Name: view, Query: schema.Expr("SELECT 1 AS " + q(name) + " FROM " + q(name) + "." + q(name))},
		op.CreateTrigger{Trigger: schema.Trigger{Schema: name, Table: name, Name: name, Event: schema.Expr("BEFORE UPDATE OF " + q(name)), Action: schema.Expr("FOR EACH ROW EXECUTE FUNCTION touch()")}},
		op.CreateSequence{Sequence: schema.Sequence{Schema: name, Name: seq}},
		op.RenameConstraint{Schema: name, Table: name, Name: in("_u"), To: in("_3")},
		op.RenameIndex{Schema: name, Table: name, Name: in("_i"), To: in("_4")},
		op.DropPrimaryKey{Schema: name, Table: name, Was: &schema.PrimaryKey{Name: in("pk"), Columns: []string{name}}},
		op.AddPrimaryKey{Schema: name, Table: name, Name: in("_5"), Columns: []string{name}},
		op.CreateSchema{Name: in("_6")},
		op.RenameTable{Schema: name, Name: name, To: "plain"},
		op.SetSchema{Schema: name, Table: "plain", To: other},
	}
}

// with is another name made of a name, no longer than a name may be.
func with(name, suffix string) string {
	if len(name)+len(suffix) <= 63 {
		return name + suffix
	}
	return suffix + name[:63-len(suffix)]
}
