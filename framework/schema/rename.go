package schema

import (
	"maps"
	"strings"
)

// Renamed returns the expression with every identifier old replaced by name, in
// the texts of all dialects, as databases do it when a column is renamed. It
// reads words, not SQL, like [Expression.Mentions]; the name of a function is
// left alone. The new name is quoted: it may be a word of SQL.
func (e Expression) Renamed(old, name string) Expression {
	return e.mapped(func(sql string) string { return renameIn(sql, old, name) })
}

func renameIn(sql, old, name string) string {
	quoted := `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
	var b strings.Builder
	words(sql, func(word string, is func(string) bool, rest string) {
		if is(old) && !strings.HasPrefix(strings.TrimLeft(rest, " \t\n"), "(") {
			word = quoted
		}
		b.WriteString(word)
	})
	return b.String()
}

// mapped changes the texts of all dialects.
func (e Expression) mapped(f func(string) string) Expression {
	e.text.all = f(e.text.all)
	e.text.own = maps.Clone(e.text.own)
	for dialect, text := range e.text.own {
		e.text.own[dialect] = f(text)
	}
	return e
}

// renameColumn renames a column wherever the table itself mentions it.
func (t *Table) renameColumn(old, name string) {
	rename := func(list []string) {
		for i, c := range list {
			if c == old {
				list[i] = name
			}
		}
	}
	for i, c := range t.Columns {
		if c.Name == old {
			t.Columns[i].Name = name
		}
		t.Columns[i].Generated = c.Generated.Renamed(old, name)
	}
	rename(t.PrimaryKey)
	for _, u := range t.Uniques {
		rename(u.Columns)
	}
	for i, c := range t.Checks {
		t.Checks[i].Expr = c.Expr.Renamed(old, name)
	}
	for _, f := range t.ForeignKeys {
		rename(f.Columns)
	}
	for i, e := range t.Exclusions {
		t.Exclusions[i].Where = e.Where.Renamed(old, name)
		for j := range e.Elements {
			e.Elements[j].rename(old, name)
		}
	}
	for i, x := range t.Indexes {
		rename(x.Include)
		t.Indexes[i].Where = x.Where.Renamed(old, name)
		t.Indexes[i].Definition = x.Definition.Renamed(old, name)
		for j := range x.Parts {
			x.Parts[j].rename(old, name)
		}
	}
}

func (p *Part) rename(old, name string) {
	if p.Column == old {
		p.Column = name
	}
	p.Expr = p.Expr.Renamed(old, name)
}

// RenameColumn renames a column of t, which is part of s, wherever tables and
// triggers mention it. Views keep their text.
func (s *Schema) RenameColumn(t *Table, old, name string) {
	t.renameColumn(old, name)
	for _, other := range s.Tables {
		for _, f := range other.ForeignKeys {
			if f.RefSchema != t.Schema || f.RefTable != t.Name {
				continue
			}
			for i, c := range f.RefColumns {
				if c == old {
					f.RefColumns[i] = name
				}
			}
		}
	}
	for i, g := range s.Triggers {
		if g.Schema == t.Schema && g.Table == t.Name {
			s.Triggers[i].Event, s.Triggers[i].Action = g.Event.Renamed(old, name), g.Action.Renamed(old, name)
		}
	}
}

// Move gives t, which is part of s, another schema and name. What refers to it
// follows, except for the text of views. Its primary key keeps the name that
// the table's old name gave it, as in PostgreSQL; [Table.ChosenKeyName] tells
// that nobody chose it.
func (s *Schema) Move(t *Table, schemaName, name string) {
	oldSchema, oldName := t.Schema, t.Name
	t.Schema, t.Name = schemaName, name
	t.moveKey(oldName)
	for _, other := range s.Tables {
		for i, f := range other.ForeignKeys {
			if f.RefSchema == oldSchema && f.RefTable == oldName {
				other.ForeignKeys[i].RefSchema, other.ForeignKeys[i].RefTable = schemaName, name
			}
		}
	}
	for i, g := range s.Triggers {
		if g.Schema == oldSchema && g.Table == oldName {
			s.Triggers[i].Schema, s.Triggers[i].Table = schemaName, name
		}
	}
}
