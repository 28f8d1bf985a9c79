package sqlite_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

var update = flag.Bool("update", false, "write the golden files anew")

func column(name string, t schema.Type) schema.Column { return schema.Column{Name: name, Type: t} }

func altered(table string, from schema.Column, change func(*schema.Column)) op.AlterColumn {
	to := from
	change(&to)
	return op.AlterColumn{Table: table, From: from, To: to}
}

// each operation, in an order in which a database takes it.
func each() []struct {
	name string
	op   op.Op
} {
	age := column("age", schema.Integer)
	aged := age
	aged.Type, aged.NotNull, aged.Default = schema.Text, true, schema.Literal("0")
	toText := altered("users", age, func(c *schema.Column) { *c = aged })
	toText.Using = schema.Expr("age::text").On("sqlite", "coalesce(CAST(age AS text), '0')")
	code := column("code", schema.Text)
	id := schema.Column{Name: "id", Type: schema.BigInt, AutoIncrement: true}
	key := schema.ForeignKey{Name: "author", Columns: []string{"user_id"}, RefTable: "users", RefColumns: []string{"id"}, OnDelete: schema.Cascade, Deferrable: true, InitiallyDeferred: true}
	shout := column("shout", schema.Text)
	shout.Generated, shout.Virtual = schema.Expr("upper(code)"), true
	trigger := schema.Trigger{Table: "people", Name: "people_touch", Event: schema.Expr("AFTER UPDATE OF code"), Action: schema.Expr("BEGIN UPDATE posts SET title = new.code WHERE user_id = new.id; END")}
	return []struct {
		name string
		op   op.Op
	}{
		{"create_enum", op.CreateEnum{Name: "mood", Values: []string{"sad", "it's ok"}}},
		{"create_table", op.CreateTable{Name: "users", Columns: []schema.Column{
			{Name: "id", Type: schema.BigInt, AutoIncrement: true, Identity: schema.IdentityByDefault},
			{Name: "email", Type: schema.Varchar(80), NotNull: true, Collation: "nocase", Comment: "where we write to"},
			age,
			{Name: "total", Type: schema.Numeric(12, 2), NotNull: true, Default: schema.Literal(0)},
			{Name: "mood", Type: schema.EnumType("", "mood"), NotNull: true, Default: schema.Literal("sad")},
			{Name: "double", Type: schema.Numeric(12, 2), Generated: schema.Expr("total * 2")},
			{Name: "at", Type: schema.Timestamptz, NotNull: true, Default: schema.Now},
		}, PrimaryKey: []string{"id"}, PrimaryKeyName: "users_key", Uniques: []schema.Unique{{Name: "users_email", Columns: []string{"email"}}},
			Checks: []schema.Check{{Name: "positive", Expr: schema.Expr("total >= 0")}}, Comment: "people"}},
		{"create_table_if_not_exists", op.CreateTable{Name: "posts", IfNotExists: true, Columns: []schema.Column{
			{Name: "a", Type: schema.Integer}, {Name: "b", Type: schema.Integer}, {Name: "user_id", Type: schema.BigInt}, {Name: "title", Type: schema.Text},
		}, PrimaryKey: []string{"b", "a"}}},
		{"add_column", op.AddColumn{Table: "users", Column: code}},
		{"add_column_virtual", op.AddColumn{Table: "users", Column: shout}},
		{"add_column_anew", op.AddColumn{Table: "posts", Column: schema.Column{Name: "key", Type: schema.UUID, NotNull: true, Default: schema.RandomUUID}}},
		{"create_index", op.CreateIndex{Table: "users", Index: schema.Index{Name: "users_age", Parts: schema.Columns("age")}}},
		{"create_index_everything", op.CreateIndex{Table: "users", IfNotExists: true, Index: schema.Index{Name: "users_all", Unique: true,
			Parts: []schema.Part{{Column: "email", Collation: "rtrim", Desc: true}, {Expr: schema.Expr("lower(code)"), Collation: "NOCASE"}, {Column: "mood", Nulls: schema.NullsFirst}},
			Where: schema.Expr("mood <> 'sad'")}}},
		{"create_index_by_definition", op.CreateIndex{Table: "posts", Index: schema.Index{Name: "posts_title", Definition: schema.Expr("USING gin (title gin_trgm_ops)").On("sqlite", "(title) WHERE title IS NOT NULL")}}},
		{"rename_index", op.RenameIndex{Table: "users", Name: "users_all", To: "users_every"}},
		{"add_foreign_key", op.AddForeignKey{Table: "posts", ForeignKey: key}},
		{"add_unique", op.AddUnique{Table: "posts", Unique: schema.Unique{Name: "once", Columns: []string{"user_id", "title"}}}},
		{"add_check", op.AddCheck{Table: "posts", Check: schema.Check{Name: "said", Expr: schema.Expr("title <> ''"), NotValid: true}}},
		{"validate_constraint", op.ValidateConstraint{Table: "posts", Name: "said"}},
		{"rename_constraint", op.RenameConstraint{Table: "posts", Name: "said", To: "spoken"}},
		{"rename_constraint_key", op.RenameConstraint{Table: "posts", Name: "posts_pkey", To: "both"}},
		{"drop_primary_key", op.DropPrimaryKey{Table: "posts", Was: &schema.PrimaryKey{Columns: []string{"b", "a"}}}},
		{"add_primary_key", op.AddPrimaryKey{Table: "posts", Name: "first", Columns: []string{"a"}}},
		{"alter_column_type", toText},
		{"alter_column_collation", altered("users", code, func(c *schema.Column) { c.Collation = "NOCASE" })},
		{"alter_column_default", altered("users", aged, func(c *schema.Column) { c.Default = schema.Expression{} })},
		{"alter_column_generated", altered("users", shout, func(c *schema.Column) { c.Generated = schema.Expr("lower(code)") })},
		{"alter_column_comment", altered("users", code, func(c *schema.Column) { c.Comment = "short" })},
		{"set_comment", op.SetComment{On: op.Object{Kind: "table", Table: "users"}, From: "people", To: "customers"}},
		{"add_enum_value", op.AddEnumValue{Name: "mood", Value: "glad", Before: "it's ok"}},
		{"rename_enum_value", op.RenameEnumValue{Name: "mood", Value: "sad", To: "un'happy"}},
		{"drop_enum_value", op.DropEnumValue{Name: "mood", Value: "glad", Instead: "it's ok"}},
		{"rename_table", op.RenameTable{Name: "users", To: "people"}},
		{"rename_column", op.RenameColumn{Table: "people", Name: "age", To: "Age"}},
		{"create_trigger", op.CreateTrigger{Trigger: trigger}},
		{"create_view", op.CreateView{Name: "titles", Query: schema.Expr("SELECT p.code, o.title FROM people p JOIN posts o ON o.user_id = p.id")}},
		{"add_check_under_a_view", op.AddCheck{Table: "people", Check: schema.Check{Name: "coded", Expr: schema.Expr("length(code) < 9")}}},
		{"alter_column_no_counter", altered("people", id, func(c *schema.Column) { c.AutoIncrement = false })},
		{"alter_column_counter", altered("people", column("id", schema.BigInt), func(c *schema.Column) { c.AutoIncrement = true })},
		{"drop_trigger", op.DropTrigger{Table: "people", Name: "people_touch"}},
		{"drop_view", op.DropView{Name: "titles"}},
		{"drop_constraint", op.DropConstraint{Table: "posts", Name: "author"}},
		{"drop_index", op.DropIndex{Table: "people", Name: "users_age"}},
		{"drop_column", op.DropColumn{Table: "people", Name: "mood"}},
		{"drop_enum", op.DropEnum{Name: "mood"}},
		{"sql", op.SQL{All: "UPDATE people SET code = 'x'"}},
		{"drop_table", op.DropTable{Name: "posts"}},
		{"drop_table_if_exists", op.DropTable{Name: "people", IfExists: true}},
	}
}

// What is rendered from the fold, without a database, is the golden SQL; and a
// database makes of it what the fold says.
func TestGoldenSQL(t *testing.T) {
	db, _ := sqlitetest.New(t)
	db.SetMaxOpenConns(1)
	exec(t, db, "PRAGMA foreign_keys = OFF")
	fold := &schema.Schema{}
	for _, c := range each() {
		if err := op.Validate(c.op); err != nil {
			t.Fatal(err)
		}
		statements, err := sqlite.Dialect{}.Render(t.Context(), c.op, op.Fold{Schema: fold})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		var text strings.Builder
		for _, s := range statements {
			exec(t, db, s.SQL)
			fmt.Fprintf(&text, "%s;\n", s.SQL)
			if s.ForeignKeysOff {
				text.WriteString("-- foreign keys off\n")
			}
		}
		golden(t, c.name, text.String())
		if err := c.op.Apply(fold); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		isFold(t, db, fold, c.name)
		if c.name == "create_table_if_not_exists" {
			exec(t, db, "INSERT INTO users (email, age) VALUES ('a', 7), ('b', NULL)", "INSERT INTO posts VALUES (1, 1, 1, 'x'), (2, 2, 2, NULL)")
		}
		if c.name == "drop_constraint" {
			for query, want := range map[string]string{
				`SELECT id || email || "Age" || mood || total || double || coalesce(code, '-') FROM people`: "1a7un'happy00-; 2b0un'happy00-",
				"SELECT a || b || user_id || coalesce(title, '-') FROM posts":                               "111x; 222-",
			} {
				if got := values(t, db, query); got != want {
					t.Errorf("%s: %s, want %s", query, got, want)
				}
			}
		}
	}
}

func golden(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join("testdata", "render", name+".sql")
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; go test -run %s -update writes it", err, t.Name())
	}
	if string(want) != text {
		t.Errorf("%s: go test -update writes it anew\n%s\nwant\n%s", file, text, want)
	}
}

// isFold compares a database with the fold.
func isFold(t *testing.T, db bun.IDB, fold *schema.Schema, after string) {
	t.Helper()
	d := sqlite.Dialect{}
	found, err := d.Inspect(t.Context(), db)
	if err != nil {
		t.Fatalf("after %s: %v", after, err)
	}
	if len(found.Tables) != len(fold.Tables) || len(found.Views) != len(fold.Views) || len(found.Triggers) != len(fold.Triggers) || len(found.Enums) != len(fold.Enums) {
		t.Errorf("after %s: found %d tables, %d views, %d triggers and %d enums", after, len(found.Tables), len(found.Views), len(found.Triggers), len(found.Enums))
	}
	for _, want := range fold.Tables {
		want, err := d.Normalize(t.Context(), db, want)
		if err != nil {
			t.Fatal(err)
		}
		f := found.Table("", want.Name)
		if f == nil {
			t.Fatalf("after %s: there is no table %s", after, want.Name)
		}
		lines := schema.Differences(f, want)
		for _, x := range want.Indexes {
			lines = append(lines, schema.IndexDifferences(f, want, x.Name)...)
		}
		for _, line := range lines {
			t.Errorf("after %s: %s", after, line)
		}
	}
	for _, e := range fold.Enums {
		if f := found.Enum("", e.Name); f == nil || strings.Join(f.Values, ",") != strings.Join(e.Values, ",") {
			t.Errorf("after %s: found enum %v, want %v", after, f, e)
		}
	}
	for _, v := range fold.Views {
		if f := found.View("", v.Name); f == nil || f.Query.String() != v.Query.String() {
			t.Errorf("after %s: found view %v, want %v", after, f, v)
		}
	}
	for _, g := range fold.Triggers {
		if f := found.Trigger("", g.Table, g.Name); f == nil || f.Event.String() != g.Event.String() || f.Action.String() != g.Action.String() {
			t.Errorf("after %s: found trigger %v, want %v", after, f, g)
		}
	}
}
