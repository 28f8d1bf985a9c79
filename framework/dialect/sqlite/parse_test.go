package sqlite

import (
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/schema"
)

// Whatever the text, the readers end with a result or an error, and an edit of
// what they understood is understood.
func FuzzParseTable(f *testing.F) {
	for _, s := range []string{
		"CREATE TABLE t (a int, b text DEFAULT 'x' CHECK (b <> ''), PRIMARY KEY (a)) STRICT",
		"CREATE TABLE main.[t] (\"a\" INTEGER PRIMARY KEY AUTOINCREMENT, b REFERENCES t (a) ON DELETE SET NULL NOT DEFERRABLE)",
		"CREATE TABLE t (a, CONSTRAINT x UNIQUE (a COLLATE NOCASE DESC) ON CONFLICT FAIL CHECK (a)) WITHOUT ROWID",
		"CREATE TABLE t (a TEXT COLLATE x CONSTRAINT \"enum e\" CHECK (\"a\" IN ('x')) AS (1) STORED, b INT NOT NULL DEFAULT (1) /* c */ PRIMARY KEY DESC)",
		"CREATE TABLE t (a[x]CHECK(1), b TEXT COLLATE\"y\"CHECK(1)UNIQUE)",
		"CREATE VIEW e (enum_value) AS VALUES ('a'), ('b')", "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END",
		"CREATE UNIQUE INDEX i ON t (a, lower(b) DESC) WHERE a > 1", "CREATE TABLE t (", "CREATE TABLE t (a /*", "", "(", "CREATE TABLE t (a b(1,-2) AS (1))",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		_, _ = parseIndex(sql)
		_ = enclosed(sql)
		d, err := parseTable(sql)
		if err != nil {
			return
		}
		_ = d.table()
		for _, c := range d.columns {
			_, _ = d.withoutColumn(c.name)
			edits(t, d, c.name)
		}
		more, err := d.withConstraint("CONSTRAINT added CHECK (1)")
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		less, err := more.withoutConstraint("added")
		if err != nil || len(less.constraints) != len(d.constraints) && !strings.Contains(sql, "added") {
			t.Fatalf("%s: %v", sql, err)
		}
	})
}

// edits changes a column; what it makes is understood.
func edits(t *testing.T, d *definition, column string) {
	must := func(d *definition, err error) *definition {
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	d = must(d.withNotNull(column, true))
	d = must(d.withNotNull(column, false))
	d = must(d.withoutKind(column, defaultClauseKind, collateClause))
	d = must(d.withType(column, "TEXT"))
	d = must(d.withClause(column, "DEFAULT 1"))
	if d.column(column).typ[0].text != "TEXT" {
		t.Fatal(d.sql)
	}
	if _, err := d.withoutKey(); err != nil {
		t.Fatal(err)
	}
	for _, c := range d.everyConstraint() {
		if c.name != "" {
			_ = must(d.withConstraintRenamed(c.name, "other"))
		}
	}
	_, _ = parseView(object{sql: d.sql})
	_, _ = parseTrigger(object{sql: d.sql})
	_ = parseEnum(object{kind: "view", sql: d.sql})
}

func TestWhichTablesAViewReads(t *testing.T) {
	for query, want := range map[string]bool{
		"SELECT a FROM t":                                                true,
		"SELECT a FROM b AS x, \"T\"":                                    true,
		"SELECT a FROM main.t":                                           true,
		"SELECT a FROM (b LEFT JOIN (c, t))":                             true,
		"SELECT a FROM b JOIN c ON c.x = b.x, t":                         true,
		"SELECT a FROM b WHERE a IN t":                                   true,
		"SELECT a FROM b WHERE EXISTS (SELECT 1 FROM c, t)":              true,
		"SELECT a IS DISTINCT FROM t, t FROM b":                          false,
		"SELECT max(a, t), t FROM b AS c JOIN d ON f(c.x, t) IN (1, t)":  false,
		"SELECT t.a FROM json_each(b, t) AS t":                           false,
		"SELECT a FROM b UNION SELECT a, t FROM c ORDER BY a, t LIMIT 1": false,
		"SELECT 't' FROM b -- t":                                         false,
	} {
		if got, err := (object{sql: "CREATE VIEW v AS " + query}).reads("t"); got != want || err != nil {
			t.Errorf("%s: %v %v", query, got, err)
		}
	}
}

func TestParseErrorsNameThePlace(t *testing.T) {
	for sql, want := range map[string]string{
		"CREATE TABLE t":                              "expected (, found the end",
		"CREATE TABLE t (a 'x":                        "not closed",
		"CREATE TABLE t (a, UNIQUE)":                  "expected (, found ) at byte",
		"CREATE TABLE t (a, UNIQUE (1 + 1))":          "columns, not expressions",
		"CREATE TABLE t (a DEFAULT)":                  "expected a default",
		"CREATE TABLE t (a REFERENCES p ON DELETE X)": "expected an action",
		"CREATE TABLE t (a) WITHOUT OIDS":             "WITHOUT ROWID or STRICT",
		"CREATE TABLE t (a CONSTRAINT x)":             "expected a constraint",
		"CREATE TABLE t (1)":                          "expected a name",
		"CREATE TABLE t (a CHECK (1)":                 "expected ), found the end",
		"CREATE TABLE t (a CHECK (1":                  ") for each (",
		"CREATE VIEW v AS SELECT 1":                   "expected TABLE",
	} {
		if _, err := parseTable(sql); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", sql, err, want)
		}
	}
	for _, sql := range []string{"CREATE INDEX i ON t (a) USING x", "CREATE INDEX", "CREATE INDEX i ON t", "'"} {
		if _, err := parseIndex(sql); err == nil {
			t.Errorf("%s: no error", sql)
		}
	}
}

func TestExpressionsAreSpelledInOneWay(t *testing.T) {
	for text, want := range map[string]string{
		"((A  >  1)\nAND b<>'It''s')": "(a > 1) and b <> 'It''s'",
		"Lower( \"Name\" )":           `lower("Name")`,
		"\"a\" > `b` + [order]":       "a > b + [order]",
		"a IN(1,2) OR x'0A' = b":      "a in (1, 2) or x'0A' = b",
		"a -- why\n+ 1e-5":            "a + 1e-5",
		"(a) + (b)":                   "(a) + (b)",
		"t.a->>'$.x' || b":            "t.a ->> '$.x' || b",
	} {
		ts, err := tokens(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := tidyExpression(ts); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestLiteralsOfGo(t *testing.T) {
	for _, v := range []any{make(chan int), nil, struct{}{}} {
		text, err := literalText(v)
		if (err == nil) != (v == nil) {
			t.Errorf("%T: %s, %v", v, text, err)
		}
	}
	if got := literal("a\x00'b"); got != "('a'||char(0)||'''b')" {
		t.Error(got)
	}
	if got := quote("a\"\x00"); got != "\"a\"\"\uFFFD\"" {
		t.Error(got)
	}
	if _, err := typeText(schema.Type{}); err == nil {
		t.Error("no type, and no error")
	}
}
