package sqlite_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// migrate runs operations as a runner does: in a transaction, with foreign keys
// off where they must be.
func migrate(ctx context.Context, db *bun.DB, ops ...op.Op) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	run := func(env *op.Env) error {
		return conn.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			return op.Run(op.WithEnv(ctx, env), tx, ops...)
		})
	}
	err = run(&op.Env{})
	if !errors.Is(err, op.ErrForeignKeysOn) {
		return err
	}
	was, err := sqlite.Dialect{}.ForeignKeys(ctx, conn, false)
	if err != nil {
		return err
	}
	defer sqlite.Dialect{}.ForeignKeys(ctx, conn, was)
	return run(&op.Env{ForeignKeysOff: true})
}

func exec(t *testing.T, db bun.IDB, statements ...string) {
	t.Helper()
	for _, sql := range statements {
		if _, err := db.ExecContext(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

// values reads rows as text, columns and rows joined.
func values(t *testing.T, db bun.IDB, query string) string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, "; ")
}

var addCheck = op.AddCheck{Table: "t", Check: schema.Check{Name: "added", Expr: schema.Expr("a <> 99")}}

func TestRebuildKeepsWhatSchemaHasNoWordsFor(t *testing.T) {
	for _, c := range []struct{ name, create, want string }{
		{"strict and without rowid", `CREATE TABLE t (a INT PRIMARY KEY, b TEXT) STRICT, WITHOUT ROWID`,
			`(a INT PRIMARY KEY, b TEXT, CONSTRAINT "added" CHECK (a <> 99)) STRICT, WITHOUT ROWID`},
		{"generated columns", `CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) STORED, c AS (a + 1))`,
			`(a int, b int GENERATED ALWAYS AS (a * 2) STORED, c AS (a + 1), CONSTRAINT "added" CHECK (a <> 99))`},
		{"collations and conflict clauses", `CREATE TABLE t (a TEXT COLLATE NOCASE UNIQUE ON CONFLICT IGNORE, b DEFAULT (1 + 1) NOT NULL ON CONFLICT REPLACE)`,
			`(a TEXT COLLATE NOCASE UNIQUE ON CONFLICT IGNORE, b DEFAULT (1 + 1) NOT NULL ON CONFLICT REPLACE, CONSTRAINT "added" CHECK (a <> 99))`},
		{"a key with something in its midst", `CREATE TABLE t (a int REFERENCES t (a) NOT NULL DEFERRABLE INITIALLY DEFERRED UNIQUE)`,
			`(a int REFERENCES t (a) NOT NULL DEFERRABLE INITIALLY DEFERRED UNIQUE, CONSTRAINT "added" CHECK (a <> 99))`},
		{"comments", "CREATE TABLE t (a int, -- the a, that is\n  b int /* ) */)", "(a int, -- the a, that is\n  b int, CONSTRAINT \"added\" CHECK (a <> 99) /* ) */)"},
		{"constraints without commas", `CREATE TABLE t (a int, CONSTRAINT x UNIQUE (a) CHECK (a > 0) FOREIGN KEY (a) REFERENCES t DEFERRABLE INITIALLY DEFERRED)`,
			`(a int, CONSTRAINT x UNIQUE (a) CHECK (a > 0) FOREIGN KEY (a) REFERENCES t DEFERRABLE INITIALLY DEFERRED, CONSTRAINT "added" CHECK (a <> 99))`},
		{"strange names", "CREATE TABLE [t] ([a] \"my type\"(1, 2), `b)` 'x' DEFAULT 'it''s)', \"c,\" int REFERENCES \"t\" ON DELETE SET NULL MATCH SIMPLE)",
			"([a] \"my type\"(1, 2), `b)` 'x' DEFAULT 'it''s)', \"c,\" int REFERENCES \"t\" ON DELETE SET NULL MATCH SIMPLE, CONSTRAINT \"added\" CHECK (a <> 99))"},
	} {
		t.Run(c.name, func(t *testing.T) {
			db, _ := sqlitetest.New(t)
			exec(t, db, c.create)
			if err := migrate(t.Context(), db, addCheck); err != nil {
				t.Fatal(err)
			}
			got := values(t, db, "SELECT sql FROM sqlite_master WHERE name = 't'")
			got = strings.ReplaceAll(got, ",\n\t", ", ")
			if _, body, _ := strings.Cut(got, "t\" "); body != c.want {
				t.Errorf("got  %s\nwant %s", body, c.want)
			}
			if err := migrate(t.Context(), db, op.DropConstraint{Table: "t", Name: "added"}); err != nil {
				t.Fatal(err)
			}
			_, before, _ := strings.Cut(c.create, "(")
			after := values(t, db, "SELECT sql FROM sqlite_master WHERE name = 't'")
			if _, after, _ = strings.Cut(after, "("); after != before {
				t.Errorf("after dropping it again\ngot  %s\nwant %s", after, before)
			}
		})
	}
}

func TestRebuildKeepsRowsCountersAndNeighbours(t *testing.T) {
	db, _ := sqlitetest.New(t)
	exec(t, db,
		"CREATE TABLE plain (a int, b text)",
		"CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a int, b text)",
		"CREATE TABLE child (t int REFERENCES t ON DELETE CASCADE, a int)",
		"CREATE TABLE log (line text)",
		"CREATE INDEX t_a ON t (a DESC) WHERE b IS NOT NULL",
		"CREATE UNIQUE INDEX t_lower ON t (lower(b) COLLATE NOCASE)",
		"CREATE VIEW v AS SELECT a, b FROM t",
		"CREATE VIEW w AS SELECT a FROM v",
		"CREATE TRIGGER t_insert AFTER INSERT ON t BEGIN INSERT INTO log VALUES ('t ' || new.a); END",
		"CREATE TRIGGER child_insert AFTER INSERT ON child BEGIN UPDATE t SET a = a + 1 WHERE id = new.t; END",
		"CREATE TRIGGER v_insert INSTEAD OF INSERT ON v BEGIN INSERT INTO t (a, b) VALUES (new.a, new.b); END",
		"INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y'), (3, 'z')",
		"DELETE FROM t WHERE a = 3",
		"INSERT INTO child (t, a) VALUES (1, 1), (2, 2)",
		"INSERT INTO plain (rowid, a, b) VALUES (10, 1, 'x'), (20, 2, 'y')",
		"CREATE TABLE backwards (id INTEGER PRIMARY KEY DESC, a int)", // whose id is not the row's number
		"INSERT INTO backwards (rowid, id, a) VALUES (10, 1, 1), (20, NULL, 2)",
		"CREATE TABLE empty (id INTEGER PRIMARY KEY AUTOINCREMENT, a int)",
		"INSERT INTO empty (a) VALUES (1), (2)", "DELETE FROM empty",
		"ANALYZE",
	)
	everything := "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_master WHERE name NOT IN ('t', 'plain', 'backwards', 'empty') ORDER BY name"
	const analyzed = "SELECT tbl || coalesce(idx, '') || stat FROM sqlite_stat1 ORDER BY 1"
	before, statistics := values(t, db, everything), values(t, db, analyzed)
	for _, table := range []string{"t", "plain", "backwards", "empty"} {
		if err := migrate(t.Context(), db,
			op.AddCheck{Table: table, Check: schema.Check{Name: "added", Expr: schema.Expr("a <> 99")}},
			op.AddColumn{Table: table, Column: schema.Column{Name: "at", Type: schema.Timestamptz, NotNull: true, Default: schema.Now}},
		); err != nil {
			t.Fatal(err)
		}
	}
	if after := values(t, db, everything); after != before {
		t.Errorf("the neighbours are\n%s\nand were\n%s", after, before)
	}
	if after := values(t, db, analyzed); after != statistics {
		t.Errorf("the statistics are\n%s\nand were\n%s", after, statistics)
	}
	exec(t, db, "INSERT INTO v VALUES (7, 'new')", "INSERT INTO child (t) VALUES (1)", "INSERT INTO empty (a) VALUES (1)")
	for query, want := range map[string]string{
		"SELECT id || ' ' || a || b FROM t":                  "1 3x; 2 3y; 4 7new",
		"SELECT t || ' ' || coalesce(a, 0) FROM child":       "1 1; 2 2; 1 0",
		"SELECT rowid || ' ' || a || b FROM plain":           "10 1x; 20 2y",
		"SELECT rowid || coalesce(id, '-') FROM backwards":   "101; 20-",
		"SELECT line FROM log":                               "t 1; t 2; t 3; t 7",
		"SELECT a FROM w ORDER BY a":                         "3; 3; 7",
		"SELECT id FROM empty":                               "3",
		"SELECT name || seq FROM sqlite_sequence ORDER BY 1": "empty3; t4",
		"PRAGMA foreign_key_check":                           "",
		"PRAGMA integrity_check":                             "ok",
	} {
		if got := values(t, db, query); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	exec(t, db, "DELETE FROM t WHERE id = 1")
	if got := values(t, db, "SELECT count(*) FROM child"); got != "1" {
		t.Errorf("the child's key is broken: %s rows", got)
	}
}

func TestDropColumnTakesWhatInvolvesIt(t *testing.T) {
	db, _ := sqlitetest.New(t)
	exec(t, db, "CREATE TABLE near (id INTEGER PRIMARY KEY, name text)", "CREATE TABLE far (name text)", "CREATE VIEW both AS SELECT near.id, far.name FROM near, far")
	if err := migrate(t.Context(), db, op.DropColumn{Table: "near", Name: "name"}); err != nil {
		t.Errorf("a column whose name another table's in a view has: %v", err)
	}
	exec(t, db, "DROP VIEW both", "DROP TABLE near", "DROP TABLE far")
	exec(t, db, `CREATE TABLE t (
		id INTEGER PRIMARY KEY, a int CHECK (b > a), b int UNIQUE REFERENCES t (id), c text CHECK (length(c) > 0),
		UNIQUE (a, b), CONSTRAINT k CHECK (b > 0), FOREIGN KEY (a) REFERENCES t (b), UNIQUE (c))`,
		"CREATE INDEX t_b ON t (b)", "CREATE INDEX t_a ON t (a) WHERE b > 1", "CREATE INDEX t_c ON t (c)",
		"INSERT INTO t (id, c) VALUES (1, 'x')")
	if err := migrate(t.Context(), db, op.DropColumn{Table: "t", Name: "b"}); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(strings.Fields(values(t, db, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")), " ")
	want := `CREATE TABLE "t" ( id INTEGER PRIMARY KEY, a int, c text CHECK (length(c) > 0), UNIQUE (c)); CREATE INDEX t_c ON t (c)`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A column ends to count, and begins, together with another type.
func TestAnotherTypeAndCountingAtOnce(t *testing.T) {
	db, _ := sqlitetest.New(t)
	exec(t, db, "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a)", "INSERT INTO t VALUES (3, 'x')")
	number := schema.Column{Name: "id", Type: schema.BigInt, AutoIncrement: true, NotNull: true}
	text := schema.Column{Name: "id", Type: schema.Text, NotNull: true}
	for _, o := range []op.AlterColumn{{Table: "t", From: number, To: text, Using: schema.Expr("'00' || id")}, {Table: "t", From: text, To: number}} {
		if err := migrate(t.Context(), db, o); err != nil {
			t.Fatal(err)
		}
		exec(t, db, "INSERT INTO t (id, a) VALUES (coalesce((SELECT '004' FROM t WHERE typeof(id) = 'text'), 9), 'y')")
	}
	if got := values(t, db, "SELECT id || typeof(id) || a FROM t ORDER BY id"); got != "3integerx; 4integery; 9integery" {
		t.Error(got)
	}
}

// A collation or a check that the text of a type brought along goes with the type.
func TestATypesOwnClausesGoWithIt(t *testing.T) {
	db, _ := sqlitetest.New(t)
	exec(t, db, "CREATE TABLE t (a TEXT NOT NULL CHECK (a <> '') COLLATE nocase CHECK (json_valid(a)))")
	text := func(sqlite string) schema.Column {
		return schema.Column{Name: "a", Type: schema.Text.On("sqlite", sqlite), NotNull: true}
	}
	for _, c := range []struct{ from, to, want string }{
		{"TEXT COLLATE NOCASE", "TEXT COLLATE RTRIM", "a TEXT COLLATE RTRIM NOT NULL CHECK (a <> '') CHECK (json_valid(a))"},
		{"TEXT COLLATE RTRIM CHECK (json_valid(a))", "JSON", "a JSON NOT NULL CHECK (a <> '')"},
	} {
		if err := migrate(t.Context(), db, op.AlterColumn{Table: "t", From: text(c.from), To: text(c.to)}); err != nil {
			t.Fatal(err)
		}
		if got := values(t, db, "SELECT sql FROM sqlite_master"); got != `CREATE TABLE "t" (`+c.want+")" {
			t.Errorf("%s to %s: %s", c.from, c.to, got)
		}
	}
}

func TestRefusals(t *testing.T) {
	db, _ := sqlitetest.New(t)
	exec(t, db,
		"CREATE TABLE t (id INTEGER PRIMARY KEY, a int, b int, g AS (a + 1))", "CREATE TABLE single (a int)",
		"CREATE TABLE child (t int REFERENCES t (a))", "CREATE VIEW v AS SELECT b FROM t",
		"CREATE VIRTUAL TABLE search USING fts5 (body)",
		"CREATE TABLE logged (line text, at text)", "CREATE TABLE noted (note text, id int)", "CREATE VIEW quotes AS SELECT \"at\" FROM logged",
		"CREATE TRIGGER logs AFTER INSERT ON noted BEGIN INSERT INTO logged (line) VALUES ('x'); END", "CREATE TRIGGER notes AFTER UPDATE OF note ON noted BEGIN SELECT 1; END",
		"CREATE TABLE viewed (a int)", "CREATE VIEW sight AS SELECT * FROM viewed", "CREATE TABLE beside (a int)", "CREATE VIEW two AS SELECT * FROM viewed, main.beside",
		"CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, n int, CONSTRAINT taken CHECK (n > 0), UNIQUE (n))",
		"CREATE TABLE once (n int)", "CREATE UNIQUE INDEX once_n ON once (n)", "CREATE TABLE twice (n int REFERENCES once (n))",
		"CREATE TABLE hangs (n int REFERENCES counted (n))", "CREATE TABLE holes (n INTEGER)", "INSERT INTO holes VALUES (1), (NULL)")
	if err := migrate(t.Context(), db, op.CreateEnum{Name: "mood", Values: []string{"sad", "ok", "new"}},
		op.CreateTable{Name: "feelings", Columns: []schema.Column{{Name: "now", Type: schema.EnumType("", "mood"), Default: schema.Literal("ok")}}}); err != nil {
		t.Fatal(err)
	}
	exec(t, db, "INSERT INTO feelings VALUES ('sad')", "CREATE VIEW blues AS SELECT * FROM feelings WHERE now = 'sad'",
		"CREATE TRIGGER felt AFTER INSERT ON feelings BEGIN SELECT 1; END")
	for _, c := range []struct {
		o    op.Op
		want string
	}{
		{op.DropTable{Name: "t"}, "child refers to it"},
		{op.DropColumn{Table: "t", Name: "a"}, "child refers to column a"},
		{op.DropColumn{Table: "t", Name: "b"}, "error in view v: no such column: b"},
		{op.DropColumn{Table: "logged", Name: "line"}, "the trigger logs uses a column line"},
		{op.DropColumn{Table: "logged", Name: "at"}, "the view quotes uses a column at"},
		{op.DropColumn{Table: "noted", Name: "note"}, "the trigger notes uses a column note"},
		{op.DropColumn{Table: "t", Name: "zz"}, "no column zz"},
		{op.DropColumn{Table: "single", Name: "a"}, "only column"},
		{op.DropConstraint{Table: "t", Name: "zz"}, "no constraint zz"},
		{op.AddColumn{Table: "t", Column: schema.Column{Name: "n", Type: schema.BigInt, AutoIncrement: true}}, "count up"},
		{op.AddColumn{Table: "t", Column: schema.Column{Name: "n", Type: schema.Interval}}, "no interval"},
		{op.AddCheck{Table: "nowhere", Check: schema.Check{Name: "k", Expr: schema.Expr("1")}}, "no table nowhere"},
		{op.AddCheck{Table: "search", Check: schema.Check{Name: "k", Expr: schema.Expr("1")}}, "search cannot be understood"},
		{op.CreateTable{Schema: "app", Name: "x", Columns: []schema.Column{{Name: "a", Type: schema.Text}}}, "no schemas"},
		{op.CreateTable{Name: "x", PrimaryKey: []string{"a", "b"}, Columns: []schema.Column{{Name: "a", Type: schema.BigInt, AutoIncrement: true}, {Name: "b", Type: schema.Text}}}, "whole primary key"},
		{op.CreateTable{Name: "x", Columns: []schema.Column{{Name: "a", Type: schema.Text.On("postgres", "citext"), Default: schema.Expression{}.On("postgres", "x")}}}, "no text for SQLite"},
		{op.SQL{Postgres: "SELECT 1"}, "no SQL for sqlite"},
		{op.AddForeignKey{Table: "single", ForeignKey: schema.ForeignKey{Name: "f", Columns: []string{"a"}, RefTable: "nowhere", RefColumns: []string{"id"}}}, "no table nowhere"},
		{op.AddForeignKey{Table: "single", ForeignKey: schema.ForeignKey{Name: "f", Columns: []string{"a"}, RefTable: "t", RefColumns: []string{"zz"}}}, "table t has no column zz"},
		{op.CreateTable{Name: "x", Columns: []schema.Column{column("a", schema.Integer)}, ForeignKeys: []schema.ForeignKey{{Columns: []string{"a"}, RefTable: "T", RefColumns: []string{"b"}}}}, "nothing makes the columns (b) of table T unique"},
		{op.DropTable{Name: "viewed"}, "the view sight reads it"},
		{op.DropTable{Name: "beside"}, "the view two reads it"},
		{op.DropPrimaryKey{Table: "counted"}, "id counts up by itself"},
		{op.DropPrimaryKey{Table: "single"}, "no primary key"},
		{op.DropConstraint{Table: "counted", Name: "counted_n_key"}, "hangs refers to it"},
		{op.DropIndex{Table: "once", Name: "once_n"}, "twice refers to what it makes unique"},
		{op.AddPrimaryKey{Table: "t", Columns: []string{"a"}}, "primary key already"},
		{op.AddPrimaryKey{Table: "single", Columns: []string{"zz"}}, "no column zz"},
		{op.AddPrimaryKey{Table: "holes", Columns: []string{"n"}}, "rows have no n"},
		{op.RenameIndex{Table: "t", Name: "zz", To: "y"}, "no such index"},
		{op.RenameConstraint{Table: "counted", Name: "counted_n_key", To: "taken"}, "constraint taken already"},
		{op.RenameConstraint{Table: "counted", Name: "zz", To: "y"}, "no constraint zz"},
		{altered("single", column("zz", schema.Text), func(c *schema.Column) { c.NotNull = true }), "no column zz"},
		{altered("t", column("a", schema.Integer), func(c *schema.Column) { c.Type = schema.Text }), "child refers to column a"},
		{altered("t", column("b", schema.Integer), func(c *schema.Column) { c.AutoIncrement = true }), "only the whole primary key"},
		{altered("t", column("b", schema.Integer), func(c *schema.Column) { c.Collation = "de-x-icu" }), "not \"de-x-icu\""},
		{altered("t", column("b", schema.Integer), func(c *schema.Column) { c.Default = schema.Expr("now()::date") }), "does not know ::"},
		{op.AddColumn{Table: "t", Column: column("m", schema.EnumType("", "nowhere"))}, "no enum nowhere: make it before"},
		{op.AddColumn{Table: "t", Column: column("m", schema.EnumType("app", "mood"))}, "no schemas"},
		{op.AddEnumValue{Name: "nowhere", Value: "x"}, "no enum nowhere"},
		{op.RenameEnumValue{Name: "mood", Value: "zz", To: "y"}, "no such value"},
		{op.RenameEnumValue{Name: "mood", Value: "sad", To: "blue"}, "the view blues mentions the value"},
		{op.DropEnumValue{Name: "mood", Value: "sad"}, "rows of feelings.now have the value"},
		{op.DropEnumValue{Name: "mood", Value: "ok", Instead: "sad"}, "default of column now"},
		{op.DropEnum{Name: "mood"}, "feelings.now is of this enum"},
		{op.DropTrigger{Table: "t", Name: "felt"}, "one of table feelings"},
		{op.CreateTrigger{Trigger: schema.Trigger{Table: "t", Name: "g", Event: schema.Expr("AFTER INSERT"), Action: schema.Expr("EXECUTE FUNCTION f()")}}, "BEGIN … END"},
	} {
		err := migrate(t.Context(), db, c.o)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.o, err, c.want)
		}
	}
	db.SetMaxOpenConns(1)
	db.SetMaxIdleConns(1)
	exec(t, db, "CREATE TEMP VIEW mine AS SELECT * FROM single")
	err := migrate(t.Context(), db, op.AddCheck{Table: "single", Check: schema.Check{Name: "k", Expr: schema.Expr("1")}})
	if err == nil || !strings.Contains(err.Error(), "temporary view mine") {
		t.Errorf("a rebuild under a temporary view: %v", err)
	}
	err = op.Run(t.Context(), db, addCheck)
	if err == nil || !strings.Contains(err.Error(), "needs a transaction") {
		t.Errorf("a rebuild outside a transaction: %v", err)
	}
}

func TestRebuildRefusesRowsThatViolate(t *testing.T) {
	db, _ := sqlitetest.New(t)
	exec(t, db, "CREATE TABLE t (a int UNIQUE ON CONFLICT IGNORE, b int)", "INSERT INTO t VALUES (1, 1), (2, 1), (99, 2)")
	before := values(t, db, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
	for _, o := range []op.Op{
		addCheck,
		op.AddUnique{Table: "t", Unique: schema.Unique{Name: "u", Columns: []string{"b"}}},
		op.AddColumn{Table: "t", Column: schema.Column{Name: "c", Type: schema.Text, NotNull: true}},
	} {
		if err := migrate(t.Context(), db, o); err == nil {
			t.Errorf("%s: no error", o)
		}
	}
	if got := values(t, db, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"); got != before {
		t.Errorf("the table is\n%s\nand was\n%s", got, before)
	}
	if got := values(t, db, "SELECT a FROM t"); got != "1; 2; 99" {
		t.Errorf("the rows are %s", got)
	}
}

// A rebuild from the fold, without a database, gives SQL that a database takes.
func TestRebuildFromTheFold(t *testing.T) {
	db, _ := sqlitetest.New(t)
	fold := &schema.Schema{}
	for _, o := range []op.Op{
		op.CreateTable{Name: "p", Columns: []schema.Column{{Name: "id", Type: schema.BigInt, AutoIncrement: true}}, PrimaryKey: []string{"id"}},
		op.CreateTable{Name: "t", Columns: []schema.Column{{Name: "id", Type: schema.BigInt, AutoIncrement: true}, {Name: "a", Type: schema.Integer}}, PrimaryKey: []string{"id"}},
		op.CreateIndex{Table: "t", Index: schema.Index{Name: "i", Parts: schema.Columns("a")}},
		addCheck,
		op.AddForeignKey{Table: "t", ForeignKey: schema.ForeignKey{Name: "f", Columns: []string{"a"}, RefTable: "p", RefColumns: []string{"id"}}},
		op.AddColumn{Table: "p", Column: schema.Column{Name: "at", Type: schema.Timestamp, NotNull: true, Default: schema.Now}},
		op.DropConstraint{Table: "t", Name: "f"},
		op.DropColumn{Table: "t", Name: "a"},
	} {
		statements, err := sqlite.Dialect{}.Render(t.Context(), o, op.Fold{Schema: fold})
		if err != nil {
			t.Fatalf("%s: %v", o, err)
		}
		for _, s := range statements {
			exec(t, db, s.SQL)
			if _, add := o.(op.AddColumn); add && !s.ForeignKeysOff {
				t.Errorf("%s: a table that others refer to is made anew with foreign keys on: %s", o, s.SQL)
			}
		}
		if err := o.Apply(fold); err != nil {
			t.Fatal(err)
		}
	}
	got, err := sqlite.Dialect{}.Inspect(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range fold.Tables {
		want, err := sqlite.Dialect{}.Normalize(t.Context(), db, want)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range schema.Differences(got.Table("", want.Name), want) {
			t.Error(line)
		}
	}
}
