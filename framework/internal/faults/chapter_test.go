package faults

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// document is the chapter that promises what the rows prove.
type document string

func chapter(t testing.TB) document {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "reliability.md"))
	if err != nil {
		t.Fatal(err)
	}
	return document(text)
}

// statements are those of its nth piece of SQL.
func (d document) statements(n int) string {
	pieces := strings.Split(string(d), "```sql\n")
	text, _, _ := strings.Cut(pieces[n+1], ";\n```")
	return text
}

var emphasis = regexp.MustCompile(`\*([^*]+)\*`)

// TestEachRowProvesAPromise compares the table of promises with the table of rows.
func TestEachRowProvesAPromise(t *testing.T) {
	_, table, _ := strings.Cut(string(chapter(t)), "## The promises")
	table, _, _ = strings.Cut(table, "## ")
	var named []string
	for _, m := range emphasis.FindAllStringSubmatch(table, -1) {
		named = append(named, m[1])
	}
	for _, r := range rows {
		if !slices.Contains(named, r.name) {
			t.Errorf("reliability.md has no promise for the row %q", r.name)
		}
	}
	for _, name := range named {
		if name != string(pooled) && !slices.ContainsFunc(rows, func(r row) bool { return r.name == name }) {
			t.Errorf("reliability.md names the row %q, which is not there", name)
		}
	}
}
