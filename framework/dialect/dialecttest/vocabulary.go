package dialecttest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// moods is a table with a column of an enum, and its rows.
func moods() []op.Op {
	return []op.Op{
		op.CreateEnum{Name: "mood", Values: []string{"sad", "it's ok"}},
		op.CreateTable{Name: "moods", Columns: []schema.Column{
			{Name: "id", Type: schema.BigInt, NotNull: true},
			{Name: "now", Type: schema.EnumType("", "mood"), NotNull: true, Default: schema.Literal("it's ok")},
			{Name: "before", Type: schema.EnumType("", "mood")},
		}, PrimaryKey: []string{"id"}},
		op.SQL{All: "INSERT INTO moods (id, now, before) VALUES (1, 'sad', NULL), (2, 'it''s ok', 'it''s ok')"},
	}
}

// plain is a table without keys, and its rows.
func plain() []op.Op {
	return []op.Op{
		op.CreateTable{Name: "plain", Columns: []schema.Column{
			{Name: "a", Type: schema.Integer, NotNull: true}, {Name: "b", Type: schema.Integer, NotNull: true}, {Name: "c", Type: schema.Text},
		}},
		op.SQL{All: "INSERT INTO plain VALUES (1, 10, 'x'), (2, 20, NULL)"},
	}
}

func view() schema.View {
	return schema.View{Name: "adults", Query: schema.Expr("SELECT id, email FROM users WHERE age > 18")}
}

func trigger() schema.Trigger {
	return schema.Trigger{Table: "users", Name: "users_touch", Event: schema.Expr("AFTER UPDATE"),
		Action: schema.Expr("FOR EACH ROW EXECUTE FUNCTION touch()").On("sqlite", "BEGIN UPDATE posts SET title = 'touched' WHERE user_id = new.id; END")}
}

// touch is what PostgreSQL's trigger calls.
var touch = op.SQL{SQLite: op.NoSQL, Postgres: `CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS
	$$ BEGIN UPDATE posts SET title = 'touched' WHERE user_id = new.id; RETURN new; END $$`}

// vocabulary is what there is beside operations.
func vocabulary() []operation {
	base := []op.Op{users(), posts()}
	with := func(base []op.Op, more ...op.Op) []op.Op { return slices.Concat(base, more) }
	u, v, g := users().Table(), view(), trigger()
	index := schema.Index{Name: "users_age", Parts: schema.Columns("age")}
	check := schema.Check{Name: "grown", Expr: schema.Expr("age > 0")}
	renamed := op.RenameEnumValue{Name: "mood", Value: "it's ok", To: "fine"}
	asText := op.AddCheck{Table: "moods", Check: schema.Check{Name: "as text",
		Expr: schema.Expr(`CAST("before" AS text) = 'it''s ok' OR CAST("before" AS text) = 'fine'`)}}
	alter := func(name string, change func(c *schema.Column)) op.AlterColumn {
		o := op.AlterColumn{Table: "users", From: *u.Column(name), To: *u.Column(name)}
		change(&o.To)
		return o
	}
	toText := alter("age", func(c *schema.Column) { c.Type = schema.Text })
	toText.Using, toText.UsingBack = schema.Expr("CAST(age AS text)"), schema.Expr("CAST(age AS integer)")
	counted := schema.Column{Name: "id", Type: schema.BigInt, AutoIncrement: true, Identity: schema.IdentityByDefault}
	twice := schema.Column{Name: "twice", Type: schema.BigInt, Generated: schema.Expr("age * 2")}
	on := func(kind, name string) op.SetComment {
		return op.SetComment{On: op.Object{Kind: kind, Table: "users", Name: name}, To: "it's \"said\" /* here */ -- ?"}
	}
	return []operation{
		{"rename table", with(base, op.CreateIndex{Table: "users", Index: index}), op.RenameTable{Name: "users", To: "people"}},
		{"rename table, in case alone", base, op.RenameTable{Name: "users", To: "Users"}},
		{"rename column", with(base, op.CreateIndex{Table: "users", Index: index}, op.AddCheck{Table: "users", Check: check}), op.RenameColumn{Table: "users", Name: "age", To: "years"}},
		{"rename column, in case alone", base, op.RenameColumn{Table: "users", Name: "age", To: "AGE"}},
		{"rename column of a key", base, op.RenameColumn{Table: "users", Name: "id", To: "number"}},
		{"rename index", with(base, op.CreateIndex{Table: "users", Index: index}), op.RenameIndex{Table: "users", Name: "users_age", To: "by age"}},
		{"rename constraint", with(base, op.AddCheck{Table: "users", Check: check}), op.RenameConstraint{Table: "users", Name: "grown", To: "older"}},
		{"rename foreign key", base, op.RenameConstraint{Table: "posts", Name: "posts_user_id_fkey", To: "author"}},
		{"alter column: type", base, toText},
		{"alter column: size", base, alter("email", func(c *schema.Column) { c.Type = schema.Varchar(120) })},
		{"alter column: not null", base, alter("team", func(c *schema.Column) { c.NotNull = true })},
		{"alter column: null allowed", base, alter("name", func(c *schema.Column) { c.NotNull = false })},
		{"alter column: default", base, alter("name", func(c *schema.Column) { c.Default = schema.Literal("other's") })},
		{"alter column: no default", base, alter("name", func(c *schema.Column) { c.Default = schema.Expression{} })},
		{"alter column: several", base, alter("age", func(c *schema.Column) { c.Type, c.NotNull, c.Default = schema.BigInt, true, schema.Literal(7) })},
		{"alter column: comment", base, alter("age", func(c *schema.Column) { c.Comment = "in years" })},
		{"create table with a generated column", nil, op.CreateTable{Name: "t", Columns: []schema.Column{{Name: "age", Type: schema.Integer}, twice}}},
		{"add generated column", base, op.AddColumn{Table: "users", Column: twice}},
		{"drop generated column", with(base, op.AddColumn{Table: "users", Column: twice}), op.DropColumn{Table: "users", Name: "twice", Was: &twice}},
		{"create table with an identity column", nil, op.CreateTable{Name: "t", Columns: []schema.Column{counted, {Name: "a", Type: schema.Text}}, PrimaryKey: []string{"id"}}},
		{"create table with a named key", nil, op.CreateTable{Name: "t", Columns: []schema.Column{{Name: "a", Type: schema.Text}}, PrimaryKey: []string{"a"}, PrimaryKeyName: "the key"}},
		{"create table with a comment", nil, op.CreateTable{Name: "t", Columns: []schema.Column{{Name: "a", Type: schema.Text, Comment: "the a"}}, Comment: "the t"}},
		{"create index with orders", base, op.CreateIndex{Table: "users", Index: schema.Index{Name: "i", Parts: []schema.Part{
			{Column: "age", Nulls: schema.NullsFirst}, {Column: "team", Desc: true, Nulls: schema.NullsLast}}}}},
		{"add primary key", plain(), op.AddPrimaryKey{Table: "plain", Columns: []string{"a"}}},
		{"add named primary key of two columns", plain(), op.AddPrimaryKey{Table: "plain", Name: "the key", Columns: []string{"b", "a"}}},
		{"drop primary key", with(plain(), op.AddPrimaryKey{Table: "plain", Name: "k", Columns: []string{"a"}}), op.DropPrimaryKey{Table: "plain", Was: &schema.PrimaryKey{Name: "k", Columns: []string{"a"}}}},
		{"add foreign key that is deferred", []op.Op{users(), withoutKeys(posts())}, op.AddForeignKey{Table: "posts", ForeignKey: schema.ForeignKey{
			Name: "author", Columns: []string{"user_id"}, RefTable: "users", RefColumns: []string{"id"}, Deferrable: true, InitiallyDeferred: true, OnDelete: schema.SetNull}}},
		{"add foreign key of two columns", with(plain(), op.AddUnique{Table: "plain", Unique: schema.Unique{Name: "u", Columns: []string{"a", "b"}}}),
			op.AddForeignKey{Table: "plain", ForeignKey: schema.ForeignKey{Name: "f", Columns: []string{"a", "b"}, RefTable: "plain", RefColumns: []string{"a", "b"}}}},
		{"validate constraint", with(base, op.AddCheck{Table: "users", Check: schema.Check{Name: "grown", Expr: check.Expr, NotValid: true}}), op.ValidateConstraint{Table: "users", Name: "grown"}},
		{"comment on table", base, on("table", "")},
		{"comment on column", base, on("column", "age")},
		{"comment on index", with(base, op.CreateIndex{Table: "users", Index: index}), on("index", "users_age")},
		{"comment on constraint", base, on("constraint", "users_email_key")},
		{"create enum", nil, op.CreateEnum{Name: "mood", Values: []string{"sad", "it's ok"}}},
		{"drop enum", []op.Op{op.CreateEnum{Name: "mood", Values: []string{"a", "b"}}}, op.DropEnum{Name: "mood", Was: &schema.Enum{Name: "mood", Values: []string{"a", "b"}}}},
		{"add enum value", moods(), op.AddEnumValue{Name: "mood", Value: "gl'ad"}},
		{"add enum value before", moods(), op.AddEnumValue{Name: "mood", Value: "so so", Before: "it's ok"}},
		{"add enum value after", moods(), op.AddEnumValue{Name: "mood", Value: "so so", After: "sad"}},
		{"add enum value that is there", moods(), op.AddEnumValue{Name: "mood", Value: "sad"}},
		{"rename enum value", moods(), renamed},
		{"rename enum value that a check compares as text", with(moods(), asText), renamed},
		{"add check behind a renamed enum value", with(moods(), asText, renamed), op.AddCheck{Table: "moods", Check: schema.Check{Name: "more", Expr: schema.Expr("id > 0")}}},
		{"drop enum value", with(moods(), op.AddEnumValue{Name: "mood", Value: "glad"}), op.DropEnumValue{Name: "mood", Value: "glad"}},
		{"drop enum value with rows", moods(), op.DropEnumValue{Name: "mood", Value: "sad", Instead: "it's ok", Before: "it's ok"}},
		{"create view", base, op.CreateView{Name: v.Name, Query: v.Query}},
		{"drop view", with(base, op.CreateView{Name: v.Name, Query: v.Query}), op.DropView{Name: v.Name, Was: &v}},
		{"create trigger", with(base, touch), op.CreateTrigger{Trigger: g}},
		{"drop trigger", with(base, touch, op.CreateTrigger{Trigger: g}), op.DropTrigger{Table: g.Table, Name: g.Name, Was: &g}},
		{"run SQL", base, op.SQL{All: "UPDATE users SET age = age + 1", Reverse: op.SQL{All: "UPDATE users SET age = age - 1"}}},
	}
}

// optional is what only some databases have; Target.Refused names the rest.
func optional() []operation {
	app := []op.Op{op.CreateSchema{Name: "app"}}
	inApp := users()
	inApp.Schema = "app"
	sequence := schema.Sequence{Name: "numbers", Start: 10, Increment: 5}
	exclusion := schema.Exclusion{Name: "one", Elements: []schema.ExclusionElement{{Part: schema.Part{Column: "age"}, Operator: "="}}}
	v := view()
	v.Materialized = true
	index := func(x schema.Index) op.Op {
		x.Name = "i"
		if x.Parts == nil {
			x.Parts = schema.Columns("age")
		}
		return op.CreateIndex{Table: "users", Index: x}
	}
	alone := schema.Column{Name: "id", Type: schema.BigInt, Identity: schema.IdentityAlways}
	return []operation{
		{"create schema", nil, op.CreateSchema{Name: "app"}},
		{"drop schema", app, op.DropSchema{Name: "app"}},
		{"create table in a schema", app, inApp},
		{"set schema", append(app, inApp, op.CreateSchema{Name: "other"}), op.SetSchema{Schema: "app", Table: "users", To: "other"}},
		{"create extension", nil, op.CreateExtension{Name: "plpgsql", IfNotExists: true}},
		{"drop extension", nil, op.DropExtension{Name: "plpgsql", Was: &schema.Extension{Name: "plpgsql"}}},
		{"create sequence", nil, op.CreateSequence{Sequence: sequence}},
		{"drop sequence", []op.Op{op.CreateSequence{Sequence: sequence}}, op.DropSequence{Name: "numbers", Was: &sequence}},
		{"add exclusion", []op.Op{users()}, op.AddExclusion{Table: "users", Exclusion: exclusion}},
		{"create table with an exclusion", nil, op.CreateTable{Name: "t", Columns: []schema.Column{{Name: "age", Type: schema.Integer}}, Exclusions: []schema.Exclusion{exclusion}}},
		{"create materialized view", []op.Op{users()}, op.CreateView{Name: v.Name, Query: v.Query, Materialized: true}},
		{"drop materialized view", []op.Op{users(), op.CreateView{Name: v.Name, Query: v.Query, Materialized: true}}, op.DropView{Name: v.Name, Materialized: true, Was: &v}},
		{"create constraint trigger", []op.Op{users(), posts(), touch}, op.CreateTrigger{Trigger: constraintTrigger()}},
		{"add unique that is deferrable", []op.Op{users()}, op.AddUnique{Table: "users", Unique: schema.Unique{Name: "u", Columns: []string{"age"}, Deferrable: true}}},
		{"create index with a method", []op.Op{users()}, index(schema.Index{Method: "hash"})},
		{"create index with more columns", []op.Op{users()}, index(schema.Index{Include: []string{"team"}})},
		{"create index with parameters", []op.Op{users()}, index(schema.Index{With: []schema.Parameter{{Name: "fillfactor", Value: "70"}}})},
		{"create index with an operator class", []op.Op{users()}, index(schema.Index{Parts: []schema.Part{{Column: "name", Opclass: "text_pattern_ops"}}})},
		{"create index with NULLs elsewhere", []op.Op{users()}, index(schema.Index{Parts: []schema.Part{{Column: "age", Nulls: schema.NullsLast}}})},
		{"create table that only an identity numbers", nil, op.CreateTable{Name: "t", Columns: []schema.Column{alone}, PrimaryKey: []string{"id"}}},
	}
}

func constraintTrigger() schema.Trigger {
	g := trigger()
	g.Constraint = true
	return g
}

// operations runs each operation and its reverse on rows: the database is what
// the fold says, then what it was, and no row has changed that the operation
// does not say.
func (g Target) operations(t *testing.T) {
	db := g.Open(t)
	for _, c := range slices.Concat(operations(), vocabulary()) {
		t.Run(c.name, func(t *testing.T) { on(t, g, db).thereAndBack(c) })
	}
}

func (d *database) thereAndBack(c operation) {
	d.empty()
	fold := d.prepare(c)
	before, rows := d.schema(), d.rows(fold)
	d.run(c.do)
	undone := fold.Clone()
	d.must(c.do.Apply(fold))
	d.isFold("after it", fold)
	d.agree("after it", fold)
	back, err := op.Reverse(c.do)
	d.must(err)
	if _, adds := c.do.(op.AddEnumValue); len(back) == 0 || adds && len(differences(d.schema(), before)) == 0 {
		return // the reverse would drop a value that was not added
	}
	d.run(back...)
	d.equal("after its reverse", d.schema(), before)
	d.agree("after its reverse", undone)
	for table, want := range rows {
		if got := d.rows(undone)[table]; got != want && !loses(c.do, table) {
			d.Errorf("the rows of %s are\n%s\nand were\n%s", table, got, want)
		}
	}
}

// prepare makes what the operation starts from, with rows where it can take
// them.
func (d *database) prepare(c operation) *schema.Schema {
	d.Helper()
	fold := &schema.Schema{}
	for _, o := range c.prepare {
		d.run(o)
		d.must(o.Apply(fold))
	}
	if a, ok := c.do.(op.AddColumn); ok && a.Column.NotNull && a.Column.Default.IsZero() {
		return fold
	}
	if fold.Table("", "users") != nil {
		d.exec("INSERT INTO users (email, age, team, name) VALUES ('a', 20, 1, 'x'), ('b', 30, 2, 'it''s')")
	}
	if fold.Table("", "posts") != nil {
		d.exec("INSERT INTO posts (user_id, title) VALUES (1, 'p'), (1, NULL), (2, 'r')")
	}
	return fold
}

// loses reports whether an operation may change rows of the table for good.
func loses(o op.Op, table string) bool {
	switch o := o.(type) {
	case op.DropTable:
		return o.Name == table
	case op.DropColumn:
		return o.Table == table
	case op.DropEnumValue:
		return o.Instead != ""
	}
	return false
}

// rows tells the rows of each table as text.
func (d *database) rows(fold *schema.Schema) map[string]string {
	d.Helper()
	all := map[string]string{}
	for _, t := range fold.Tables {
		var columns []string
		for _, c := range t.Columns {
			columns = append(columns, "coalesce(CAST("+d.dialect.Quote(c.Name)+" AS text), '-')")
		}
		all[t.Name] = d.lines("SELECT " + strings.Join(columns, " || '|' || ") + " FROM " + d.dialect.Quote(t.Name) + " ORDER BY 1")
	}
	return all
}

// lines runs a SELECT of one text and joins the rows.
func (d *database) lines(sql string) string {
	d.Helper()
	rows, err := d.db.QueryContext(d.Context(), sql)
	d.must(err)
	defer rows.Close()
	var all []string
	for rows.Next() {
		var line string
		d.must(rows.Scan(&line))
		all = append(all, line)
	}
	d.must(rows.Err())
	return strings.Join(all, "\n")
}

// agree fails the test unless views can be read, triggers work, and enums take
// their values and no others, as the fold says.
func (d *database) agree(what string, fold *schema.Schema) {
	d.Helper()
	if _, err := d.db.ExecContext(d.Context(), "SELECT * FROM adults"); (err == nil) != (fold.View("", "adults") != nil) {
		d.Errorf("%s: reading the view: %v", what, err)
	}
	if fold.Table("", "posts") != nil && fold.Table("", "users") != nil {
		d.exec("UPDATE users SET email = email WHERE email = 'b'")
		touched := d.text("SELECT CAST(count(*) AS text) FROM posts WHERE title = 'touched'") == "1"
		if touched != (fold.Trigger("", "users", "users_touch") != nil) {
			d.Errorf("%s: the trigger works: %t", what, touched)
		}
		d.exec("UPDATE posts SET title = 'r' WHERE title = 'touched'")
	}
	e := fold.Enum("", "mood")
	if e == nil || fold.Table("", "moods") == nil {
		return
	}
	for _, v := range append(slices.Clone(e.Values), "no mood") {
		_, err := d.db.ExecContext(d.Context(), fmt.Sprintf("INSERT INTO moods (id, now) VALUES (99, %s)", d.dialect.Literal(v)))
		if (err == nil) != slices.Contains(e.Values, v) {
			d.Errorf("%s: %s as a mood: %v", what, v, err)
		}
		d.exec("DELETE FROM moods WHERE id = 99")
	}
}

// optional: what the target says to refuse is refused before anything ran, with
// words that name the operation and the database; the rest works.
func (g Target) optional(t *testing.T) {
	known := map[string]bool{}
	for _, c := range optional() {
		known[c.name] = true
		t.Run(c.name, func(t *testing.T) {
			if slices.Contains(g.Refused, c.name) {
				g.refused(t, c)
				return
			}
			d := g.open(t)
			d.prepare(c)
			d.run(c.do)
			if back, err := op.Reverse(c.do); err == nil && c.name != "create extension" { // which found it
				d.run(back...)
			}
		})
	}
	for _, name := range g.Refused {
		if !known[name] {
			t.Errorf("Refused names %q, which is none of the suite's operations", name)
		}
	}
}

func (g Target) refused(t *testing.T, c operation) {
	d := g.open(t)
	before := d.schema()
	events, err := d.try(op.CreateTable{Name: "first", Columns: []schema.Column{{Name: "a", Type: schema.Integer}}}, c.do)
	var failed *op.Error
	if !errors.As(err, &failed) || failed.Statement != 0 || len(events) > 0 {
		t.Fatalf("%v, after %d operations", err, len(events))
	}
	if text := err.Error(); !strings.HasPrefix(text, c.do.String()) || !strings.Contains(strings.ToLower(text), d.dialect.Name()) {
		t.Errorf("the refusal does not name operation and database: %s", text)
	}
	d.equal("after a refusal", d.schema(), before)
}
