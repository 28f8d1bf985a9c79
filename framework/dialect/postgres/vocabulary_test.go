package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/leavendb/leaven/framework/dialect/postgres"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// trip is one operation there and back again, on a database with rows.
type trip struct {
	name   string
	before []op.Op // what it starts from
	rows   string  // SQL
	do     op.Op
	shows  string // a query for text that must be want behind do
	want   string
	lost   bool // the rows are not the same behind the reverse
	stays  bool // the structure is not the same behind the reverse
	since  int  // lowest major version
}

var (
	people = op.CreateTable{Name: "people", PrimaryKey: []string{"id"}, Columns: []schema.Column{
		{Name: "id", Type: schema.BigInt, AutoIncrement: true},
		{Name: "name", Type: schema.Text, NotNull: true, Default: schema.Literal("it's")},
		{Name: "age", Type: schema.Integer, Comment: "in years"},
		{Name: "boss", Type: schema.BigInt},
		{Name: "mood", Type: schema.Text},
	}, Checks: []schema.Check{{Name: "grown", Expr: schema.Expr("age >= 0")}}}
	pets = op.CreateTable{Name: "pets", Columns: []schema.Column{{Name: "nr", Type: schema.Integer, NotNull: true}, {Name: "owner", Type: schema.BigInt}},
		ForeignKeys: []schema.ForeignKey{{Name: "pets_owner", Columns: []string{"owner"}, RefTable: "people", RefColumns: []string{"id"}, OnDelete: schema.Cascade}}}
	oldest  = op.CreateIndex{Table: "people", Index: schema.Index{Name: "oldest", Parts: []schema.Part{{Column: "age", Desc: true}}, Where: schema.Expr("name <> 'age'")}}
	three   = `INSERT INTO people (name, age, boss, mood) VALUES ('Ada', 36, NULL, 'glad'), ('Ben', 12, 1, 'sad'), ('Çem', NULL, 1, NULL)`
	mood    = op.CreateEnum{Name: "mood", Values: []string{"glad", "so la la", "sad"}}
	touch   = op.SQL{Postgres: "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.name = upper(NEW.name); RETURN NEW; END'", Reverse: op.SQL{Postgres: "DROP FUNCTION touch()"}}
	trigger = schema.Trigger{Table: "people", Name: "shout", Event: schema.Expr("BEFORE UPDATE OF name"), Action: schema.Expr("FOR EACH ROW WHEN (NEW.age > 1) EXECUTE FUNCTION touch()")}
)

func alter(from, to schema.Column) op.AlterColumn {
	return op.AlterColumn{Table: "people", From: from, To: to}
}

// moody are two tables that use the enum in all ways that must follow it.
func moody() []op.Op {
	m := schema.EnumType("", "mood")
	return []op.Op{mood,
		op.CreateTable{Name: "moods", PrimaryKey: []string{"mood"}, Columns: []schema.Column{{Name: "mood", Type: m}}},
		op.CreateTable{Name: "days", Columns: []schema.Column{
			{Name: "day", Type: schema.Integer}, {Name: "mood", Type: m, NotNull: true, Default: schema.Literal("glad")},
			{Name: "all", Type: schema.Array(m), Default: schema.Literal("{}")},
		},
			Checks:      []schema.Check{{Name: "not_sad", Expr: schema.Expr("mood <> 'sad' OR day > 0")}},
			ForeignKeys: []schema.ForeignKey{{Name: "known", Columns: []string{"mood"}, RefTable: "moods", RefColumns: []string{"mood"}}}},
		op.CreateIndex{Table: "days", Index: schema.Index{Name: "happy", Parts: schema.Columns("day"), Where: schema.Expr("mood = 'glad'")}},
		op.CreateIndex{Table: "days", Index: schema.Index{Name: "by_mood", Parts: schema.Columns("mood")}},
	}
}

const days = `INSERT INTO moods VALUES ('glad'), ('sad'); INSERT INTO days VALUES (1, 'glad', '{glad,sad}'), (2, 'sad', NULL)`

var trips = []trip{
	{name: "rename_table", before: []op.Op{people, pets, oldest, touch, op.CreateTrigger{Trigger: trigger}}, rows: three, do: op.RenameTable{Name: "people", To: `folk "s"`},
		shows: `SELECT conrelid::regclass || conname FROM pg_constraint WHERE conname = 'pets_owner' AND confrelid = '"folk ""s"""'::regclass`, want: "petspets_owner"},
	{name: "rename_column", before: []op.Op{people, pets, oldest, touch, op.CreateTrigger{Trigger: trigger}}, rows: three, do: op.RenameColumn{Table: "people", Name: "age", To: "Years"},
		shows: `SELECT sum("Years") FROM people`, want: "48"},
	{name: "rename_key_column", before: []op.Op{people, pets, oldest}, rows: three, do: op.RenameColumn{Table: "people", Name: "id", To: "nr"}},
	{name: "rename_index", before: []op.Op{people, oldest}, do: op.RenameIndex{Table: "people", Name: "oldest", To: "eldest"}},
	{name: "rename_constraint", before: []op.Op{people}, do: op.RenameConstraint{Table: "people", Name: "grown", To: "Grown up"}},
	{name: "rename_primary_key", before: []op.Op{people}, do: op.RenameConstraint{Table: "people", Name: "people_pkey", To: "the key"}},
	{name: "set_schema", before: []op.Op{op.CreateSchema{Name: "other"}, people, pets, oldest}, rows: three, do: op.SetSchema{Table: "people", To: "other"},
		shows: `SELECT count(*) FROM other.people`, want: "3"},
	{name: "set_default_schema", before: []op.Op{op.CreateSchema{Name: "other"}, op.CreateTable{Schema: "other", Name: "Way's", Columns: []schema.Column{{Name: "a", Type: schema.Text}}}}, do: op.SetSchema{Schema: "other", Table: "Way's"},
		shows: `SELECT count(*) FROM public."Way's"`, want: "0"},
	{name: "create_schema", do: op.CreateSchema{Name: `new "s"`}},
	{name: "drop_schema", before: []op.Op{op.CreateSchema{Name: "new"}}, do: op.DropSchema{Name: "new"}},
	{name: "create_extension", do: op.CreateExtension{Name: "pg_trgm"}},
	{name: "create_extension_everything", before: []op.Op{op.CreateSchema{Name: "new"}}, do: op.CreateExtension{Name: "pg_trgm", Schema: "new", Version: "1.6"}},
	{name: "drop_extension", before: []op.Op{op.CreateExtension{Name: "pg_trgm"}}, do: op.DropExtension{Name: "pg_trgm", Was: &schema.Extension{Name: "pg_trgm"}}},

	{name: "alter_column_type", before: []op.Op{people, oldest}, rows: three, do: alter(schema.Column{Name: "age", Type: schema.Integer}, schema.Column{Name: "age", Type: schema.BigInt})},
	{name: "alter_column_type_using", before: []op.Op{people}, rows: three, do: op.AlterColumn{Table: "people",
		From: schema.Column{Name: "mood", Type: schema.Text}, To: schema.Column{Name: "mood", Type: schema.Boolean, Default: schema.Literal(true)},
		Using: schema.Expr("mood = 'glad'"), UsingBack: schema.Expr("CASE WHEN mood THEN 'glad' WHEN NOT mood THEN 'sad' END")}, shows: `SELECT bool_or(mood) FROM people`, want: "true"},
	{name: "alter_column_type_with_default", before: []op.Op{people}, rows: three, do: op.AlterColumn{Table: "people",
		From:  schema.Column{Name: "name", Type: schema.Text, NotNull: true, Default: schema.Literal("it's")},
		To:    schema.Column{Name: "name", Type: schema.Bytes, NotNull: true, Default: schema.Literal([]byte{1})},
		Using: schema.Expr("convert_to(name, 'UTF8')"), UsingBack: schema.Expr("convert_from(name, 'UTF8')")}},
	{name: "alter_column_serial_type", before: []op.Op{people, pets}, rows: three, do: alter(schema.Column{Name: "id", Type: schema.BigInt, AutoIncrement: true}, schema.Column{Name: "id", Type: schema.Integer, AutoIncrement: true}),
		shows: `SELECT seqtypid::regtype FROM pg_sequence WHERE seqrelid = 'people_id_seq'::regclass`, want: "integer"},
	{name: "alter_column_not_null", before: []op.Op{people}, do: alter(schema.Column{Name: "age"}, schema.Column{Name: "age", NotNull: true})},
	{name: "alter_column_null", before: []op.Op{people}, rows: three, do: alter(schema.Column{Name: "name", NotNull: true}, schema.Column{Name: "name"})},
	{name: "alter_column_default", before: []op.Op{people}, rows: three, do: alter(schema.Column{Name: "name", Default: schema.Literal("it's")}, schema.Column{Name: "name", Default: schema.Expr("lower('X')")})},
	{name: "alter_column_no_default", before: []op.Op{people}, rows: three, do: alter(schema.Column{Name: "name", Default: schema.Literal("it's")}, schema.Column{Name: "name"})},
	{name: "alter_column_serial_to_identity", before: []op.Op{people, pets}, rows: three, do: alter(schema.Column{Name: "id", AutoIncrement: true}, schema.Column{Name: "id", AutoIncrement: true, Identity: schema.IdentityAlways}),
		shows: `INSERT INTO people DEFAULT VALUES RETURNING id`, want: "4", lost: true},
	{name: "alter_column_identity", before: []op.Op{people, alter(schema.Column{Name: "id", AutoIncrement: true}, schema.Column{Name: "id", Identity: schema.IdentityAlways})}, rows: three,
		do: alter(schema.Column{Name: "id", Identity: schema.IdentityAlways}, schema.Column{Name: "id", Identity: schema.IdentityByDefault})},
	{name: "alter_column_stops_counting", before: []op.Op{people}, rows: three, do: alter(schema.Column{Name: "id", Type: schema.BigInt, AutoIncrement: true}, schema.Column{Name: "id", Type: schema.BigInt})},
	{name: "alter_column_stops_identity", before: []op.Op{op.CreateTable{Name: "people", Columns: []schema.Column{{Name: "id", Type: schema.Integer, Identity: schema.IdentityByDefault}}}}, rows: `INSERT INTO people DEFAULT VALUES`,
		do: alter(schema.Column{Name: "id", Type: schema.Integer, Identity: schema.IdentityByDefault}, schema.Column{Name: "id", Type: schema.Integer})},
	{name: "alter_column_collation", before: []op.Op{people}, rows: three, do: alter(schema.Column{Name: "name", Type: schema.Text}, schema.Column{Name: "name", Type: schema.Text, Collation: "C"})},
	{name: "alter_column_comment", before: []op.Op{people}, do: alter(schema.Column{Name: "age", Comment: "in years"}, schema.Column{Name: "age", Comment: `how "old"? \ it's 'that'`})},
	{name: "alter_column_generated_expression", since: 17, before: []op.Op{people, op.AddColumn{Table: "people", Column: schema.Column{Name: "twice", Type: schema.Integer, Generated: schema.Expr("age * 2")}}}, rows: three,
		do: alter(schema.Column{Name: "twice", Generated: schema.Expr("age * 2")}, schema.Column{Name: "twice", Generated: schema.Expr("age * 3")}), shows: `SELECT max(twice) FROM people`, want: "108"},

	{name: "create_table_named_key", do: op.CreateTable{Name: "keyed", PrimaryKeyName: "my key", PrimaryKey: []string{"a"}, Columns: []schema.Column{{Name: "a", Type: schema.Integer}}}},
	{name: "add_primary_key_later", before: []op.Op{people, pets}, rows: three + `; INSERT INTO pets VALUES (7, 1)`, do: op.AddPrimaryKey{Table: "pets", Columns: []string{"nr"}}},
	{name: "add_primary_key_named", before: []op.Op{people, pets}, do: op.AddPrimaryKey{Table: "pets", Name: "Key", Columns: []string{"nr"}}},
	{name: "drop_primary_key", before: []op.Op{people, op.RenameTable{Name: "people", To: "folk"}}, rows: `INSERT INTO folk DEFAULT VALUES`, do: op.DropPrimaryKey{Table: "folk", Was: &schema.PrimaryKey{Name: "people_pkey", Columns: []string{"id"}}}},
	{name: "add_exclusion", before: []op.Op{people}, rows: three, do: op.AddExclusion{Table: "people", Exclusion: schema.Exclusion{Name: "apart", Method: "gist",
		Elements: []schema.ExclusionElement{{Part: schema.Part{Expr: schema.Expr("int4range(age, age + 1)")}, Operator: "&&"}}, Where: schema.Expr("age IS NOT NULL"), InitiallyDeferred: true, Comment: "one of an age"}}},
	{name: "drop_exclusion", before: []op.Op{people, op.AddExclusion{Table: "people", Exclusion: schema.Exclusion{Name: "apart", Elements: []schema.ExclusionElement{{Part: schema.Part{Column: "age"}, Operator: "="}}}}},
		do: op.DropConstraint{Table: "people", Name: "apart", Was: schema.Exclusion{Elements: []schema.ExclusionElement{{Part: schema.Part{Column: "age"}, Operator: "="}}}}},
	{name: "add_check_not_valid", before: []op.Op{people}, rows: three, do: op.AddCheck{Table: "people", Check: schema.Check{Name: "adult", Expr: schema.Expr("age > 17"), NotValid: true, Comment: "later"}}},
	{name: "add_foreign_key_not_valid", before: []op.Op{people, pets}, rows: `INSERT INTO pets VALUES (1, NULL)`, do: op.AddForeignKey{Table: "pets", ForeignKey: schema.ForeignKey{Name: "late", Columns: []string{"nr"}, RefTable: "people", RefColumns: []string{"id"}, NotValid: true, Deferrable: true}}},
	{name: "add_unique_everything", since: 15, before: []op.Op{people}, rows: three, do: op.AddUnique{Table: "people", Unique: schema.Unique{Name: "one", Columns: []string{"boss", "name"}, NullsNotDistinct: true, InitiallyDeferred: true, Comment: "so"}}},
	{name: "validate_constraint", before: []op.Op{people, op.AddCheck{Table: "people", Check: schema.Check{Name: "ok", Expr: schema.Expr("age < 99"), NotValid: true}}}, rows: three,
		do: op.ValidateConstraint{Table: "people", Name: "ok"}, stays: true},
	{name: "create_index_complete", since: 15, before: []op.Op{people}, rows: three, do: op.CreateIndex{Table: "people", Index: schema.Index{Name: "full", Unique: true, Method: "btree",
		Parts:   []schema.Part{{Column: "name", Opclass: "text_pattern_ops", Desc: true, Nulls: schema.NullsLast}, {Expr: schema.Expr("lower(mood)"), Collation: "C", Nulls: schema.NullsFirst}},
		Include: []string{"age", "boss"}, NullsNotDistinct: true, With: []schema.Parameter{{Name: "deduplicate_items", Value: "off"}, {Name: "fillfactor", Value: "70"}}, Where: schema.Expr("age > 3"), Comment: "all of it"}}},
	{name: "create_index_method", before: []op.Op{people}, rows: three, do: op.CreateIndex{Table: "people", Index: schema.Index{Name: "hashed", Method: "hash", Parts: schema.Columns("name")}}},

	{name: "create_enum", do: op.CreateEnum{Name: "Mood's", Values: []string{"it's", `"glad"`, `\`}}},
	{name: "drop_enum", before: []op.Op{mood}, do: op.DropEnum{Name: "mood", Was: &schema.Enum{Values: mood.Values}}},
	{name: "add_enum_value", before: []op.Op{mood}, do: op.AddEnumValue{Name: "mood", Value: "it's"}},
	{name: "add_enum_value_before", before: []op.Op{mood}, do: op.AddEnumValue{Name: "mood", Value: "merry", Before: "glad"}},
	{name: "add_enum_value_after", before: []op.Op{mood}, do: op.AddEnumValue{Name: "mood", Value: "merry", After: "glad"}},
	{name: "rename_enum_value", before: moody(), rows: days, do: op.RenameEnumValue{Name: "mood", Value: "glad", To: "merry"}, shows: `SELECT mood::text FROM days WHERE day = 1`, want: "merry"},
	{name: "drop_enum_value", before: moody(), rows: days, do: op.DropEnumValue{Name: "mood", Value: "so la la", After: "glad"}, shows: `INSERT INTO days (day) VALUES (3) RETURNING mood`, want: "glad", lost: true},
	{name: "drop_enum_value_instead", before: []op.Op{mood, op.CreateTable{Name: "days", Columns: []schema.Column{{Name: "mood", Type: schema.EnumType("", "mood")}, {Name: "all", Type: schema.Array(schema.EnumType("", "mood"))}}}},
		rows: `INSERT INTO days VALUES ('sad', '{sad,glad}')`, do: op.DropEnumValue{Name: "mood", Value: "sad", Instead: "so la la"}, shows: `SELECT mood || ' ' || "all"::text FROM days`, want: `so la la {"so la la",glad}`, lost: true},

	{name: "create_sequence", do: op.CreateSequence{Sequence: schema.Sequence{Name: "tickets"}}, shows: `SELECT nextval('tickets')`, want: "1"},
	{name: "create_sequence_everything", do: op.CreateSequence{Sequence: schema.Sequence{Name: "Tickets", Type: schema.Integer, Start: 5, Increment: -2, Min: new(int64), Max: ptr(9), Cache: 3, Cycle: true}}},
	{name: "drop_sequence", before: []op.Op{op.CreateSequence{Sequence: schema.Sequence{Name: "tickets"}}}, do: op.DropSequence{Name: "tickets", Was: &schema.Sequence{}}},
	{name: "comment_on_table", before: []op.Op{people}, do: op.SetComment{On: op.Object{Kind: "table", Table: "people"}, To: `it's \ "here"`}},
	{name: "comment_on_column", before: []op.Op{people}, do: op.SetComment{On: op.Object{Kind: "column", Table: "people", Name: "age"}, From: "in years"}},
	{name: "comment_on_index", before: []op.Op{people, oldest}, do: op.SetComment{On: op.Object{Kind: "index", Table: "people", Name: "oldest"}, To: "?"}},
	{name: "comment_on_constraint", before: []op.Op{people}, do: op.SetComment{On: op.Object{Kind: "constraint", Table: "people", Name: "grown"}, To: "$1"}},
	{name: "create_table_comments", do: op.CreateTable{Name: "noted", Comment: "a table", Columns: []schema.Column{{Name: "a", Type: schema.Text, Comment: "a column", Collation: "C"}}, Uniques: []schema.Unique{{Name: "one", Columns: []string{"a"}, Comment: "a key"}}}},
	{name: "create_table_constraints", do: op.CreateTable{Name: "held", Columns: []schema.Column{
		{Name: "id", Type: schema.Integer, Identity: schema.IdentityAlways}, {Name: "a", Type: schema.Integer}, {Name: "b", Type: schema.Integer, Generated: schema.Expr("a + 1")}},
		PrimaryKey: []string{"id"}, PrimaryKeyName: "held key", Checks: []schema.Check{{Name: "c", Expr: schema.Expr("a > 0"), NotValid: true}},
		ForeignKeys: []schema.ForeignKey{{Name: "f", Columns: []string{"a"}, RefTable: "held", RefColumns: []string{"id"}, NotValid: true, InitiallyDeferred: true}},
		Exclusions:  []schema.Exclusion{{Elements: []schema.ExclusionElement{{Part: schema.Part{Column: "a"}, Operator: "="}}}}}},
	{name: "create_virtual_column", since: 18, before: []op.Op{people}, rows: three, do: op.AddColumn{Table: "people", Column: schema.Column{Name: "twice", Type: schema.Integer, Generated: schema.Expr("age * 2"), Virtual: true, Comment: "computed"}}},
	{name: "create_view", before: []op.Op{people}, rows: three, do: op.CreateView{Name: "adults", Query: schema.Expr("SELECT name FROM people WHERE age > 17")}, shows: `SELECT name FROM adults`, want: "Ada"},
	{name: "create_materialized_view", before: []op.Op{people}, rows: three, do: op.CreateView{Name: "adults", Query: schema.Expr("SELECT name FROM people WHERE age > 17"), Materialized: true}, shows: `SELECT name FROM adults`, want: "Ada"},
	{name: "drop_view", before: []op.Op{people, op.CreateView{Name: "adults", Query: schema.Expr("SELECT name FROM people")}}, do: op.DropView{Name: "adults", Was: &schema.View{Query: schema.Expr("SELECT name FROM people")}}},
	{name: "create_trigger", before: []op.Op{people, touch}, rows: three, do: op.CreateTrigger{Trigger: trigger}, shows: `UPDATE people SET name = 'Ada L' WHERE id = 1 RETURNING name`, want: "ADA L", lost: true},
	{name: "drop_trigger", before: []op.Op{people, touch, op.CreateTrigger{Trigger: trigger}}, do: op.DropTrigger{Table: "people", Name: "shout", Was: &trigger}},
	{name: "create_constraint_trigger", before: []op.Op{people, touch}, do: op.CreateTrigger{Trigger: schema.Trigger{Table: "people", Name: "Later", Constraint: true, Event: schema.Expr("AFTER INSERT"), Action: schema.Expr("DEFERRABLE FOR EACH ROW EXECUTE FUNCTION touch()")}}},
}

func ptr(n int64) *int64 { return &n }

// folded is the fold of operations.
func folded(t *testing.T, ops ...op.Op) *schema.Schema {
	t.Helper()
	s := &schema.Schema{}
	for _, o := range ops {
		if err := o.Apply(s); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestRenderVocabulary(t *testing.T) {
	for _, c := range trips {
		t.Run(c.name, func(t *testing.T) {
			statements, err := postgres.Dialect{}.Render(t.Context(), c.do, op.Fold{Schema: folded(t, c.before...)})
			if err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("testdata", "render", c.name+".sql"), show(statements))
		})
	}
}

// Each operation, on a database with rows: the server agrees with the fold and
// with what is said of locks; and its reverse leaves what was there before.
func TestThereAndBackAgain(t *testing.T) {
	db, _ := pgtest.New(t)
	version, err := postgres.Dialect{}.Version(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range trips {
		t.Run(c.name, func(t *testing.T) {
			if version/10000 < c.since {
				c.refusedBy(t, db, version)
				return
			}
			prepare(t, db, c.before, c.rows)
			undo := errors.New("undo")
			err := db.RunInTx(t.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
				before := everything(t, tx)
				rows := contents(t, tx, before)
				locks(t, tx, c.do)
				must(t, op.Run(ctx, tx, c.do))
				agrees(t, tx, folded(t, append(c.before, c.do)...))
				if c.shows != "" {
					if got := text(t, tx, c.shows); got != c.want {
						t.Errorf("%s: %q, want %q", c.shows, got, c.want)
					}
				}
				back, err := op.Reverse(c.do)
				must(t, err)
				must(t, op.Run(ctx, tx, back...))
				behind := everything(t, tx)
				if d := cmp.Diff(before, behind, asSets); d != "" && !c.stays {
					t.Errorf("structure behind the reverse (-want +got):\n%s", d)
				}
				if d := cmp.Diff(rows, contents(t, tx, behind)); d != "" && !c.lost {
					t.Errorf("rows behind the reverse (-want +got):\n%s", d)
				}
				return undo
			})
			if !errors.Is(err, undo) {
				t.Fatal(err)
			}
			back, err := op.Reverse(c.before...)
			must(t, err)
			must(t, op.Run(t.Context(), db, back...))
		})
	}
}

// refusedBy: a server that is too old is not asked to run anything.
func (c trip) refusedBy(t *testing.T, db *bun.DB, version int) {
	first := op.CreateTable{Name: "never", Columns: []schema.Column{{Name: "a", Type: schema.Integer}}}
	err := op.Run(t.Context(), db, first, c.do)
	want := fmt.Sprintf("%s: PostgreSQL %d cannot do this; %d and later can", c.do, version/10000, c.since)
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if n := text(t, db, "SELECT count(*) FROM pg_class WHERE relname = 'never'"); n != "0" {
		t.Error("something ran before it was refused")
	}
}

func prepare(t *testing.T, db *bun.DB, ops []op.Op, rows string) {
	t.Helper()
	must(t, op.Run(t.Context(), db, ops...))
	if rows != "" {
		exec(t, db, rows)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func text(t *testing.T, db bun.IDB, query string) (s string) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), query).Scan(&s); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return s
}

// locks compares what each statement locks against its writers with what is
// said of it, and undoes the statements.
func locks(t *testing.T, tx bun.Tx, o op.Op) {
	t.Helper()
	undo := errors.New("undo")
	err := tx.RunInTx(t.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
		statements, err := postgres.Dialect{}.Render(ctx, o, postgres.Dialect{}.Live(tx))
		must(t, err)
		exec(t, tx, "CREATE TEMP TABLE before AS SELECT oid FROM pg_class WHERE relkind IN ('r', 'v', 'm', 'S') AND oid >= 16384 AND relname <> 'before'")
		held := "SELECT count(DISTINCT l.relation) FROM pg_locks l JOIN before b ON b.oid = l.relation WHERE l.pid = pg_backend_pid() AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')"
		n := text(t, tx, held)
		for _, s := range statements {
			exec(t, tx, s.SQL)
			now := text(t, tx, held)
			if now != n && !s.Strong {
				t.Errorf("a statement that is not strong locks a relation: %s", s.SQL)
			}
			n = now
		}
		if strongest := strings.Contains(show(statements), "-- strong"); strongest && n == "0" {
			t.Errorf("strong statements lock nothing: %s", show(statements))
		}
		return undo
	})
	if !errors.Is(err, undo) {
		t.Fatal(err)
	}
}

// everything is the structure of all schemas.
func everything(t *testing.T, db bun.IDB) *schema.Schema {
	t.Helper()
	s, err := postgres.Dialect{}.Inspect(t.Context(), db, "public", "other", "new", `new "s"`)
	must(t, err)
	return s
}

// contents are the rows of all tables.
func contents(t *testing.T, db bun.IDB, s *schema.Schema) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, table := range s.Tables {
		d := postgres.Dialect{}
		name := d.Quote(table.Schema) + "." + d.Quote(table.Name)
		all[name] = text(t, db, "SELECT coalesce(jsonb_agg(to_jsonb(r) ORDER BY to_jsonb(r)::text), '[]')::text FROM "+name+" r")
	}
	return all
}

var asSets = cmp.Options{texts, cmpopts.EquateEmpty(),
	cmpopts.SortSlices(func(a, b schema.Column) bool { return a.Name < b.Name }),
}

// agrees fails unless the server has what the fold says.
func agrees(t *testing.T, db bun.IDB, fold *schema.Schema) {
	t.Helper()
	live, err := postgres.Dialect{}.Inspect(t.Context(), db)
	must(t, err)
	for _, table := range fold.Tables {
		want, err := postgres.Dialect{}.Normalize(t.Context(), db, table)
		must(t, err)
		found, err := postgres.Dialect{}.Live(db).Table(t.Context(), table.Schema, table.Name)
		must(t, err)
		if found == nil {
			t.Errorf("there is no table %s", table.Name)
			continue
		}
		lines := schema.Differences(found, want)
		for _, x := range want.Indexes {
			lines = append(lines, schema.IndexDifferences(found, want, x.Name)...)
		}
		if len(lines) > 0 || len(found.Indexes) != len(want.Indexes) {
			t.Errorf("%s: %d indexes, want %d\n%s", table.Name, len(found.Indexes), len(want.Indexes), strings.Join(lines, "\n"))
		}
	}
	if d := cmp.Diff(fold.Enums, live.Enums, asSets); d != "" {
		t.Errorf("enums (-fold +server):\n%s", d)
	}
	var names, got []string
	for _, s := range []struct {
		s     *schema.Schema
		names *[]string
	}{{fold, &names}, {live, &got}} {
		for _, q := range s.s.Sequences {
			*s.names = append(*s.names, "sequence "+q.Name)
		}
		for _, v := range s.s.Views {
			*s.names = append(*s.names, fmt.Sprint("view ", v.Name, v.Materialized))
		}
		for _, g := range s.s.Triggers {
			*s.names = append(*s.names, fmt.Sprint("trigger ", g.Table, g.Name, g.Constraint))
		}
	}
	if d := cmp.Diff(names, got); d != "" {
		t.Errorf("objects (-fold +server):\n%s", d)
	}
}
