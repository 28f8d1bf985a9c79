package dialecttest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// users and posts are what the operations of the suite start from.
func users() op.CreateTable {
	return op.CreateTable{Name: "users", Columns: []schema.Column{
		{Name: "id", Type: schema.BigInt, AutoIncrement: true, NotNull: true},
		{Name: "email", Type: schema.Varchar(80), NotNull: true},
		{Name: "age", Type: schema.Integer},
		{Name: "team", Type: schema.Integer},
		{Name: "name", Type: schema.Text, NotNull: true, Default: schema.Literal("it's")},
	}, PrimaryKey: []string{"id"}, Uniques: []schema.Unique{{Name: "users_email_key", Columns: []string{"email"}}}}
}

func posts() op.CreateTable {
	return op.CreateTable{Name: "posts", Columns: []schema.Column{
		{Name: "id", Type: schema.BigInt, AutoIncrement: true, NotNull: true},
		{Name: "user_id", Type: schema.BigInt, NotNull: true},
		{Name: "title", Type: schema.Text},
	}, PrimaryKey: []string{"id"}, ForeignKeys: []schema.ForeignKey{
		{Name: "posts_user_id_fkey", Columns: []string{"user_id"}, RefTable: "users", RefColumns: []string{"id"}, OnDelete: schema.Cascade},
	}}
}

// everyType is a table with a column of each portable type and kind of default.
func everyType() op.CreateTable {
	column := func(name string, t schema.Type, def schema.Expression) schema.Column {
		return schema.Column{Name: name, Type: t, Default: def}
	}
	none := schema.Expression{}
	return op.CreateTable{Name: "every_type", Columns: []schema.Column{
		{Name: "a", Type: schema.Integer}, {Name: "b", Type: schema.Varchar(0)},
		column("boolean", schema.Boolean, schema.Literal(true)),
		column("smallint", schema.SmallInt, schema.Literal(-1)),
		column("bigint", schema.BigInt, schema.Literal(int64(1)<<62)),
		column("real", schema.Real, none),
		column("double", schema.Double, schema.Literal(1.5)),
		column("numeric", schema.Numeric(12, 2), schema.Literal(0)),
		column("precise", schema.Numeric(40, 20), none),
		column("unlimited", schema.Numeric(0, 0), none),
		column("text", schema.Text, schema.Literal("a\nb'c\\d?e")),
		column("bytes", schema.Bytes, none),
		column("date", schema.Date, none),
		column("time", schema.Time, none),
		column("timestamp", schema.Timestamp, none),
		column("timestamptz", schema.Timestamptz, schema.Now),
		column("uuid", schema.UUID, schema.RandomUUID),
		column("json", schema.JSON, none),
		column("jsonb", schema.JSONB, schema.Literal("{}")),
		column("array", schema.Array(schema.Text), none),
		column("null", schema.Integer, schema.Literal(nil)),
	}, PrimaryKey: []string{"a", "b"}}
}

type operation struct {
	name    string
	prepare []op.Op
	do      op.Op
}

func operations() []operation {
	base := []op.Op{users(), posts()}
	key := posts().ForeignKeys[0]
	col := func(c schema.Column) op.Op { return op.AddColumn{Table: "users", Column: c} }
	index := func(x schema.Index) op.Op { return op.CreateIndex{Table: "users", Index: x} }
	where := schema.Expr("age > 18")
	drop := schema.Index{Name: "users_age_idx", Parts: schema.Columns("age")}
	unique := schema.Unique{Name: "users_team_name_key", Columns: []string{"team", "name"}}
	check := schema.Check{Name: "users_age_check", Expr: schema.Expr("age >= 0")}
	usersTable, postsTable := users().Table(), posts().Table()
	return []operation{
		{"create table", nil, users()},
		{"create table of every type", nil, everyType()},
		{"create table with a foreign key", []op.Op{users()}, posts()},
		{"create table with checks", nil, op.CreateTable{Name: "t", Columns: []schema.Column{{Name: "a", Type: schema.Integer}}, Checks: []schema.Check{{Name: "c", Expr: schema.Expr("a > 1")}, {Expr: schema.Expr("a < 9")}}}},
		{"drop table", base, op.DropTable{Name: "posts", Was: postsTable}},
		{"drop table with indexes", []op.Op{users(), index(drop)}, op.DropTable{Name: "users", Was: withIndex(usersTable, drop)}},
		{"add column", base, col(schema.Column{Name: "nick", Type: schema.Varchar(20)})},
		{"add column with a default", base, col(schema.Column{Name: "nick", Type: schema.Text, NotNull: true, Default: schema.Literal("x'y")})},
		{"add column with a computed default", base, col(schema.Column{Name: "at", Type: schema.Timestamptz, NotNull: true, Default: schema.Now})},
		{"add column with a random default", base, col(schema.Column{Name: "key", Type: schema.UUID, NotNull: true, Default: schema.RandomUUID})},
		{"add column that may not be null", base, col(schema.Column{Name: "must", Type: schema.Integer, NotNull: true})},
		{"drop column", base, op.DropColumn{Table: "users", Name: "age", Was: usersTable.Column("age")}},
		{"drop column with a default", base, op.DropColumn{Table: "users", Name: "name", Was: usersTable.Column("name")}},
		{"create index", base, index(drop)},
		{"create unique index", base, index(schema.Index{Name: "u", Unique: true, Parts: []schema.Part{{Column: "team"}, {Column: "age", Desc: true}}})},
		{"create partial index", base, index(schema.Index{Name: "p", Parts: schema.Columns("team"), Where: where})},
		{"create index on an expression", base, index(schema.Index{Name: "e", Parts: []schema.Part{{Expr: schema.Expr("lower(email)")}, {Expr: schema.Expr("(age + team)"), Desc: true}}})},
		{"drop index", []op.Op{users(), index(drop)}, op.DropIndex{Table: "users", Name: drop.Name, Was: &drop}},
		{"add foreign key", []op.Op{users(), withoutKeys(posts())}, op.AddForeignKey{Table: "posts", ForeignKey: key}},
		{"add foreign key to itself", base, op.AddForeignKey{Table: "users", ForeignKey: schema.ForeignKey{Name: "lead", Columns: []string{"team"}, RefTable: "users", RefColumns: []string{"id"}, OnDelete: schema.SetNull, OnUpdate: schema.Cascade}}},
		{"add unique", base, op.AddUnique{Table: "users", Unique: unique}},
		{"add check", base, op.AddCheck{Table: "users", Check: check}},
		{"drop foreign key", base, op.DropConstraint{Table: "posts", Name: key.Name, Was: key}},
		{"drop unique", append(base, op.AddUnique{Table: "users", Unique: unique}), op.DropConstraint{Table: "users", Name: unique.Name, Was: unique}},
		{"drop check", append(base, op.AddCheck{Table: "users", Check: check}), op.DropConstraint{Table: "users", Name: check.Name, Was: check}},
	}
}

func withIndex(t *schema.Table, x schema.Index) *schema.Table {
	t = t.Clone()
	t.Indexes = append(t.Indexes, x)
	return t
}

func withoutKeys(o op.CreateTable) op.CreateTable { o.ForeignKeys = nil; return o }

// ifNotExists: what equals is found, what differs is refused, and named.
func (g Target) ifNotExists(t *testing.T) {
	d := g.open(t)
	index := schema.Index{Name: "users_age_idx", Parts: schema.Columns("age"), Where: schema.Expr("age > 1")}
	nick := schema.Column{Name: "nick", Type: schema.Varchar(20), Default: schema.Literal("x")}
	table := users()
	table.IfNotExists = true
	for _, o := range []op.Op{
		table, every(true), op.AddColumn{Table: "users", Column: nick, IfNotExists: true}, op.CreateIndex{Table: "users", Index: index, IfNotExists: true},
	} {
		for _, want := range []op.Outcome{op.Ran, op.Found} {
			if got := d.run(o)[0].Outcome; got != want {
				t.Errorf("%s: %s, want %s", o, got, want)
			}
		}
	}
	before := d.schema()
	nick.Default = schema.Literal("y")
	index.Where = schema.Expr("age > 2")
	other := users()
	other.IfNotExists = true
	other.Columns = other.Columns[:4]
	for _, o := range []op.Op{other, op.AddColumn{Table: "users", Column: nick, IfNotExists: true}, op.CreateIndex{Table: "users", Index: index, IfNotExists: true}} {
		_, err := d.try(o)
		var differs *op.DifferenceError
		if !errors.As(err, &differs) || len(differs.Differences) == 0 {
			t.Errorf("%s that differs: %v", o, err)
		}
	}
	d.equal("after refusals", d.schema(), before)
}

func every(ifNotExists bool) op.CreateTable {
	o := everyType()
	o.IfNotExists = ifNotExists
	return o
}

// concurrent: what builds or drops an index outside a transaction can be run
// again after an interruption, and takes no other index for its own.
func (g Target) concurrent(t *testing.T) {
	d := g.open(t)
	d.run(users())
	before := d.schema()
	conn, err := d.db.Conn(t.Context())
	d.must(err)
	defer conn.Close()
	o := op.CreateIndex{Table: "users", Index: schema.Index{Name: "i", Parts: schema.Columns("age")}, Concurrently: true}
	fold := &schema.Schema{}
	d.must(users().Apply(fold))
	d.must(o.Apply(fold))
	for range 2 {
		d.must(op.Run(t.Context(), conn, o))
		d.isFold("with the index", fold)
	}
	o.Index.Parts = schema.Columns("team")
	var differs *op.DifferenceError
	if err := op.Run(t.Context(), conn, o); !errors.As(err, &differs) {
		t.Errorf("another index of that name: %v", err)
	}
	back, err := o.Reversed()
	d.must(err)
	d.must(op.Run(t.Context(), conn, back))
	d.equal("after its reverse", d.schema(), before)
}

// unnamed: a constraint that its author did not name is dropped by the name
// that PostgreSQL gives it, in every dialect.
func (g Target) unnamed(t *testing.T) {
	d := g.open(t)
	table := op.CreateTable{Name: "t", PrimaryKey: []string{"a"}, Columns: []schema.Column{
		{Name: "a", Type: schema.Integer}, {Name: "b", Type: schema.Integer}, {Name: "c", Type: schema.Integer},
	},
		Uniques:     []schema.Unique{{Columns: []string{"b", "c"}}},
		Checks:      []schema.Check{{Expr: schema.Expr("b > 0")}, {Expr: schema.Expr("b > c")}},
		ForeignKeys: []schema.ForeignKey{{Columns: []string{"b"}, RefTable: "t", RefColumns: []string{"a"}}},
	}
	fold := &schema.Schema{}
	d.run(table)
	d.must(table.Apply(fold))
	for _, name := range []string{"t_b_c_key", "t_b_check", "t_check", "t_b_fkey", "t_pkey"} {
		o := op.DropConstraint{Table: "t", Name: name}
		d.run(o)
		d.must(o.Apply(fold))
	}
	// The columns of a key that is gone stay NOT NULL.
	fold.Tables[0].Columns[0].NotNull = true
	d.isFold("without its constraints", fold)
}

// hostileNames are legal, and break what does not quote them.
var hostileNames = []string{`we"ird`, "select", "mixedCase", "spa ce", "ünïcödé", "semi;colon--", "que?stion", `back\slash`, "a'b", "[x]", "`y`",
	"sixty_three_bytes_" + "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrs"}

// names uses hostile names for everything that has a name.
func (g Target) names(t *testing.T) {
	d := g.open(t)
	fold := &schema.Schema{}
	for i, name := range hostileNames {
		ops := d.named(name, hostileNames[(i+1)%len(hostileNames)])
		d.run(ops...)
		for _, o := range ops {
			d.must(o.Apply(fold))
		}
	}
	d.isFold("with hostile names", fold)
	for _, name := range hostileNames {
		d.run(unnamed(name)...)
	}
	d.equal("after dropping all", d.schema(), &schema.Schema{})
}

// unnamed are what takes that away.
func unnamed(name string) []op.Op {
	return []op.Op{op.DropIndex{Table: name, Name: short("ix", name)}, op.DropTable{Name: name}}
}

// named are operations that a table of that name and what is in it go through.
func (d *database) named(name, other string) []op.Op {
	key := schema.ForeignKey{Name: short("fk", name), Columns: []string{other}, RefTable: name, RefColumns: []string{name}}
	return []op.Op{
		op.CreateTable{Name: name, Columns: []schema.Column{{Name: name, Type: schema.Integer, NotNull: true}, {Name: other, Type: schema.Integer}}, PrimaryKey: []string{name}},
		op.AddColumn{Table: name, Column: schema.Column{Name: short("3", name), Type: schema.Text, NotNull: true, Default: schema.Literal(name)}},
		op.CreateIndex{Table: name, Index: schema.Index{Name: short("ix", name), Parts: []schema.Part{{Column: other, Desc: true}}, Where: schema.Expr(d.dialect.Quote(other) + " > 1")}},
		op.AddUnique{Table: name, Unique: schema.Unique{Name: short("uq", name), Columns: []string{other}}},
		op.AddCheck{Table: name, Check: schema.Check{Name: short("ck", name), Expr: schema.Expr(d.dialect.Quote(other) + " > 0")}},
		op.AddForeignKey{Table: name, ForeignKey: key},
		op.DropConstraint{Table: name, Name: key.Name, Was: key},
		op.DropColumn{Table: name, Name: short("3", name)},
	}
}

// short makes a name of at most 63 bytes that begins with a prefix.
func short(prefix, name string) string {
	if len(name) > 60 {
		name = name[:60]
	}
	return prefix + "_" + name
}

// literals writes hostile texts as defaults and as literals, and reads them back.
func (g Target) literals(t *testing.T) {
	d := g.open(t)
	texts := []string{"", "'", "''", `\`, `\'`, "?", "$1", "a\nb", "--", "/*", "$$", "ünïcödé 🦀", "E'x'", ":a", "%s", `"`, "x\u202ey"}
	for _, text := range texts {
		if got := d.text("SELECT " + d.dialect.Literal(text)); got != text {
			t.Errorf("literal %q reads back as %q", text, got)
		}
	}
	var columns []schema.Column
	for i, text := range texts {
		columns = append(columns, schema.Column{Name: fmt.Sprint("c", i), Type: schema.Text, Default: schema.Literal(text)})
	}
	columns = append(columns, schema.Column{Name: "n", Type: schema.Integer})
	d.run(op.CreateTable{Name: "t", Columns: columns})
	d.exec("INSERT INTO t (n) VALUES (1)")
	for i, text := range texts {
		if got := d.text(fmt.Sprintf("SELECT c%d FROM t", i)); got != text {
			t.Errorf("default %q gives %q", text, got)
		}
	}
}

// rowsSurvive: changes of a table that others refer to lose no row of either.
func (g Target) rowsSurvive(t *testing.T) {
	d := g.open(t)
	d.run(users(), posts())
	d.exec("INSERT INTO users (email, age, team) VALUES ('a', 1, 1), ('b', 2, 2), ('c', 3, 3)",
		"DELETE FROM users WHERE email = 'c'",
		"INSERT INTO posts (user_id, title) VALUES (1, 'x'), (1, 'y'), (2, 'z')")
	d.run(
		op.AddUnique{Table: "users", Unique: schema.Unique{Name: "u", Columns: []string{"team"}}},
		op.AddCheck{Table: "users", Check: schema.Check{Name: "c", Expr: schema.Expr("age > 0")}},
		op.AddColumn{Table: "users", Column: schema.Column{Name: "at", Type: schema.Timestamptz, NotNull: true, Default: schema.Now}},
		op.AddColumn{Table: "users", Column: schema.Column{Name: "k", Type: schema.UUID, NotNull: true, Default: schema.RandomUUID}},
		op.DropConstraint{Table: "users", Name: "c"},
		op.DropColumn{Table: "users", Name: "age"},
	)
	d.exec("INSERT INTO users (email) VALUES ('d')")
	for sql, want := range map[string]string{
		"SELECT CAST(count(*) AS text) FROM posts":                                "3",
		"SELECT CAST(sum(user_id) AS text) FROM posts":                            "4",
		"SELECT CAST(id AS text) FROM users WHERE email = 'b'":                    "2",
		"SELECT CAST(id AS text) FROM users WHERE email = 'd'":                    "4",
		"SELECT CAST(count(DISTINCT k) AS text) FROM users":                       "3",
		"SELECT CAST(count(*) AS text) FROM users WHERE at IS NOT NULL":           "3",
		"SELECT CAST(count(*) AS text) FROM users WHERE length(name) = 4":         "3",
		"SELECT CAST(count(*) AS text) FROM users WHERE team IN (1, 2)":           "2",
		"SELECT CAST(count(*) AS text) FROM users WHERE k IS NOT DISTINCT FROM k": "3",
	} {
		if got := d.text(sql); got != want {
			t.Errorf("%s: %s, want %s", sql, got, want)
		}
	}
	if _, err := d.db.ExecContext(t.Context(), "INSERT INTO posts (user_id) VALUES (99)"); err == nil {
		t.Error("the foreign key is gone")
	}
}
