package sqlite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/schema"
)

// Edits change the text of a definition where they must and nowhere else. Each
// returns the definition read anew.

// replace puts text in the place of the bytes [from, to). Words that then meet
// stay two.
func (d *definition) replace(from, to int, text string) (*definition, error) {
	return parseTable(meet(meet(d.sql[:from], text), d.sql[to:]))
}

func meet(a, b string) string {
	if a != "" && b != "" && isWord(a[len(a)-1]) && isWord(b[0]) {
		return a + " " + b
	}
	return a + b
}

// renamed gives the table another name.
func (d *definition) renamed(name string) (*definition, error) {
	t := d.tokens[d.name]
	return d.replace(t.from, t.to, quote(name))
}

// withColumn adds a column behind the last.
func (d *definition) withColumn(text string) (*definition, error) {
	last := d.columns[len(d.columns)-1]
	end := d.tokens[last.to-1].to
	return d.replace(end, end, ",\n\t"+text)
}

// withConstraint adds a constraint of the table behind everything.
func (d *definition) withConstraint(text string) (*definition, error) {
	end := d.tokens[d.close-1].to
	return d.replace(end, end, ",\n\t"+text)
}

// without takes tokens[from:to], a column or a constraint of the table, out,
// with the comma that is left over.
func (d *definition) without(from, to int) (*definition, error) {
	switch {
	case d.tokens[to].is(","):
		to++
	case d.tokens[to].is(")") && d.tokens[from-1].is(","):
		from--
	}
	return d.replace(d.space(from), d.tokens[to-1].to, "")
}

// withoutClause takes a constraint out of its column.
func (d *definition) withoutClause(c clause) (*definition, error) {
	return d.replace(d.space(c.from), d.tokens[c.to-1].to, "")
}

// space is where the space before a token begins. A comment is not space.
func (d *definition) space(i int) int {
	from, to := d.tokens[i-1].to, d.tokens[i].from
	if strings.TrimSpace(d.sql[from:to]) != "" {
		return to
	}
	return from
}

// column finds a column; nil: none.
func (d *definition) column(name string) *columnDef {
	for i := range d.columns {
		if sameName(d.columns[i].name, name) {
			return &d.columns[i]
		}
	}
	return nil
}

// withoutColumn takes a column out, and with it every constraint that involves
// it, as PostgreSQL does.
func (d *definition) withoutColumn(name string) (*definition, error) {
	c := d.column(name)
	if c == nil {
		return nil, fmt.Errorf("there is no column %s", name)
	}
	if len(d.columns) == 1 {
		return nil, fmt.Errorf("%s is the table's only column, and SQLite has no table without columns", name)
	}
	d, err := d.without(c.from, c.to)
	for err == nil {
		table, column := d.involved(name)
		switch {
		case table != nil:
			d, err = d.without(table.from, table.to)
		case column != nil && column.kind == generatedClause:
			return nil, fmt.Errorf("a generated column is computed from %s: drop that one first", name)
		case column != nil:
			d, err = d.withoutClause(*column)
		default:
			return d, nil
		}
	}
	return nil, err
}

// involved finds a constraint that a dropped column takes with it: of the
// table, or of another column.
func (d *definition) involved(name string) (table, column *clause) {
	for i, c := range d.constraints {
		if d.involves(c, name) {
			return &d.constraints[i], nil
		}
	}
	for _, col := range d.columns {
		for i, c := range col.clauses {
			if c.kind != defaultClauseKind && d.involves(c, name) {
				return nil, &col.clauses[i]
			}
		}
	}
	return nil, nil
}

func (d *definition) involves(c clause, name string) bool {
	same := func(n string) bool { return sameName(n, name) }
	self := c.kind == foreignKeyClause && sameName(c.ref.RefTable, d.tokens[d.name].name())
	return slices.ContainsFunc(c.columns, same) ||
		self && slices.ContainsFunc(c.ref.RefColumns, same) ||
		slices.ContainsFunc(c.expr, func(t token) bool {
			return (t.kind == wordToken || t.kind == nameToken) && same(t.name())
		})
}

// withoutConstraint takes the constraint of that name out.
func (d *definition) withoutConstraint(name string) (*definition, error) {
	c, ofColumn, err := d.constraint(name)
	switch {
	case err != nil:
		return nil, err
	case ofColumn:
		return d.withoutClause(c)
	}
	return d.without(c.from, c.to)
}

// constraint finds the constraint of that name; where none has it, the one
// without a name to which PostgreSQL would have given it, also when the table
// had another name, so that one migration suits both.
func (d *definition) constraint(name string) (c clause, ofColumn bool, err error) {
	table := d.tokens[d.name].name()
	all := d.everyConstraint()
	for _, match := range []func(c clause) bool{
		func(c clause) bool { return c.name == name },
		func(c clause) bool { return c.name != "" && sameName(c.name, name) },
		func(c clause) bool { return c.name == "" && d.givenName(c, table) == name },
		func(c clause) bool {
			return c.name == "" && strings.HasSuffix(name, d.givenName(c, "")) && !strings.HasPrefix(name, table+"_")
		},
	} {
		for i, c := range all {
			if match(c) {
				return c, i >= len(d.constraints), nil
			}
		}
	}
	return clause{}, false, fmt.Errorf("there is no constraint %s", name)
}

// everyConstraint lists the constraints of the table and then those of its
// columns, except for those that are part of a column's type.
func (d *definition) everyConstraint() []clause {
	all := slices.Clone(d.constraints)
	for _, col := range d.columns {
		for _, c := range col.clauses {
			if _, enum := c.enumOf(col.name); !enum && c.droppable() {
				c.columns = []string{col.name}
				all = append(all, c)
			}
		}
	}
	return all
}

func (c clause) droppable() bool {
	switch c.kind {
	case primaryKeyClause, uniqueClause, checkClause, foreignKeyClause:
		return true
	}
	return false
}

// givenName is the name that PostgreSQL gives to a constraint without one; of
// an empty table the end of it.
func (d *definition) givenName(c clause, table string) string {
	switch c.kind {
	case primaryKeyClause:
		return table + "_pkey"
	case uniqueClause:
		return joined(table, c.columns, "key")
	case foreignKeyClause:
		return joined(table, c.columns, "fkey")
	case checkClause:
		expr := schema.Expr(tidyExpression(c.expr))
		var columns []string
		for _, col := range d.columns {
			if expr.Mentions(col.name) {
				columns = append(columns, col.name)
			}
		}
		if len(columns) != 1 {
			columns = nil
		}
		return joined(table, columns, "check")
	}
	return ""
}

func joined(table string, columns []string, suffix string) string {
	return strings.Join(append(append([]string{table}, columns...), suffix), "_")
}
