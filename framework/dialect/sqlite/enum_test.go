package sqlite_test

import (
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// A renamed value is renamed in rows, defaults, checks and indexes of its own
// columns, and nowhere else.
func TestEnumsFollowTheirValues(t *testing.T) {
	db, _ := sqlitetest.New(t)
	mood, size := schema.EnumType("", "mood"), schema.EnumType("", "size")
	ops := []op.Op{
		op.CreateEnum{Name: "mood", Values: []string{"sad", "ok"}},
		op.CreateEnum{Name: "size", Values: []string{"sad", "big"}},
		op.CreateTable{Name: "t", Columns: []schema.Column{
			{Name: "id", Type: schema.BigInt, AutoIncrement: true},
			{Name: "now", Type: mood, NotNull: true, Default: schema.Literal("sad")}, {Name: "then", Type: mood},
			{Name: "size", Type: size, Default: schema.Literal("sad")}, {Name: "all", Type: schema.Array(mood)},
			{Name: "own", Type: mood.On("sqlite", "VARCHAR")},
			{Name: "low", Type: schema.Boolean, Generated: schema.Expr(`now = 'sad'`)},
		}, PrimaryKey: []string{"id"}, Checks: []schema.Check{{Name: "better", Expr: schema.Expr(`now <> 'sad' OR "then" IS NULL`)}, {Name: "other", Expr: schema.Expr("size <> 'sad' OR now = 'sad' OR id > 0")}}},
		op.CreateTable{Name: "child", Columns: []schema.Column{{Name: "t", Type: schema.BigInt}, {Name: "mood", Type: mood}},
			ForeignKeys: []schema.ForeignKey{{Columns: []string{"t"}, RefTable: "t", RefColumns: []string{"id"}, OnDelete: schema.Cascade}}},
		op.CreateIndex{Table: "t", Index: schema.Index{Name: "t_sad", Parts: schema.Columns("id"), Where: schema.Expr("now = 'sad'")}},
		op.SQL{All: `INSERT INTO t (now, "then", size, own, "all") VALUES ('ok', 'sad', 'sad', 'sad', '["sad"]'), ('sad', NULL, 'big', NULL, NULL)`},
		op.SQL{All: "INSERT INTO child VALUES (1, 'sad'), (2, 'ok')"},
		op.RenameColumn{Table: "t", Name: "now", To: "current"},
		op.RenameEnumValue{Name: "mood", Value: "sad", To: "it's blue"},
	}
	fold := &schema.Schema{}
	for _, o := range ops {
		if err := migrate(t.Context(), db, o); err != nil {
			t.Fatal(err)
		}
		if err := o.Apply(fold); err != nil {
			t.Fatal(err)
		}
		isFold(t, db, fold, o.String())
	}
	exec(t, db, "INSERT INTO t DEFAULT VALUES")
	for query, want := range map[string]string{
		`SELECT id || "current" || coalesce("then", '-') || size || coalesce(own, '-') || coalesce("all", '-') || low FROM t`: `1okit's bluesadsad["sad"]0; 2it's blue-big--1; 3it's blue-sad--1`,
		"SELECT t || mood FROM child":                        "1it's blue; 2ok",
		"SELECT sql FROM sqlite_master WHERE name = 't_sad'": `CREATE INDEX "t_sad" ON "t" ("id") WHERE "current" = 'it''s blue'`,
		"SELECT enum_value FROM mood":                        "it's blue; ok",
		`SELECT sql LIKE '%(size <> ''sad'' OR "current" = ''it''''s blue'' OR%' FROM sqlite_master WHERE name = 't'`: "1",
		"SELECT group_concat(enum_value) FROM size":               "sad,big",
		"SELECT count(*) FROM t WHERE \"current\" = 'it''s blue'": "2",
	} {
		if got := values(t, db, query); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	_, err := db.ExecContext(t.Context(), "INSERT INTO child VALUES (1, 'sad')")
	if f := (sqlite.Dialect{}).Classify(err); f.Constraint != "enum mood" {
		t.Errorf("%+v", f)
	}
}

// Rows that do not fit are told in the words of the table that is there.
func TestWhatDoesNotFitIsTold(t *testing.T) {
	db, _ := sqlitetest.New(t)
	exec(t, db, "CREATE TABLE t (a int, b text)", "INSERT INTO t VALUES (1, 'x'), (1, NULL)",
		"CREATE TABLE shown (a int)", "CREATE VIEW one AS SELECT a FROM shown", "CREATE VIEW two AS SELECT a FROM one")
	if err := migrate(t.Context(), db, op.CreateEnum{Name: "mood", Values: []string{"sad"}}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		o    op.Op
		want string
	}{
		{altered("t", column("b", schema.Text), func(c *schema.Column) { c.NotNull = true }), "rows of table t have no b (NULL)"},
		{op.AddUnique{Table: "t", Unique: schema.Unique{Name: "u", Columns: []string{"a"}}}, "rows of table t are alike in a"},
		{op.AddCheck{Table: "t", Check: schema.Check{Name: "k", Expr: schema.Expr("a > 1")}}, "rows do not fulfil the check k"},
		{altered("t", column("b", schema.Text), func(c *schema.Column) { c.Type = schema.EnumType("", "mood") }), "none of enum mood"},
		{op.RenameColumn{Table: "shown", Name: "a", To: "b"}, "error in view two after rename: no such column: a (1); drop it before this operation, and make it again behind it"},
	} {
		if err := migrate(t.Context(), db, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.o, err, c.want)
		}
	}
}

// Inspect has words for all that other people's SQL says, where schema has them.
func TestInspectReadsWhatOthersWrote(t *testing.T) {
	db, _ := sqlitetest.New(t)
	exec(t, db, `CREATE TABLE t (id INTEGER CONSTRAINT pk PRIMARY KEY, name TEXT COLLATE nocase, plain TEXT COLLATE binary, n int,
			twice AS (n * 2) NOT NULL, thrice int GENERATED ALWAYS AS (n*3) STORED, above int REFERENCES t NOT NULL DEFERRABLE INITIALLY DEFERRED,
			CONSTRAINT fk FOREIGN KEY (n) REFERENCES t (id) ON UPDATE SET NULL NOT DEFERRABLE INITIALLY DEFERRED)`,
		`CREATE INDEX i ON t (name COLLATE rtrim DESC, (n || "plain") COLLATE binary, n ASC) WHERE "n" > 1`,
		"CREATE VIEW v (a, b) AS SELECT id, n FROM t", "CREATE TEMP VIEW gone AS SELECT 1", "CREATE VIEW w AS\n SELECT 1",
		"CREATE TRIGGER g INSTEAD OF INSERT ON v FOR EACH ROW WHEN new.a > 1 BEGIN SELECT 1; END")
	s, err := sqlite.Dialect{}.Inspect(t.Context(), db)
	if err != nil || len(s.Tables) != 1 || len(s.Views) != 2 || len(s.Triggers) != 1 {
		t.Fatalf("%+v, %v", s, err)
	}
	want := &schema.Table{Name: "t", PrimaryKey: []string{"id"}, PrimaryKeyName: "pk",
		Columns: []schema.Column{
			{Name: "id", Type: schema.Raw("INTEGER"), NotNull: true}, {Name: "name", Type: schema.Raw("TEXT"), Collation: "NOCASE"},
			{Name: "plain", Type: schema.Raw("TEXT")}, {Name: "n", Type: schema.Raw("INT")},
			{Name: "twice", Type: schema.Raw(""), NotNull: true, Generated: schema.Expr("n * 2"), Virtual: true},
			{Name: "thrice", Type: schema.Raw("INT"), Generated: schema.Expr("n * 3")}, {Name: "above", Type: schema.Raw("INT"), NotNull: true},
		},
		ForeignKeys: []schema.ForeignKey{
			{Columns: []string{"above"}, RefTable: "t", RefColumns: []string{"id"}, Deferrable: true, InitiallyDeferred: true},
			{Name: "fk", Columns: []string{"n"}, RefTable: "t", RefColumns: []string{"id"}, OnUpdate: schema.SetNull},
		},
		Indexes: []schema.Index{{Name: "i", Parts: []schema.Part{{Column: "name", Collation: "RTRIM", Desc: true},
			{Expr: schema.Expr("n || plain"), Collation: "BINARY"}, {Column: "n"}}, Where: schema.Expr("n > 1")}},
	}
	for _, line := range append(schema.Differences(s.Tables[0], want), schema.IndexDifferences(s.Tables[0], want, "i")...) {
		t.Error(line)
	}
	if v, w := s.View("", "v"), s.View("", "w"); v.Query.String() != "WITH \"v\" (a, b) AS (SELECT id, n FROM t\n) SELECT * FROM \"v\"" || w.Query.String() != "SELECT 1" {
		t.Errorf("%v, %v", v, w)
	}
	v := s.View("", "v")
	exec(t, db, "INSERT INTO t (id, n, above) VALUES (1, 1, 1)")
	if err := migrate(t.Context(), db, op.DropTrigger{Table: "v", Name: "g"}, op.DropView{Name: "v"}, op.CreateView{Name: "v", Query: v.Query}); err != nil {
		t.Fatal(err)
	}
	if got := values(t, db, "SELECT a || b FROM v"); got != "11" {
		t.Error(got)
	}
	if g := s.Triggers[0]; g.Table != "v" || g.Event.String() != "INSTEAD OF INSERT" || g.Action.String() != "FOR EACH ROW WHEN new.a > 1 BEGIN SELECT 1; END" {
		t.Errorf("%v", g)
	}
}
