package postgres_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leavendb/leaven/framework/dialect/dialecttest"
	"github.com/leavendb/leaven/framework/dialect/postgres"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/schema"
)

// Each thing that must be seen is made by SQL in a database schema of its own, and
// told in the same words on every PostgreSQL that has it.
func TestEachThingIsSeen(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/things.sql")
	if err != nil {
		t.Fatal(err)
	}
	db, _ := pgtest.New(t)
	var major int
	if err := db.QueryRowContext(t.Context(), "SELECT current_setting('server_version_num')::int / 10000").Scan(&major); err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	things := dialecttest.Things(string(text))
	names := make([]string, len(things))
	for i, thing := range things {
		names[i] = fmt.Sprintf("thing_%d", i)
		exec(t, conn, "CREATE SCHEMA "+names[i]+"; SET search_path = "+names[i])
		if thing.Since <= major {
			for statement := range strings.SplitSeq(strings.TrimSuffix(thing.SQL, ";\n"), ";\n") {
				exec(t, conn, statement)
			}
		}
	}
	exec(t, conn, "RESET search_path")
	found, err := postgres.Dialect{}.Inspect(t.Context(), conn, names...)
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]string{}
	var all strings.Builder
	for i, thing := range things {
		if thing.Since <= major {
			told[thing.Name] = dialecttest.Told(only(found, names[i]), names[i])
			since := ""
			if thing.Since > 0 {
				since = fmt.Sprintf("[since %d] ", thing.Since)
			}
			fmt.Fprintf(&all, "== %s%s\n%s", since, thing.Name, told[thing.Name])
		}
	}
	const golden = "testdata/things.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(all.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if text, err = os.ReadFile(golden); err != nil {
		t.Fatal(err)
	}
	want := dialecttest.Things(string(text))
	if len(want) != len(things) {
		t.Errorf("%d things are told, %d are made", len(want), len(things))
	}
	for _, thing := range want {
		if thing.Since > major {
			continue
		}
		if d := cmp.Diff(strings.Split(thing.SQL, "\n"), strings.Split(told[thing.Name], "\n")); d != "" {
			t.Errorf("PostgreSQL %d, %s (-want +got):\n%s", major, thing.Name, d)
		}
	}
}

// only is what a database schema has of all that was inspected.
func only(s *schema.Schema, name string) *schema.Schema {
	elsewhere := func(of string) bool { return of != name }
	own := *s
	own.Tables = slices.DeleteFunc(slices.Clone(s.Tables), func(t *schema.Table) bool { return elsewhere(t.Schema) })
	own.Enums = slices.DeleteFunc(slices.Clone(s.Enums), func(e *schema.Enum) bool { return elsewhere(e.Schema) })
	own.Sequences = slices.DeleteFunc(slices.Clone(s.Sequences), func(q *schema.Sequence) bool { return elsewhere(q.Schema) })
	own.Views = slices.DeleteFunc(slices.Clone(s.Views), func(v *schema.View) bool { return elsewhere(v.Schema) })
	own.Triggers = slices.DeleteFunc(slices.Clone(s.Triggers), func(g schema.Trigger) bool { return elsewhere(g.Schema) })
	own.Extensions = slices.DeleteFunc(slices.Clone(s.Extensions), func(e schema.Extension) bool { return elsewhere(e.Schema) })
	return &own
}
