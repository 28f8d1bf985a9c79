package sqlite_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

type account struct {
	ID      int64 `bun:",pk,autoincrement"`
	Name    string
	Email   string `bun:",notnull,unique"`
	Slug    string `bun:"type:varchar(40),unique:owner_slug"`
	OwnerID int64  `bun:",unique:owner_slug"`
	Small   int16
	Normal  int32
	On      bool `bun:",notnull,default:true"`
	Ratio   float64
	Half    float32
	Total   string `bun:"type:numeric(12,2)"`
	Raw     []byte
	Tags    []string
	Data    json.RawMessage
	At      time.Time `bun:",notnull,default:current_timestamp"`
	Gone    *time.Time
}

// A table that bun has made equals the one that an operation describes, and is
// accepted by it.
func TestTablesOfBunAreFound(t *testing.T) {
	db, _ := sqlitetest.New(t)
	if _, err := db.NewCreateTable().Model((*account)(nil)).
		ForeignKey(`("owner_id") REFERENCES "accounts" ("id") ON DELETE CASCADE`).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := op.CreateTable{IfNotExists: true, Name: "accounts", Columns: []schema.Column{
		{Name: "id", Type: schema.BigInt, AutoIncrement: true, NotNull: true},
		{Name: "name", Type: schema.Varchar(0)},
		{Name: "email", Type: schema.Varchar(0), NotNull: true},
		{Name: "slug", Type: schema.Varchar(40)},
		{Name: "owner_id", Type: schema.BigInt},
		{Name: "small", Type: schema.SmallInt},
		{Name: "normal", Type: schema.Integer},
		{Name: "on", Type: schema.Boolean, NotNull: true, Default: schema.Literal(true)},
		{Name: "ratio", Type: schema.Double},
		{Name: "half", Type: schema.Real},
		{Name: "total", Type: schema.Numeric(12, 2)},
		{Name: "raw", Type: schema.Bytes},
		{Name: "tags", Type: schema.Array(schema.Text)},
		{Name: "data", Type: schema.JSON},
		{Name: "at", Type: schema.Timestamptz, NotNull: true, Default: schema.Now},
		{Name: "gone", Type: schema.Timestamptz},
	}, PrimaryKey: []string{"id"},
		Uniques:     []schema.Unique{{Columns: []string{"email"}}, {Name: "owner_slug", Columns: []string{"slug", "owner_id"}}},
		ForeignKeys: []schema.ForeignKey{{Columns: []string{"owner_id"}, RefTable: "accounts", RefColumns: []string{"id"}, OnDelete: schema.Cascade}},
	}
	var outcome op.Outcome
	ctx := op.WithEnv(t.Context(), &op.Env{Sink: func(e op.Event) { outcome = e.Outcome }})
	if err := op.Run(ctx, db, want); err != nil || outcome != op.Found {
		t.Fatalf("%s, %v", outcome, err)
	}
	if _, err := db.NewInsert().Model(&account{Email: "a", Total: "1234567890.10", OwnerID: 1, On: true, Tags: []string{"x"}, Data: json.RawMessage(`{"a":1}`), At: time.Now()}).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got account
	if err := db.NewSelect().Model(&got).Scan(t.Context()); err != nil || got.Total != "1.2345678901E+09" || got.Tags[0] != "x" {
		// A NUMERIC is a number: a Go string gets it as database/sql writes one.
		t.Errorf("%+v, %v", got, err)
	}
}

// A numeric keeps every digit that it promises.
func TestNumericKeepsItsDigits(t *testing.T) {
	for value, typ := range map[string]schema.Type{
		"123456789012.345": schema.Numeric(15, 3),
		"0.1":              schema.Numeric(15, 15),
		"12345678901234567890.12345678901234567890": schema.Numeric(40, 20),
		"0.100": schema.Numeric(0, 0),
	} {
		db, _ := sqlitetest.New(t)
		if err := migrate(t.Context(), db, op.CreateTable{Name: "t", Columns: []schema.Column{{Name: "n", Type: typ}}}); err != nil {
			t.Fatal(err)
		}
		exec(t, db, "INSERT INTO t VALUES ('"+value+"')")
		if got := values(t, db, "SELECT CAST(n AS text) FROM t"); got != value {
			t.Errorf("%s: %s becomes %s", typ, value, got)
		}
	}
}

func TestDefaults(t *testing.T) {
	db, _ := sqlitetest.New(t)
	for _, c := range []struct {
		e    schema.Expression
		want string
	}{
		{schema.Literal(nil), "null"}, {schema.Literal(true), "integer 1"}, {schema.Literal(-3), "integer -3"},
		{schema.Literal(uint64(1 << 63)), "real 9.2233720368547758e+18"}, {schema.Literal(1.0), "real 1.0"}, {schema.Literal(float32(0.5)), "real 0.5"},
		{schema.Literal(1e300), "real 1.0e+300"}, {schema.Literal("it's"), "text it's"}, {schema.Literal([]byte{0, 'a'}), "blob "},
		{schema.Expr("1 + 1"), "integer 2"}, {schema.Expr("(2 * 2)"), "integer 4"}, {schema.Expr("-1.5"), "real -1.5"},
		{schema.Expr("now()").On("sqlite", "'x'"), "text x"},
	} {
		exec(t, db, "DROP TABLE IF EXISTS t")
		if err := migrate(t.Context(), db, op.CreateTable{Name: "t", Columns: []schema.Column{{Name: "n", Type: schema.Integer}, {Name: "v", Type: schema.Bytes, Default: c.e}}}); err != nil {
			t.Fatalf("%s: %v", c.e, err)
		}
		exec(t, db, "INSERT INTO t (n) VALUES (1)")
		got := values(t, db, "SELECT typeof(v) || coalesce(' ' || CASE typeof(v) WHEN 'blob' THEN '' ELSE v END, '') FROM t")
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.e, got, c.want)
		}
	}
	exec(t, db, "DROP TABLE t")
	if err := migrate(t.Context(), db, op.CreateTable{Name: "t", Columns: []schema.Column{{Name: "n", Type: schema.Integer}, {Name: "v", Type: schema.UUID, Default: schema.RandomUUID}}}); err != nil {
		t.Fatal(err)
	}
	exec(t, db, "INSERT INTO t (n) WITH RECURSIVE i (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i LIMIT 200) SELECT n FROM i")
	hex := "[0-9a-f]"
	pattern := strings.Join([]string{strings.Repeat(hex, 8), strings.Repeat(hex, 4), "4" + strings.Repeat(hex, 3), "[89ab]" + strings.Repeat(hex, 3), strings.Repeat(hex, 12)}, "-")
	if got := values(t, db, "SELECT count(DISTINCT v) FROM t WHERE v GLOB '"+pattern+"'"); got != "200" {
		t.Errorf("%s version 4 UUIDs, want 200", got)
	}
}

// The server's clock scans into a time, as a value and as a column.
func TestServerTimeScans(t *testing.T) {
	db, _ := sqlitetest.New(t)
	d := sqlite.Dialect{}
	var now time.Time
	if err := db.NewSelect().ColumnExpr(d.ServerTime()).Scan(t.Context(), &now); err != nil {
		t.Fatal(err)
	}
	exec(t, db, "CREATE TABLE t (at TIMESTAMP)", "INSERT INTO t VALUES ("+d.ServerTime()+")")
	var at time.Time
	if err := db.QueryRowContext(t.Context(), "SELECT at FROM t").Scan(&at); err != nil {
		t.Fatal(err)
	}
	for _, v := range []time.Time{now, at} {
		if age := time.Since(v); age < -time.Second || age > time.Minute {
			t.Errorf("the clock says %s", v)
		}
	}
}

func TestCheckForeignKeys(t *testing.T) {
	db, _ := sqlitetest.New(t)
	d := sqlite.Dialect{}
	exec(t, db, "CREATE TABLE p (a int, b int, UNIQUE (a, b))", "CREATE TABLE c (x int, y int, FOREIGN KEY (x, y) REFERENCES p (a, b))",
		"CREATE TABLE w (k int PRIMARY KEY, x int REFERENCES p (a)) WITHOUT ROWID")
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if was, err := d.ForeignKeys(t.Context(), conn, false); !was || err != nil {
		t.Fatal(was, err)
	}
	if lines, err := d.CheckForeignKeys(t.Context(), conn); len(lines) != 0 || err == nil && lines != nil {
		t.Errorf("%q, %v", lines, err)
	}
	exec(t, conn, "DROP TABLE w", "INSERT INTO c VALUES (1, 2)")
	lines, err := d.CheckForeignKeys(t.Context(), conn)
	if err != nil || len(lines) != 1 || lines[0] != "c row 1: x, y refers to a row of p that does not exist" {
		t.Errorf("%q, %v", lines, err)
	}
	for range 30 {
		exec(t, conn, "INSERT INTO c VALUES (3, 4)")
	}
	if lines, err := d.CheckForeignKeys(t.Context(), conn); err != nil || len(lines) != 21 || lines[20] != "and more" {
		t.Errorf("%d lines, %v", len(lines), err)
	}
	if was, err := d.ForeignKeys(t.Context(), conn, true); was || err != nil {
		t.Error(was, err)
	}
}

// The lock of a session is in nobody's way.
func TestSessionLockAllowsEverything(t *testing.T) {
	db, _ := sqlitetest.New(t)
	d := sqlite.Dialect{}
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if ok, _, err := d.LockSession(t.Context(), conn, dialect.SessionLock{Key: key}); !ok || err != nil {
		t.Fatal(ok, err)
	}
	exec(t, conn, "CREATE TABLE t (a int)", "VACUUM", "PRAGMA journal_mode = DELETE", "PRAGMA journal_mode = WAL", "ANALYZE", "REINDEX",
		"PRAGMA wal_checkpoint(TRUNCATE)", "BEGIN EXCLUSIVE", "INSERT INTO t VALUES (1)", "COMMIT", "PRAGMA optimize")
	if ok, err := d.HoldsSession(t.Context(), conn, key); !ok || err != nil {
		t.Error(ok, err)
	}
	other := again(t, db)
	if h, err := d.Holders(t.Context(), other, key); len(h) != 1 || err != nil {
		t.Errorf("holders %v, %v", h, err)
	}
	exec(t, other, "INSERT INTO t VALUES (2)") // an application goes on
	s, err := d.Inspect(t.Context(), conn)
	if err != nil || len(s.Tables) != 1 {
		t.Errorf("%v, %v", s, err)
	}
}
