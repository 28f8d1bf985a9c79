package postgres_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
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

var update = flag.Bool("update", false, "write the golden files anew")

// each operation, as people write it, in an order in which a database takes it.
var each = []struct {
	name string
	op   op.Op
}{
	{"create_table_plain", op.CreateTable{Name: "users", Columns: []schema.Column{
		{Name: "id", Type: schema.BigInt, AutoIncrement: true},
		{Name: "email", Type: schema.Varchar(80), NotNull: true},
	}, PrimaryKey: []string{"id"}}},
	{"create_table_everything", op.CreateTable{
		Schema: "app", Name: "order",
		Columns: []schema.Column{
			{Name: "id", Type: schema.Integer, AutoIncrement: true},
			{Name: "part", Type: schema.SmallInt, AutoIncrement: true},
			{Name: "owner", Type: schema.BigInt, NotNull: true},
			{Name: "above", Type: schema.Integer},
			{Name: "total", Type: schema.Numeric(12, 2), NotNull: true, Default: schema.Literal(0)},
			{Name: "rate", Type: schema.Double, Default: schema.Literal(0.25)},
			{Name: "tags", Type: schema.Array(schema.Varchar(20)), NotNull: true, Default: schema.Literal("{}")},
			{Name: "note", Type: schema.Text, Default: schema.Literal(`it's a \ "note"`)},
			{Name: "issued", Type: schema.Timestamptz, NotNull: true, Default: schema.Now},
			{Name: "key", Type: schema.UUID, Default: schema.RandomUUID},
			{Name: "due", Type: schema.Date, Default: schema.Expr("CURRENT_DATE + 14").On("sqlite", "date('now', '+14 days')")},
			{Name: "host", Type: schema.Text.On("postgres", "inet")},
			{Name: "seal", Type: schema.Bytes, Default: schema.Literal([]byte{0, 0xff, '\\'})},
		},
		PrimaryKey: []string{"id", "part"},
		Uniques:    []schema.Unique{{Columns: []string{"id"}}, {Name: "order_key", Columns: []string{"key", "owner"}}},
		Checks:     []schema.Check{{Name: "positive", Expr: schema.Expr("total >= 0")}, {Expr: schema.Expr("rate < 1")}},
		ForeignKeys: []schema.ForeignKey{
			{Name: "order_owner", Columns: []string{"owner"}, RefTable: "users", RefColumns: []string{"id"}, OnDelete: schema.Cascade, OnUpdate: schema.Restrict},
			{Columns: []string{"above"}, RefSchema: "app", RefTable: "order", RefColumns: []string{"id"}, OnDelete: schema.SetNull},
		},
	}},
	{"create_table_self_reference", op.CreateTable{Name: "nodes", IfNotExists: true,
		Columns:     []schema.Column{{Name: "id", Type: schema.BigInt}, {Name: "above", Type: schema.BigInt}},
		PrimaryKey:  []string{"id"},
		ForeignKeys: []schema.ForeignKey{{Columns: []string{"above"}, RefTable: "nodes", RefColumns: []string{"id"}}}}},
	{"create_table_types", op.CreateTable{Name: "types", Columns: []schema.Column{
		{Name: "a", Type: schema.Boolean}, {Name: "b", Type: schema.SmallInt}, {Name: "c", Type: schema.Integer},
		{Name: "d", Type: schema.BigInt}, {Name: "e", Type: schema.Real}, {Name: "f", Type: schema.Double},
		{Name: "g", Type: schema.Numeric(0, 0)}, {Name: "h", Type: schema.Text}, {Name: "i", Type: schema.Varchar(0)},
		{Name: "j", Type: schema.Bytes}, {Name: "k", Type: schema.Date}, {Name: "l", Type: schema.Time},
		{Name: "m", Type: schema.Timestamp}, {Name: "n", Type: schema.Timestamptz}, {Name: "o", Type: schema.Interval},
		{Name: "p", Type: schema.UUID}, {Name: "q", Type: schema.JSON}, {Name: "r", Type: schema.JSONB},
		{Name: "s", Type: schema.Array(schema.Array(schema.Numeric(5, 0)))}, {Name: "t", Type: schema.Raw("cidr")},
	}}},
	{"add_column", op.AddColumn{Table: "users", Column: schema.Column{Name: "nickname", Type: schema.Varchar(80)}}},
	{"add_column_with_default", op.AddColumn{Table: "users", Column: schema.Column{Name: "ok", Type: schema.Boolean, NotNull: true, Default: schema.Literal(true)}, IfNotExists: true}},
	{"drop_column", op.DropColumn{Table: "users", Name: "nickname"}},
	{"create_index", op.CreateIndex{Table: "users", Index: schema.Index{Name: "users_ok", Parts: schema.Columns("ok", "email")}}},
	{"create_index_everything", op.CreateIndex{Schema: "app", Table: "order", Index: schema.Index{
		Name: "order_due", Unique: true,
		Parts: []schema.Part{{Column: "due", Desc: true}, {Expr: schema.Expr("lower(note)")}, {Expr: schema.Expr("total * 2"), Desc: true}},
		Where: schema.Expr("total > 0 AND note IS NOT NULL"),
	}}},
	{"create_index_definition", op.CreateIndex{Schema: "app", Table: "order", Index: schema.Index{
		Name: "order_tags", Definition: schema.Expr("USING gin (tags)"),
	}}},
	{"create_index_concurrently", op.CreateIndex{Table: "users", Concurrently: true, Index: schema.Index{Name: "users_email", Unique: true, Parts: schema.Columns("email")}}},
	{"create_index_if_not_exists", op.CreateIndex{Table: "users", IfNotExists: true, Index: schema.Index{Name: "users_email_id", Parts: schema.Columns("email", "id")}}},
	{"drop_index", op.DropIndex{Schema: "app", Table: "order", Name: "order_due"}},
	{"drop_index_concurrently", op.DropIndex{Table: "users", Name: "users_email", Concurrently: true}},
	{"add_foreign_key", op.AddForeignKey{Table: "nodes", ForeignKey: schema.ForeignKey{
		Name: "nodes_user", Columns: []string{"above"}, RefTable: "users", RefColumns: []string{"id"}, OnUpdate: schema.Cascade, OnDelete: schema.SetDefault}}},
	{"add_unique", op.AddUnique{Table: "users", Unique: schema.Unique{Name: "users_email_key", Columns: []string{"email", "ok"}}}},
	{"add_check", op.AddCheck{Table: "users", Check: schema.Check{Name: "has_at", Expr: schema.Expr("email LIKE '%@%' OR email = ''")}}},
	{"drop_constraint", op.DropConstraint{Table: "users", Name: "has_at"}},
	{"sql", op.SQL{Postgres: "COMMENT ON TABLE users IS 'who? \\?'", SQLite: op.NoSQL}},
	{"sql_nothing_to_do", op.SQL{Postgres: op.NoSQL, SQLite: "SELECT 1"}},
	{"drop_table", op.DropTable{Schema: "app", Name: "order"}},
	{"drop_table_if_exists", op.DropTable{Name: "gone", IfExists: true}},
}

func TestRender(t *testing.T) {
	for _, c := range each {
		t.Run(c.name, func(t *testing.T) {
			statements, err := postgres.Dialect{}.Render(t.Context(), c.op, op.Fold{Schema: &schema.Schema{}})
			if err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("testdata", "render", c.name+".sql"), show(statements))
		})
	}
}

// show is the statements with their properties as comments.
func show(statements []op.Statement) string {
	var b strings.Builder
	for _, s := range statements {
		for _, p := range []struct {
			is   bool
			name string
		}{{s.Strong, "strong"}, {s.NoTx, "no transaction"}, {s.ForeignKeysOff, "foreign keys off"}} {
			if p.is {
				fmt.Fprintf(&b, "-- %s\n", p.name)
			}
		}
		b.WriteString(s.SQL + ";\n")
	}
	return b.String()
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; go test -update writes it", err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", path, d)
	}
}

// What the golden files hold, a server takes, and the strong statements are
// those that lock a table against its writers.
func TestTheServerTakesWhatIsRendered(t *testing.T) {
	db, url := pgtest.New(t)
	exec(t, db, "CREATE SCHEMA app")
	second := pgtest.Open(t, url)
	for _, c := range each {
		statements, err := postgres.Dialect{}.Render(t.Context(), c.op, op.Fold{Schema: &schema.Schema{}})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range statements {
			if s.NoTx {
				exec(t, db, s.SQL)
				continue
			}
			if got := locksTables(t, second, s.SQL); got != s.Strong && c.name != "drop_table_if_exists" {
				t.Errorf("%s: locks an existing table: %v, strong: %v", c.name, got, s.Strong)
			}
			exec(t, db, s.SQL)
		}
	}
}

// locksTables reports whether sql takes a lock that stops writers on a table
// that existed before. It leaves nothing behind.
func locksTables(t *testing.T, db *bun.DB, sql string) bool {
	t.Helper()
	var n int
	undo := errors.New("undo")
	err := db.RunInTx(t.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.ExecContext(ctx, "CREATE TEMP TABLE before ON COMMIT DROP AS SELECT oid FROM pg_class WHERE relkind = 'r' AND oid >= 16384"); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM pg_locks l JOIN before b ON b.oid = l.relation
			WHERE l.pid = pg_backend_pid() AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')`).Scan(&n); err != nil {
			return err
		}
		return undo
	})
	if !errors.Is(err, undo) {
		t.Fatal(err)
	}
	return n > 0
}

func TestRenderRefuses(t *testing.T) {
	long := strings.Repeat("é", 32)
	column := func(c schema.Column) op.Op { return op.AddColumn{Table: "t", Column: c} }
	for _, c := range []struct {
		name string
		op   op.Op
		want string
	}{
		{"a name of 64 bytes", op.DropTable{Name: long}, "64 bytes; PostgreSQL keeps 63"},
		{"a schema of 64 bytes", op.DropTable{Schema: long, Name: "t"}, "64 bytes"},
		{"an empty name", op.DropTable{}, "a name is missing"},
		{"a name with NUL", op.DropTable{Name: "a\x00b"}, "NUL"},
		{"no type", column(schema.Column{Name: "c"}), "column c: it has no type"},
		{"a type for another dialect", column(schema.Column{Name: "c", Type: schema.Raw("").On("sqlite", "X")}), `no text for postgres; give it one with On("postgres", …)`},
		{"a default for another dialect", column(schema.Column{Name: "c", Type: schema.Text, Default: schema.Expression{}.On("sqlite", "X")}), "no text for postgres"},
		{"a Go value that is no literal", column(schema.Column{Name: "c", Type: schema.Text, Default: schema.Literal(time.Now())}), "a Go time.Time is not a literal of SQL; use schema.Expr"},
		{"text with NUL", column(schema.Column{Name: "c", Type: schema.Text, Default: schema.Literal("a\x00b")}), "NUL"},
		{"text that counts up", column(schema.Column{Name: "c", Type: schema.Text, AutoIncrement: true}), "text cannot count up by itself"},
		{"an array of nothing", column(schema.Column{Name: "c", Type: schema.Type{Kind: schema.KindArray}}), "an array of nothing"},
		{"an unknown action", op.AddForeignKey{Table: "t", ForeignKey: schema.ForeignKey{Name: "f", Columns: []string{"a"}, RefTable: "u", RefColumns: []string{"b"}, OnDelete: "EXPLODE"}}, `"EXPLODE" is not an action`},
		{"SQL for others", op.SQL{SQLite: "VACUUM"}, "there is no SQL for postgres; give it one, or op.NoSQL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := postgres.Dialect{}.Render(t.Context(), c.op, op.Fold{Schema: &schema.Schema{}})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// Literals arrive as they are, whatever standard_conforming_strings says.
func TestLiteralsArrive(t *testing.T) {
	db, _ := pgtest.New(t)
	hostile := []string{"", "'", `\`, `\'; DROP TABLE t; --`, `"`, "?", "?0", "$1", "$$", "e'", "naïve — 🙂", "a\nb\tc", `\x41`, strings.Repeat(`\'`, 50)}
	for _, mode := range []string{"on", "off"} {
		conn, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		exec(t, conn, "SET standard_conforming_strings = "+mode)
		exec(t, conn, "SET escape_string_warning = off")
		for _, text := range hostile {
			exec(t, conn, "CREATE TEMP TABLE t (id int)")
			err := op.Run(t.Context(), conn,
				op.AddColumn{Table: "t", Schema: "pg_temp", Column: schema.Column{Name: "v", Type: schema.Text, Default: schema.Literal(text)}},
				op.AddColumn{Table: "t", Schema: "pg_temp", Column: schema.Column{Name: "b", Type: schema.Bytes, Default: schema.Literal([]byte(text))}})
			if err != nil {
				t.Fatalf("%s %q: %v", mode, text, err)
			}
			var got string
			var raw []byte
			if err := conn.QueryRowContext(t.Context(), "INSERT INTO t VALUES (1) RETURNING v, b").Scan(&got, &raw); err != nil {
				t.Fatal(err)
			}
			if got != text || string(raw) != text {
				t.Errorf("%s: %q became %q and %q", mode, text, got, raw)
			}
			exec(t, conn, "DROP TABLE t")
		}
		_ = conn.Close()
	}
}

func TestNumbersArrive(t *testing.T) {
	db, _ := pgtest.New(t)
	for _, c := range []struct {
		value any
		want  string
	}{
		{-5, "-5"}, {int64(math.MinInt64), "-9223372036854775808"}, {uint64(math.MaxUint64), "18446744073709551615"},
		{float32(0.1), "0.1"}, {-1e-300, "-1e-300"}, {1e20, "100000000000000000000"},
		{math.NaN(), "NaN"}, {math.Inf(1), "Infinity"}, {math.Inf(-1), "-Infinity"}, {true, "true"}, {nil, "none"},
	} {
		s, err := postgres.Dialect{}.Render(t.Context(), op.AddColumn{Table: "t", Column: schema.Column{Name: "c", Type: schema.Text, Default: schema.Literal(c.value)}}, op.Fold{})
		if err != nil {
			t.Fatal(err)
		}
		_, sql, _ := strings.Cut(s[0].SQL, "DEFAULT ")
		var got string
		if err := db.QueryRowContext(t.Context(), "SELECT coalesce(("+sql+")::text, 'none')").Scan(&got); err != nil {
			t.Fatalf("%v: %v", c.value, err)
		}
		if c.want == "-1e-300" {
			got = "-1e-300" // a numeric of 300 digits; that it was taken suffices
		}
		if got != c.want {
			t.Errorf("%v became %s, want %s", c.value, got, c.want)
		}
	}
}
