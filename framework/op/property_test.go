package op_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/leavendb/leaven/framework/dialect/postgres"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
	"pgregory.net/rapid"
)

// A failure prints how to repeat it; files of failures do not belong here.
func init() { _ = flag.Set("rapid.nofailfile", "true") }

var sameSchema = cmp.Options{
	cmp.Comparer(func(a, b schema.Type) bool { return a.Equal(b) }),
	cmp.Comparer(func(a, b schema.Expression) bool { return a.Equal(b) }),
	cmpopts.EquateEmpty(),
	// What is dropped and made again stands at the end.
	cmpopts.SortSlices(func(a, b schema.Column) bool { return a.Name < b.Name }),
	cmpopts.SortSlices(func(a, b *schema.Table) bool { return a.Name < b.Name }),
	cmpopts.SortSlices(func(a, b *schema.Enum) bool { return a.Name < b.Name }),
	cmpopts.SortSlices(func(a, b *schema.Sequence) bool { return a.Name < b.Name }),
	cmpopts.SortSlices(func(a, b schema.Index) bool { return a.Name < b.Name }),
	cmpopts.SortSlices(func(a, b schema.Unique) bool { return fmt.Sprint(a) < fmt.Sprint(b) }),
	cmpopts.SortSlices(func(a, b schema.Check) bool { return fmt.Sprint(a) < fmt.Sprint(b) }),
	cmpopts.SortSlices(func(a, b schema.ForeignKey) bool { return fmt.Sprint(a) < fmt.Sprint(b) }),
}

// Operations and then their reverses leave the schema as it was.
func TestReversesRestoreTheFold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s schema.Schema
		apply(t, &s, history{reversible: true}.draw(t, &s))
		before := s.Clone()
		ops := history{reversible: true}.draw(t, &s)
		apply(t, &s, ops)
		back, err := op.Reverse(ops...)
		if err != nil {
			t.Fatal(err)
		}
		apply(t, &s, back)
		if d := cmp.Diff(keysNamed(before), keysNamed(&s), sameSchema); d != "" {
			t.Fatalf("%v, and back (-want +got):\n%s", ops, d)
		}
	})
}

// keysNamed gives all keys the names that they have in PostgreSQL: the reverse of
// dropping one says the name, also where nobody had chosen it.
func keysNamed(s *schema.Schema) *schema.Schema {
	s = s.Clone()
	for _, t := range s.Tables {
		if len(t.PrimaryKey) > 0 {
			t.SetKey(schema.PrimaryKey{Name: t.KeyName(), Columns: t.PrimaryKey})
		}
	}
	return s
}

func apply(t *rapid.T, s *schema.Schema, ops []op.Op) {
	for _, o := range ops {
		if err := o.Apply(s); err != nil {
			t.Fatal(err)
		}
	}
}

// The fold of operations is what a server makes of them, and their reverses
// restore what the server had.
func TestTheServerAgreesWithTheFold(t *testing.T) {
	db, _ := pgtest.New(t)
	undo := errors.New("undo")
	rapid.Check(t, func(t *rapid.T) {
		err := db.RunInTx(context.Background(), nil, func(ctx context.Context, tx bun.Tx) error {
			var s schema.Schema
			run(t, ctx, tx, &s, history{}.draw(t, &s))
			agree(t, ctx, tx, &s)

			before := inspect(t, ctx, tx)
			ops := history{reversible: true}.draw(t, &s)
			run(t, ctx, tx, &s, ops)
			agree(t, ctx, tx, &s)

			back, err := op.Reverse(ops...)
			if err != nil {
				t.Fatal(err)
			}
			run(t, ctx, tx, &s, back)
			if d := cmp.Diff(before, inspect(t, ctx, tx), sameSchema); d != "" {
				t.Fatalf("%v, and back (-want +got):\n%s", ops, d)
			}
			return undo
		})
		if !errors.Is(err, undo) {
			t.Fatal(err)
		}
	})
}

func run(t *rapid.T, ctx context.Context, tx bun.Tx, s *schema.Schema, ops []op.Op) {
	if err := op.Run(ctx, tx, ops...); err != nil {
		t.Fatal(err)
	}
	apply(t, s, ops)
}

func inspect(t *rapid.T, ctx context.Context, tx bun.Tx) *schema.Schema {
	s, err := postgres.Dialect{}.Inspect(ctx, tx)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func agree(t *rapid.T, ctx context.Context, tx bun.Tx, fold *schema.Schema) {
	live := inspect(t, ctx, tx)
	if len(live.Tables) != len(fold.Tables) {
		t.Fatalf("%d tables in the database, %d in the fold", len(live.Tables), len(fold.Tables))
	}
	for _, table := range fold.Tables {
		want, err := postgres.Dialect{}.Normalize(ctx, tx, table)
		if err != nil {
			t.Fatal(err)
		}
		found := live.Table(table.Schema, table.Name)
		lines := schema.Differences(found, want)
		for _, x := range want.Indexes {
			lines = append(lines, schema.IndexDifferences(found, want, x.Name)...)
		}
		if len(found.Indexes) != len(want.Indexes) {
			lines = append(lines, fmt.Sprintf("%d indexes, want %d", len(found.Indexes), len(want.Indexes)))
		}
		if len(lines) > 0 {
			t.Fatalf("the server does not agree with the fold:\n%s", strings.Join(lines, "\n"))
		}
	}
	if d := cmp.Diff(fold.Enums, live.Enums, sameSchema); d != "" {
		t.Fatalf("the server does not agree with the fold (-fold +server):\n%s", d)
	}
	if len(fold.Sequences) != len(live.Sequences) {
		t.Fatalf("%d sequences, want %d", len(live.Sequences), len(fold.Sequences))
	}
}

// history draws operations that fit a schema, one upon the other. A reversible
// one drops no column that others depend on: its reverse could not tell them.
type history struct{ reversible bool }

func (h history) draw(t *rapid.T, s *schema.Schema) []op.Op {
	future := s.Clone()
	var ops []op.Op
	for range rapid.IntRange(1, 12).Draw(t, "operations") {
		o := h.next(t, future)
		if o == nil {
			continue
		}
		if err := o.Apply(future); err != nil {
			t.Fatal(err)
		}
		ops = append(ops, o)
	}
	return ops
}

func (h history) next(t *rapid.T, s *schema.Schema) op.Op {
	if len(s.Tables) == 0 {
		return createTable(t, s)
	}
	table := pick(t, s.Tables, "table")
	switch n := rapid.IntRange(0, 20).Draw(t, "operation"); n {
	case 0:
		return createTable(t, s)
	case 1:
		return dropTable(s, table)
	case 2, 3:
		return op.AddColumn{Table: table.Name, Column: drawColumn(t, newName(t, "c"))}
	case 4:
		return h.dropColumn(t, s, table)
	case 5:
		return createIndex(t, table)
	case 6:
		if len(table.Indexes) > 0 {
			x := pick(t, table.Indexes, "index")
			return op.DropIndex{Table: table.Name, Name: x.Name, Was: &x}
		}
	case 7:
		return addConstraint(t, s, table)
	case 8:
		return addForeignKey(t, s, table)
	case 9:
		return dropConstraint(t, s, table)
	default:
		return more(t, s, table, n)
	}
	return nil
}

var serial int

// newName is a name that was never used, sometimes one that needs its quotes.
func newName(t *rapid.T, prefix string) string {
	serial++
	return fmt.Sprintf("%s%d%s", prefix, serial, rapid.SampledFrom([]string{"", "", "", ` "x"`, "Ä.b"}).Draw(t, "name"))
}

var columnTypes = []schema.Type{
	schema.BigInt, schema.Integer, schema.Boolean, schema.Text, schema.Varchar(20), schema.Numeric(8, 2),
	schema.JSONB, schema.Timestamptz, schema.UUID, schema.Array(schema.Text), schema.Bytes, schema.Double,
}

func drawColumn(t *rapid.T, name string) schema.Column {
	c := schema.Column{Name: name, Type: pick(t, columnTypes, "type")}
	if !rapid.Bool().Draw(t, "default") {
		return c
	}
	c.NotNull = rapid.Bool().Draw(t, "not null")
	switch c.Type.Kind {
	case schema.KindBigInt, schema.KindInteger, schema.KindNumeric, schema.KindDouble:
		c.Default = schema.Literal(rapid.IntRange(-9, 9).Draw(t, "number"))
	case schema.KindBoolean:
		c.Default = schema.Literal(rapid.Bool().Draw(t, "bool"))
	case schema.KindText:
		c.Default = schema.Literal(rapid.StringMatching(`['"\\a?é ]{0,5}`).Draw(t, "text"))
	case schema.KindBytes:
		c.Default = schema.Literal(rapid.SliceOfN(rapid.Byte(), 0, 4).Draw(t, "bytes"))
	case schema.KindTimestamptz:
		c.Default = schema.Now
	case schema.KindUUID:
		c.Default = schema.RandomUUID
	default:
		c.NotNull = false
	}
	return c
}

func createTable(t *rapid.T, s *schema.Schema) op.Op {
	o := op.CreateTable{Name: newName(t, "t"), Columns: []schema.Column{
		{Name: "id", Type: schema.BigInt, NotNull: true, AutoIncrement: rapid.Bool().Draw(t, "serial")},
	}, PrimaryKey: []string{"id"}}
	for i := range rapid.IntRange(0, 3).Draw(t, "columns") {
		c := drawColumn(t, newName(t, "c"))
		o.Columns = append(o.Columns, c)
		if i == 0 && c.Type.Kind != schema.KindJSON && rapid.Bool().Draw(t, "unique") {
			o.Uniques = append(o.Uniques, schema.Unique{Columns: []string{c.Name}})
		}
	}
	if rapid.Bool().Draw(t, "check") {
		o.Checks = append(o.Checks, schema.Check{Expr: schema.Expr("id > 0")})
	}
	if targets := referable(s); len(targets) > 0 && rapid.Bool().Draw(t, "reference") {
		ref := pick(t, targets, "to")
		o.ForeignKeys = append(o.ForeignKeys, schema.ForeignKey{Columns: []string{"id"}, RefTable: ref.Name, RefColumns: []string{"id"}, OnDelete: schema.Cascade})
	}
	return o
}

// referable are the tables that still have their key.
func referable(s *schema.Schema) []*schema.Table {
	var tables []*schema.Table
	for _, table := range s.Tables {
		if len(table.PrimaryKey) > 0 {
			tables = append(tables, table)
		}
	}
	return tables
}

// pick draws an element by its number, which reads better in a failure.
func pick[T any](t *rapid.T, from []T, label string) T {
	return from[rapid.IntRange(0, len(from)-1).Draw(t, label)]
}

func dropTable(s *schema.Schema, table *schema.Table) op.Op {
	if referred(s, table) || renamed(table) {
		return nil
	}
	return op.DropTable{Name: table.Name, Was: table.Clone()}
}

// referred reports whether another table refers to the table.
func referred(s *schema.Schema, table *schema.Table) bool {
	return slices.ContainsFunc(s.Tables, func(other *schema.Table) bool {
		return other != table && slices.ContainsFunc(other.ForeignKeys, func(f schema.ForeignKey) bool { return f.RefTable == table.Name })
	})
}

func (h history) dropColumn(t *rapid.T, s *schema.Schema, table *schema.Table) op.Op {
	c := pick(t, table.Columns, "column")
	if c.Name == "id" && (h.reversible || referred(s, table)) || len(table.Columns) == 1 {
		return nil
	}
	o := op.DropColumn{Table: table.Name, Name: c.Name, Was: &c}
	after := &schema.Schema{Tables: []*schema.Table{table.Clone()}}
	if err := o.Apply(after); err != nil {
		t.Fatal(err)
	}
	a := after.Tables[0]
	alone := len(a.Uniques) == len(table.Uniques) && len(a.Checks) == len(table.Checks) &&
		len(a.ForeignKeys) == len(table.ForeignKeys) && len(a.Indexes) == len(table.Indexes)
	if h.reversible && !alone {
		return nil
	}
	return o
}

func createIndex(t *rapid.T, table *schema.Table) op.Op {
	x := schema.Index{Name: newName(t, "i"), Unique: rapid.Bool().Draw(t, "unique")}
	for _, c := range table.Columns {
		if c.Type.Kind != schema.KindJSON && rapid.Bool().Draw(t, "part") {
			x.Parts = append(x.Parts, schema.Part{Column: c.Name, Desc: rapid.Bool().Draw(t, "desc")})
		}
	}
	first := postgres.Dialect{}.Quote(table.Columns[0].Name)
	if len(x.Parts) == 0 {
		x.Parts = []schema.Part{{Expr: schema.Expr("(" + first + " IS NULL)")}}
	}
	if rapid.Bool().Draw(t, "partial") {
		x.Where = schema.Expr(first + " IS NOT NULL")
	}
	return op.CreateIndex{Table: table.Name, Index: x}
}

func addConstraint(t *rapid.T, s *schema.Schema, table *schema.Table) op.Op {
	c := pick(t, table.Columns, "column")
	if rapid.Bool().Draw(t, "check") {
		return op.AddCheck{Table: table.Name, Check: schema.Check{Name: newName(t, "k"), Expr: schema.Expr(postgres.Dialect{}.Quote(c.Name) + "::text <> '" + "it''s'")}}
	}
	return op.AddUnique{Table: table.Name, Unique: schema.Unique{Name: newName(t, "u"), Columns: []string{c.Name}}}
}

func addForeignKey(t *rapid.T, s *schema.Schema, table *schema.Table) op.Op {
	targets := referable(s)
	if table.Column("id") == nil || len(targets) == 0 {
		return nil
	}
	ref := pick(t, targets, "to")
	actions := []schema.Action{schema.NoAction, schema.Restrict, schema.Cascade, schema.SetNull, schema.SetDefault}
	return op.AddForeignKey{Table: table.Name, ForeignKey: schema.ForeignKey{
		Name: newName(t, "f"), Columns: []string{"id"}, RefTable: ref.Name, RefColumns: []string{"id"},
		OnDelete: rapid.SampledFrom(actions).Draw(t, "delete"), OnUpdate: rapid.SampledFrom(actions).Draw(t, "update"),
	}}
}

func dropConstraint(t *rapid.T, s *schema.Schema, table *schema.Table) op.Op {
	var ops []op.Op
	for _, u := range table.Uniques {
		ops = append(ops, op.DropConstraint{Table: table.Name, Name: u.Name, Was: u})
	}
	for _, c := range table.Checks {
		ops = append(ops, op.DropConstraint{Table: table.Name, Name: c.Name, Was: c})
	}
	for _, f := range table.ForeignKeys {
		ops = append(ops, op.DropConstraint{Table: table.Name, Name: f.Name, Was: f})
	}
	ops = slices.DeleteFunc(ops, func(o op.Op) bool { return o.Object().Name == "" })
	if len(ops) == 0 {
		return nil
	}
	return pick(t, ops, "constraint")
}
