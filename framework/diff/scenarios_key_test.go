package diff_test

import "github.com/leavendb/leaven/framework/schema"

func keyScenarios() []scenario {
	a, b := col("a", Int, notNull), col("b", Int, notNull)
	named := schema.PrimaryKey{Name: "key", Columns: []string{"a"}}
	other := schema.PrimaryKey{Name: "other", Columns: []string{"a"}}
	return []scenario{
		{name: "key: add", from: db(tbl("t", a)), to: db(tbl("t", a, pk("a")))},
		{name: "key: add over two", from: db(tbl("t", a, b)), to: db(tbl("t", a, b, pk("a", "b")))},
		{name: "key: add over a new column", from: db(tbl("t", b)), to: db(tbl("t", b, col("a", Int, notNull, value(1)), pk("a")))},
		{name: "key: add over one that was nullable", from: db(tbl("t", col("a", Int))), to: db(tbl("t", a, pk("a")))},
		{name: "key: add with a name", from: db(tbl("t", a)), to: db(tbl("t", a, named))},
		{name: "key: drop", from: db(tbl("t", a, pk("a"))), to: db(tbl("t", a))},
		{name: "key: drop with its column", from: db(tbl("t", a, b, pk("a"))), to: db(tbl("t", b))},
		{name: "key: drop, and its column becomes nullable", from: db(tbl("t", a, pk("a"))), to: db(tbl("t", col("a", Int)))},
		{name: "key: other columns", from: db(tbl("t", a, b, pk("a"))), to: db(tbl("t", a, b, pk("b")))},
		{name: "key: one column more", from: db(tbl("t", a, b, pk("a"))), to: db(tbl("t", a, b, pk("a", "b")))},
		{name: "key: another order", from: db(tbl("t", a, b, pk("a", "b"))), to: db(tbl("t", a, b, pk("b", "a")))},
		{name: "key: another name", from: db(tbl("t", a, named)), to: db(tbl("t", a, other))},
		{name: "key: changes under a foreign key", from: db(tbl("t", a, b, pk("a"), uq("u", "a")), with("r", col("x", Int), fk("f", "x", "t.a"))),
			to: db(tbl("t", a, b, pk("b"), uq("u", "a")), with("r", col("x", Int), fk("f", "x", "t.a")))},
		{name: "key: from counting to another column", from: db(tbl("t", col("id", Big, serial), b, pk("id"))), to: db(tbl("t", col("id", Big, notNull), b, pk("b")))},
		{name: "key: begins to count", from: db(tbl("t", col("id", Big, notNull), pk("id"))), to: db(tbl("t", col("id", Big, serial), pk("id")))},
		{name: "key: stops counting", from: db(tbl("t", col("id", Big, serial), pk("id"))), to: db(tbl("t", col("id", Big, notNull), pk("id")))},
		{name: "key: natural key gives way to a number", from: db(tbl("t", a, pk("a"))), to: db(tbl("t", a, col("id", Big, serial), pk("id"))), on: postgresOnly},
	}
}

func constraintScenarios() []scenario {
	t := func(parts ...any) any {
		return with("t", append([]any{col("a", Int), col("b", Int)}, parts...)...)
	}
	nulls := schema.Unique{Name: "u", Columns: []string{"a"}, NullsNotDistinct: true}
	later := schema.Unique{Name: "u", Columns: []string{"a"}, Deferrable: true, InitiallyDeferred: true}
	loose := schema.Check{Name: "c", Expr: schema.Expr("a > 0"), NotValid: true}
	remarked := schema.Check{Name: "c", Expr: schema.Expr("a > 0"), Comment: "why"}
	excl := func(operator string) schema.Exclusion {
		return schema.Exclusion{Name: "x", Method: "btree", Elements: []schema.ExclusionElement{{Part: schema.Part{Column: "a"}, Operator: operator}}}
	}
	return []scenario{
		{name: "unique: add", from: db(t()), to: db(t(uq("t_a_key", "a")))},
		{name: "unique: add without a name", from: db(t()), to: db(t(uq("", "a")))},
		{name: "unique: add over two", from: db(t()), to: db(t(uq("u", "a", "b")))},
		{name: "unique: add two", from: db(t()), to: db(t(uq("u", "a"), uq("v", "b")))},
		{name: "unique: drop", from: db(t(uq("u", "a"))), to: db(t())},
		{name: "unique: drop one without a name", from: db(t(uq("", "a"))), to: db(t())},
		{name: "unique: other columns", from: db(t(uq("u", "a"))), to: db(t(uq("u", "b")))},
		{name: "unique: another order of columns", from: db(t(uq("u", "a", "b"))), to: db(t(uq("u", "b", "a")))},
		{name: "unique: another name", from: db(t(uq("u", "a"))), to: db(t(uq("v", "a")))},
		{name: "unique: names change places", from: db(t(uq("u", "a"), uq("v", "b"))), to: db(t(uq("v", "a"), uq("u", "b")))},
		{name: "unique: nulls not distinct", from: db(t(uq("u", "a"))), to: db(t(nulls)), on: postgresOnly},
		{name: "unique: deferrable", from: db(t(uq("u", "a"))), to: db(t(later)), on: postgresOnly},
		{name: "unique: constraint becomes index", from: db(t(uq("u", "a"))), to: db(t(uix("u", "a")))},
		{name: "unique: index becomes constraint", from: db(t(uix("u", "a"))), to: db(t(uq("u", "a")))},
		{name: "unique: comment", from: db(t(uq("u", "a"))), to: db(t(schema.Unique{Name: "u", Columns: []string{"a"}, Comment: "why"})), on: postgresOnly},
		{name: "check: add", from: db(t()), to: db(t(ck("c", "a > 0")))},
		{name: "check: add without a name", from: db(t()), to: db(t(ck("", "a > 0")))},
		{name: "check: add of two columns, without a name", from: db(t()), to: db(t(ck("", "a <= b")))},
		{name: "check: add two", from: db(t()), to: db(t(ck("c", "a > 0"), ck("d", "b > 0")))},
		{name: "check: drop", from: db(t(ck("c", "a > 0"))), to: db(t())},
		{name: "check: change", from: db(t(ck("c", "a > 0"))), to: db(t(ck("c", "a > -1")))},
		{name: "check: another name", from: db(t(ck("c", "a > 0"))), to: db(t(ck("d", "a > 0")))},
		{name: "check: comment", from: db(t(ck("c", "a > 0"))), to: db(t(remarked)), on: postgresOnly},
		{name: "check: change and comment", from: db(t(ck("c", "a >= 1"))), to: db(t(remarked)), on: postgresOnly},
		{name: "check: becomes valid", from: db(t(loose)), to: db(t(ck("c", "a > 0"))), on: postgresOnly},
		{name: "check: valid is good enough", from: db(t(ck("c", "a > 0"))), to: db(t(loose))},
		{name: "check: add one that is not valid", from: db(t()), to: db(t(loose))},
		{name: "check: over a column that changes its type", from: db(t(ck("c", "a > 0"))), to: db(with("t", col("a", Big), col("b", Int), ck("c", "a > 0")))},
		{name: "exclusion: add", from: db(t()), to: db(t(excl("="))), on: postgresOnly},
		{name: "exclusion: drop", from: db(t(excl("="))), to: db(t()), on: postgresOnly},
		{name: "exclusion: drop with its column", from: db(t(excl("="))), to: db(with("t", col("b", Int))), on: postgresOnly},
		{name: "exclusion: change", from: db(t(excl("="))), to: db(t(schema.Exclusion{Name: "x", Elements: []schema.ExclusionElement{{Part: schema.Part{Column: "b"}, Operator: "="}}})), on: postgresOnly},
	}
}

func foreignKeyScenarios() []scenario {
	u := with("u", col("code", Text), uq("u_code_key", "code"))
	t := func(parts ...any) any {
		return with("t", append([]any{col("u_id", Big), col("code", Text)}, parts...)...)
	}
	f := fk("t_u_id_fkey", "u_id", "u.id")
	cascade, loose, later := f, f, f
	cascade.OnDelete = schema.Cascade
	loose.NotValid = true
	later.Deferrable = true
	toOther := fk("t_u_id_fkey", "u_id", "w.id")
	byCode := fk("by_code", "code", "u.code")
	return []scenario{
		{name: "foreign key: add", from: db(u, t()), to: db(u, t(f))},
		{name: "foreign key: add without a name", from: db(u, t()), to: db(u, t(fk("", "u_id", "u.id")))},
		{name: "foreign key: add to a unique column", from: db(u, t()), to: db(u, t(byCode))},
		{name: "foreign key: add to a unique constraint that is new", from: db(with("u", col("code", Text)), t()), to: db(u, t(byCode))},
		{name: "foreign key: add to a unique index that is new", from: db(with("u", col("code", Text)), t()), to: db(with("u", col("code", Text), uix("i", "code")), t(byCode))},
		{name: "foreign key: a new table refers to a unique that is new", from: db(with("u", col("code", Text))), to: db(u, t(byCode))},
		{name: "foreign key: a new table refers to a new column", from: db(with("u")), to: db(u, t(byCode))},
		{name: "foreign key: add to itself", from: db(with("n", col("p", Big))), to: db(with("n", col("p", Big), fk("f", "p", "n.id")))},
		{name: "foreign key: drop", from: db(u, t(f)), to: db(u, t())},
		{name: "foreign key: cascade", from: db(u, t(f)), to: db(u, t(cascade))},
		{name: "foreign key: no cascade", from: db(u, t(cascade)), to: db(u, t(f))},
		{name: "foreign key: deferrable", from: db(u, t(f)), to: db(u, t(later)), on: postgresOnly},
		{name: "foreign key: to another table", from: db(u, with("w"), t(f)), to: db(u, with("w"), t(toOther))},
		{name: "foreign key: to a new table", from: db(u, t(f)), to: db(u, with("w"), t(toOther))},
		{name: "foreign key: to a new table, the old one goes", from: db(u, t(f)), to: db(with("w"), t(toOther))},
		{name: "foreign key: another name", from: db(u, t(f)), to: db(u, t(fk("owner", "u_id", "u.id")))},
		{name: "foreign key: becomes valid", from: db(u, t(loose)), to: db(u, t(f)), on: postgresOnly},
		{name: "foreign key: its unique goes, the key stays by another", from: db(with("u", col("code", Text), uq("a", "code"), uq("b", "code")), t(byCode)), to: db(u, t(byCode))},
		{name: "foreign key: its unique is renamed", from: db(with("u", col("code", Text), uq("a", "code")), t(byCode)), to: db(u, t(byCode))},
		{name: "foreign key: its unique becomes an index", from: db(u, t(byCode)), to: db(with("u", col("code", Text), uix("i", "code")), t(byCode))},
		{name: "foreign key: a circle closes", from: db(with("a", col("b_id", Big)), with("b", col("a_id", Big), fk("b_a", "a_id", "a.id"))),
			to: db(with("a", col("b_id", Big), fk("a_b", "b_id", "b.id")), with("b", col("a_id", Big), fk("b_a", "a_id", "a.id")))},
	}
}

func indexScenarios() []scenario {
	t := func(parts ...any) any {
		return with("t", append([]any{col("a", Int), col("b", Text)}, parts...)...)
	}
	desc := schema.Index{Name: "i", Parts: []schema.Part{{Column: "a", Desc: true}}}
	partial := schema.Index{Name: "i", Parts: schema.Columns("a"), Where: schema.Expr("a > 0")}
	lower := schema.Index{Name: "i", Parts: []schema.Part{{Expr: schema.Expr("lower(b)")}}}
	hash := schema.Index{Name: "i", Parts: schema.Columns("a"), Method: "hash"}
	including := schema.Index{Name: "i", Parts: schema.Columns("a"), Include: []string{"b"}}
	remarked := ix("i", "a")
	remarked.Comment = "why"
	return []scenario{
		{name: "index: add", from: db(t()), to: db(t(ix("i", "a")))},
		{name: "index: add unique", from: db(t()), to: db(t(uix("i", "a")))},
		{name: "index: add two", from: db(t()), to: db(t(ix("i", "a"), ix("j", "a", "b")))},
		{name: "index: add partial", from: db(t()), to: db(t(partial))},
		{name: "index: add over an expression", from: db(t()), to: db(t(lower))},
		{name: "index: add hash", from: db(t()), to: db(t(hash)), on: postgresOnly},
		{name: "index: drop", from: db(t(ix("i", "a"))), to: db(t())},
		{name: "index: becomes unique", from: db(t(ix("i", "a"))), to: db(t(uix("i", "a")))},
		{name: "index: becomes descending", from: db(t(ix("i", "a"))), to: db(t(desc))},
		{name: "index: becomes partial", from: db(t(ix("i", "a"))), to: db(t(partial))},
		{name: "index: no longer partial", from: db(t(partial)), to: db(t(ix("i", "a")))},
		{name: "index: other columns", from: db(t(ix("i", "a"))), to: db(t(ix("i", "b")))},
		{name: "index: another order of columns", from: db(t(ix("i", "a", "b"))), to: db(t(ix("i", "b", "a")))},
		{name: "index: including", from: db(t(ix("i", "a"))), to: db(t(including)), on: postgresOnly},
		{name: "index: another name", from: db(t(ix("i", "a"))), to: db(t(ix("j", "a")))},
		{name: "index: names change places", from: db(t(ix("i", "a"), ix("j", "b"))), to: db(t(ix("j", "a"), ix("i", "b")))},
		{name: "index: one of two equal ones goes", from: db(t(ix("i", "a"), ix("j", "a"))), to: db(t(ix("j", "a")))},
		{name: "index: moves to another table", from: db(t(ix("i", "a")), with("u", col("a", Int))), to: db(t(), with("u", col("a", Int), ix("i", "a")))},
		{name: "index: comment", from: db(t(ix("i", "a"))), to: db(t(remarked)), on: postgresOnly},
		{name: "index: over a column that changes its type", from: db(t(partial)), to: db(with("t", col("a", Big), col("b", Text), partial))},
	}
}
