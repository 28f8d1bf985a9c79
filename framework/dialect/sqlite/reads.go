package sqlite

import "fmt"

// reads reports whether the text has the table in a FROM, also behind a comma or
// in a join, or behind IN.
func (o object) reads(table string) (bool, error) {
	ts, err := tokens(o.sql)
	if err != nil {
		return false, fmt.Errorf("%s %s: %w", o.kind, o.name, err)
	}
	// One for each open parenthesis: whether it is in a FROM, where a comma
	// separates tables, and whether a table is what comes next.
	type place struct{ from, next bool }
	at := []place{{}}
	for i, t := range ts {
		here := &at[len(at)-1]
		switch {
		case t.is("("):
			inner := place{}
			if here.next && !ts[i-1].is("IN") {
				inner = place{from: true, next: true}
			}
			here.next = false
			at = append(at, inner)
		case t.is(")"):
			if len(at) > 1 {
				at = at[:len(at)-1]
			}
		case t.is("FROM") && i > 0 && ts[i-1].is("DISTINCT"): // IS DISTINCT FROM
		case t.oneOf("FROM", "JOIN"), t.is(",") && here.from:
			*here = place{from: true, next: true}
		case t.oneOf("SELECT", "VALUES", "WHERE", "GROUP", "HAVING", "WINDOW", "ORDER", "LIMIT", "UNION", "EXCEPT", "INTERSECT"):
			*here = place{}
		case t.is("IN"):
			here.next = true
		case here.next && i+1 < len(ts) && ts[i+1].is("."): // the schema's name
		case t.is("."):
		case here.next:
			if t.kind != otherToken && sameName(t.name(), table) {
				return true, nil
			}
			here.next = false
		}
	}
	return false, nil
}
