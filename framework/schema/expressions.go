package schema

// Expressions are all of the table that may mention its columns, to be read or
// replaced: those of generated columns, checks, exclusions and indexes. Defaults are
// none of them.
func (t *Table) Expressions() []*Expression {
	var all []*Expression
	for i := range t.Columns {
		all = append(all, &t.Columns[i].Generated)
	}
	for i := range t.Checks {
		all = append(all, &t.Checks[i].Expr)
	}
	for i := range t.Exclusions {
		all = append(all, &t.Exclusions[i].Where)
		for j := range t.Exclusions[i].Elements {
			all = append(all, &t.Exclusions[i].Elements[j].Expr)
		}
	}
	for i := range t.Indexes {
		all = append(all, &t.Indexes[i].Where, &t.Indexes[i].Definition)
		for j := range t.Indexes[i].Parts {
			all = append(all, &t.Indexes[i].Parts[j].Expr)
		}
	}
	return all
}
