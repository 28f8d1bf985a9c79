package op_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leavendb/leaven/framework/dialect/postgres"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

var (
	enum     = schema.Enum{Schema: "app", Name: "mood", Values: []string{"glad", "sad"}}
	shout    = schema.Trigger{Schema: "app", Table: "t", Name: "shout", Event: schema.Expr("BEFORE UPDATE"), Action: schema.Expr("EXECUTE FUNCTION f()")}
	apart    = schema.Exclusion{Name: "x", Elements: []schema.ExclusionElement{{Part: schema.Part{Column: "a"}, Operator: "="}}}
	at       = op.Object{Kind: "column", Table: "t", Name: "a"}
	sequence = schema.Sequence{Schema: "app", Name: "s", Start: 3}
	view     = schema.View{Schema: "app", Name: "v", Query: schema.Expr("SELECT 1")}
)

// Each operation of the rest of the set, as in TestOperations.
func TestTheOtherOperations(t *testing.T) {
	to := column
	to.Type = schema.Text
	for _, c := range []struct {
		op           op.Op
		text, object string
		reverse      op.Op
	}{
		{op.RenameTable{Schema: "app", Name: "t", To: "u"}, "rename table app.t to u", "table app.t", op.RenameTable{Schema: "app", Name: "u", To: "t"}},
		{op.SetSchema{Schema: "app", Table: "t", To: "b"}, "move table app.t to schema b", "table app.t", op.SetSchema{Schema: "b", Table: "t", To: "app"}},
		{op.SetSchema{Table: "t", To: "b"}, "move table t to schema b", "table t", op.SetSchema{Schema: "b", Table: "t"}},
		{op.RenameColumn{Table: "t", Name: "a", To: "B c"}, `rename column t.a to "B c"`, "column t.a", op.RenameColumn{Table: "t", Name: "B c", To: "a"}},
		{op.RenameIndex{Table: "t", Name: "x", To: "y"}, "rename index x on t to y", "index t.x", op.RenameIndex{Table: "t", Name: "y", To: "x"}},
		{op.RenameConstraint{Table: "t", Name: "c", To: "d"}, "rename constraint c of t to d", "constraint t.c", op.RenameConstraint{Table: "t", Name: "d", To: "c"}},
		{op.AlterColumn{Table: "t", From: column, To: to, Using: schema.Expr("1"), UsingBack: schema.Expr("2")}, "alter column t.a", "column t.a", op.AlterColumn{Table: "t", From: to, To: column, Using: schema.Expr("2"), UsingBack: schema.Expr("1")}},
		{op.AddPrimaryKey{Table: "t", Name: "k", Columns: []string{"a"}}, "add primary key to t", "primary key t", op.DropPrimaryKey{Table: "t", Was: &schema.PrimaryKey{Name: "k", Columns: []string{"a"}}}},
		{op.AddExclusion{Table: "t", Exclusion: apart}, "add exclusion constraint x to t", "constraint t.x", op.DropConstraint{Table: "t", Name: "x", Was: apart}},
		{op.CreateSchema{Name: "app"}, "create schema app", "schema app", op.DropSchema{Name: "app"}},
		{op.CreateExtension{Name: "pg_trgm", Schema: "ext", Version: "1"}, "create extension pg_trgm", "extension pg_trgm", op.DropExtension{Name: "pg_trgm", Was: &schema.Extension{Name: "pg_trgm", Schema: "ext", Version: "1"}}},
		{op.CreateEnum(enum), "create enum app.mood", "enum app.mood", op.DropEnum{Schema: "app", Name: "mood", Was: &enum}},
		{op.AddEnumValue{Name: "mood", Value: "b", Before: "a"}, `add value "b" to enum mood`, "enum mood", op.DropEnumValue{Name: "mood", Value: "b", Before: "a"}},
		{op.RenameEnumValue{Name: "mood", Value: "a", To: "b"}, `rename value "a" of enum mood to "b"`, "enum mood", op.RenameEnumValue{Name: "mood", Value: "b", To: "a"}},
		{op.CreateSequence{Sequence: sequence}, "create sequence app.s", "sequence app.s", op.DropSequence{Schema: "app", Name: "s", Was: &sequence}},
		{op.SetComment{On: at, From: "x", To: "y"}, "comment on column t.a", "column t.a", op.SetComment{On: at, From: "y", To: "x"}},
		{op.CreateView{Schema: "app", Name: "v", Query: view.Query}, "create view app.v", "view app.v", op.DropView{Schema: "app", Name: "v", Was: &view}},
		{op.CreateTrigger{Trigger: shout}, "create trigger shout on app.t", "trigger app.t.shout", op.DropTrigger{Schema: "app", Table: "t", Name: "shout", Was: &shout}},
	} {
		if got := c.op.String(); got != c.text {
			t.Errorf("text %q, want %q", got, c.text)
		}
		if got := c.op.Object().String(); got != c.object {
			t.Errorf("%v: object %q, want %q", c.op, got, c.object)
		}
		if err := op.Validate(c.op); err != nil {
			t.Error(err)
		}
		there, err := c.op.Reversed()
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(c.reverse, there, sameSchema); d != "" {
			t.Errorf("reverse of %v (-want +got):\n%s", c.op, d)
		}
		back, err := there.Reversed()
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(c.op, back, sameSchema); d != "" {
			t.Errorf("reverse of the reverse of %v (-want +got):\n%s", c.op, d)
		}
	}
	back, err := op.Reverse(op.ValidateConstraint{Table: "t", Name: "c"}, op.AddCheck{Table: "t", Check: images.Checks[0]})
	if err != nil || len(back) != 1 {
		t.Errorf("validating is undone by %v, %v", back, err)
	}
}

func TestWhatElseHasNoReverse(t *testing.T) {
	for _, o := range []op.Op{
		op.AlterColumn{Table: "t", From: schema.Column{Name: "a"}, To: schema.Column{Name: "a", Type: schema.Text}},
		op.DropPrimaryKey{Table: "t"}, op.DropExtension{Name: "x"}, op.DropEnum{Name: "x"}, op.DropSequence{Name: "x"}, op.DropView{Name: "x"}, op.DropTrigger{Table: "t", Name: "x"},
	} {
		_, err := o.Reversed()
		if !errors.Is(err, op.ErrNoReverse) || !strings.HasPrefix(err.Error(), o.String()+" has no reverse: ") || !strings.Contains(err.Error(), "does not say") {
			t.Errorf("%v: %v", o, err)
		}
	}
}

// The fold refuses what a database would.
func TestTheFoldRefuses(t *testing.T) {
	for _, c := range []struct {
		op   op.Op
		want string
	}{
		{op.RenameTable{Name: "z", To: "y"}, "there is no table z"},
		{op.RenameTable{Schema: "app", Name: "t", To: "v"}, "there is such a view already: app.v"},
		{op.SetSchema{Schema: "app", Table: "t", To: "b"}, "there is such a table already: b.t"},
		{op.RenameColumn{Schema: "app", Table: "t", Name: "z", To: "y"}, "there is no such column"},
		{op.RenameColumn{Schema: "app", Table: "t", Name: "a", To: "a"}, "there is a column of this name already"},
		{op.RenameIndex{Schema: "app", Table: "t", Name: "z", To: "y"}, "there is no such index"},
		{op.RenameIndex{Schema: "app", Table: "t", Name: "i", To: "s"}, "there is such a sequence already: app.s"},
		{op.RenameConstraint{Schema: "app", Table: "t", Name: "z", To: "y"}, "there is no such constraint"},
		{op.RenameConstraint{Schema: "app", Table: "t", Name: "u", To: "c"}, "there is a constraint of this name already"},
		{op.AlterColumn{Schema: "app", Table: "t", To: schema.Column{Name: "z"}}, "there is no such column"},
		{op.AddPrimaryKey{Schema: "app", Table: "t", Columns: []string{"a"}}, "there is a primary key already"},
		{op.AddPrimaryKey{Schema: "b", Table: "t", Columns: []string{"a"}}, "table b.t has no column a"},
		{op.DropPrimaryKey{Schema: "b", Table: "t"}, "there is no primary key"},
		{op.AddExclusion{Schema: "b", Table: "t", Exclusion: apart}, "table b.t has no column a"},
		{op.ValidateConstraint{Schema: "app", Table: "t", Name: "z"}, "there is no such constraint"},
		{op.CreateSchema{Name: "app"}, "there is such a schema already"},
		{op.DropSchema{Name: "app"}, "it holds table app.t"},
		{op.CreateExtension{Name: "pg_trgm"}, "it is installed already"},
		{op.DropExtension{Name: "z"}, "it is not installed"},
		{op.CreateEnum(enum), "there is such an enum already"},
		{op.DropEnum{Schema: "app", Name: "mood"}, "column b.t.mood uses it"},
		{op.DropEnum{Name: "z"}, "there is no such enum"},
		{op.AddEnumValue{Name: "z", Value: "a"}, "there is no enum z"},
		{op.AddEnumValue{Schema: "app", Name: "mood", Value: "a", After: "z"}, `there is no value "z"`},
		{op.RenameEnumValue{Schema: "app", Name: "mood", Value: "z", To: "y"}, "there is no such value"},
		{op.RenameEnumValue{Schema: "app", Name: "mood", Value: "sad", To: "glad"}, "there is such a value already"},
		{op.DropEnumValue{Schema: "app", Name: "mood", Value: "z"}, "there is no such value"},
		{op.DropEnumValue{Schema: "app", Name: "mood", Value: "sad", Instead: "z"}, `there is no value "z" for the rows that hold it`},
		{op.CreateSequence{Sequence: schema.Sequence{Schema: "app", Name: "t"}}, "there is such a table already: app.t"},
		{op.CreateTable{Schema: "app", Name: "v"}, "there is such a view already"},
		{op.DropSequence{Name: "z"}, "there is no such sequence"},
		{op.CreateView{Schema: "app", Name: "i"}, "there is such a index already"},
		{op.DropView{Name: "z"}, "there is no such view"},
		{op.CreateTrigger{Trigger: shout}, "there is such a trigger already"},
		{op.CreateTrigger{Trigger: schema.Trigger{Table: "z"}}, "there is no table z"},
		{op.DropTrigger{Table: "z", Name: "z"}, "there is no such trigger"},
		{op.SetComment{On: op.Object{Kind: "column", Schema: "app", Table: "t", Name: "z"}}, "there is no such column"},
		{op.SetComment{On: op.Object{Kind: "index", Schema: "app", Table: "t", Name: "z"}}, "there is no such index"},
		{op.SetComment{On: op.Object{Kind: "constraint", Schema: "app", Table: "t", Name: "z"}}, "there is no such constraint"},
	} {
		s := full()
		if err := c.op.Apply(s); err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), c.op.String()) {
			t.Errorf("%v: got %v, want %s", c.op, err, c.want)
		}
		if d := cmp.Diff(full(), s, sameSchema); d != "" {
			t.Errorf("%v was refused, but changed (-want +got):\n%s", c.op, d)
		}
	}
}

// full is a schema with one of each.
func full() *schema.Schema {
	t := images.Clone()
	t.Indexes = []schema.Index{{Name: "i", Parts: schema.Columns("a")}}
	other := &schema.Table{Schema: "b", Name: "t", Columns: []schema.Column{{Name: "mood", Type: schema.EnumType("app", "mood")}}}
	return &schema.Schema{Tables: []*schema.Table{t, other}, Schemas: []string{"app"}, Extensions: []schema.Extension{{Name: "pg_trgm"}},
		Enums: []*schema.Enum{enum.Clone()}, Sequences: []*schema.Sequence{sequence.Clone()}, Views: []*schema.View{view.Clone()}, Triggers: []schema.Trigger{shout}}
}

func TestValidateTheOtherOperations(t *testing.T) {
	a := func(c schema.Column) schema.Column { c.Name = "a"; return c }
	change := func(c schema.Column) op.Op { return op.AlterColumn{Table: "t", From: a(schema.Column{}), To: a(c)} }
	for _, c := range []struct {
		op   op.Op
		want string
	}{
		{op.RenameTable{Name: "t"}, "To is missing"},
		{op.RenameColumn{Table: "t", Name: "a", To: "a"}, "it is called so already"},
		{op.SetSchema{Table: "t"}, "it is in that schema already"},
		{change(schema.Column{}), "From and To say the same; nothing changes"},
		{op.AlterColumn{Table: "t", From: schema.Column{Name: "b"}, To: a(schema.Column{NotNull: true})}, "From and To name different columns, b and a; op.RenameColumn renames"},
		{op.AlterColumn{Table: "t", From: column, To: a(schema.Column{})}, "From says the type and To does not"},
		{op.AlterColumn{Table: "t", From: column, To: a(schema.Column{Type: schema.BigInt}), Using: schema.Expr("1")}, "but the type does not change"},
		{change(schema.Column{Identity: "SOMETIMES"}), `Identity is "SOMETIMES", which is none of those`},
		{change(schema.Column{Virtual: true}), "column a is virtual, but Generated has no expression"},
		{change(schema.Column{Generated: schema.Expr("1"), Default: schema.Literal(1)}), "is generated, and counts up or has a default too"},
		{change(schema.Column{Identity: schema.IdentityAlways, Default: schema.Literal(1)}), "counts up by itself and has a default too"},
		{change(schema.Column{Comment: "a\x00"}), "the comment has a NUL character"},
		{change(schema.Column{Type: schema.EnumType("", "")}), "an enum without a name"},
		{op.AddPrimaryKey{Table: "t"}, "the primary key has no columns"},
		{op.CreateTable{Name: "t", Columns: images.Columns, PrimaryKeyName: "k"}, "PrimaryKeyName names a key, but PrimaryKey has no columns"},
		{op.AddExclusion{Table: "t", Exclusion: schema.Exclusion{Name: "x"}}, "the exclusion constraint x has no elements"},
		{op.AddExclusion{Table: "t", Exclusion: schema.Exclusion{Name: "x", Elements: []schema.ExclusionElement{{Part: schema.Part{Column: "a"}, Operator: "= 1); --"}}}}, "which is not an operator"},
		{op.CreateIndex{Table: "t", Index: schema.Index{Name: "x", Parts: []schema.Part{{Column: "a", Nulls: "MIDDLE"}}}}, `Nulls is "MIDDLE"`},
		{op.CreateIndex{Table: "t", Index: schema.Index{Name: "x", Parts: schema.Columns("a"), NullsNotDistinct: true}}, "NullsNotDistinct is for a unique index"},
		{op.CreateIndex{Table: "t", Index: schema.Index{Name: "x", Parts: schema.Columns("a"), With: []schema.Parameter{{Name: "b"}, {Name: "a"}}}}, "not in order of their names"},
		{op.CreateIndex{Table: "t", Index: schema.Index{Name: "x", Method: "gin", Definition: schema.Expr("USING gin (a)")}}, "a Definition beside Parts"},
		{op.CreateSchema{}, "Schema is missing"},
		{op.CreateExtension{}, "the extension's name is missing"},
		{op.CreateEnum{Name: "e"}, "the enum has no values"},
		{op.CreateEnum{Name: "e", Values: []string{"a", "a"}}, `there are two values "a"`},
		{op.AddEnumValue{Name: "e"}, "a value is missing"},
		{op.AddEnumValue{Name: "e", Value: "a", Before: "b", After: "c"}, "say one of them"},
		{op.RenameEnumValue{Name: "e", Value: "a"}, "a value is missing"},
		{op.DropEnumValue{Name: "e", Value: "a", Instead: "a"}, "Instead is the value that is dropped"},
		{op.CreateSequence{}, "the sequence's name is missing"},
		{op.CreateSequence{Sequence: schema.Sequence{Name: "s", Type: schema.Text}}, "a sequence is of the type SmallInt, Integer or BigInt, not text"},
		{op.SetComment{On: op.Object{Kind: "view", Name: "v"}}, "comments are set on a table, column, index or constraint"},
		{op.CreateView{Name: "v"}, "the view has no expression"},
		{op.CreateTrigger{Trigger: schema.Trigger{Table: "t", Name: "g", Event: schema.Expr("x")}}, "the trigger's Action has no expression"},
		{op.CreateTrigger{Trigger: schema.Trigger{Name: "g"}}, "the table's name is missing"},
	} {
		if err := op.Validate(c.op); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: got %v, want %s", c.op, err, c.want)
		}
	}
}

// A value that a transaction adds is not used in it, where that can be seen.
func TestANewEnumValueIsNotUsedInItsTransaction(t *testing.T) {
	db := unconnected(t)
	add := op.AddEnumValue{Name: "mood", Value: "it's"}
	typ := schema.EnumType("", "mood")
	uses := []op.Op{
		op.CreateTable{Name: "t", Columns: []schema.Column{{Name: "a", Type: typ, Default: schema.Literal("it's")}}},
		op.CreateTable{Name: "t", Columns: []schema.Column{column}, Checks: []schema.Check{{Expr: schema.Expr("x <> 'it''s'")}}},
		op.AddColumn{Table: "t", Column: schema.Column{Name: "a", Type: schema.Raw("mood"), Default: schema.Literal("it's")}},
		op.AlterColumn{Table: "t", From: schema.Column{Name: "a"}, To: schema.Column{Name: "a", Default: schema.Expr("'it''s'::mood")}},
		op.AddCheck{Table: "t", Check: schema.Check{Name: "c", Expr: schema.Expr("x <> 'it''s'")}},
		op.CreateIndex{Table: "t", Index: schema.Index{Name: "i", Parts: schema.Columns("a"), Where: schema.Expr("x = 'it''s'")}},
		op.SQL{Postgres: "UPDATE t SET a = 'it''s'"},
	}
	for _, o := range uses {
		ctx, _ := watched(t, &op.Env{InTx: true})
		err := op.Run(ctx, db, add, o)
		if err == nil || !strings.Contains(err.Error(), `it uses the value "it's" of enum mood, which the same transaction adds`) || !strings.HasPrefix(err.Error(), o.String()) {
			t.Errorf("%v: %v", o, err)
		}
	}
	pool, _ := pgtest.New(t)
	create := op.CreateEnum{Name: "mood", Values: []string{"glad"}}
	if err := op.Run(t.Context(), pool, create, add, uses[0]); err != nil {
		t.Errorf("outside a transaction: %v", err)
	}
	other := op.AddColumn{Table: "t", Column: schema.Column{Name: "b", Type: schema.Text, Default: schema.Literal("b")}}
	err := pool.RunInTx(t.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
		return op.Run(ctx, tx, op.AddEnumValue{Name: "mood", Value: "b"}, other)
	})
	if err != nil {
		t.Errorf("the same text in a column of another type: %v", err)
	}
}

// What one Run adds is remembered for the next in its transaction: values of an
// enum that was there before.
func TestUncommittedEnumValuesOfTheTransaction(t *testing.T) {
	pool, _ := pgtest.New(t)
	create := func(name string) op.CreateEnum { return op.CreateEnum{Name: name, Values: []string{"a"}} }
	if err := op.Run(t.Context(), pool, create("mood"), op.CreateTable{Name: "t", Columns: []schema.Column{{Name: "a", Type: schema.EnumType("", "mood")}}}); err != nil {
		t.Fatal(err)
	}
	tx, err := pool.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	added := &op.Uncommitted{}
	run := func(id string, o ...op.Op) error {
		return op.Run(op.WithEnv(t.Context(), &op.Env{InTx: true, Uncommitted: added, Migration: id}), tx, o...)
	}
	add := op.AddEnumValue{Name: "mood", Value: "b"}
	use := op.AlterColumn{Table: "t", From: schema.Column{Name: "a", Type: schema.EnumType("", "mood")},
		To: schema.Column{Name: "a", Type: schema.EnumType("", "mood"), Default: schema.Literal("b")}}
	if err := run("1", create("own"), op.AddEnumValue{Name: "own", Value: "c"}, add); err != nil {
		t.Fatal(err)
	}
	for id, by := range map[string]string{"1": "", "2": "1"} {
		var refused *op.UncommittedError
		if err := run(id, use); !errors.As(err, &refused) || refused.By != by || refused.Value != add {
			t.Errorf("%s: %v", id, err)
		}
	}
	// The value of an enum of the transaction's own can be used from PostgreSQL 17 on.
	var version int
	if err := pool.QueryRowContext(t.Context(), "SHOW server_version_num").Scan(&version); err != nil {
		t.Fatal(err)
	}
	var refused *op.UncommittedError
	err = run("2", op.CreateTable{Name: "u", Columns: []schema.Column{{Name: "a", Type: schema.EnumType("", "own"), Default: schema.Literal("c")}}})
	if errors.As(err, &refused) != (version < 170000) || (err != nil) != (version < 170000) {
		t.Errorf("%d: %v", version, err)
	}
}

// A schema and an extension that were there are kept by the down.
func TestSchemasAndExtensionsAreFoundAndKept(t *testing.T) {
	db, _ := pgtest.New(t)
	exec(t, db, "CREATE SCHEMA app; CREATE EXTENSION pg_trgm")
	ops := []op.Op{op.CreateSchema{Name: "app", IfNotExists: true}, op.CreateExtension{Name: "pg_trgm", IfNotExists: true}, op.CreateSchema{Name: "new", IfNotExists: true}}
	ctx, events := watched(t, &op.Env{Found: map[string]bool{"schema app": true, "extension pg_trgm": true}})
	if err := op.Run(ctx, db, ops...); err != nil {
		t.Fatal(err)
	}
	back, err := op.Reverse(ops...)
	if err != nil {
		t.Fatal(err)
	}
	if err := op.Run(ctx, db, back...); err != nil {
		t.Fatal(err)
	}
	var got []op.Outcome
	for _, e := range *events {
		got = append(got, e.Outcome)
	}
	if d := cmp.Diff([]op.Outcome{op.Found, op.Found, op.Ran, op.Ran, op.Kept, op.Kept}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// What compares an enum as text goes on comparing it with the old text.
func TestARenamedEnumValueStaysInTexts(t *testing.T) {
	db, _ := pgtest.New(t)
	fold := &schema.Schema{}
	for _, o := range []op.Op{
		op.CreateEnum{Name: "mood", Values: []string{"glad", "it's"}},
		op.CreateTable{Name: "t", Columns: []schema.Column{{Name: "c", Type: schema.EnumType("", "mood")}}, Checks: []schema.Check{
			{Name: "as_text", Expr: schema.Expr(`"c"::text <> 'it''s'`)}, {Name: "as_text_too", Expr: schema.Expr(`(c) :: text <> 'it''s'`)},
			{Name: "cast", Expr: schema.Expr(`CAST(c AS text) <> 'it''s'`)}, {Name: "cast_too", Expr: schema.Expr("'it''s' <> cast ( (\"c\") \n as text)")},
			{Name: "as_mood", Expr: schema.Expr(`c <> 'it''s'`)}, {Name: "as_mood_too", Expr: schema.Expr(`c <> 'it''s'::mood`)},
		}},
		op.RenameEnumValue{Name: "mood", Value: "it's", To: "well"},
	} {
		if err := op.Run(t.Context(), db, o); err != nil {
			t.Fatal(err)
		}
		if err := o.Apply(fold); err != nil {
			t.Fatal(err)
		}
	}
	found, err := postgres.Dialect{}.Inspect(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	want, err := postgres.Dialect{}.Normalize(t.Context(), db, fold.Table("", "t"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range schema.Differences(found.Table("", "t"), want) {
		t.Error(line)
	}
}
