package cli

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leavendb/leaven/framework/dialect"
	"github.com/uptrace/bun"
)

func TestPointed(t *testing.T) {
	long := "SELECT " + strings.Repeat("a, ", 40) + "oops" + strings.Repeat(", b", 40)
	for _, tt := range []struct {
		sql      string
		position int
		want     []string
	}{
		{"SELECT x", 0, []string{"SELECT x"}},
		{"SELECT x", 9, []string{"SELECT x"}},
		{"SELECT x", 8, []string{"SELECT x", "       ^"}},
		{"SELEC", 1, []string{"SELEC", "^"}},
		{"a\n\tb c\nd", 6, []string{"a", " b c", "   ^", "…"}},
		{"é漢 x", 4, []string{"é漢 x", "    ^"}},
		{long, 128, []string{"…  a, a, a, a, a, a, a, a, a, a, a, a, a, oops, b, b, b, b, b, b, b, b, b, b, b, b …", strings.Repeat(" ", 42) + "^"}},
	} {
		if d := cmp.Diff(tt.want, pointed(tt.sql, tt.position)); d != "" {
			t.Errorf("%d: %s", tt.position, d)
		}
	}
}

// SQLite tells no position, but the word: where that stands once, it is the place.
func TestPlaceOf(t *testing.T) {
	near := func(word string) dialect.Fault { return dialect.Fault{Message: `near "` + word + `": syntax error`} }
	for _, tt := range []struct {
		sql   string
		fault dialect.Fault
		want  int
	}{
		{"SELECT x", dialect.Fault{Position: 8}, 8},
		{"SELECT x", dialect.Fault{}, 0},
		{"CREATE TABLE é (id int NUL)", near("NUL"), 24},
		{"CREATE TABLE NULs (id int NUL)", near("NUL"), 27},
		{"CREATE TABLE NUL (id int NUL)", near("NUL"), 0},
		{"CREATE TABLE t id int)", near("id"), 16},
		{"SELECT (1", near(")"), 0},
		{"SELECT 1)", near(")"), 9},
		{"DROP TABLE userz", dialect.Fault{Class: dialect.NoTable, Table: "userz"}, 12},
		{"SELECT nam FROM names", dialect.Fault{Class: dialect.NoColumn, Column: "nam"}, 8},
		{"DROP INDEX i", dialect.Fault{Class: dialect.Constraint, Table: "i"}, 0},
	} {
		if got := placeOf(tt.sql, tt.fault); got != tt.want {
			t.Errorf("%s, %v: %d, want %d", tt.sql, tt.fault, got, tt.want)
		}
	}
}

// What an application's own functions panic with is shown like any error, and
// without the address that drivers put into it.
func TestPanicsOfTheApplicationAreShown(t *testing.T) {
	app := fixture("shop")
	app.Environ = []string{"DATABASE_URL=postgres://app:c4nary@h/d"}
	app.Open = func(context.Context) (*bun.DB, error) { panic("cannot parse postgres://app:c4nary@h/d") }
	_, stderr, code := outputOf(t, app, "up")
	if code != codeFailed || !strings.Contains(stderr, "Error: panic: cannot parse postgres://app:***@h/d") || !strings.Contains(stderr, "--debug") {
		t.Errorf("%d %s", code, stderr)
	}
	_, stderr, _ = outputOf(t, app, "up", "--debug")
	if !strings.Contains(stderr, "caret_test.go:") || strings.Contains(stderr, "c4nary") {
		t.Error(stderr)
	}
}

// The place of a panic is where it happened, not where the migration is
// registered.
func TestThePlaceOfAPanic(t *testing.T) {
	_, address := database(t, "sqlite")
	_, stderr, code := outputOf(t, appAt("panics", address), "up", "--debug")
	if code != codeFailed || !strings.Contains(stderr, "goroutine ") {
		t.Errorf("no stack: %s", stderr)
	}
	if !strings.Contains(stderr, "20260104090000_panics.go:25\n") || strings.Contains(stderr, "_panics.go:10\n") {
		t.Error(stderr)
	}
}
