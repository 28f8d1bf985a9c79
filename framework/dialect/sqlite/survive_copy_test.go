package sqlite_test

import (
	"bufio"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	modernc "modernc.org/sqlite"
)

// stopAtRow tells the child of TestKilledInTheMiddleOfACopy at which row to stop
// for ever.
const stopAtRow = "LEAVEN_STOP_AT_ROW"

// counted is a check that SQLite asks of each row which it copies.
var counted = op.AddCheck{Table: "tree", Check: schema.Check{Name: "counted", Expr: schema.Expr("copied(id)")}}

// copied is true of every row, and in the child it does not return from one.
func init() {
	stop := os.Getenv(stopAtRow)
	err := modernc.RegisterDeterministicScalarFunction("copied", 1, func(_ *modernc.FunctionContext, args []driver.Value) (driver.Value, error) {
		if fmt.Sprint(args[0]) == stop {
			fmt.Println("stopped at row " + stop)
			_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
		}
		return int64(1), nil
	})
	if err != nil {
		panic(err)
	}
}

// counting opens the file with the driver that knows the function. Its cache is
// so small that a copy does not wait for the end to get into files.
func counting(t *testing.T, path, journal string) *bun.DB {
	t.Helper()
	pool, err := sql.Open("sqlite", strings.Replace(sqlitetest.DSN(path), "WAL", journal, 1)+"&_pragma=cache_size(10)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	return bun.NewDB(pool, sqlitedialect.New())
}

// TestStoppedCopyChild is the process that is killed.
func TestStoppedCopyChild(t *testing.T) {
	path := os.Getenv("LEAVEN_KILLED_FILE")
	if path == "" || os.Getenv(stopAtRow) == "" {
		return // nothing to do in this process
	}
	if err := migrate(t.Context(), counting(t, path, os.Getenv("LEAVEN_JOURNAL")), counted); err != nil {
		t.Fatal(err)
	}
	fmt.Println("done")
}

// A process that is killed while it copies the rows of a large table, with a part
// of the copy in files, leaves the database as it was; the same rebuild then goes
// through.
func TestKilledInTheMiddleOfACopy(t *testing.T) {
	n := max(many/10, 2_000) // more than the cache holds
	for _, journal := range []string{"WAL", "DELETE"} {
		t.Run(journal, func(t *testing.T) {
			path := t.TempDir() + "/test.db"
			db := counting(t, path, journal)
			grove(t, db, n)
			before, tables := alive(t, db), structure(t, db)
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			for _, row := range []int{1, n / 2, n} {
				small := size(t, path)
				killAtRow(t, path, journal, row)
				if grown := size(t, path) - small; row > 1 && grown < 10_000 {
					t.Errorf("killed at row %d the files had grown by %d bytes: the copy had not begun", row, grown)
				}
				again := counting(t, path, journal)
				if after := alive(t, again); after != before {
					t.Errorf("killed at row %d there is\n%s\nand there was\n%s", row, after, before)
				}
				if after := structure(t, again); after != tables {
					t.Errorf("killed at row %d the structure is\n%s\nand was\n%s", row, after, tables)
				}
				if err := again.Close(); err != nil {
					t.Fatal(err)
				}
			}
			again := counting(t, path, journal)
			if err := migrate(t.Context(), again, counted); err != nil {
				t.Fatal(err)
			}
			if after := alive(t, again); after != before {
				t.Errorf("after the rebuild there is\n%s\nand there was\n%s", after, before)
			}
			if after := structure(t, again); !strings.Contains(after, `CONSTRAINT "counted" CHECK (copied(id))`) {
				t.Error(after)
			}
		})
	}
}

func structure(t *testing.T, db bun.IDB) string {
	t.Helper()
	return values(t, db, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
}

// size is that of the database's files.
func size(t *testing.T, path string) (n int64) {
	t.Helper()
	files, err := filepath.Glob(path + "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		n += info.Size()
	}
	return n
}

// killAtRow starts the rebuild in a process and kills that when the row has its
// turn.
func killAtRow(t *testing.T, path, journal string, row int) {
	t.Helper()
	child := osexec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestStoppedCopyChild$")
	child.Env = append(os.Environ(), "LEAVEN_KILLED_FILE="+path, "LEAVEN_JOURNAL="+journal, fmt.Sprintf("%s=%d", stopAtRow, row))
	in, err := child.StdinPipe() // stays open, so that the child waits
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "stopped") {
		t.Errorf("the child says %q, %v", line, err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
}
