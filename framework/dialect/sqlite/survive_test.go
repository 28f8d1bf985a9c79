package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	osexec "os/exec"
	"strings"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// grove is a table of n rows that refers to itself, with children that go with
// their parents, and with all that a rebuild must keep.
func grove(t *testing.T, db *bun.DB, n int) {
	t.Helper()
	exec(t, db,
		`CREATE TABLE tree (id INTEGER PRIMARY KEY AUTOINCREMENT, above INTEGER REFERENCES tree (id) ON DELETE CASCADE, name TEXT COLLATE NOCASE NOT NULL,
			size INTEGER, twice INTEGER GENERATED ALWAYS AS (size * 2) STORED, shout AS (upper(name)), UNIQUE (name))`,
		`CREATE TABLE leaf (tree INTEGER NOT NULL REFERENCES tree ON DELETE CASCADE ON UPDATE CASCADE, n INTEGER NOT NULL, color TEXT, PRIMARY KEY (tree, n)) WITHOUT ROWID, STRICT`,
		"CREATE TABLE log (line TEXT)",
		"CREATE INDEX tree_size ON tree (size DESC, lower(name)) WHERE size > 10",
		"CREATE VIEW tall AS SELECT id, name FROM tree WHERE size > 100",
		"CREATE TRIGGER tree_gone AFTER DELETE ON tree BEGIN INSERT INTO log VALUES (old.name); END",
		"CREATE TRIGGER leaf_new AFTER INSERT ON leaf BEGIN UPDATE tree SET size = size + 1 WHERE id = new.tree; END",
		fmt.Sprintf(`WITH RECURSIVE i (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i LIMIT %d)
			INSERT INTO tree (id, above, name, size) SELECT n, nullif(n / 2, 0), 'tree ' || n, n %% 1000 FROM i`, n),
		"DROP TRIGGER leaf_new",
		"INSERT INTO leaf SELECT id, 1, 'green' FROM tree WHERE id % 2 = 0",
		"CREATE TRIGGER leaf_new AFTER INSERT ON leaf BEGIN UPDATE tree SET size = size + 1 WHERE id = new.tree; END",
		"INSERT INTO tree (name) VALUES ('felled')", "DELETE FROM tree WHERE name = 'felled'",
	)
}

// alive tells all that is in a grove, structure aside, in few lines.
func alive(t *testing.T, db bun.IDB) string {
	t.Helper()
	var all []string
	for _, query := range []string{
		"SELECT count(*) || ' ' || sum(id) || ' ' || sum(above) || ' ' || sum(size) || ' ' || sum(twice) || ' ' || sum(length(shout)) || ' ' || sum(id * length(name)) FROM tree",
		"SELECT count(*) || ' ' || sum(tree * n) || ' ' || group_concat(DISTINCT color) FROM leaf",
		"SELECT line FROM log",
		"SELECT count(*) || ' ' || sum(id) FROM tall",
		"SELECT name || ' ' || seq FROM sqlite_sequence ORDER BY 1",
		"SELECT type || ' ' || name FROM sqlite_master WHERE type <> 'table' ORDER BY 1",
		"PRAGMA integrity_check", "PRAGMA foreign_key_check",
	} {
		all = append(all, values(t, db, query))
	}
	return strings.Join(all, "\n")
}

// rebuilds are operations that make tree anew.
var rebuilds = []op.Op{
	op.AddCheck{Table: "tree", Check: schema.Check{Name: "named", Expr: schema.Expr("name <> ''")}},
	op.AlterColumn{Table: "tree", From: schema.Column{Name: "size", Type: schema.Integer}, To: schema.Column{Name: "size", Type: schema.Numeric(10, 0), Default: schema.Literal(0)}},
	op.RenameConstraint{Table: "tree", Name: "tree_name_key", To: "tree_name"},
	op.AddColumn{Table: "tree", Column: schema.Column{Name: "at", Type: schema.Timestamptz, NotNull: true, Default: schema.Now}},
	op.DropColumn{Table: "tree", Name: "at"},
}

// A rebuild of a table with 100,000 rows, a self reference and cascading children
// keeps everything, with foreign keys on before and after.
func TestRebuildsOfALargeTable(t *testing.T) {
	db, _ := sqlitetest.New(t)
	grove(t, db, many)
	before := alive(t, db)
	for _, o := range rebuilds {
		start := time.Now()
		if err := migrate(t.Context(), db, o); err != nil {
			t.Fatalf("%s: %v", o, err)
		}
		t.Logf("%s: %s", o, time.Since(start).Round(time.Millisecond))
		if after := alive(t, db); after != before {
			t.Fatalf("after %s there is\n%s\nand there was\n%s", o, after, before)
		}
	}
	exec(t, db, "INSERT INTO tree (name) VALUES ('new')", fmt.Sprintf("INSERT INTO leaf VALUES (%d, 1, 'red')", many+2), fmt.Sprintf("DELETE FROM tree WHERE id = %d", many/2))
	for query, want := range map[string]string{
		"SELECT id || coalesce(size, '-') FROM tree WHERE name = 'NEW'":                              fmt.Sprint(many+2) + "1", // the default, and the trigger
		fmt.Sprintf("SELECT count(*) FROM tree WHERE above = %d OR id IN (%[1]d, %d)", many/2, many): "0",
		fmt.Sprintf("SELECT count(*) FROM leaf WHERE tree IN (%d, %d)", many/2, many):                "0",
		"SELECT count(*) FROM log": "3",
		"SELECT sql LIKE '%WITHOUT ROWID, STRICT' FROM sqlite_master WHERE name='leaf'": "1",
	} {
		if got := values(t, db, query); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}

// The children themselves, STRICT and WITHOUT ROWID, are made anew as well.
func TestRebuildOfAStrictChild(t *testing.T) {
	db, _ := sqlitetest.New(t)
	grove(t, db, 1000)
	before := alive(t, db)
	ops := []op.Op{
		op.AddCheck{Table: "leaf", Check: schema.Check{Name: "colored", Expr: schema.Expr("color <> ''")}},
		op.AlterColumn{Table: "leaf", From: schema.Column{Name: "color", Type: schema.Text}, To: schema.Column{Name: "color", Type: schema.Text, NotNull: true}},
		op.RenameColumn{Table: "leaf", Name: "color", To: "colour"},
		op.RenameColumn{Table: "leaf", Name: "colour", To: "color"},
	}
	for _, o := range ops {
		if err := migrate(t.Context(), db, o); err != nil {
			t.Fatalf("%s: %v", o, err)
		}
		if _, renamed := o.(op.RenameColumn); !renamed && alive(t, db) != before {
			t.Errorf("after %s there is\n%s\nand there was\n%s", o, alive(t, db), before)
		}
	}
	if got := values(t, db, "SELECT sql LIKE '%NOT NULL%WITHOUT ROWID, STRICT' FROM sqlite_master WHERE name = 'leaf'"); got != "1" {
		t.Error(values(t, db, "SELECT sql FROM sqlite_master WHERE name = 'leaf'"))
	}
	err := migrate(t.Context(), db, op.DropPrimaryKey{Table: "leaf"})
	if err == nil || !strings.Contains(err.Error(), "WITHOUT ROWID needs its primary key") {
		t.Error(err)
	}
}

// pauseAt tells the child of TestKilledRebuild where to stop for ever.
const pauseAt = "LEAVEN_PAUSE_BEFORE_STATEMENT"

// pausing stops before statement n, tells so, and waits for its end.
type pausing struct{ n int }

func (p *pausing) BeforeQuery(ctx context.Context, q *bun.QueryEvent) context.Context {
	if strings.HasPrefix(q.Query, "SELECT") || strings.HasPrefix(q.Query, "\nSELECT") || strings.HasPrefix(q.Query, "PRAGMA") {
		return ctx
	}
	if p.n--; p.n == 0 {
		fmt.Println("paused before: " + strings.SplitN(q.Query, "\n", 2)[0])
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	}
	return ctx
}

func (p *pausing) AfterQuery(context.Context, *bun.QueryEvent) {}

// TestKilledRebuildChild is the process that is killed.
func TestKilledRebuildChild(t *testing.T) {
	path := os.Getenv("LEAVEN_KILLED_FILE")
	if path == "" {
		return // nothing to do in this process
	}
	var n int
	if _, err := fmt.Sscan(os.Getenv(pauseAt), &n); err != nil {
		t.Fatal(err)
	}
	db := sqlitetest.Open(t, path).WithQueryHook(&pausing{n})
	if err := migrate(t.Context(), db, rebuilds[0], rebuilds[1]); err != nil {
		t.Fatal(err)
	}
	fmt.Println("done")
}

// A process that is killed in the middle of a rebuild, whatever it was doing,
// leaves the database as it was; the same rebuild then goes through.
func TestKilledRebuild(t *testing.T) {
	db, path := sqlitetest.New(t)
	grove(t, db, 20_000)
	before, tables := alive(t, db), values(t, db, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	paused := 0
	for n := 1; ; n++ {
		child := osexec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilledRebuildChild$")
		child.Env = append(os.Environ(), "LEAVEN_KILLED_FILE="+path, fmt.Sprintf("%s=%d", pauseAt, n))
		in, err := child.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(out).ReadString('\n')
		if err != nil || !strings.HasPrefix(line, "paused") {
			_ = in.Close()
			if err := child.Wait(); err != nil || !strings.HasPrefix(line, "done") {
				t.Fatalf("the child says %q and ends with %v", line, err)
			}
			break
		}
		paused++
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait()
		again := sqlitetest.Open(t, path)
		if after := alive(t, again); after != before {
			t.Fatalf("killed %s there is\n%s\nand there was\n%s", strings.TrimSpace(line), after, before)
		}
		if got := values(t, again, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"); got != tables {
			t.Fatalf("killed %s: the structure is\n%s\nand was\n%s", strings.TrimSpace(line), got, tables)
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if paused < 10 {
		t.Errorf("killed %d times only", paused)
	}
	if after := alive(t, sqlitetest.Open(t, path)); after != before {
		t.Errorf("after the rebuild there is\n%s\nand there was\n%s", after, before)
	}
}
