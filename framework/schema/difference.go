package schema

import (
	"fmt"
	"slices"
	"strings"
)

// Differences compares a table that was found with the one that is wanted, and
// says what differs: "column images.size: found integer, want bigint". No lines
// means that they are equal. Both must be spelled by the same database. The
// order of columns does not count, nor do the names of constraints that want
// leaves open, nor indexes (see [IndexDifferences]).
func Differences(found, want *Table) []string {
	d := differences{table: want.Name}
	for _, c := range want.Columns {
		d.column(found.Column(c.Name), &c)
	}
	for _, c := range found.Columns {
		if want.Column(c.Name) == nil {
			d.column(&c, nil)
		}
	}
	if !slices.Equal(found.PrimaryKey, want.PrimaryKey) {
		d.add("primary key of "+d.table, list(found.PrimaryKey), list(want.PrimaryKey))
	}
	d.constraints("unique constraint", named(found.Uniques), named(want.Uniques))
	d.constraints("check", named(found.Checks), named(want.Checks))
	d.constraints("foreign key", named(found.ForeignKeys), named(want.ForeignKeys))
	return d.lines
}

// ColumnDifferences is Differences for one column.
func ColumnDifferences(found, want *Table, name string) []string {
	d := differences{table: want.Name}
	d.column(found.Column(name), want.Column(name))
	return d.lines
}

// IndexDifferences compares one index, by name, of a table that was found with
// that of the one that is wanted.
func IndexDifferences(found, want *Table, name string) []string {
	f, w := found.Index(name), want.Index(name)
	if text(f) == text(w) {
		return nil
	}
	d := differences{}
	d.add("index "+name, text(f), text(w))
	return d.lines
}

type differences struct {
	table string
	lines []string
}

func (d *differences) add(what, found, want string) {
	d.lines = append(d.lines, fmt.Sprintf("%s: found %s, want %s", what, found, want))
}

// column compares two columns; nil is none.
func (d *differences) column(found, want *Column) {
	switch {
	case found == nil && want == nil:
	case found == nil:
		d.add("column "+d.table+"."+want.Name, "none", want.String())
	case want == nil:
		d.add("column "+d.table+"."+found.Name, found.String(), "none")
	default:
		d.sameColumn("column "+d.table+"."+want.Name, found, want)
	}
}

func (d *differences) sameColumn(what string, found, want *Column) {
	if !found.Type.Equal(want.Type) {
		d.add(what, found.Type.String(), want.Type.String())
	}
	if f, w := found.NotNull || found.AutoIncrement, want.NotNull || want.AutoIncrement; f != w {
		d.add(what, nullText(f), nullText(w))
	}
	if found.AutoIncrement != want.AutoIncrement {
		d.add(what, countText(found.AutoIncrement), countText(want.AutoIncrement))
	}
	if !found.Default.Equal(want.Default) {
		d.add(what, defaultText(found.Default), defaultText(want.Default))
	}
}

// String describes the column as in a CREATE TABLE, for messages.
func (c Column) String() string {
	text := c.Type.String()
	if c.AutoIncrement {
		text += " auto-increment"
	} else if c.NotNull {
		text += " not null"
	}
	if !c.Default.IsZero() {
		text += " " + defaultText(c.Default)
	}
	return text
}

func nullText(notNull bool) string {
	if notNull {
		return "not null"
	}
	return "null allowed"
}

func countText(auto bool) string {
	if auto {
		return "auto-increment"
	}
	return "no auto-increment"
}

func defaultText(e Expression) string {
	if e.IsZero() {
		return "no default"
	}
	return "default " + e.String()
}

func list(columns []string) string {
	if len(columns) == 0 {
		return "none"
	}
	return "(" + strings.Join(columns, ", ") + ")"
}

// text is an index without its name; two indexes are equal when their texts are.
func text(x *Index) string {
	if x == nil {
		return "none"
	}
	var b strings.Builder
	if x.Unique {
		b.WriteString("unique ")
	}
	if !x.Definition.IsZero() {
		return b.String() + x.Definition.String()
	}
	b.WriteString("(")
	for i, p := range x.Parts {
		if i > 0 {
			b.WriteString(", ")
		}
		if p.Column != "" {
			b.WriteString(p.Column)
		} else {
			b.WriteString("(" + p.Expr.String() + ")")
		}
		if p.Desc {
			b.WriteString(" desc")
		}
	}
	b.WriteString(")")
	if !x.Where.IsZero() {
		b.WriteString(" where " + x.Where.String())
	}
	return b.String()
}
