package schema_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leavendb/leaven/framework/schema"
)

func images() *schema.Table {
	return &schema.Table{
		Name: "images",
		Columns: []schema.Column{
			{Name: "id", Type: schema.BigInt, AutoIncrement: true},
			{Name: "tags", Type: schema.Array(schema.Text)},
			{Name: "size", Type: schema.Integer, NotNull: true, Default: schema.Literal(0)},
		},
		PrimaryKey:  []string{"id"},
		Uniques:     []schema.Unique{{Name: "pair", Columns: []string{"id", "size"}}, {Columns: []string{"size"}}},
		Checks:      []schema.Check{{Name: "positive", Expr: schema.Expr("size > 0")}},
		ForeignKeys: []schema.ForeignKey{{Columns: []string{"id", "size"}, RefSchema: "app", RefTable: "files", RefColumns: []string{"a", "b"}, OnDelete: schema.Cascade}},
		Indexes:     []schema.Index{{Name: "by_size", Parts: []schema.Part{{Column: "size", Desc: true}, {Expr: schema.Expr("lower(x)")}}, Unique: true, Where: schema.Expr("size > 1")}},
	}
}

func TestDifferences(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(found, want *schema.Table)
		lines  []string
	}{
		{"none", func(_, _ *schema.Table) {}, nil},
		{"the order of columns", func(f, _ *schema.Table) { f.Columns[0], f.Columns[2] = f.Columns[2], f.Columns[0] }, nil},
		{"the order of constraints", func(f, _ *schema.Table) { f.Uniques[0], f.Uniques[1] = f.Uniques[1], f.Uniques[0] }, nil},
		{"the order of a key's pairs", func(f, _ *schema.Table) {
			f.ForeignKeys[0].Columns, f.ForeignKeys[0].RefColumns = []string{"size", "id"}, []string{"b", "a"}
		}, nil},
		{"what counts up is not null", func(f, _ *schema.Table) { f.Columns[0].NotNull = true }, nil},
		{"names that are left open", func(f, _ *schema.Table) { f.Uniques[1].Name, f.ForeignKeys[0].Name = "u", "f" }, nil},
		{"indexes", func(f, _ *schema.Table) { f.Indexes = nil }, nil},
		{"a type", func(f, _ *schema.Table) { f.Columns[1].Type = schema.Array(schema.Varchar(3)) }, []string{"column images.tags: found varchar(3)[], want text[]"}},
		{"not null", func(_, w *schema.Table) { w.Columns[1].NotNull = true }, []string{"column images.tags: found null allowed, want not null"}},
		{"null", func(_, w *schema.Table) { w.Columns[2].NotNull = false }, []string{"column images.size: found not null, want null allowed"}},
		{"counting", func(f, _ *schema.Table) { f.Columns[0].AutoIncrement = false }, []string{
			"column images.id: found null allowed, want not null", "column images.id: found no auto-increment, want auto-increment"}},
		{"a default", func(f, _ *schema.Table) { f.Columns[2].Default = schema.Expression{} }, []string{"column images.size: found no default, want default 0"}},
		{"a column too much", func(f, _ *schema.Table) { f.Columns = append(f.Columns, schema.Column{Name: "x", Type: schema.Date}) }, []string{"column images.x: found date, want none"}},
		{"a column too few", func(f, _ *schema.Table) { f.Columns = f.Columns[1:] }, []string{"column images.id: found none, want bigint auto-increment"}},
		{"the key", func(f, _ *schema.Table) { f.PrimaryKey = nil }, []string{"primary key of images: found none, want (id)"}},
		{"a constraint's name", func(f, _ *schema.Table) { f.Uniques[0].Name = "two" }, []string{"unique constraint pair of images: found it under the name two, want (id, size)"}},
		{"a constraint", func(f, _ *schema.Table) { f.Checks[0].Expr = schema.Expr("size > 9") }, []string{"check positive of images: found size > 9, want size > 0"}},
		{"a constraint too few", func(f, _ *schema.Table) { f.Checks = nil }, []string{"check positive of images: found none, want size > 0"}},
		{"a constraint too much", func(_, w *schema.Table) { w.Uniques = w.Uniques[:1] }, []string{"unique constraint of images: found (size), want none"}},
		{"a constraint twice", func(f, _ *schema.Table) { f.Uniques = append(f.Uniques, f.Uniques[1]) }, []string{"unique constraint of images: found (size), want none"}},
		{"an action", func(f, _ *schema.Table) {
			f.ForeignKeys[0].Name, f.ForeignKeys[0].OnUpdate = "f", schema.SetNull
		}, []string{
			"foreign key of images: found none, want (id, size) to app.files (a, b) on delete cascade",
			"foreign key f of images: found (id, size) to app.files (a, b) on delete cascade on update set null, want none",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, want := images(), images()
			c.change(found, want)
			if d := cmp.Diff(c.lines, schema.Differences(found, want)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestIndexDifferences(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*schema.Index)
		found  string
	}{
		{"none", func(*schema.Index) {}, ""},
		{"unique", func(x *schema.Index) { x.Unique = false }, "(size desc, (lower(x))) where size > 1"},
		{"direction", func(x *schema.Index) { x.Parts[0].Desc = false }, "unique (size, (lower(x))) where size > 1"},
		{"condition", func(x *schema.Index) { x.Where = schema.Expression{} }, "unique (size desc, (lower(x)))"},
		{"definition", func(x *schema.Index) { *x = schema.Index{Name: x.Name, Definition: schema.Expr("USING gin (x)")} }, "USING gin (x)"},
		{"absent", func(x *schema.Index) { x.Name = "other" }, "none"},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := images()
			c.change(&found.Indexes[0])
			var want []string
			if c.found != "" {
				want = []string{"index by_size: found " + c.found + ", want unique (size desc, (lower(x))) where size > 1"}
			}
			if d := cmp.Diff(want, schema.IndexDifferences(found, images(), "by_size")); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
	if lines := schema.ColumnDifferences(images(), images(), "size"); lines != nil {
		t.Errorf("a column differs from itself: %q", lines)
	}
}

func TestMentions(t *testing.T) {
	for _, c := range []struct {
		sql, name string
		want      bool
	}{
		{"size > 0", "size", true}, {"SIZE > 0", "size", true}, {"resize > 0", "size", false}, {"size_2", "size", false},
		{`"Size" > 0`, "Size", true}, {`"Size" > 0`, "size", false}, {`"a""b"`, `a"b`, true}, {"'size'", "size", false},
		{"'it''s' || size", "size", true}, {"x = 'unclosed size", "size", false}, {"größe > 0", "größe", true}, {"größe > 0", "e", false},
		{"→size", "size", true}, {"", "size", false}, {"f(size)", "size", true},
	} {
		if got := schema.Expr(c.sql).Mentions(c.name); got != c.want {
			t.Errorf("%q mentions %q: %v", c.sql, c.name, got)
		}
	}
	if !schema.Now.On("sqlite", "datetime(x)").Mentions("x") {
		t.Error("a dialect's own text is not read")
	}
}

func TestTypes(t *testing.T) {
	for _, c := range []struct {
		typ  schema.Type
		text string
	}{
		{schema.Type{}, "no type"}, {schema.Varchar(80), "varchar(80)"}, {schema.Varchar(0), "varchar"}, {schema.Numeric(12, 2), "numeric(12,2)"},
		{schema.Numeric(0, 0), "numeric"}, {schema.Array(schema.Array(schema.UUID)), "uuid[][]"}, {schema.Raw("citext"), "citext"},
		{schema.Raw("citext").On("sqlite", "TEXT"), "citext"}, {schema.Raw("").On("sqlite", "B").On("postgres", "A"), "postgres: A, sqlite: B"},
	} {
		if got := c.typ.String(); got != c.text {
			t.Errorf("text %q, want %q", got, c.text)
		}
		if same := c.typ; !same.Equal(c.typ) || c.typ.Equal(schema.Boolean) {
			t.Errorf("%v does not equal itself alone", c.typ)
		}
	}
	if schema.Text.Equal(schema.Text.On("sqlite", "BLOB")) || schema.Array(schema.Text).Equal(schema.Array(schema.Date)) {
		t.Error("different types are equal")
	}
}

func TestExpressions(t *testing.T) {
	all := []schema.Expression{
		{}, schema.Now, schema.RandomUUID, schema.Literal(nil), schema.Literal(0), schema.Literal(int64(0)), schema.Literal("0"),
		schema.Literal([]byte("0")), schema.Expr("0"), schema.Expr("0").On("sqlite", "1"), schema.Now.On("sqlite", "1"), schema.Expression{}.On("sqlite", "1"),
	}
	for i, a := range all {
		for j, b := range all {
			if a.Equal(b) != (i == j) {
				t.Errorf("%d %v and %d %v: equal is %v", i, a, j, b, a.Equal(b))
			}
		}
		if a.IsZero() != (i == 0) {
			t.Errorf("%v: zero is %v", a, a.IsZero())
		}
	}
	if text, ok := schema.Expr("a").On("sqlite", "b").Spelling("sqlite"); text != "b" || !ok {
		t.Errorf("%q, %v", text, ok)
	}
	for e, text := range map[*schema.Expression]string{&schema.Now: "now", &schema.RandomUUID: "random uuid"} {
		if e.String() != text {
			t.Errorf("%q, want %q", e, text)
		}
	}
}

// A clone can be changed without changing what it was made of.
func TestCloneSharesNothing(t *testing.T) {
	s := &schema.Schema{Tables: []*schema.Table{images()}}
	c := s.Clone()
	table := c.Table("", "images")
	table.Columns[0].Name, table.PrimaryKey[0], table.Uniques[0].Columns[0], table.Checks[0].Name = "z", "z", "z", "z"
	table.ForeignKeys[0].Columns[0], table.ForeignKeys[0].RefColumns[0], table.Index("by_size").Parts[0].Column = "z", "z", "z"
	if lines := schema.Differences(s.Tables[0], images()); lines != nil {
		t.Errorf("the original changed: %q", lines)
	}
	if lines := schema.IndexDifferences(s.Tables[0], images(), "by_size"); lines != nil {
		t.Errorf("the original changed: %q", lines)
	}
	if !c.Remove("", "images") || c.Remove("", "images") || c.Table("", "images") != nil || s.Table("app", "images") != nil {
		t.Error("removing does not work")
	}
}
