package op

import (
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/schema"
)

// A constraint that its author did not name is dropped by the name that the
// database gave it. PostgreSQL's rule is simple as long as names are short and
// free, so the fold can follow it.

// eachConstraint calls f with each constraint's name and the name that
// PostgreSQL would give it; "" where that cannot be told.
func eachConstraint(t *schema.Table, f func(name, given string)) {
	for _, u := range t.Uniques {
		f(u.Name, givenName(t, u.Columns, "key"))
	}
	for _, c := range t.Checks {
		f(c.Name, givenCheckName(t, c))
	}
	for _, k := range t.ForeignKeys {
		f(k.Name, givenName(t, k.Columns, "fkey"))
	}
}

// removeConstraint removes the first constraint that matches and reports
// whether there was one.
func removeConstraint(t *schema.Table, match func(name, given string) bool) bool {
	for i, u := range t.Uniques {
		if match(u.Name, givenName(t, u.Columns, "key")) {
			t.Uniques = slices.Delete(t.Uniques, i, i+1)
			return true
		}
	}
	for i, c := range t.Checks {
		if match(c.Name, givenCheckName(t, c)) {
			t.Checks = slices.Delete(t.Checks, i, i+1)
			return true
		}
	}
	for i, k := range t.ForeignKeys {
		if match(k.Name, givenName(t, k.Columns, "fkey")) {
			t.ForeignKeys = slices.Delete(t.ForeignKeys, i, i+1)
			return true
		}
	}
	return false
}

func givenName(t *schema.Table, columns []string, suffix string) string {
	parts := append([]string{t.Name}, columns...)
	return strings.Join(append(parts, suffix), "_")
}

// givenCheckName names the one column of a check; a check of several columns is
// named after the table alone.
func givenCheckName(t *schema.Table, c schema.Check) string {
	var columns []string
	for _, column := range t.Columns {
		if c.Expr.Mentions(column.Name) {
			columns = append(columns, column.Name)
		}
	}
	if len(columns) != 1 {
		columns = nil
	}
	return givenName(t, columns, "check")
}
