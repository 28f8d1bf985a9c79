package readme

import (
	"encoding/json"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/op"
)

// operations is the chapter with a line and an example of each operation.
const operations = "framework/docs/operations.md"

// section is one operation in it.
type section struct {
	name     string
	examples []string
	refusal  string // the text of SQLite's, as it is shown
}

func isExample(b block) bool { return b.language == "go" && strings.HasPrefix(b.text, "op.") }

func sections(t *testing.T, text string) []section {
	t.Helper()
	var all []section
	for _, part := range strings.Split(text, "\n### ")[1:] {
		name, rest, _ := strings.Cut(part, "\n")
		rest, _, _ = strings.Cut(rest, "\n## ")
		s := section{name: name}
		for _, b := range takeApart(operations, rest).blocks {
			switch {
			case isExample(b):
				s.examples = append(s.examples, b.text)
			case b.language == "text":
				s.refusal = strings.Join(strings.Fields(b.text), " ")
			}
		}
		all = append(all, s)
	}
	return all
}

// told is what the program in testdata/operations prints of an example.
type told struct {
	Of              string
	Has             bool
	Reverse         []string
	Refused, Failed map[string]string
	Way             string
	Locks           []string
}

// TestOperations runs the examples of the chapter on both databases, up and down,
// and holds its table to what they did. Each operation has its line and its
// example.
func TestOperations(t *testing.T) {
	c := newCheckout(t)
	text, err := os.ReadFile(filepath.Join(c.dir, operations))
	if err != nil {
		t.Fatal(err)
	}
	all := sections(t, string(text))
	rows := map[string][]string{}
	for _, row := range takeApart(operations, string(text)).table("operation | reverse | SQLite | lock on PostgreSQL | notes") {
		rows[strings.Trim(row[0], "`")] = row
	}
	for _, o := range op.Kinds() {
		name := fmt.Sprintf("%T", o)
		if rows[name] == nil {
			t.Errorf("the table has no line for %s", name)
		}
		if !slices.ContainsFunc(all, func(s section) bool { return "op."+s.name == name && len(s.examples) > 0 }) {
			t.Errorf("there is no example of %s", name)
		}
	}
	if len(rows) != len(op.Kinds()) || len(all) != len(op.Kinds()) || t.Failed() {
		t.Fatalf("%d lines and %d sections for %d operations", len(rows), len(all), len(op.Kinds()))
	}
	seen := map[string]bool{}
	for _, o := range c.runExamples(t, all) {
		row := rows["op."+o.Of]
		s := all[slices.IndexFunc(all, func(s section) bool { return s.name == o.Of })]
		for database, why := range o.Failed {
			t.Errorf("%s on %s: %s", o.Of, database, why)
		}
		if why := o.Refused["postgres"]; why != "" {
			t.Errorf("%s on PostgreSQL: %s", o.Of, why)
		}
		if !o.Has {
			t.Errorf("an example of %s is not one", o.Of)
		}
		reverse := "nothing"
		if len(o.Reverse) > 0 {
			reverse = "`op." + o.Reverse[0] + "`"
		}
		want := []string{reverse, o.Way, strings.Join(o.Locks, ", ")}
		if why := o.Refused["sqlite"]; why != "" {
			want[1] = "refused"
			if s.refusal != why {
				t.Errorf("%s: the page shows\n%s\nand SQLite refuses with\n%s", o.Of, s.refusal, why)
			}
		}
		if len(o.Locks) == 0 {
			want[2] = "–"
		}
		if o.Of == "SQL" {
			want[2] = "its own"
		}
		for i, cell := range want {
			if got := row[i+1]; got != cell && !seen[o.Of] { // a second example shows something else
				t.Errorf("%s: the table says %q, the example %q", o.Of, got, cell)
			}
		}
		seen[o.Of] = true
	}
}

// runExamples builds one program of them and runs it.
func (c checkout) runExamples(t *testing.T, all []section) []told {
	t.Helper()
	var code strings.Builder
	code.WriteString("package main\n\nvar examples = []example{\n")
	for _, s := range all {
		for _, e := range s.examples {
			if formatted, err := format.Source([]byte("package p\n\nvar _ = []any{\n" + e + "}\n")); err != nil {
				t.Errorf("%s: %v", s.name, err)
			} else if !strings.Contains(strings.ReplaceAll(string(formatted), "\n\t", "\n"), e) {
				t.Errorf("%s: gofmt would write\n%s", s.name, formatted)
			}
			fmt.Fprintf(&code, "{%q, []op.Op{\n%s}},\n", s.name, e)
		}
	}
	code.WriteString("}\n")
	program, err := os.ReadFile(filepath.Join("testdata", "operations", "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	c.write(t, "cmd/operations/main.go", string(program))
	c.write(t, "cmd/operations/examples.go", withImports(t, code.String()))
	_, url := pgtest.New(t)
	out := c.must(t, "go run ./cmd/operations '"+url+"' sqlite://examples.db")
	var outcomes []told
	if err := json.Unmarshal([]byte(out), &outcomes); err != nil {
		t.Fatal(err)
	}
	return outcomes
}
