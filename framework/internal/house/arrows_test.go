package house

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// floors lists the packages below framework/, lowest first. A package imports
// only what stands on a lower floor than itself.
var floors = [][]string{
	{"internal/pattern"},
	{"internal/secret"},
	{"schema"},
	{"op"},
	{"dialect"},
	{"dialect/postgres", "dialect/sqlite"},
	{"model"},
	{"diff"},
	{"history"},
	{"migrate"},
	{"record"},
	{"adopt", "bunset", "sqlfile"},
	{"autogen"},
	{"cli/settings"},
	{"cli"},
	{"dialect/dialecttest", "migratetest"},
}

// forTests are the packages that only tests link; they may import any other.
var forTests = []string{"dialect/dialecttest", "migrate/bench", "migratetest", "internal/pgtest", "internal/pgproxy", "internal/sqlitetest", "internal/rowtest", "internal/witness", "internal/emptyroot", "internal/faults", "internal/faults/misbehave", "internal/house", "internal/readme", "internal/apps"}

// private imports may stand in these packages' own files only. Tests are free.
// What an app links is what its cmd/migrate names: so the dialects, which bring
// the drivers, are imported by nobody else.
var private = []struct {
	prefix string
	to     []string
	why    string
}{
	{module + "framework/dialect/postgres", nil, "the app's cmd/migrate chooses its dialects"},
	{module + "framework/dialect/sqlite", nil, "the app's cmd/migrate chooses its dialects"},
	{"github.com/uptrace/bun/driver/", []string{"dialect/postgres", "dialect/sqlite"}, "drivers belong to their dialect"},
	{"github.com/uptrace/bun/dialect/", []string{"dialect/postgres", "dialect/sqlite"}, "bun's dialects belong to ours"},
	{"github.com/jackc/pgx/", []string{"dialect/postgres"}, "drivers belong to their dialect"},
	{"modernc.org/", []string{"dialect/sqlite"}, "drivers belong to their dialect"},
	{"github.com/spf13/", []string{"cli", "cli/settings"}, "commands and flags belong to cli"},
	{"github.com/jedib0t/", []string{"cli"}, "only cli prints"},
	{"testing", []string{}, "test support is not for an app's binary"},
}

func floor(dir string) int {
	return slices.IndexFunc(floors, func(f []string) bool { return slices.Contains(f, dir) })
}

func wrongArrows(files []source) []string {
	var found []string
	for _, s := range files {
		if s.test || !strings.HasPrefix(s.path, "framework/") || slices.Contains(forTests, s.dir()) {
			continue
		}
		mine := floor(s.dir())
		if mine < 0 {
			found = append(found, s.path+": its package has no floor: decide where "+s.dir()+" stands and add it to floors")
			continue
		}
		for _, to := range s.imports {
			found = append(found, climbs(s, mine, to)...)
			found = append(found, trespasses(s, to)...)
		}
	}
	slices.Sort(found)
	return found
}

func climbs(s source, mine int, to string) []string {
	dir, ok := strings.CutPrefix(to, module)
	if !ok || (dir == "scaffold" && s.dir() == "cli") {
		return nil // the templates that "new" writes are read by people too, so they lie at the top
	}
	dir, ok = strings.CutPrefix(dir, "framework/")
	if !ok {
		return []string{s.path + " imports " + to + ": the framework does not know the app"}
	}
	if theirs := floor(dir); theirs < 0 || theirs >= mine {
		return []string{s.path + " imports " + to + ": that arrow goes up"}
	}
	return nil
}

func trespasses(s source, to string) []string {
	for _, p := range private {
		below := strings.HasSuffix(p.prefix, "/") && strings.HasPrefix(to, p.prefix)
		if (below || to == p.prefix) && !slices.Contains(p.to, s.dir()) {
			return []string{s.path + " imports " + to + ": " + p.why}
		}
	}
	return nil
}

func TestArrowsGoOneWay(t *testing.T) {
	report(t, wrongArrows(sources(t, os.DirFS(top(t)))))
}

func TestArrowsRule(t *testing.T) {
	for _, c := range []struct{ name, file, imports, want string }{
		{"down", "framework/migrate/a.go", module + "framework/op", ""},
		{"the standard library", "framework/migrate/a.go", "context", ""},
		{"a test goes where it likes", "framework/op/a_test.go", module + "framework/dialect/sqlite", ""},
		{"a driver in its dialect", "framework/dialect/sqlite/a.go", "github.com/uptrace/bun/driver/sqliteshim", ""},
		{"an app takes what it wants", "cmd/migrate/main.go", module + "framework/dialect/sqlite", ""},
		{"the conformance suite", "framework/dialect/dialecttest/a.go", module + "framework/migrate", ""},
		{"up", "framework/op/a.go", module + "framework/dialect", "goes up"},
		{"sideways", "framework/dialect/sqlite/a.go", module + "framework/dialect/postgres", "dialect/postgres"},
		{"migrate to cli", "framework/migrate/a.go", module + "framework/cli", "goes up"},
		{"migrate to cobra", "framework/migrate/a.go", "github.com/spf13/cobra", "belong to cli"},
		{"a driver in migrate", "framework/migrate/a.go", "github.com/uptrace/bun/driver/pgdriver", "belong to their dialect"},
		{"a driver in cli", "framework/cli/a.go", "github.com/uptrace/bun/driver/sqliteshim", "belong to their dialect"},
		{"the wrong driver", "framework/dialect/sqlite/a.go", "github.com/jackc/pgx/v5/stdlib", "belong to their dialect"},
		{"cli names a dialect", "framework/cli/a.go", module + "framework/dialect/postgres", "chooses its dialects"},
		{"cli writes files from templates", "framework/cli/a.go", module + "scaffold", ""},
		{"migrate does not", "framework/migrate/a.go", module + "scaffold", "does not know the app"},
		{"the framework knows the app", "framework/cli/a.go", module + "models", "does not know the app"},
		{"test support in a binary", "framework/migrate/a.go", "testing", "not for an app"},
		{"a room nobody planned", "framework/attic/a.go", "context", "no floor"},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := wrongArrows(sources(t, tree(map[string]string{c.file: "package x\nimport _ \"" + c.imports + "\""})))
			if len(found) > 1 {
				found = found[:1] // sideways breaks two rules
			}
			expect(t, found, c.want)
		})
	}
}
