package schema_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leavendb/leaven/framework/schema"
)

// rooms is a table that says everything.
func rooms() *schema.Table {
	return &schema.Table{
		Name: "rooms", Comment: "all", PrimaryKey: []string{"id"}, PrimaryKeyName: "rooms_key",
		Columns: []schema.Column{
			{Name: "id", Type: schema.BigInt, AutoIncrement: true, Identity: schema.IdentityAlways},
			{Name: "name", Type: schema.Text, Collation: "C", Comment: "shown"},
			{Name: "twice", Type: schema.Integer, Generated: schema.Expr("id * 2")},
		},
		Uniques:     []schema.Unique{{Name: "u", Columns: []string{"name"}, NullsNotDistinct: true, Deferrable: true, Comment: "one"}},
		Checks:      []schema.Check{{Name: "c", Expr: schema.Expr("id > 0"), NotValid: true}},
		ForeignKeys: []schema.ForeignKey{{Name: "f", Columns: []string{"id"}, RefTable: "rooms", RefColumns: []string{"id"}, InitiallyDeferred: true}},
		Exclusions: []schema.Exclusion{{Name: "x", Method: "gist", Where: schema.Expr("id > 1"),
			Elements: []schema.ExclusionElement{{Part: schema.Part{Column: "name"}, Operator: "="}, {Part: schema.Part{Expr: schema.Expr("lower(name)")}, Operator: "&&"}}}},
		Indexes: []schema.Index{{Name: "i", Method: "gist", Include: []string{"id"}, Unique: true, NullsNotDistinct: true, Comment: "fast",
			Parts: []schema.Part{{Column: "name", Desc: true, Nulls: schema.NullsLast, Opclass: "text_ops", Collation: "C"}},
			With:  []schema.Parameter{{Name: "fillfactor", Value: "70"}}}},
	}
}

func TestDifferencesOfEverything(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(found, want *schema.Table)
		lines  []string
	}{
		{"none", func(_, _ *schema.Table) {}, nil},
		{"any way of counting", func(_, w *schema.Table) { w.Columns[0].Identity = schema.NoIdentity }, nil},
		{"an identity counts", func(_, w *schema.Table) { w.Columns[0].AutoIncrement = false }, nil},
		{"the way of counting", func(f, _ *schema.Table) { f.Columns[0].Identity = schema.NoIdentity }, []string{"column rooms.id: found no identity, want identity always"}},
		{"what is generated", func(f, _ *schema.Table) { f.Columns[2].Generated = schema.Expression{} }, []string{"column rooms.twice: found not generated, want generated as id * 2"}},
		{"how it is generated", func(f, _ *schema.Table) { f.Columns[2].Virtual = true }, []string{"column rooms.twice: found generated (virtual) as id * 2, want generated as id * 2"}},
		{"a collation", func(_, w *schema.Table) { w.Columns[1].Collation = "" }, []string{`column rooms.name: found collation "C", want no collation`}},
		{"a comment", func(f, _ *schema.Table) { f.Columns[1].Comment = "" }, []string{`column rooms.name: found no comment, want comment "shown"`}},
		{"the table's comment", func(f, _ *schema.Table) { f.Comment = "none" }, []string{`table rooms: found comment "none", want comment "all"`}},
		{"the key's name", func(f, _ *schema.Table) { f.PrimaryKeyName = "k" }, []string{"primary key of rooms: found the name k, want the name rooms_key"}},
		{"a key's name that is open", func(_, w *schema.Table) { w.PrimaryKeyName = "" }, nil},
		{"a unique constraint", func(f, _ *schema.Table) { f.Uniques[0].NullsNotDistinct = false }, []string{
			`unique constraint u of rooms: found (name) deferrable comment "one", want (name) nulls not distinct deferrable comment "one"`}},
		{"validity", func(_, w *schema.Table) { w.Checks[0].NotValid = false }, []string{"check c of rooms: found id > 0 not valid, want id > 0"}},
		{"deferred is deferrable", func(f, _ *schema.Table) { f.ForeignKeys[0].Deferrable = true }, nil},
		{"deferred", func(f, _ *schema.Table) { f.ForeignKeys[0].InitiallyDeferred = false }, []string{
			"foreign key f of rooms: found (id) to rooms (id), want (id) to rooms (id) initially deferred"}},
		{"an exclusion", func(f, _ *schema.Table) { f.Exclusions = nil }, []string{
			"exclusion constraint x of rooms: found none, want using gist (name with =, (lower(name)) with &&) where id > 1"}},
		{"a column of everything", func(_, w *schema.Table) { w.Columns = w.Columns[:0] }, []string{
			"column rooms.id: found bigint identity always, want none", `column rooms.name: found text collate C, want none`, "column rooms.twice: found integer generated as id * 2, want none"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, want := rooms(), rooms()
			c.change(found, want)
			if d := cmp.Diff(c.lines, schema.Differences(found, want)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
	found, want := rooms(), rooms()
	found.Indexes[0] = schema.Index{Name: "i", Parts: schema.Columns("name")}
	line := `index i: found (name), want unique using gist (name collate C text_ops desc nulls last) include (id) nulls not distinct with fillfactor=70 comment "fast"`
	if d := cmp.Diff([]string{line}, schema.IndexDifferences(found, want, "i")); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestARenamedColumnIsRenamedEverywhere(t *testing.T) {
	s := &schema.Schema{
		Tables:   []*schema.Table{rooms(), {Name: "beds", ForeignKeys: []schema.ForeignKey{{Columns: []string{"id"}, RefTable: "rooms", RefColumns: []string{"id"}}}}},
		Triggers: []schema.Trigger{{Table: "rooms", Event: schema.Expr("BEFORE UPDATE OF id"), Action: schema.Expr("WHEN (NEW.id > 0) EXECUTE FUNCTION id()")}},
	}
	before := s.Clone()
	s.RenameColumn(s.Tables[0], "id", `the "nr"`)
	if c := s.Tables[0].Checks[0].Expr.String(); c != `"the ""nr""" > 0` {
		t.Errorf("check %s", c)
	}
	if s.Tables[1].ForeignKeys[0].RefColumns[0] != `the "nr"` || s.Tables[1].ForeignKeys[0].Columns[0] != "id" {
		t.Errorf("the reference is %v", s.Tables[1].ForeignKeys[0])
	}
	if got := s.Triggers[0].Action.String(); got != `WHEN (NEW."the ""nr""" > 0) EXECUTE FUNCTION id()` {
		t.Errorf("action %s", got)
	}
	s.RenameColumn(s.Tables[0], `the "nr"`, "id")
	unquoted := func(e schema.Expression) string { return strings.ReplaceAll(e.String(), `"`, "") }
	same := cmp.Comparer(func(a, b schema.Expression) bool { return unquoted(a) == unquoted(b) })
	if d := cmp.Diff(before, s, same); d != "" {
		t.Errorf("there and back (-want +got):\n%s", d)
	}
}

func TestATableMoves(t *testing.T) {
	s := &schema.Schema{Tables: []*schema.Table{rooms()}, Triggers: []schema.Trigger{{Table: "rooms", Name: "g"}}}
	s.Tables[0].PrimaryKeyName = ""
	before := s.Clone()
	s.Move(s.Tables[0], "app", "halls")
	if t1 := s.Table("app", "halls"); t1 == nil || t1.PrimaryKeyName != "rooms_pkey" || t1.ChosenKeyName() != "" || t1.ForeignKeys[0].RefTable != "halls" || s.Trigger("app", "halls", "g") == nil {
		t.Errorf("moved: %+v", s)
	}
	s.Move(s.Tables[0], "", "rooms")
	if d := cmp.Diff(before, s); d != "" {
		t.Errorf("there and back (-want +got):\n%s", d)
	}
	s.Tables[0].SetKey(schema.PrimaryKey{Name: "halls_pkey", Columns: []string{"id"}})
	s.Move(s.Tables[0], "", "halls")
	if name := s.Tables[0].ChosenKeyName(); name != "halls_pkey" {
		t.Errorf("a name that somebody chose has become %q", name)
	}
}

func TestConstantsAndEnums(t *testing.T) {
	e := schema.Expr(`mood = 'it''s' OR x = "it's"`).On("sqlite", "'it''s'")
	if !e.Quotes("it's") || e.Quotes("its") || e.WithConstant("it's", "b'").Quotes("it's") || e.WithConstant("it's", "b'").String() != `mood = 'b''' OR x = "it's"` {
		t.Errorf("%v", e.WithConstant("it's", "b'"))
	}
	for _, c := range []struct {
		typ  schema.Type
		want bool
	}{
		{schema.EnumType("app", "mood"), true}, {schema.EnumType("", "mood"), false}, {schema.Array(schema.EnumType("app", "mood")), true},
		{schema.Raw("mood"), true}, {schema.Raw(`app."mood"[]`), true}, {schema.Raw("other.mood"), false}, {schema.Text.On("postgres", "app.mood"), true},
		{schema.Raw("moods"), false}, {schema.Text, false}, {schema.Varchar(3), false},
	} {
		if got := c.typ.UsesEnum("app", "mood"); got != c.want {
			t.Errorf("%v: %v", c.typ, got)
		}
	}
	if schema.EnumType("a", "b").String() != "enum a.b" || schema.EnumType("", "b").Equal(schema.EnumType("a", "b")) {
		t.Error("enum types are confused")
	}
}

func TestConstantsOfAColumn(t *testing.T) {
	for text, want := range map[string]string{
		"mood = 'x' OR note = 'x'":                                           "mood = 'y' OR note = 'x'",
		"'x' <> note AND 'x'::mood <> t.\"mood\"":                            "'x' <> note AND 'y'::mood <> t.\"mood\"",
		"mood IN ('a', 'x') AND note NOT IN ('x', 'b')":                      "mood IN ('a', 'y') AND note NOT IN ('x', 'b')",
		"note IN ('x') OR (mood) = ('x')":                                    "note IN ('x') OR (mood) = ('y')",
		"(mood = ANY (ARRAY['a'::mood, 'x'::mood])) OR note = ANY('{}')":     "(mood = ANY (ARRAY['a'::mood, 'y'::mood])) OR note = ANY('{}')",
		"note::text = 'x' OR (mood)::text = 'x' OR CAST(mood AS text) = 'x'": "note::text = 'x' OR (mood)::text = 'x' OR CAST(mood AS text) = 'x'",
		"coalesce(mood, 'x') = coalesce(note, 'x')":                          "coalesce(mood, 'y') = coalesce(note, 'x')",
		"lower(note) = 'x' AND mood IS NOT NULL":                             "lower(note) = 'x' AND mood IS NOT NULL",
		"CASE mood WHEN 'a' THEN 1 WHEN 'x' THEN 2 END > 0":                  "CASE mood WHEN 'a' THEN 1 WHEN 'y' THEN 2 END > 0",
		"CASE note WHEN 'x' THEN mood ELSE 'x' END":                          "CASE note WHEN 'x' THEN mood ELSE 'y' END",
		"mood BETWEEN 'x' AND 'x' AND note LIKE 'x'":                         "mood BETWEEN 'y' AND 'y' AND note LIKE 'x'",
		"mood IS DISTINCT FROM 'x'":                                          "mood IS DISTINCT FROM 'y'",
		"moods @> '{x}' AND 'x' = note":                                      "moods @> '{x}' AND 'x' = note",
		"mood = 'x":                                                          "mood = 'x",
	} {
		if got := schema.Expr(text).WithConstantOf("mood", "x", "y").String(); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", text, got, want)
		}
	}
}

func TestTheKeysNameIsPostgreSQLs(t *testing.T) {
	for name, want := range map[string]string{
		"users": "users_pkey", "ééééééééééééééééééééééééééééééé": "ééééééééééééééééééééééééééééé_pkey",
		"x2345678901234567890123456789012345678901234567890123456789012": "x234567890123456789012345678901234567890123456789012345678_pkey",
	} {
		if got := (&schema.Table{Name: name}).KeyName(); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestAClonedSchemaSharesNothing(t *testing.T) {
	low := int64(1)
	s := &schema.Schema{Schemas: []string{"a"}, Extensions: []schema.Extension{{Name: "a"}}, Enums: []*schema.Enum{{Name: "a", Values: []string{"a"}}},
		Sequences: []*schema.Sequence{{Name: "a", Min: &low}}, Views: []*schema.View{{Name: "a"}}, Triggers: []schema.Trigger{{Name: "a"}}, Tables: []*schema.Table{rooms()}}
	c := s.Clone()
	c.Schemas[0], c.Extension("a").Name, c.Enum("", "a").Values[0], *c.Sequence("", "a").Min, c.View("", "a").Name, c.Trigger("", "", "a").Name = "b", "b", "b", 2, "b", "b"
	c.Tables[0].Exclusions[0].Elements[0].Operator, c.Tables[0].Indexes[0].Include[0], c.Tables[0].Indexes[0].With[0].Value = "b", "b", "b"
	if s.Schemas[0] != "a" || s.Extension("a") == nil || s.Enums[0].Values[0] != "a" || low != 1 || s.View("", "a") == nil || s.Trigger("", "", "a") == nil {
		t.Errorf("the original changed: %+v", s)
	}
	if lines := append(schema.Differences(s.Tables[0], rooms()), schema.IndexDifferences(s.Tables[0], rooms(), "i")...); lines != nil {
		t.Errorf("the original changed: %q", lines)
	}
}
