package op_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

var (
	column = schema.Column{Name: "a", Type: schema.BigInt, NotNull: true}
	images = schema.Table{
		Schema: "app", Name: "t", Columns: []schema.Column{column}, PrimaryKey: []string{"a"},
		Uniques:     []schema.Unique{{Name: "u", Columns: []string{"a"}}},
		Checks:      []schema.Check{{Name: "c", Expr: schema.Expr("a > 0")}},
		ForeignKeys: []schema.ForeignKey{key},
	}
	key   = schema.ForeignKey{Name: "f", Columns: []string{"a"}, RefTable: "r", RefColumns: []string{"id"}, OnDelete: schema.Cascade}
	index = schema.Index{Name: "x", Parts: schema.Columns("a"), Unique: true}
)

// Each operation, its text, its object, and its reverse; both reverse to each
// other.
func TestOperations(t *testing.T) {
	create := op.CreateTable{Schema: "app", Name: "t", Columns: images.Columns, PrimaryKey: images.PrimaryKey, Uniques: images.Uniques, Checks: images.Checks, ForeignKeys: images.ForeignKeys}
	for _, c := range []struct {
		op      op.Op
		text    string
		object  string
		reverse op.Op
	}{
		{create, "create table app.t", "table app.t", op.DropTable{Schema: "app", Name: "t", Was: &images}},
		{op.AddColumn{Schema: "app", Table: "t", Column: column}, "add column app.t.a", "column app.t.a", op.DropColumn{Schema: "app", Table: "t", Name: "a", Was: &column}},
		{op.CreateIndex{Table: "t", Index: index, Concurrently: true}, "create index x on t", "index t.x", op.DropIndex{Table: "t", Name: "x", Was: &index, Concurrently: true}},
		{op.AddForeignKey{Table: "t", ForeignKey: key}, "add foreign key f to t", "constraint t.f", op.DropConstraint{Table: "t", Name: "f", Was: key}},
		{op.AddUnique{Table: `we"ird`, Unique: images.Uniques[0]}, `add unique constraint u to "we\"ird"`, `constraint "we\"ird".u`, op.DropConstraint{Table: `we"ird`, Name: "u", Was: images.Uniques[0]}},
		{op.AddCheck{Table: "t", Check: images.Checks[0]}, "add check c to t", "constraint t.c", op.DropConstraint{Table: "t", Name: "c", Was: images.Checks[0]}},
		{op.SQL{All: "UPDATE t\n SET a = 1", Reverse: op.SQL{All: "SELECT 1"}}, "run SQL UPDATE t SET a = 1", " ", nil},
	} {
		if got := c.op.String(); got != c.text {
			t.Errorf("text %q, want %q", got, c.text)
		}
		if got := c.op.Object().String(); got != c.object {
			t.Errorf("%v: object %q, want %q", c.op, got, c.object)
		}
		there, err := c.op.Reversed()
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(c.reverse, there, sameSchema); c.reverse != nil && d != "" {
			t.Errorf("reverse of %v (-want +got):\n%s", c.op, d)
		}
		if there.Object().Name != c.op.Object().Name {
			t.Errorf("%v is about %v, %v about %v", c.op, c.op.Object(), there, there.Object())
		}
		back, err := there.Reversed()
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(c.op, back, sameSchema); d != "" {
			t.Errorf("reverse of the reverse of %v (-want +got):\n%s", c.op, d)
		}
	}
}

func TestWhatHasNoReverseSaysWhatIsMissing(t *testing.T) {
	for _, c := range []struct {
		op   op.Op
		want string
	}{
		{op.DropTable{Name: "t"}, "drop table t has no reverse: Was does not say what the table was"},
		{op.DropColumn{Table: "t", Name: "a"}, "drop column t.a has no reverse: Was"},
		{op.DropIndex{Table: "t", Name: "x"}, "drop index x on t has no reverse: Was"},
		{op.DropConstraint{Table: "t", Name: "c"}, "drop constraint c from t has no reverse: Was"},
		{op.AddCheck{Table: "t"}, "has no reverse: the constraint has no name"},
		{op.AddUnique{Table: "t"}, "has no reverse: the constraint has no name"},
		{op.AddForeignKey{Table: "t"}, "has no reverse: the constraint has no name"},
		{op.SQL{Postgres: "VACUUM"}, "run SQL VACUUM has no reverse: Reverse is not set"},
		{op.SQL{Other: map[string]string{"mysql": "x"}}, "run SQL has no reverse"},
	} {
		_, err := op.Reverse(c.op)
		if !errors.Is(err, op.ErrNoReverse) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	if _, err := op.Reverse(nil); err == nil {
		t.Error("nil has a reverse")
	}
}

// Dropping a table drops its indexes; undoing it makes them again.
func TestADroppedTableComesBackWithItsIndexes(t *testing.T) {
	was := images.Clone()
	was.Indexes = []schema.Index{index}
	drop := op.DropTable{Schema: "app", Name: "t", Was: was}
	back, err := drop.Reversed()
	if err != nil {
		t.Fatal(err)
	}
	if got := back.String(); got != "create table app.t and its indexes" {
		t.Errorf("text %q", got)
	}
	var s schema.Schema
	if err := back.Apply(&s); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(was, s.Tables[0], sameSchema); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	again, err := back.Reversed()
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Apply(&s); err != nil || len(s.Tables) != 0 {
		t.Errorf("%d tables left, %v", len(s.Tables), err)
	}
	if err := back.Apply(&schema.Schema{Tables: []*schema.Table{was}}); err == nil {
		t.Error("the table was made twice")
	}
}

func TestApplyFailsWhereADatabaseWould(t *testing.T) {
	other := op.CreateTable{Schema: "app", Name: "other", Columns: []schema.Column{column}}
	for _, c := range []struct {
		op   op.Op
		want string
	}{
		{op.CreateTable{Schema: "app", Name: "t"}, "create table app.t: there is such a table already"},
		{op.CreateTable{Name: "n", ForeignKeys: []schema.ForeignKey{{RefSchema: "app", RefTable: "t", RefColumns: []string{"z"}}}}, "table app.t has no column z"},
		{op.CreateTable{Name: "n", ForeignKeys: []schema.ForeignKey{{RefTable: "n", RefColumns: []string{"z"}}}}, "table n has no column z"},
		{op.DropTable{Name: "t"}, "drop table t: there is no such table"},
		{op.AddColumn{Schema: "app", Table: "t", Column: column}, "there is such a column already"},
		{op.AddColumn{Table: "t", Column: column}, "there is no table t"},
		{op.DropColumn{Schema: "app", Table: "t", Name: "z"}, "there is no such column"},
		{op.DropColumn{Table: "z", Name: "z"}, "there is no table z"},
		{op.CreateIndex{Schema: "app", Table: "t", Index: index}, "table app.t has an index of this name"},
		{op.CreateIndex{Schema: "app", Table: "other", Index: index, IfNotExists: true}, "table app.t has an index of this name"},
		{op.CreateIndex{Schema: "app", Table: "t", Index: schema.Index{Name: "y", Parts: schema.Columns("z")}}, "there is no column z"},
		{op.CreateIndex{Table: "z", Index: index}, "there is no table z"},
		{op.DropIndex{Schema: "app", Table: "t", Name: "z"}, "there is no such index"},
		{op.DropIndex{Table: "z", Name: "z"}, "there is no table z"},
		{op.AddUnique{Schema: "app", Table: "t", Unique: schema.Unique{Name: "f"}}, "there is a constraint of this name already"},
		{op.AddUnique{Schema: "app", Table: "t", Unique: schema.Unique{Name: "v", Columns: []string{"z"}}}, "has no column z"},
		{op.AddCheck{Table: "z", Check: schema.Check{Name: "v"}}, "there is no table z"},
		{op.AddForeignKey{Schema: "app", Table: "t", ForeignKey: schema.ForeignKey{Name: "v", Columns: []string{"a"}, RefSchema: "app", RefTable: "other", RefColumns: []string{"z"}}}, "table app.other has no column z"},
		{op.AddForeignKey{Table: "z"}, "there is no table z"},
		{op.DropConstraint{Schema: "app", Table: "t", Name: "z"}, "there is no such constraint"},
		{op.DropConstraint{Table: "z", Name: "z"}, "there is no table z"},
	} {
		was := images.Clone()
		was.Indexes = []schema.Index{index}
		s := schema.Schema{Tables: []*schema.Table{was}}
		if err := other.Apply(&s); err != nil {
			t.Fatal(err)
		}
		before := s.Clone()
		if err := c.op.Apply(&s); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: got %v, want %s", c.op, err, c.want)
		}
		if d := cmp.Diff(before, &s, sameSchema); d != "" {
			t.Errorf("%v failed and changed the schema:\n%s", c.op, d)
		}
	}
}

func TestApplyIsLenientWhereItIsTold(t *testing.T) {
	was := images.Clone()
	was.Indexes = []schema.Index{index}
	s := schema.Schema{Tables: []*schema.Table{was}}
	before := s.Clone()
	for _, o := range []op.Op{
		op.CreateTable{Schema: "app", Name: "t", IfNotExists: true},
		op.AddColumn{Schema: "app", Table: "t", Column: column, IfNotExists: true},
		op.CreateIndex{Schema: "app", Table: "t", Index: index, IfNotExists: true},
		op.DropTable{Name: "t", IfExists: true},
		op.SQL{All: "DROP TABLE app.t"},
	} {
		if err := o.Apply(&s); err != nil {
			t.Error(err)
		}
	}
	if d := cmp.Diff(before, &s, sameSchema); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// A column takes with it what stands on it, and nothing else.
func TestDropColumnTakesWhatInvolvesIt(t *testing.T) {
	s := schema.Schema{Tables: []*schema.Table{{
		Name: "t", Columns: []schema.Column{{Name: "id"}, {Name: "Size"}, {Name: "b"}},
		PrimaryKey: []string{"id"},
		Uniques:    []schema.Unique{{Columns: []string{"b", "Size"}}, {Columns: []string{"b"}}},
		Checks: []schema.Check{
			{Expr: schema.Expr("size > 0")}, {Expr: schema.Expr(`"Size" > 0`)}, {Expr: schema.Expr("b").On("sqlite", "b + SIZE > 0")},
			{Expr: schema.Expr("b <> 'size'")}, {Expr: schema.Expr("sizes > 0")}, {Expr: schema.Expr(`"size" > 0`)}, {Expr: schema.Expr("b <> 'it''s size'")},
		},
		ForeignKeys: []schema.ForeignKey{{Columns: []string{"Size"}, RefTable: "r"}, {Columns: []string{"b"}, RefTable: "t", RefColumns: []string{"Size"}}, {Columns: []string{"b"}, RefTable: "r", RefColumns: []string{"Size"}}},
		Indexes: []schema.Index{
			{Name: "1", Parts: schema.Columns("Size")}, {Name: "2", Parts: schema.Columns("b"), Where: schema.Expr("size>0")},
			{Name: "3", Parts: []schema.Part{{Expr: schema.Expr("abs(size)")}}}, {Name: "4", Parts: schema.Columns("b")},
			{Name: "5", Definition: schema.Expr("USING gin (size)")},
		},
	}}}
	if err := (op.DropColumn{Table: "t", Name: "Size"}).Apply(&s); err != nil {
		t.Fatal(err)
	}
	want := &schema.Table{
		Name: "t", Columns: []schema.Column{{Name: "id"}, {Name: "b"}}, PrimaryKey: []string{"id"},
		Uniques:     []schema.Unique{{Columns: []string{"b"}}},
		Checks:      []schema.Check{{Expr: schema.Expr("b <> 'size'")}, {Expr: schema.Expr("sizes > 0")}, {Expr: schema.Expr(`"size" > 0`)}, {Expr: schema.Expr("b <> 'it''s size'")}},
		ForeignKeys: []schema.ForeignKey{{Columns: []string{"b"}, RefTable: "r", RefColumns: []string{"Size"}}},
		Indexes:     []schema.Index{{Name: "4", Parts: schema.Columns("b")}},
	}
	if d := cmp.Diff(want, s.Tables[0], sameSchema); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if err := (op.DropColumn{Table: "t", Name: "id"}).Apply(&s); err != nil || s.Tables[0].PrimaryKey != nil {
		t.Errorf("the key stayed: %v, %v", s.Tables[0].PrimaryKey, err)
	}
}

// A constraint that nobody named has the name that PostgreSQL gives it.
func TestDropConstraintKnowsGivenNames(t *testing.T) {
	s := schema.Schema{Tables: []*schema.Table{{
		Name: "t", Columns: []schema.Column{{Name: "a"}, {Name: "b"}}, PrimaryKey: []string{"a"},
		Uniques:     []schema.Unique{{Columns: []string{"a", "b"}}, {Name: "t_b_key", Columns: []string{"a"}}},
		Checks:      []schema.Check{{Expr: schema.Expr("a > 0")}, {Expr: schema.Expr("a > b")}},
		ForeignKeys: []schema.ForeignKey{{Columns: []string{"b"}}},
	}}}
	for _, name := range []string{"t_a_b_key", "t_b_key", "t_a_check", "t_check", "t_b_fkey", "t_pkey"} {
		o := op.DropConstraint{Table: "t", Name: name}
		if err := o.Apply(&s); err != nil {
			t.Error(err)
		}
		if err := o.Apply(&s); err == nil {
			t.Errorf("%v twice", o)
		}
	}
}

func TestValidate(t *testing.T) {
	with := func(c schema.Column) op.Op { return op.AddColumn{Table: "t", Column: c} }
	value := func(v any) op.Op {
		return with(schema.Column{Name: "a", Type: schema.Text, Default: schema.Literal(v)})
	}
	for _, c := range []struct {
		op   op.Op
		want string
	}{
		{nil, "an operation is nil"},
		{(*op.DropTable)(nil), "an operation is nil"},
		{op.CreateTable{Columns: images.Columns}, "the table's name is missing"},
		{op.CreateTable{Name: "t"}, "it has no columns"},
		{op.CreateTable{Name: "t", Columns: []schema.Column{column, column}}, "there are two columns a"},
		{op.CreateTable{Name: "t", Columns: []schema.Column{{Type: schema.Text}}}, "a column's name is missing"},
		{op.CreateTable{Name: "t", Columns: images.Columns, PrimaryKey: []string{"z"}}, "the primary key names column z, which the table does not have"},
		{op.CreateTable{Name: "t", Columns: images.Columns, PrimaryKey: []string{"a", "a"}}, "the primary key names column a twice"},
		{op.CreateTable{Name: "t", Columns: images.Columns, Uniques: []schema.Unique{{}}}, "the unique constraint has no columns"},
		{op.CreateTable{Name: "t", Columns: images.Columns, Checks: []schema.Check{{Name: "c"}}}, "the check c has no expression"},
		{op.CreateTable{Name: "t", Columns: images.Columns, ForeignKeys: []schema.ForeignKey{{Columns: []string{"z"}, RefTable: "r", RefColumns: []string{"a"}}}}, "names column z, which the table does not have"},
		{with(schema.Column{Name: "a"}), "column a has no type"},
		{with(schema.Column{Name: "a\x00", Type: schema.Text}), "contains a NUL character"},
		{with(schema.Column{Name: "a\xff", Type: schema.Text}), "is not valid UTF-8"},
		{with(schema.Column{Name: "a", Type: schema.Type{Kind: schema.KindArray}}), "an array of nothing"},
		{with(schema.Column{Name: "a", Type: schema.Numeric(2, 3)}), "the sizes of numeric(2,3) are out of range"},
		{with(schema.Column{Name: "a", Type: schema.Varchar(-1)}), "out of range"},
		{with(schema.Column{Name: "a", Type: schema.BigInt, AutoIncrement: true, Default: schema.Literal(1)}), "counts up by itself and has a default too"},
		{value(time.Second), "a Go time.Duration, which is not a literal of SQL; use schema.Expr"},
		{value("a\x00b"), "text with a NUL character"},
		{op.DropTable{}, "the table's name is missing"},
		{op.DropColumn{Table: "t"}, "the column's name is missing"},
		{op.CreateIndex{Table: "t", Index: schema.Index{Parts: schema.Columns("a")}}, "the index's name is missing"},
		{op.CreateIndex{Table: "t", Index: schema.Index{Name: "x"}}, "the index has no parts"},
		{op.CreateIndex{Table: "t", Index: schema.Index{Name: "x", Parts: []schema.Part{{}}}}, "a part of the index has no expression"},
		{op.CreateIndex{Table: "t", Index: schema.Index{Name: "x", Parts: []schema.Part{{Column: "a", Expr: schema.Expr("b")}}}}, "is both column a and an expression"},
		{op.CreateIndex{Table: "t", Index: schema.Index{Name: "x", Parts: schema.Columns("a"), Definition: schema.Expr("USING gin (a)")}}, "a Definition beside Parts"},
		{op.AddUnique{Table: "t", Unique: schema.Unique{Columns: []string{"a"}}}, "the constraint's name is missing"},
		{op.AddUnique{Table: "t", Unique: schema.Unique{Name: "u"}}, "the unique constraint has no columns"},
		{op.AddCheck{Table: "t", Check: schema.Check{Name: "c"}}, "the check has no expression"},
		{op.AddForeignKey{Table: "t", ForeignKey: schema.ForeignKey{Name: "f", Columns: []string{"a"}, RefColumns: []string{"a"}}}, "RefTable is missing"},
		{op.AddForeignKey{Table: "t", ForeignKey: schema.ForeignKey{Name: "f", Columns: []string{"a"}, RefTable: "r"}}, "1 columns cannot refer to 0"},
		{op.AddForeignKey{Table: "t", ForeignKey: schema.ForeignKey{Name: "f", Columns: []string{"a"}, RefTable: "r", RefColumns: []string{"a"}, OnDelete: "cascade"}}, `OnDelete is "cascade", which is none of the actions`},
		{op.DropConstraint{Table: "t"}, "the constraint's name is missing"},
	} {
		if err := op.Validate(c.op); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: got %v, want %s", c.op, err, c.want)
		}
	}
	for _, o := range []op.Op{&op.DropTable{Name: "t"}, op.SQL{}, value(nil), value("x"), value([]byte{0})} {
		if err := op.Validate(o); err != nil {
			t.Error(err)
		}
	}
}

func TestSQLHasATextForEachDialect(t *testing.T) {
	o := op.SQL{All: "all", Postgres: "pg", Other: map[string]string{"mysql": "my", "oracle": op.NoSQL}}
	for dialect, want := range map[string]string{"postgres": "pg", "sqlite": "all", "mysql": "my", "oracle": ""} {
		statements, err := o.Statements(dialect)
		got := ""
		if len(statements) > 0 {
			got = statements[0].SQL
		}
		if err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", dialect, got, err, want)
		}
	}
	if _, err := (op.SQL{SQLite: "VACUUM"}).Statements("postgres"); err == nil || !strings.Contains(err.Error(), "there is no SQL for postgres; give it one, or op.NoSQL") {
		t.Errorf("got %v", err)
	}
	long := op.SQL{SQLite: strings.Repeat("é", 60)}
	if got := long.String(); got != "run SQL "+strings.Repeat("é", 30)+"…" {
		t.Errorf("text %q", got)
	}
}

// Changing an operation's lists later does not change what was made of it.
func TestApplySharesNothing(t *testing.T) {
	columns := []schema.Column{{Name: "a", Type: schema.Text}}
	parts := schema.Columns("a")
	var s schema.Schema
	for _, o := range []op.Op{op.CreateTable{Name: "t", Columns: columns}, op.CreateIndex{Table: "t", Index: schema.Index{Name: "x", Parts: parts}}} {
		if err := o.Apply(&s); err != nil {
			t.Fatal(err)
		}
	}
	columns[0].Name, parts[0].Column = "z", "z"
	if s.Tables[0].Column("a") == nil || s.Tables[0].Indexes[0].Parts[0].Column != "a" {
		t.Errorf("the fold changed: %+v", s.Tables[0])
	}
}
