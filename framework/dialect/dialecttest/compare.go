package dialecttest

import (
	"fmt"
	"slices"

	"github.com/leavendb/leaven/framework/schema"
)

// differences compares two schemas of the same database, indexes included.
func differences(found, want *schema.Schema) []string {
	var lines []string
	for _, w := range want.Tables {
		f := found.Table(w.Schema, w.Name)
		if f == nil {
			lines = append(lines, "table "+w.Name+" is missing")
			continue
		}
		lines = append(lines, schema.Differences(f, w)...)
		var names []string
		for _, x := range append(slices.Clone(f.Indexes), w.Indexes...) {
			if !slices.Contains(names, x.Name) {
				names = append(names, x.Name)
				lines = append(lines, schema.IndexDifferences(f, w, x.Name)...)
			}
		}
	}
	for _, e := range want.Enums {
		f := found.Enum(e.Schema, e.Name)
		if f == nil || !slices.Equal(f.Values, e.Values) {
			lines = append(lines, fmt.Sprintf("enum %s: found %v, want %v", e.Name, f, e.Values))
		}
	}
	if len(found.Enums) != len(want.Enums) {
		lines = append(lines, fmt.Sprintf("%d enums, want %d", len(found.Enums), len(want.Enums)))
	}
	for _, f := range found.Tables {
		if want.Table(f.Schema, f.Name) == nil {
			lines = append(lines, "table "+f.Name+" is there, and should not be")
		}
	}
	return lines
}

// equal fails the test when the schemas differ.
func (d *database) equal(what string, found, want *schema.Schema) {
	d.Helper()
	for _, line := range differences(found, want) {
		d.Errorf("%s: %s", what, line)
	}
}

// isFold fails the test when the database is not what the fold says.
func (d *database) isFold(what string, fold *schema.Schema) {
	d.Helper()
	want := &schema.Schema{Enums: fold.Enums}
	for _, t := range fold.Tables {
		n, err := d.dialect.Normalize(d.Context(), d.db, t)
		d.must(err)
		want.Tables = append(want.Tables, n)
	}
	d.equal(what, d.schema(), want)
}
