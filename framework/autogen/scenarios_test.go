package autogen_test

import "github.com/leavendb/leaven/framework/schema"

// scenario is a pair of schemas in the words of their authors. The files that
// lead from one to the other are compiled, and run up, down and up.
type scenario struct {
	name     string
	from, to *schema.Schema
	renames  []string // "users.nick:users.nickname"
	only     string   // a dialect; empty: both
}

func scenarios() []scenario {
	id := schema.Column{Name: "id", Type: schema.BigInt, NotNull: true, AutoIncrement: true}
	table := func(name string, columns ...schema.Column) *schema.Table {
		return &schema.Table{Name: name, Columns: append([]schema.Column{id}, columns...), PrimaryKey: []string{"id"}}
	}
	db := func(tables ...*schema.Table) *schema.Schema { return &schema.Schema{Tables: tables} }
	col := func(name string, t schema.Type) schema.Column { return schema.Column{Name: name, Type: t} }
	need := func(c schema.Column) schema.Column { c.NotNull = true; return c }
	with := func(t *schema.Table, change func(*schema.Table)) *schema.Table { t = t.Clone(); change(t); return t }
	email := col("email", schema.Varchar(0))
	users := table("users", email)
	posts := func(actions ...schema.Action) *schema.Table {
		return with(table("posts", need(col("user_id", schema.BigInt))), func(t *schema.Table) {
			f := schema.ForeignKey{Name: "posts_user_id_fkey", Columns: []string{"user_id"}, RefTable: "users", RefColumns: []string{"id"}}
			if len(actions) > 0 {
				f.OnDelete = actions[0]
			}
			t.ForeignKeys = []schema.ForeignKey{f}
		})
	}
	indexed := func(x schema.Index) *schema.Table {
		return with(users, func(t *schema.Table) { t.Indexes = []schema.Index{x} })
	}
	checked := func(text string) *schema.Table {
		return with(users, func(t *schema.Table) { t.Checks = []schema.Check{{Name: "users_email_check", Expr: schema.Expr(text)}} })
	}
	role := func(values ...string) *schema.Schema {
		return &schema.Schema{Enums: []*schema.Enum{{Name: "role", Values: values}}, Tables: []*schema.Table{
			table("users", schema.Column{Name: "role", Type: schema.EnumType("", "role"), NotNull: true, Default: schema.Literal("member")})}}
	}
	everyType := table("kinds", col("a", schema.Boolean), col("b", schema.SmallInt), col("c", schema.Integer), col("d", schema.Real), col("e", schema.Double),
		col("f", schema.Numeric(12, 2)), col("g", schema.Text), col("h", schema.Varchar(80)), col("i", schema.Bytes), col("j", schema.Date),
		col("k", schema.Time), col("l", schema.Timestamp), col("m", schema.Timestamptz), col("n", schema.UUID), col("o", schema.JSON), col("p", schema.JSONB),
		col("q", schema.Array(schema.Text)), col("r", schema.Raw("inet").On("sqlite", "TEXT")))
	defaults := table("defaults",
		schema.Column{Name: "a", Type: schema.Timestamptz, NotNull: true, Default: schema.Now},
		schema.Column{Name: "b", Type: schema.Text, NotNull: true, Default: schema.Literal("it's")},
		schema.Column{Name: "c", Type: schema.Boolean, NotNull: true, Default: schema.Literal(false)},
		schema.Column{Name: "d", Type: schema.Integer, Default: schema.Expr("1 + 1")},
		schema.Column{Name: "e", Type: schema.UUID, Default: schema.RandomUUID},
		schema.Column{Name: "f", Type: schema.JSONB, NotNull: true, Default: schema.Literal("{}")})
	return []scenario{
		{name: "add a table", from: db(), to: db(users)},
		{name: "add a table of every type", from: db(), to: db(everyType)},
		{name: "drop a table of every type", from: db(users, everyType), to: db(users)},
		{name: "add a table of defaults", from: db(), to: db(defaults)},
		{name: "drop defaults", from: db(defaults), to: db(with(defaults, func(t *schema.Table) {
			for i := range t.Columns[1:] {
				t.Columns[i+1].Default = schema.Expression{}
			}
		}))},
		{name: "add two that refer", from: db(), to: db(posts(schema.Cascade), users)},
		{name: "drop one that refers", from: db(users, posts()), to: db(users)},
		{name: "change an action", from: db(users, posts()), to: db(users, posts(schema.Cascade))},
		{name: "add a foreign key", from: db(users, with(posts(), func(t *schema.Table) { t.ForeignKeys = nil })), to: db(users, posts(schema.Restrict))},
		{name: "add a column", from: db(users), to: db(table("users", email, col("nickname", schema.Varchar(80))))},
		{name: "add a column that is needed", from: db(users), to: db(table("users", email, schema.Column{Name: "n", Type: schema.Integer, NotNull: true, Default: schema.Literal(0)}))},
		{name: "drop a column", from: db(table("users", email, col("old", schema.Numeric(10, 2)))), to: db(users)},
		{name: "rename a column", from: db(users), to: db(table("users", col("address", schema.Varchar(0)))), renames: []string{"users.email:users.address"}},
		{name: "rename a table", from: db(users, posts()), to: db(with(users, func(t *schema.Table) { t.Name = "people" }),
			with(posts(), func(t *schema.Table) { t.ForeignKeys[0].RefTable = "people" })), renames: []string{"users:people"}},
		{name: "make it needed", from: db(users), to: db(table("users", need(email)))},
		{name: "let it be missing", from: db(table("users", need(email))), to: db(users)},
		{name: "widen a type", from: db(table("t", col("a", schema.Varchar(10)), col("b", schema.Integer))), to: db(table("t", col("a", schema.Varchar(20)), col("b", schema.BigInt)))},
		{name: "narrow a type", from: db(table("t", col("a", schema.Text))), to: db(table("t", col("a", schema.Varchar(20))))},
		{name: "convert a type", from: db(table("t", col("a", schema.Text))), to: db(table("t", col("a", schema.Integer)))},
		{name: "index", from: db(users), to: db(indexed(schema.Index{Name: "users_email_idx", Parts: schema.Columns("email")}))},
		{name: "index lower letters of some", from: db(users), to: db(indexed(schema.Index{Name: "users_email_idx", Unique: true,
			Parts: []schema.Part{{Expr: schema.Expr("lower(email)")}, {Column: "id", Desc: true}}, Where: schema.Expr("email <> ''")}))},
		{name: "drop an index", from: db(indexed(schema.Index{Name: "users_email_idx", Parts: schema.Columns("email")})), to: db(users)},
		{name: "change an index", from: db(indexed(schema.Index{Name: "users_email_idx", Parts: schema.Columns("email")})),
			to: db(indexed(schema.Index{Name: "users_email_idx", Parts: []schema.Part{{Column: "email", Desc: true}}}))},
		{name: "index in ways of PostgreSQL", from: db(table("t", col("tags", schema.JSONB))), only: "postgres",
			to: db(with(table("t", col("tags", schema.JSONB)), func(t *schema.Table) {
				t.Indexes = []schema.Index{{Name: "t_tags_idx", Method: "gin", Parts: []schema.Part{{Column: "tags", Opclass: "jsonb_path_ops"}}}}
			}))},
		{name: "check", from: db(users), to: db(checked("email <> ''"))},
		{name: "change a check", from: db(checked("email <> ''")), to: db(checked("length(email) < 200 AND email NOT LIKE '% %'"))},
		{name: "unique", from: db(users), to: db(with(users, func(t *schema.Table) { t.Uniques = []schema.Unique{{Columns: []string{"email"}}} }))},
		{name: "unique with a name", from: db(with(users, func(t *schema.Table) { t.Uniques = []schema.Unique{{Name: "one", Columns: []string{"id", "email"}}} })), to: db(users)},
		{name: "key of two", from: db(table("t", need(col("a", schema.Integer)))), to: db(&schema.Table{Name: "t",
			Columns: []schema.Column{{Name: "id", Type: schema.BigInt, NotNull: true}, need(col("a", schema.Integer))}, PrimaryKey: []string{"id", "a"}})},
		{name: "add an enum", from: db(), to: role("member", "owner")},
		{name: "add values of an enum", from: role("member", "owner"), to: role("guest", "member", "lead", "owner")},
		{name: "drop a value of an enum", from: role("member", "owner", "lead"), to: role("member", "owner")},
		{name: "rename a value of an enum", from: role("member", "boss"), to: role("member", "owner"), renames: []string{"role.boss:role.owner"}},
		{name: "computed", from: db(table("t", col("a", schema.Integer))), to: db(table("t", col("a", schema.Integer), schema.Column{Name: "b", Type: schema.Integer, Generated: schema.Expr("a * 2")}))},
		{name: "comments", from: db(users), only: "postgres", to: db(with(table("users", schema.Column{Name: "email", Type: schema.Varchar(0), Comment: `it's "here"`}),
			func(t *schema.Table) { t.Comment = "who may log in" }))},
		{name: "another schema", from: db(users), only: "postgres", to: &schema.Schema{Schemas: []string{"app"}, Tables: []*schema.Table{users,
			with(posts(), func(t *schema.Table) { t.Schema = "app" })}}},
		{name: "names that need quotes", from: db(), to: db(with(table(`we"ird`, col("a `b`", schema.Integer)), func(t *schema.Table) {
			t.Indexes = []schema.Index{{Name: `i"x`, Parts: schema.Columns("a `b`")}}
		}))},
		{name: "circle", from: db(), to: db(
			with(table("a", col("b_id", schema.BigInt)), func(t *schema.Table) {
				t.ForeignKeys = []schema.ForeignKey{{Name: "a_b", Columns: []string{"b_id"}, RefTable: "b", RefColumns: []string{"id"}}}
			}),
			with(table("b", col("a_id", schema.BigInt)), func(t *schema.Table) {
				t.ForeignKeys = []schema.ForeignKey{{Name: "b_a", Columns: []string{"a_id"}, RefTable: "a", RefColumns: []string{"id"}, Deferrable: true}}
			}))},
	}
}
