package sqlite

import "slices"

// Edits of one column. The column must be there.

// withClause puts a clause behind the last of the column.
func (d *definition) withClause(column, text string) (*definition, error) {
	c := d.column(column)
	end := d.tokens[c.to-1].to
	return d.replace(end, end, " "+text)
}

// withoutClauses takes every clause out that drop says.
func (d *definition) withoutClauses(column string, drop func(clause) bool) (*definition, error) {
	for {
		c := d.column(column)
		i := slices.IndexFunc(c.clauses, drop)
		if i < 0 {
			return d, nil
		}
		next, err := d.withoutClause(c.clauses[i])
		if err != nil {
			return nil, err
		}
		d = next
	}
}

func (d *definition) withoutKind(column string, kinds ...clauseKind) (*definition, error) {
	return d.withoutClauses(column, func(c clause) bool { return slices.Contains(kinds, c.kind) })
}

// withType gives the column another declared type.
func (d *definition) withType(column, text string) (*definition, error) {
	c := d.column(column)
	end := d.tokens[c.from+len(c.typ)].to
	return d.replace(d.tokens[c.from].to, end, " "+text)
}

// withNotNull makes the column NOT NULL, or not.
func (d *definition) withNotNull(column string, yes bool) (*definition, error) {
	has := slices.ContainsFunc(d.column(column).clauses, func(c clause) bool { return c.kind == notNullClause })
	if has && yes {
		return d, nil // with its conflict clause
	}
	d, err := d.withoutKind(column, notNullClause, nullClause)
	if err != nil || !yes {
		return d, err
	}
	return d.withClause(column, "NOT NULL")
}

// withKey adds a primary key of the table.
func (d *definition) withKey(name string, columns []string) (*definition, error) {
	return d.withConstraint(constraintName(name) + "PRIMARY KEY " + names(columns))
}

// withoutKey takes the primary key out; its columns stay NOT NULL.
func (d *definition) withoutKey() (*definition, error) {
	t := d.table()
	for _, name := range t.PrimaryKey {
		if c := t.Column(name); c == nil || !c.Required() {
			continue // as it says, or SQLite would not have taken it
		}
		var err error
		if d, err = d.withNotNull(name, true); err != nil {
			return nil, err
		}
	}
	for _, c := range d.constraints {
		if c.kind == primaryKeyClause {
			return d.without(c.from, c.to)
		}
	}
	for _, c := range d.columns {
		for _, cl := range c.clauses {
			if cl.kind == primaryKeyClause {
				return d.withoutClause(cl)
			}
		}
	}
	return d, nil
}
