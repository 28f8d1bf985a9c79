package diff_test

import (
	"github.com/leavendb/leaven/framework/diff"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

func enumScenarios() []scenario {
	mood := schema.EnumType("", "mood")
	t := func(parts ...any) any { return with("t", append([]any{col("m", mood)}, parts...)...) }
	with := func(values ...string) *schema.Schema { return db(enum("mood", values...), t()) }
	def := func(value string, values ...string) *schema.Schema {
		return db(enum("mood", values...), withDefault(mood, value))
	}
	valueAt := func(name string) op.Object { return op.Object{Kind: "enum value", Table: "mood", Name: name} }
	return []scenario{
		{name: "enum: add", from: db(), to: db(enum("mood", "a", "b"))},
		{name: "enum: add with its table", from: db(), to: with("a", "b")},
		{name: "enum: drop", from: db(enum("mood", "a")), to: db()},
		{name: "enum: drop with its table", from: with("a"), to: db()},
		{name: "enum: drop with its column", from: with("a"), to: db(tbl("t", col("id", Big, notNull), pk("id")))},
		{name: "enum: value at the end", from: with("a", "b"), to: with("a", "b", "c")},
		{name: "enum: value at the beginning", from: with("a", "b"), to: with("z", "a", "b")},
		{name: "enum: value in the middle", from: with("a", "b"), to: with("a", "x", "b")},
		{name: "enum: several values", from: with("a", "b"), to: with("x", "a", "y", "z", "b", "c", "d")},
		{name: "enum: value and its use as default", from: def("a", "a", "b"), to: def("c", "a", "b", "c")},
		{name: "enum: value and its use in a check", from: with("a", "b"), to: db(enum("mood", "a", "b", "c"), t(ck("no_c", "m <> 'c'")))},
		{name: "enum: value and its use in a partial index", from: with("a", "b"),
			to: db(enum("mood", "a", "b", "c"), t(schema.Index{Name: "i", Parts: schema.Columns("id"), Where: schema.Expr("m = 'c'")})), on: postgresOnly},
		{name: "enum: value and its use as the default of a new column", from: with("a", "b"), to: db(enum("mood", "a", "b", "c"), t(col("n", mood, notNull, value("c"))))},
		{name: "enum: value and something else", from: with("a", "b"), to: db(enum("mood", "a", "b", "c"), t(col("n", Int)))},
		{name: "enum: drop a value", from: with("a", "b", "c"), to: with("a", "c")},
		{name: "enum: drop the last value", from: with("a", "b", "c"), to: with("a", "b")},
		{name: "enum: drop two values", from: with("a", "b", "c", "d"), to: with("a", "d")},
		{name: "enum: drop a value that was the default", from: def("b", "a", "b"), to: def("a", "a")},
		{name: "enum: drop a value under a view", from: db(enum("mood", "a", "b"), t(), view("v", "SELECT m FROM t")), to: db(enum("mood", "a"), t(), view("v", "SELECT m FROM t"))},
		{name: "enum: drop and add, perhaps a rename", from: with("a", "sad"), to: with("a", "blue")},
		{name: "enum: rename a value", from: with("a", "sad"), to: with("a", "blue"), options: renames(diff.Rename{From: valueAt("sad"), To: valueAt("blue")})},
		{name: "enum: rename the default", from: def("sad", "a", "sad"), to: def("blue", "a", "blue"), options: renames(diff.Rename{From: valueAt("sad"), To: valueAt("blue")})},
		{name: "enum: another order", from: with("a", "b"), to: with("b", "a")},
		{name: "enum: text becomes an enum", from: db(enum("mood", "x"), tbl("t", col("id", Big, notNull), pk("id"), col("m", Text))), to: with("x"), on: postgresOnly},
		{name: "enum: an enum becomes text", from: with("x"), to: db(enum("mood", "x"), tbl("t", col("id", Big, notNull), pk("id"), col("m", Text)))},
		{name: "enum: another enum", from: with("x"), to: db(enum("feel", "x", "y"), tbl("t", col("id", Big, notNull), pk("id"), col("m", schema.EnumType("", "feel")))), on: postgresOnly},
	}
}

func withDefault(typ schema.Type, v string) *schema.Table {
	return with("t", col("m", typ, notNull, value(v)))
}

func renames(list ...diff.Rename) diff.Options { return diff.Options{Renames: list} }

func table(from, to string) diff.Rename {
	return diff.Rename{From: tableObject(from), To: tableObject(to)}
}

func column(table, from, to string) diff.Rename {
	return diff.Rename{From: columnObject(table, from), To: columnObject(table, to)}
}

func renameScenarios() []scenario {
	u := func(name string, parts ...any) any { return with(name, append([]any{col("nick", Text)}, parts...)...) }
	posts := func(to string) any {
		return with("posts", col("user_id", Big), fk("posts_user_id_fkey", "user_id", to+".id"))
	}
	t := func(parts ...any) any { return with("t", parts...) }
	moved := diff.Rename{From: tableObject("t"), To: op.Object{Kind: "table", Schema: "app", Table: "t"}}
	movedAs := diff.Rename{From: tableObject("t"), To: op.Object{Kind: "table", Schema: "app", Table: "things"}}
	return []scenario{
		{name: "rename: table", from: db(u("users")), to: db(u("people")), options: renames(table("users", "people"))},
		{name: "rename: table that is referred to", from: db(u("users"), posts("users")), to: db(u("people"), posts("people")), options: renames(table("users", "people"))},
		{name: "rename: table with named parts", from: db(u("users", uq("users_nick_key", "nick"), ix("users_nick_idx", "nick"))),
			to: db(u("people", uq("people_nick_key", "nick"), ix("people_nick_idx", "nick"))), options: renames(table("users", "people"))},
		{name: "rename: table and change", from: db(u("users")), to: db(u("people", col("age", Int))), options: renames(table("users", "people"))},
		{name: "rename: table and its column", from: db(u("users")), to: db(with("people", col("nickname", Text))),
			options: renames(table("users", "people"), diff.Rename{From: columnObject("users", "nick"), To: columnObject("people", "nickname")})},
		{name: "rename: two tables change places", from: db(with("a", col("x", Int)), with("b", col("y", Text))), to: db(with("b", col("x", Int)), with("a", col("y", Text))),
			options: renames(table("a", "b"), table("b", "a"))},
		{name: "rename: a chain of tables", from: db(with("a", col("x", Int)), with("b", col("y", Text))), to: db(with("b", col("x", Int)), with("c", col("y", Text))),
			options: renames(table("a", "b"), table("b", "c"))},
		{name: "rename: table to a schema", from: db("app", t(col("x", Int))), to: db("app", with("app.t", col("x", Int))), options: renames(moved), on: postgresOnly},
		{name: "rename: table to a schema, under another name", from: db("app", t(col("x", Int))), to: db("app", with("app.things", col("x", Int))), options: renames(movedAs), on: postgresOnly},
		{name: "rename: table under a view", from: db(u("users"), view("v", "SELECT nick FROM users")), to: db(u("people"), view("v", "SELECT nick FROM people")), options: renames(table("users", "people"))},
		{name: "rename: column", from: db(t(col("nick", Text))), to: db(t(col("nickname", Text))), options: renames(column("t", "nick", "nickname"))},
		{name: "rename: column and change its type", from: db(t(col("nick", schema.Varchar(20)))), to: db(t(col("nickname", Text))), options: renames(column("t", "nick", "nickname"))},
		{name: "rename: column with everything on it", from: db(t(col("a", Int), uq("u", "a"), ck("c", "a > 0"), ix("i", "a"), schema.Index{Name: "j", Parts: schema.Columns("id"), Where: schema.Expr("a >= 1")})),
			to:      db(t(col("b", Int), uq("u", "b"), ck("c", "b > 0"), ix("i", "b"), schema.Index{Name: "j", Parts: schema.Columns("id"), Where: schema.Expr("b > 1")})),
			options: renames(column("t", "a", "b"))},
		{name: "rename: column of a key", from: db(tbl("t", col("a", Int, notNull), pk("a"))), to: db(tbl("t", col("b", Int, notNull), pk("b"))), options: renames(column("t", "a", "b"))},
		{name: "rename: column that is referred to", from: db(with("u", col("a", Int), uq("k", "a")), t(col("x", Int), fk("f", "x", "u.a"))),
			to: db(with("u", col("b", Int), uq("k", "b")), t(col("x", Int), fk("f", "x", "u.b"))), options: renames(column("u", "a", "b"))},
		{name: "rename: column that is generated from", from: db(t(col("a", Int), col("g", Int, computed("a * 2")))), to: db(t(col("b", Int), col("g", Int, computed("b * 2")))), options: renames(column("t", "a", "b"))},
		{name: "rename: column under a view", from: db(t(col("a", Int)), view("v", "SELECT a FROM t")), to: db(t(col("b", Int)), view("v", "SELECT b FROM t")), options: renames(column("t", "a", "b"))},
		{name: "rename: two columns change places", from: db(t(col("a", Int), col("b", Text))), to: db(t(col("b", Int), col("a", Text))), options: renames(column("t", "a", "b"), column("t", "b", "a"))},
		{name: "rename: a chain of columns", from: db(t(col("a", Int), col("b", Text))), to: db(t(col("b", Int), col("c", Text))), options: renames(column("t", "a", "b"), column("t", "b", "c"))},
		{name: "rename: three columns in a circle", from: db(t(col("a", Int), col("b", Text), col("c", Bool))), to: db(t(col("b", Int), col("c", Text), col("a", Bool))),
			options: renames(column("t", "a", "b"), column("t", "b", "c"), column("t", "c", "a"))},
		{name: "rename: column, and another takes its name", from: db(t(col("a", Int))), to: db(t(col("b", Int), col("a", Text))), options: renames(column("t", "a", "b"))},
		{name: "rename: made before", from: db(t(col("b", Int))), to: db(t(col("b", Int))), options: renames(column("t", "a", "b"), table("old", "t"))},
		{name: "rename: the target is there already", from: db(t(col("a", Int), col("b", Int))), to: db(t(col("b", Int))), options: renames(column("t", "a", "b"))},
		{name: "rename: to a column that is not wanted", from: db(t(col("a", Int))), to: db(t()), options: renames(column("t", "a", "b")), on: nowhere},
		{name: "rename: to a table that is not wanted", from: db(t()), to: db(), options: renames(table("t", "u")), on: nowhere},
		{name: "rename: two into one", from: db(t(col("a", Int), col("b", Int))), to: db(t(col("c", Int))), options: renames(column("t", "a", "c"), column("t", "b", "c")), on: nowhere},
		{name: "rename: an index", from: db(), to: db(), options: renames(diff.Rename{From: op.Object{Kind: "index"}, To: op.Object{Kind: "index"}}), on: nowhere},
	}
}

func objectScenarios() []scenario {
	t := with("t", col("a", Int))
	trigger := func(action string) schema.Trigger {
		return schema.Trigger{Table: "t", Name: "g", Event: schema.Expr("AFTER UPDATE OF a"), Action: schema.Expr(action)}
	}
	const one, two = "BEGIN SELECT 1; END", "BEGIN SELECT 2; END"
	sequence := func(start int64) *schema.Sequence { return &schema.Sequence{Name: "s", Start: start, Increment: 1} }
	stored := &schema.View{Name: "v", Query: schema.Expr("SELECT a FROM t"), Materialized: true}
	return []scenario{
		{name: "view: add", from: db(t), to: db(t, view("v", "SELECT a FROM t"))},
		{name: "view: add with its table", from: db(), to: db(t, view("v", "SELECT a FROM t"))},
		{name: "view: add two, one reads the other", from: db(t), to: db(t, view("w", "SELECT a FROM v"), view("v", "SELECT a FROM t"))},
		{name: "view: drop", from: db(t, view("v", "SELECT a FROM t")), to: db(t)},
		{name: "view: drop with its table", from: db(t, view("v", "SELECT a FROM t")), to: db()},
		{name: "view: drop two, one reads the other", from: db(t, view("v", "SELECT a FROM t"), view("w", "SELECT a FROM v")), to: db(t)},
		{name: "view: change", from: db(t, view("v", "SELECT a FROM t")), to: db(t, view("v", "SELECT a + 1 AS a FROM t"))},
		{name: "view: change under another", from: db(t, view("v", "SELECT a FROM t"), view("w", "SELECT a FROM v")), to: db(t, view("v", "SELECT a, id FROM t"), view("w", "SELECT a FROM v"))},
		{name: "view: becomes materialized", from: db(t, view("v", "SELECT a FROM t")), to: db(t, stored), on: postgresOnly},
		{name: "view: over a column that goes", from: db(t, view("v", "SELECT a FROM t")), to: db(with("t"), view("v", "SELECT id FROM t"))},
		{name: "view: over a new column", from: db(t, view("v", "SELECT a FROM t")), to: db(with("t", col("a", Int), col("b", Int)), view("v", "SELECT a, b FROM t"))},
		{name: "trigger: add", from: db(t), to: db(t, trigger(one)), on: sqliteOnly},
		{name: "trigger: drop", from: db(t, trigger(one)), to: db(t), on: sqliteOnly},
		{name: "trigger: change", from: db(t, trigger(one)), to: db(t, trigger(two)), on: sqliteOnly},
		{name: "trigger: drop with its table", from: db(t, trigger(one)), to: db(), on: sqliteOnly},
		{name: "trigger: of a column that changes its type", from: db(t, trigger(one)), to: db(with("t", col("a", Big)), trigger(one)), on: sqliteOnly},
		{name: "sequence: add", from: db(), to: db(sequence(1)), on: postgresOnly},
		{name: "sequence: drop", from: db(sequence(1)), to: db(), on: postgresOnly},
		{name: "sequence: change", from: db(sequence(1)), to: db(sequence(10)), on: postgresOnly},
		{name: "sequence: add with a column that uses it", from: db(t), to: db(sequence(1), with("t", col("a", Int), col("n", Big, expr("nextval('s')")))), on: postgresOnly},
		{name: "extension: add", from: db(), to: db(schema.Extension{Name: "citext"}), on: postgresOnly},
		{name: "extension: drop", from: db(schema.Extension{Name: "citext"}), to: db(), on: postgresOnly},
		{name: "extension: another version", from: db(schema.Extension{Name: "citext", Version: "1.5"}), to: db(schema.Extension{Name: "citext", Version: "1.6"}), on: postgresOnly},
	}
}

func scopeScenarios() []scenario {
	t := func(parts ...any) any { return with("t", parts...) }
	managed := func(parts ...any) diff.Options { return diff.Options{Managed: db(parts...)} }
	trigger := schema.Trigger{Table: "t", Name: "audit", Event: schema.Expr("AFTER INSERT"), Action: schema.Expr("BEGIN SELECT 1; END")}
	everything := db("other", t(col("a", Int), col("theirs", Int), ix("their_idx", "a"), ck("their_check", "a > 0"), uq("their_key", "theirs")),
		with("river_job"), enum("their_enum", "x"), view("their_view", "SELECT id FROM river_job"), &schema.Sequence{Name: "their_seq"}, trigger, schema.Extension{Name: "postgis"})
	ours := diff.Options{Managed: db(t(col("a", Int))), Renames: []diff.Rename{column("t", "a", "b")}}
	return []scenario{
		{name: "stranger: everything stays", from: everything, to: db(t(col("a", Int))), options: managed(t(col("a", Int))), on: nowhere},
		{name: "stranger: nothing is managed", from: db(t(col("a", Int))), to: db(), options: managed()},
		{name: "stranger: what was ours goes", from: db(t(col("a", Int)), with("theirs")), to: db(), options: managed(t(col("a", Int)))},
		{name: "stranger: its table becomes a model's", from: db(t(col("a", Int))), to: db(t(col("a", Big))), options: managed()},
		{name: "stranger: its column in a model's table stays", from: db(t(col("a", Int), col("x", Int))), to: db(t(col("a", Int))), options: managed(t(col("a", Int)))},
		{name: "stranger: its index has what we want", from: db(t(col("a", Int), ix("theirs", "a"))), to: db(t(col("a", Int), ix("ours", "a"))), options: managed(t(col("a", Int)))},
		{name: "stranger: its index goes with our column", from: db(t(col("a", Int), ix("theirs", "a"))), to: db(t()), options: managed(t(col("a", Int)))},
		{name: "stranger: its foreign key to our table goes with it", from: db(t(col("a", Big), fk("f", "a", "u.id")), with("u")), to: db(t(col("a", Big))), options: managed(t(col("a", Big)), with("u"))},
		{name: "stranger: its table refers to ours", from: db(with("theirs", col("a", Big), fk("f", "a", "u.id")), with("u")), to: db(), options: managed(with("u")), on: nowhere},
		{name: "stranger: its view reads our column", from: db(t(col("a", Int)), view("theirs", "SELECT a FROM t")), to: db(t(col("a", Big))), options: managed(t(col("a", Int))), on: sqliteOnly},
		{name: "stranger: its constraint on a column that is renamed", from: db(t(col("a", Int), ck("theirs", "a > 0"))), to: db(t(col("b", Int))), options: ours},
		{name: "stranger: its primary key", from: db(tbl("t", col("a", Int, notNull), pk("a"))), to: db(tbl("t", col("a", Int, notNull))), options: managed(tbl("t", col("a", Int)))},
		{name: "scope: exclude", from: db(t(col("a", Int)), with("river_job")), to: db(t(col("a", Int))), options: diff.Options{Exclude: []string{"river_*"}}},
		{name: "scope: exclude a model's", from: db(t(col("a", Int))), to: db(t(col("a", Big)), with("legacy_x")), options: diff.Options{Exclude: []string{"t", "legacy_*"}}},
		{name: "scope: include", from: db(t(col("a", Int)), with("u")), to: db(with("v")), options: diff.Options{Include: []string{"u", "v"}}},
		{name: "scope: exclude a schema", from: db("audit", with("audit.log"), t()), to: db("audit"), options: diff.Options{Exclude: []string{"audit.*"}}, on: postgresOnly},
		{name: "scope: a pattern that cannot be read", from: db(), to: db(), options: diff.Options{Include: []string{"[x"}}, on: nowhere},
	}
}
