package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/leavendb/leaven/framework/dialect/postgres"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// guarded is a partitioned table, and an enum, with everything that operations
// do not know: row security, policies, grants, triggers, statistics.
const guarded = `
CREATE TYPE mood AS ENUM ('glad', 'sad', 'odd');
COMMENT ON TYPE mood IS 'how it feels';
REVOKE ALL ON TYPE mood FROM PUBLIC; GRANT USAGE ON TYPE mood TO {role};
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.note = upper(NEW.note); RETURN NEW; END';
CREATE TABLE events (day date NOT NULL, size int, note text, mood mood DEFAULT 'glad') PARTITION BY RANGE (day);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') WITH (fillfactor = 80);
CREATE TABLE events_2 PARTITION OF events DEFAULT;
CREATE INDEX events_mood ON events (day) WHERE mood = 'glad';
CREATE TRIGGER shout BEFORE INSERT OR UPDATE ON events FOR EACH ROW EXECUTE FUNCTION touch();
ALTER TABLE events ENABLE ROW LEVEL SECURITY; ALTER TABLE events FORCE ROW LEVEL SECURITY;
CREATE POLICY small ON events TO {role} USING (size < 10) WITH CHECK (size < 5);
GRANT SELECT, UPDATE (note) ON events TO {role};
ALTER TABLE events ALTER COLUMN note SET STATISTICS 7;
INSERT INTO events VALUES ('2026-05-05', 3, 'first', 'glad'), ('2030-01-01', 30, 'last', 'sad')`

// guards tells all that in one text, with the present names of table and columns.
const guards = `SELECT concat_ws(E'\n',
  (SELECT string_agg(i.inhrelid::regclass || ' of ' || i.inhparent::regclass || ' ' || pg_get_expr(c.relpartbound, c.oid) || coalesce(c.reloptions::text, ''), E'\n' ORDER BY c.relname)
     FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE c.relkind = 'r'),
  (SELECT string_agg(c.relname || ' ' || c.relrowsecurity::text || c.relforcerowsecurity::text || coalesce(c.relacl::text, ''), E'\n' ORDER BY c.relname) FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace),
  (SELECT string_agg(tablename || policyname || cmd || roles::text || qual || with_check, E'\n') FROM pg_policies),
  (SELECT string_agg(t.tgrelid::regclass || t.tgname || t.tgenabled::text, E'\n' ORDER BY t.tgrelid::regclass::text) FROM pg_trigger t),
  (SELECT string_agg(a.attrelid::regclass || '.' || a.attname || a.attstorage::text || coalesce(nullif(a.attstattarget, -1), 0)::text || coalesce(a.attacl::text, ''), E'\n' ORDER BY a.attrelid, a.attname)
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind = 'p'),
  (SELECT string_agg(indexdef, E'\n' ORDER BY indexname) FROM pg_indexes WHERE schemaname = 'public'),
  (SELECT concat(typname, ' ', typacl::text, obj_description(oid, 'pg_type')) FROM pg_type WHERE typtype = 'e'))`

// What operations do not know survives them: partitions, row security, policies,
// grants, triggers, an enum's grants and comment.
func TestWhatOperationsDoNotKnowSurvives(t *testing.T) {
	db, url := pgtest.New(t)
	role, _ := pgtest.Role(t, url)
	exec(t, db, strings.ReplaceAll(guarded, "{role}", postgres.Dialect{}.Quote(role)))
	before := text(t, db, guards)
	rows := text(t, db, "SELECT jsonb_agg(to_jsonb(e) ORDER BY day)::text FROM events e")
	for _, o := range []op.Op{
		op.RenameTable{Name: "events", To: "happenings"},
		op.RenameColumn{Table: "events", Name: "size", To: "length"},
		op.RenameColumn{Table: "events", Name: "note", To: "text"},
		op.AddColumn{Table: "events", Column: schema.Column{Name: "more", Type: schema.Text, NotNull: true, Default: schema.Literal("x")}},
		op.AlterColumn{Table: "events", From: schema.Column{Name: "mood", Default: schema.Expr("'glad'")}, To: schema.Column{Name: "mood", NotNull: true}},
		op.AlterColumn{Table: "events", From: schema.Column{Name: "note", Type: schema.Text}, To: schema.Column{Name: "note", Type: schema.Varchar(80)}},
		op.AddCheck{Table: "events", Check: schema.Check{Name: "c", Expr: schema.Expr("size > 0")}},
		op.AddPrimaryKey{Table: "events", Columns: []string{"day"}},
		op.CreateIndex{Table: "events", Index: schema.Index{Name: "events_size", Parts: schema.Columns("size")}},
		op.DropEnumValue{Name: "mood", Value: "odd", After: "sad"},
		op.RenameEnumValue{Name: "mood", Value: "sad", To: "blue"},
		op.SetComment{On: op.Object{Kind: "table", Table: "events"}, To: "x"},
	} {
		must(t, op.Run(t.Context(), db, o))
		if got := text(t, db, "SELECT count(*) FROM pg_policies WHERE roles::text LIKE '%"+role+"%'"); got != "1" {
			t.Errorf("%s: %s policies", o, got)
		}
		back, err := op.Reverse(o)
		must(t, err)
		must(t, op.Run(t.Context(), db, back...))
		if d := cmp.Diff(strings.Split(before, "\n"), strings.Split(text(t, db, guards), "\n")); d != "" {
			t.Errorf("%s, and back (-want +got):\n%s", o, d)
		}
		if d := cmp.Diff(rows, text(t, db, "SELECT jsonb_agg(to_jsonb(e) ORDER BY day)::text FROM events e")); d != "" {
			t.Errorf("rows after %s, and back (-want +got):\n%s", o, d)
		}
	}
}

// Faults of the server that name no remedy get one.
func TestFaultsAreExplained(t *testing.T) {
	db, _ := pgtest.New(t)
	exec(t, db, `CREATE TYPE mood AS ENUM ('glad', 'sad'); CREATE TABLE users (id bigint PRIMARY KEY, mood mood DEFAULT 'glad', note text DEFAULT 'x');
		CREATE TABLE posts (id bigint, author bigint REFERENCES users DEFERRABLE INITIALLY DEFERRED);
		INSERT INTO users VALUES (1, 'sad', 'glad'); CREATE VIEW seen AS SELECT note FROM users; CREATE FUNCTION feel(mood) RETURNS mood LANGUAGE sql AS 'SELECT $1'`)
	late := schema.Literal("late")
	for _, c := range []struct {
		name string
		sql  string
		op   op.Op
		want string
	}{
		{"pending trigger events", "INSERT INTO posts VALUES (1, 1)", op.AddColumn{Table: "posts", Column: schema.Column{Name: "x", Type: schema.Text}}, "SET CONSTRAINTS ALL IMMEDIATE before this operation, or change rows and table in two migrations"},
		{"a new value in another run", "ALTER TYPE mood ADD VALUE 'late'", op.AlterColumn{Table: "users", From: schema.Column{Name: "mood", Type: schema.EnumType("", "mood")}, To: schema.Column{Name: "mood", Type: schema.EnumType("", "mood"), Default: late}}, "before its commit: add the value in a migration of its own"},
		{"no cast", "SELECT 1", op.AlterColumn{Table: "posts", From: schema.Column{Name: "id", Type: schema.BigInt}, To: schema.Column{Name: "id", Type: schema.UUID}}, "say in Using how a value of the old type becomes one of the new"},
		{"a view", "SELECT 1", op.AlterColumn{Table: "users", From: schema.Column{Name: "note", Type: schema.Text, Default: schema.Literal("x")}, To: schema.Column{Name: "note", Type: schema.Bytes}, Using: schema.Expr("note::bytea")}, "make it again behind it"},
		{"a dependent", "SELECT 1", op.DropColumn{Table: "users", Name: "note"}, "drop or change first what depends on it"},
		{"an enum's other users", "SELECT 1", op.DropEnumValue{Name: "mood", Value: "sad"}, "drop them before and make them again behind: function feel(mood)"},
		{"an enum's row", "DROP FUNCTION feel", op.DropEnumValue{Name: "mood", Value: "sad"}, `rows of users.mood hold the value "sad" of enum mood; change them first, or say in Instead`},
		{"an enum's default", "DROP FUNCTION feel", op.DropEnumValue{Name: "mood", Value: "glad"}, `"glad" is the default of column users.mood; change the default first`},
		{"a default of an array", "DROP FUNCTION feel; DROP TABLE posts; DELETE FROM users; ALTER TABLE users ADD moods mood[] DEFAULT '{sad,glad}'", op.DropEnumValue{Name: "mood", Value: "sad"}, "a default still has the value: change it before"},
		{"an enum's check", "DROP FUNCTION feel; ALTER TABLE users ADD CHECK (note = 'sad' OR mood IN ('glad', 'sad'))", op.DropEnumValue{Name: "mood", Value: "sad"}, "the check users_check of table users mentions the value: drop it before"},
		{"an enum's index", "DROP FUNCTION feel; CREATE INDEX users_sad ON users (id) WHERE mood = 'sad'", op.DropEnumValue{Name: "mood", Value: "sad"}, "the index users_sad of table users mentions the value"},
		{"an enum's trigger", "DROP FUNCTION feel; DROP TABLE posts; DELETE FROM users; CREATE TRIGGER g BEFORE UPDATE OF mood ON users FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()", op.DropEnumValue{Name: "mood", Value: "sad"}, "drop what uses the column before this operation"},
		{"a generated column", "ALTER TABLE posts ADD twice bigint GENERATED ALWAYS AS (id * 2) STORED", op.AlterColumn{Table: "posts", From: schema.Column{Name: "id", Type: schema.BigInt}, To: schema.Column{Name: "id", Type: schema.Integer}}, "drop what uses the column before this operation"},
		{"a default that is not told", "DROP VIEW seen; DROP TABLE posts; ALTER TABLE users ALTER note SET DEFAULT '1'; DELETE FROM users", op.AlterColumn{Table: "users", From: schema.Column{Name: "note", Type: schema.Text}, To: schema.Column{Name: "note", Type: schema.Integer}, Using: schema.Expr("note::integer")}, "say the default in From and To"},
		{"a sequence of this name", "CREATE SEQUENCE posts_id_seq; ALTER TABLE posts ALTER id SET NOT NULL", op.AlterColumn{Table: "posts", From: schema.Column{Name: "id", NotNull: true}, To: schema.Column{Name: "id", NotNull: true, AutoIncrement: true}}, "rename the other one before"},
		{"no such value", "DROP FUNCTION feel", op.DropEnumValue{Name: "mood", Value: "never"}, "there is no such value"},
		{"no such enum", "SELECT 1", op.DropEnumValue{Name: "never", Value: "never"}, "there is no enum never"},
		{"no key", "SELECT 1", op.DropPrimaryKey{Table: "posts"}, "table posts has no primary key"},
		{"generated later", "SELECT 1", alter(schema.Column{Name: "a"}, schema.Column{Name: "a", Generated: schema.Expr("1")}), "drop the column and add it again"},
		{"virtual", "SELECT 1", alter(schema.Column{Name: "a", Generated: schema.Expr("1")}, schema.Column{Name: "a", Generated: schema.Expr("1"), Virtual: true}), "between stored and virtual"},
		{"a collation alone", "SELECT 1", alter(schema.Column{Name: "a"}, schema.Column{Name: "a", Collation: "C"}), "say the type in From and To"},
		{"a comment on what has no name", "SELECT 1", op.CreateTable{Name: "t", Columns: []schema.Column{{Name: "a", Type: schema.Text}}, Uniques: []schema.Unique{{Columns: []string{"a"}, Comment: "x"}}}, "has no name; give it one"},
	} {
		t.Run(c.name, func(t *testing.T) {
			undo := errors.New("undo")
			err := db.RunInTx(t.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
				exec(t, tx, c.sql)
				err := op.Run(ctx, tx, c.op)
				if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), c.op.String()) {
					t.Errorf("got %v, want %s", err, c.want)
				}
				return undo
			})
			if !errors.Is(err, undo) {
				t.Fatal(err)
			}
		})
	}
}

// An owner who is held by policies does not see which numbers and values there
// are.
func TestWhatPoliciesHideIsNotOverlooked(t *testing.T) {
	db, url := pgtest.New(t)
	name, login := pgtest.Role(t, url)
	role := postgres.Dialect{}.Quote(name)
	exec(t, db, strings.ReplaceAll(`GRANT ALL ON SCHEMA public TO {role}; SET ROLE {role}; CREATE TYPE mood AS ENUM ('glad', 'sad');
		CREATE TABLE secrets (id integer NOT NULL, mood mood); INSERT INTO secrets VALUES (41, 'sad'); ALTER TABLE secrets ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; RESET ROLE`, "{role}", role))
	owner := pgtest.Open(t, login)
	for _, o := range []op.Op{
		op.AlterColumn{Table: "secrets", From: schema.Column{Name: "id", NotNull: true}, To: schema.Column{Name: "id", NotNull: true, Identity: schema.IdentityAlways}},
		op.DropEnumValue{Name: "mood", Value: "sad"},
	} {
		if err := op.Run(t.Context(), owner, o); err == nil || !strings.Contains(err.Error(), "may hide rows of table secrets") {
			t.Errorf("%s: %v", o, err)
		}
		exec(t, owner, "ALTER TABLE secrets NO FORCE ROW LEVEL SECURITY")
		if err := op.Run(t.Context(), owner, o); err != nil && strings.Contains(err.Error(), "may hide") {
			t.Errorf("%s: %v", o, err)
		}
		exec(t, owner, "ALTER TABLE secrets FORCE ROW LEVEL SECURITY")
	}
	if got := text(t, db, "INSERT INTO secrets DEFAULT VALUES RETURNING id"); got != "42" {
		t.Error(got)
	}
}

// A sequence of a column goes on where the rows are.
func TestCountingGoesOn(t *testing.T) {
	eachDriver(t, countingGoesOn)
}

func countingGoesOn(t *testing.T, db *bun.DB) {
	ctx := op.WithEnv(t.Context(), &op.Env{LockTry: time.Second})
	exec(t, db, `CREATE TABLE people (id integer PRIMARY KEY); INSERT INTO people VALUES (41)`)
	kinds := []schema.Column{{Name: "id"}, {Name: "id", AutoIncrement: true}, {Name: "id", Identity: schema.IdentityByDefault}, {Name: "id", AutoIncrement: true}, {Name: "id", Identity: schema.IdentityAlways}}
	for i, c := range kinds[1:] {
		must(t, op.Run(ctx, db, alter(kinds[i], c)))
		if got := text(t, db, "INSERT INTO people DEFAULT VALUES RETURNING id"); got != []string{"42", "43", "44", "45"}[i] {
			t.Errorf("%v: %s", c, got)
		}
	}
	exec(t, db, "INSERT INTO people OVERRIDING SYSTEM VALUE VALUES (2147483647)") // behind which there is no number
	must(t, op.Run(ctx, db, alter(kinds[4], kinds[3])))
	if got := text(t, db, "SELECT count(*) FROM pg_class WHERE relkind = 'S'"); got != "1" {
		t.Errorf("%s sequences", got)
	}
}

// An enum that is made anew is so at once, also without a transaction and
// through every driver: what fails behind leaves nothing of it.
func TestAnEnumIsMadeAnewAtOnce(t *testing.T) {
	eachDriver(t, func(t *testing.T, db *bun.DB) {
		exec(t, db, `CREATE TYPE mood AS ENUM ('glad', 'sad', 'odd'); CREATE TABLE a (mood mood); CREATE TABLE b (mood mood DEFAULT 'glad', all_of mood[] DEFAULT '{odd}')`)
		drop := op.DropEnumValue{Name: "mood", Value: "odd", After: "sad"}
		ctx := op.WithEnv(t.Context(), &op.Env{LockTry: time.Second})
		if err := op.Run(ctx, db, drop); err == nil || !strings.Contains(err.Error(), `invalid input value for enum mood: "odd"`) {
			t.Errorf("a default that holds the value: %v", err)
		}
		values := "SELECT string_agg(typname || enumlabel, ' ' ORDER BY enumsortorder) FROM pg_enum JOIN pg_type t ON t.oid = enumtypid"
		if got := text(t, db, values); got != "moodglad moodsad moododd" {
			t.Errorf("values %s", got)
		}
		exec(t, db, "ALTER TABLE b ALTER COLUMN all_of SET DEFAULT '{sad}'")
		must(t, op.Run(ctx, db, drop))
		if got := text(t, db, values); got != "moodglad moodsad" {
			t.Errorf("values %s", got)
		}
	})
}
