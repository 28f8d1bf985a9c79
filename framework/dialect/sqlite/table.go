package sqlite

import (
	"strings"

	"github.com/leavendb/leaven/framework/schema"
)

// table returns what the definition says as a schema.Table, without indexes.
// Foreign keys that leave out the columns they refer to have none there.
func (d *definition) table() *schema.Table {
	t := &schema.Table{Name: d.tokens[d.name].name()}
	for _, c := range d.columns {
		t.Columns = append(t.Columns, c.column())
		before := len(t.ForeignKeys)
		for _, cl := range c.clauses {
			if _, enum := cl.enumOf(c.name); enum {
				continue // part of the column's type
			}
			if n := len(t.ForeignKeys); cl.kind == deferClause && n > before {
				t.ForeignKeys[n-1].Deferrable, t.ForeignKeys[n-1].InitiallyDeferred = cl.ref.Deferrable, cl.ref.InitiallyDeferred
			}
			cl.columns = []string{c.name}
			d.add(t, cl)
		}
	}
	for _, cl := range d.constraints {
		d.add(t, cl)
	}
	d.spellColumns(t)
	return t
}

func (c columnDef) column() schema.Column {
	col := schema.Column{Name: c.name, Type: schema.Raw(tidyType(c.typ))}
	for _, cl := range c.clauses {
		switch cl.kind {
		case notNullClause:
			col.NotNull = true
		case defaultClauseKind:
			col.Default = schema.Expr(tidyDefault(cl.expr))
		case primaryKeyClause:
			col.AutoIncrement = cl.auto
			// A row's number cannot be NULL.
			col.NotNull = col.NotNull || !cl.desc && strings.EqualFold(tidyType(c.typ), "INTEGER")
		case collateClause:
			if col.Collation = tidyCollation(cl.collate); col.Collation == "BINARY" {
				col.Collation = "" // as without one
			}
		case generatedClause:
			col.Generated, col.Virtual = schema.Expr(tidyExpression(cl.expr)), !cl.stored
		case checkClause:
			if name, ok := cl.enumOf(c.name); ok {
				col.Type = schema.EnumType("", name)
			}
		}
	}
	return col
}

// tidyCollation spells SQLite's own collations in one way.
func tidyCollation(name string) string {
	for _, known := range collations {
		if sameName(name, known) {
			return known
		}
	}
	return name
}

// tidyDefault spells a default in one way. Strings and names keep their case, and a
// bare word in double quotes is the string that SQLite takes it for.
func tidyDefault(ts []token) string {
	if len(ts) == 1 && ts[0].kind == nameToken {
		return literal(ts[0].name())
	}
	return tidyExpression(ts)
}

// add adds a constraint to t.
func (d *definition) add(t *schema.Table, c clause) {
	switch c.kind {
	case primaryKeyClause:
		t.PrimaryKey, t.PrimaryKeyName = c.columns, c.name
		d.number(t, c)
	case uniqueClause:
		t.Uniques = append(t.Uniques, schema.Unique{Name: c.name, Columns: c.columns})
	case checkClause:
		t.Checks = append(t.Checks, schema.Check{Name: c.name, Expr: schema.Expr(tidyExpression(c.expr))})
	case foreignKeyClause:
		f := c.ref
		f.Name, f.Columns = c.name, c.columns
		t.ForeignKeys = append(t.ForeignKeys, f)
	}
}

// number marks the columns that a primary key makes NOT NULL: the row's number,
// and all of them in a table without one.
func (d *definition) number(t *schema.Table, c clause) {
	for _, name := range c.columns {
		for i := range t.Columns {
			col := &t.Columns[i]
			if !sameName(col.Name, name) {
				continue
			}
			integer := len(c.columns) == 1 && !c.desc && col.Type.Equal(schema.Raw("INTEGER"))
			col.NotNull = col.NotNull || d.noRowid || integer
			col.AutoIncrement = col.AutoIncrement || c.auto
		}
	}
}

// spellColumns makes every list of columns spell them as the columns themselves
// are spelled.
func (d *definition) spellColumns(t *schema.Table) {
	spell := func(names []string) {
		for i, name := range names {
			for _, c := range t.Columns {
				if sameName(c.Name, name) {
					names[i] = c.Name
				}
			}
		}
	}
	spell(t.PrimaryKey)
	for _, u := range t.Uniques {
		spell(u.Columns)
	}
	for _, f := range t.ForeignKeys {
		spell(f.Columns)
	}
}
