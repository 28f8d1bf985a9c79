package diff_test

import (
	"github.com/leavendb/leaven/framework/diff"
	"github.com/leavendb/leaven/framework/schema"
)

var (
	Int, Big, Text, Bool = schema.Integer, schema.BigInt, schema.Text, schema.Boolean
	Time                 = schema.Timestamptz
)

func tableScenarios() []scenario {
	users := func(more ...any) any { return with("users", append([]any{col("email", Text)}, more...)...) }
	posts := func(more ...any) any { return with("posts", append([]any{col("user_id", Big)}, more...)...) }
	toUsers := fk("posts_user_id_fkey", "user_id", "users.id")
	return []scenario{
		{name: "nothing: empty", from: db(), to: db()},
		{name: "nothing: equal", from: db(users()), to: db(users())},
		{name: "nothing: another order of tables", from: db(users(), posts()), to: db(posts(), users())},
		{name: "nothing: another order of columns", from: db(tbl("t", col("a", Int), col("b", Int))), to: db(tbl("t", col("b", Int), col("a", Int)))},
		{name: "nothing: a name left open", from: db(users(uq("users_email_key", "email"))), to: db(users(uq("", "email")))},
		{name: "nothing: pairs of a foreign key in another order",
			from: db(tbl("a", col("x", Int, notNull), col("y", Int, notNull), pk("x", "y")), tbl("b", col("x", Int), col("y", Int),
				schema.ForeignKey{Name: "b_fkey", Columns: []string{"x", "y"}, RefTable: "a", RefColumns: []string{"x", "y"}})),
			to: db(tbl("a", col("x", Int, notNull), col("y", Int, notNull), pk("x", "y")), tbl("b", col("x", Int), col("y", Int),
				schema.ForeignKey{Name: "b_fkey", Columns: []string{"y", "x"}, RefTable: "a", RefColumns: []string{"y", "x"}}))},
		{name: "table: add", from: db(), to: db(users())},
		{name: "table: add with indexes, checks and uniques", from: db(), to: db(users(uq("u", "email"), ck("c", "id > 0"), ix("users_email_idx", "email")))},
		{name: "table: add two, the referring one first", from: db(), to: db(posts(toUsers), users())},
		{name: "table: add one that refers to one that is there", from: db(users()), to: db(users(), posts(toUsers))},
		{name: "table: add one that refers to itself", from: db(), to: db(with("nodes", col("parent", Big), fk("f", "parent", "nodes.id")))},
		{name: "table: add two that refer to one another", from: db(), to: db(
			with("a", col("b_id", Big), fk("a_b", "b_id", "b.id")), with("b", col("a_id", Big), fk("b_a", "a_id", "a.id")))},
		{name: "table: add three in a circle, and one that hangs on it", from: db(), to: db(
			with("a", col("x", Big), fk("a_b", "x", "b.id")), with("b", col("x", Big), fk("b_c", "x", "c.id")),
			with("c", col("x", Big), fk("c_a", "x", "a.id")), with("d", col("x", Big), fk("d_a", "x", "a.id")))},
		{name: "table: add without a primary key", from: db(), to: db(tbl("log", col("line", Text)))},
		{name: "table: add with comments", from: db(), to: db(with("t", col("a", Int, says("of a")), "of t")), on: postgresOnly},
		{name: "table: drop", from: db(users()), to: db()},
		{name: "table: drop with an index", from: db(users(ix("users_email_idx", "email"))), to: db()},
		{name: "table: drop two, the referred one last", from: db(users(), posts(toUsers)), to: db()},
		{name: "table: drop the referred one", from: db(users(), posts(toUsers)), to: db(posts())},
		{name: "table: drop the referring one", from: db(users(), posts(toUsers)), to: db(users())},
		{name: "table: drop two that refer to one another", from: db(
			with("a", col("b_id", Big), fk("a_b", "b_id", "b.id")), with("b", col("a_id", Big), fk("b_a", "a_id", "a.id"))), to: db()},
		{name: "table: drop one that refers to itself", from: db(with("nodes", col("parent", Big), fk("f", "parent", "nodes.id"))), to: db()},
		{name: "table: drop one and add another with its index's name", from: db(with("a", col("x", Int), ix("i", "x"))), to: db(with("b", col("y", Text), ix("i", "y")))},
		{name: "table: drop and add, perhaps a rename", from: db(users()), to: db(with("people", col("email", Text)))},
		{name: "table: drop and add, nothing alike", from: db(users()), to: db(tbl("log", col("line", Text)))},
		{name: "table: replaced by a view", from: db(with("base"), with("v", col("x", Int))), to: db(with("base"), view("v", "SELECT id FROM base"))},
		{name: "table: a view replaced by it", from: db(with("base"), view("v", "SELECT id FROM base")), to: db(with("base"), with("v", col("x", Int)))},
		{name: "table: comment", from: db(users()), to: db(users("who may log in")), on: postgresOnly},
		{name: "table: another comment", from: db(users("a")), to: db(users("it's b")), on: postgresOnly},
		{name: "table: no comment any more", from: db(users("a")), to: db(users()), on: postgresOnly},
		{name: "table: a name that needs quotes", from: db(), to: db(with(`we"ird`, col(`a b`, Int), ix(`i"x`, `a b`)))},
		{name: "table: in another schema", from: db(), to: db("app", with("app.t", col("x", Int))), on: postgresOnly},
		{name: "table: of one name in two schemas", from: db("a", with("a.t")), to: db("a", with("a.t", col("x", Int)), with("t")), on: postgresOnly},
		{name: "table: refer to another schema", from: db("a", with("a.t"), with("u", col("t_id", Big))),
			to: db("a", with("a.t"), with("u", col("t_id", Big), fk("f", "t_id", "a.t.id"))), on: postgresOnly},
		{name: "schema: drop with its table", from: db("app", with("app.t")), to: db(), on: postgresOnly},
		{name: "schema: add alone", from: db(), to: db("app"), on: postgresOnly},
		{name: "several at once", from: db(users(), posts(toUsers)),
			to: db(users(col("nick", schema.Varchar(20)), uq("users_email_key", "email")), with("tags", col("post_id", Big), fk("tags_post_id_fkey", "post_id", "posts.id")), posts(toUsers, col("title", Text, notNull, value(""))))},
	}
}

func columnScenarios() []scenario {
	t := func(parts ...any) any { return with("t", parts...) }
	one := func(name string, from, to schema.Column, on ...servers) scenario {
		s := scenario{name: "column: " + name, from: db(t(from)), to: db(t(to))}
		if len(on) > 0 {
			s.on = on[0]
		}
		return s
	}
	return []scenario{
		{name: "column: add", from: db(t()), to: db(t(col("a", Text)))},
		{name: "column: add several", from: db(t()), to: db(t(col("a", Text), col("b", Int), col("c", Bool)))},
		{name: "column: add not null with a default", from: db(t()), to: db(t(col("a", Text, notNull, value("x"))))},
		{name: "column: add not null without a default", from: db(t()), to: db(t(col("a", Text, notNull))), empty: true},
		{name: "column: add with now", from: db(t()), to: db(t(col("a", Time, notNull, now)))},
		{name: "column: add with a random uuid", from: db(t()), to: db(t(col("a", schema.UUID, notNull, uuid))), on: postgresOnly},
		{name: "column: add serial", from: db(t()), to: db(t(col("a", Big, serial))), on: postgresOnly},
		{name: "column: add identity", from: db(t()), to: db(t(col("a", Big, identity(schema.IdentityAlways)))), on: postgresOnly},
		{name: "column: add generated", from: db(t(col("a", Int))), to: db(t(col("a", Int), col("b", Int, computed("a * 2"))))},
		{name: "column: add generated of a new one", from: db(t()), to: db(t(col("b", Int, computed("a * 2")), col("a", Int)))},
		{name: "column: add with unique", from: db(t()), to: db(t(col("a", Text), uq("t_a_key", "a")))},
		{name: "column: add with an index", from: db(t()), to: db(t(col("a", Text), ix("t_a_idx", "a")))},
		{name: "column: add with a foreign key", from: db(t(), with("u")), to: db(t(col("u_id", Big), fk("t_u", "u_id", "u.id")), with("u"))},
		{name: "column: add with a check", from: db(t()), to: db(t(col("a", Int), ck("t_a_check", "a > 0")))},
		{name: "column: add array", from: db(t()), to: db(t(col("a", schema.Array(Text), notNull, value("{}")))), on: postgresOnly},
		{name: "column: add with comment", from: db(t()), to: db(t(col("a", Int, says("x")))), on: postgresOnly},
		{name: "column: drop", from: db(t(col("a", Text))), to: db(t())},
		{name: "column: drop with its index", from: db(t(col("a", Text), ix("i", "a"))), to: db(t())},
		{name: "column: drop with a composite index", from: db(t(col("a", Text), col("b", Text), ix("i", "a", "b"))), to: db(t(col("b", Text)))},
		{name: "column: drop, and the index shrinks", from: db(t(col("a", Text), col("b", Text), ix("i", "a", "b"))), to: db(t(col("b", Text), ix("i", "b")))},
		{name: "column: drop with its unique", from: db(t(col("a", Text), uq("u", "a"))), to: db(t())},
		{name: "column: drop with its check", from: db(t(col("a", Int), ck("c", "a > 0"))), to: db(t())},
		{name: "column: drop with a check of two", from: db(t(col("a", Int), col("b", Int), ck("c", "a >= b"))), to: db(t(col("b", Int)))},
		{name: "column: drop with its foreign key", from: db(t(col("u_id", Big), fk("f", "u_id", "u.id")), with("u")), to: db(t(), with("u"))},
		{name: "column: drop the referred one", from: db(with("u", col("code", Text), uq("k", "code")), t(col("c", Text), fk("f", "c", "u.code"))),
			to: db(with("u"), t(col("c", Text)))},
		{name: "column: drop what a generated one reads, with it", from: db(t(col("a", Int), col("b", Int, computed("a * 2")))), to: db(t())},
		{name: "column: drop the generated one", from: db(t(col("a", Int), col("b", Int, computed("a * 2")))), to: db(t(col("a", Int)))},
		{name: "column: drop and add, perhaps a rename", from: db(t(col("nick", Text))), to: db(t(col("nickname", Text)))},
		{name: "column: drop and add of another type", from: db(t(col("nick", Text))), to: db(t(col("age", Int)))},
		{name: "column: two that may be renamed", from: db(t(col("a", Text), col("b", Text, notNull))), to: db(t(col("c", Text, notNull, value("")), col("d", Text)))},
		one("not null", col("a", Text), col("a", Text, notNull)),
		one("not null and a default", col("a", Text), col("a", Text, notNull, value("x"))),
		one("null", col("a", Text, notNull), col("a", Text)),
		one("give a default", col("a", Int), col("a", Int, value(5))),
		one("change a default", col("a", Int, value(5)), col("a", Int, value(6))),
		one("drop a default", col("a", Int, value(5)), col("a", Int)),
		one("a default of text with a quote", col("a", Text), col("a", Text, value("it's ? \\"))),
		one("a default of false", col("a", Bool), col("a", Bool, value(false))),
		one("a default of now", col("a", Time), col("a", Time, now)),
		one("a default from an expression", col("a", Int), col("a", Int, expr("1 + 2")), postgresOnly),
		one("begin to count", col("a", Big), col("a", Big, serial), postgresOnly),
		one("stop counting", col("a", Big, serial), col("a", Big, notNull), postgresOnly),
		one("stop counting and be null", col("a", Big, serial), col("a", Big), postgresOnly),
		one("serial to identity", col("a", Big, serial), col("a", Big, serial, identity(schema.IdentityByDefault)), postgresOnly),
		one("identity of another kind", col("a", Big, serial, identity(schema.IdentityByDefault)), col("a", Big, serial, identity(schema.IdentityAlways)), postgresOnly),
		one("serial is content with identity", col("a", Big, serial, identity(schema.IdentityAlways)), col("a", Big, serial), postgresOnly),
		one("collation", col("a", Text), col("a", Text, collate("C")), postgresOnly),
		one("comment", col("a", Text), col("a", Text, says("it's")), postgresOnly),
		one("comment and type", col("a", schema.Varchar(5)), col("a", Text, says("x")), postgresOnly),
		one("no comment any more", col("a", Text, says("x")), col("a", Text), postgresOnly),
		{name: "column: become generated", from: db(t(col("a", Int), col("b", Int))), to: db(t(col("a", Int), col("b", Int, computed("a * 2"))))},
		{name: "column: no longer generated", from: db(t(col("a", Int), col("b", Int, computed("a * 2")))), to: db(t(col("a", Int), col("b", Int)))},
		{name: "column: generated otherwise", from: db(t(col("a", Int), col("b", Int, computed("a * 2")))), to: db(t(col("a", Int), col("b", Int, computed("a * 3"))))},
		{name: "column: generated otherwise, with an index and a unique", from: db(t(col("a", Int), col("b", Int, computed("a * 2")), ix("i", "b"), uq("u", "b"))),
			to: db(t(col("a", Int), col("b", Int, computed("a * 3")), ix("i", "b"), uq("u", "b")))},
		{name: "column: generated becomes virtual", from: db(t(col("a", Int), col("b", Int, computed("a * 2")))), to: db(t(col("a", Int), col("b", Int, computed("a * 2"), virtual))), on: sqliteOnly},
		{name: "column: virtual becomes plain", from: db(t(col("a", Int), col("b", Int, computed("a * 2"), virtual))), to: db(t(col("a", Int), col("b", Int))), on: sqliteOnly},
		{name: "column: the type changes under a generated one", from: db(t(col("a", Int), col("b", Big, computed("a * 2")))), to: db(t(col("a", Big), col("b", Big, computed("a * 2"))))},
		{name: "column: small tables are not careful about not null", from: db(t(col("a", Text))), to: db(t(col("a", Text, notNull))),
			options: diff.Options{Small: func(_, table string) bool { return table == "t" }}},
		{name: "column: not null in a key", from: db(tbl("t", col("a", Int))), to: db(tbl("t", col("a", Int, notNull), pk("a")))},
		{name: "column: two become not null", from: db(t(col("a", Text), col("b", Text))), to: db(t(col("a", Text, notNull), col("b", Text, notNull)))},
		{name: "column: the name of a staged check is taken", from: db(t(col("a", Text), ck("t_a_not_null", "id > 0"))), to: db(t(col("a", Text, notNull), ck("t_a_not_null", "id > 0")))},
		{name: "column: all replaced", from: db(tbl("t", col("a", Int))), to: db(tbl("t", col("b", Text)))},
	}
}

func typeScenarios() []scenario {
	var all []scenario
	for _, c := range []struct {
		from, to schema.Type
		on       servers
	}{
		{Int, Big, both}, {Big, Int, both}, {schema.SmallInt, Int, both}, {Int, Text, both}, {Text, Int, both},
		{schema.Varchar(20), schema.Varchar(40), both}, {schema.Varchar(40), schema.Varchar(20), both}, {schema.Varchar(20), Text, both},
		{Text, schema.Varchar(20), both}, {schema.Varchar(20), schema.Varchar(0), both},
		{schema.Numeric(8, 2), schema.Numeric(12, 2), both}, {schema.Numeric(12, 2), schema.Numeric(8, 2), both}, {schema.Numeric(8, 4), schema.Numeric(8, 2), both},
		{schema.Numeric(8, 2), schema.Numeric(8, 4), both}, {schema.Numeric(8, 2), schema.Numeric(0, 0), both}, {schema.Numeric(8, 2), Int, both},
		{Int, schema.Numeric(12, 2), both}, {schema.Real, schema.Double, both}, {schema.Double, schema.Real, both}, {Big, schema.Double, both}, {schema.Double, Big, both},
		{Time, schema.Date, both}, {schema.Date, Time, both}, {schema.Timestamp, Time, postgresOnly}, {Time, schema.Timestamp, postgresOnly}, {schema.Timestamp, schema.Time, both},
		{Text, schema.JSONB, both}, {schema.JSON, schema.JSONB, both}, {schema.JSONB, schema.JSON, both}, {schema.JSONB, Text, both},
		{Bool, Int, postgresOnly}, {Text, Bool, both}, {Text, schema.UUID, both}, {schema.UUID, Text, both}, {Text, schema.Array(Text), both},
		{schema.Array(Int), schema.Array(Text), postgresOnly}, {schema.Array(schema.Varchar(5)), schema.Array(Text), postgresOnly},
		{schema.Raw("character varying(20)"), schema.Raw("character varying(40)"), both}, {schema.Raw("timestamp with time zone"), schema.Raw("date"), both},
		{schema.Raw("numeric(8,2)"), schema.Raw("numeric(6,1)"), both}, {schema.Raw("geometry(Point,4326)"), schema.Raw("geometry(Point,3857)"), nowhere},
		{schema.Raw("inet"), schema.Raw("cidr"), postgresOnly}, {schema.Bytes, Text, both},
	} {
		all = append(all, scenario{name: "type: " + c.from.String() + " to " + c.to.String(), on: c.on,
			from: db(with("t", col("a", c.from))), to: db(with("t", col("a", c.to)))})
	}
	return append(all, []scenario{
		{name: "type: with a default", from: db(with("t", col("a", Int, value(1)))), to: db(with("t", col("a", Big, value(2))))},
		{name: "type: and not null", from: db(with("t", col("a", Int))), to: db(with("t", col("a", Big, notNull)))},
		{name: "type: of an indexed column", from: db(with("t", col("a", Int), ix("i", "a"))), to: db(with("t", col("a", Big), ix("i", "a")))},
		{name: "type: of both sides of a foreign key", from: db(tbl("u", col("id", Int, notNull), pk("id")), with("t", col("u_id", Int), fk("f", "u_id", "u.id"))),
			to: db(tbl("u", col("id", Big, notNull), pk("id")), with("t", col("u_id", Big), fk("f", "u_id", "u.id")))},
		{name: "type: of both sides, so that they do not fit meanwhile", from: db(tbl("u", col("id", Int, notNull), pk("id")), with("t", col("u_id", Int), fk("f", "u_id", "u.id"))),
			to: db(tbl("u", col("id", Text, notNull), pk("id")), with("t", col("u_id", Text), fk("f", "u_id", "u.id")))},
		{name: "type: under a view", from: db(with("t", col("a", Int)), view("v", "SELECT a FROM t")), to: db(with("t", col("a", Big)), view("v", "SELECT a FROM t"))},
		{name: "type: under a view of a view", from: db(with("t", col("a", Int)), view("w", "SELECT a FROM v"), view("v", "SELECT a FROM t")), to: db(with("t", col("a", Big)), view("v", "SELECT a FROM t"), view("w", "SELECT a FROM v"))},
		{name: "type: serial grows", from: db(tbl("t", col("id", Int, serial), pk("id"))), to: db(tbl("t", col("id", Big, serial), pk("id")))},
	}...)
}
