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
	d.tableItself(found, want)
	d.constraints("unique constraint", named(found.Uniques), named(want.Uniques))
	d.constraints("check", named(found.Checks), named(want.Checks))
	d.constraints("foreign key", named(found.ForeignKeys), named(want.ForeignKeys))
	d.constraints("exclusion constraint", named(found.Exclusions), named(want.Exclusions))
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
	if f, w := found.Required(), want.Required(); f != w {
		d.add(what, nullText(f), nullText(w))
	}
	d.counting(what, found, want)
	if !found.Default.Equal(want.Default) {
		d.add(what, defaultText(found.Default), defaultText(want.Default))
	}
	if !found.Generated.Equal(want.Generated) || found.Virtual != want.Virtual {
		d.add(what, generatedText(found), generatedText(want))
	}
	if found.Collation != want.Collation {
		d.add(what, orNone("collation", found.Collation), orNone("collation", want.Collation))
	}
	if found.Comment != want.Comment {
		d.add(what, orNone("comment", found.Comment), orNone("comment", want.Comment))
	}
}

// counting compares how rows are numbered. A column that is to number them in
// whatever way may be an identity column.
func (d *differences) counting(what string, found, want *Column) {
	switch {
	case found.Counts() != want.Counts():
		d.add(what, countText(found.Counts()), countText(want.Counts()))
	case want.Identity != NoIdentity && found.Identity != want.Identity:
		d.add(what, identityText(found.Identity), identityText(want.Identity))
	}
}

// tableItself compares what belongs to no column. The key's name counts where
// both tell one.
func (d *differences) tableItself(found, want *Table) {
	if f, w := found.PrimaryKeyName, want.PrimaryKeyName; f != w && f != "" && w != "" && len(want.PrimaryKey) > 0 && len(found.PrimaryKey) > 0 {
		d.add("primary key of "+d.table, "the name "+f, "the name "+w)
	}
	if found.Comment != want.Comment {
		d.add("table "+d.table, orNone("comment", found.Comment), orNone("comment", want.Comment))
	}
}

// String describes the column as in a CREATE TABLE, for messages.
func (c Column) String() string {
	text := c.Type.String()
	if c.Collation != "" {
		text += " collate " + c.Collation
	}
	switch {
	case c.Identity != NoIdentity:
		text += " " + identityText(c.Identity)
	case c.AutoIncrement:
		text += " auto-increment"
	case c.NotNull:
		text += " not null"
	}
	if !c.Default.IsZero() {
		text += " " + defaultText(c.Default)
	}
	if !c.Generated.IsZero() {
		text += " " + generatedText(&c)
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

func identityText(i Identity) string {
	if i == NoIdentity {
		return "no identity"
	}
	return "identity " + strings.ToLower(string(i))
}

func generatedText(c *Column) string {
	switch {
	case c.Generated.IsZero():
		return "not generated"
	case c.Virtual:
		return "generated (virtual) as " + c.Generated.String()
	}
	return "generated as " + c.Generated.String()
}

func orNone(what, text string) string {
	if text == "" {
		return "no " + what
	}
	return fmt.Sprintf("%s %q", what, text)
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

// IndexText says what the index is, its name aside: two are equal when their
// texts are.
func IndexText(x Index) string { return text(&x) }

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
		return b.String() + x.Definition.String() + commentText(x.Comment)
	}
	if x.Method != "" {
		b.WriteString("using " + x.Method + " ")
	}
	parts := make([]string, len(x.Parts))
	for i, p := range x.Parts {
		parts[i] = p.text()
	}
	b.WriteString("(" + strings.Join(parts, ", ") + ")")
	if len(x.Include) > 0 {
		b.WriteString(" include " + list(x.Include))
	}
	if x.NullsNotDistinct {
		b.WriteString(" nulls not distinct")
	}
	for _, p := range x.With {
		b.WriteString(" with " + p.Name + "=" + p.Value)
	}
	if !x.Where.IsZero() {
		b.WriteString(" where " + x.Where.String())
	}
	return b.String() + commentText(x.Comment)
}

func (p Part) text() string {
	text := p.Column
	if text == "" {
		text = "(" + p.Expr.String() + ")"
	}
	if p.Collation != "" {
		text += " collate " + p.Collation
	}
	if p.Opclass != "" {
		text += " " + p.Opclass
	}
	if p.Desc {
		text += " desc"
	}
	if p.Nulls != DefaultNulls {
		text += " nulls " + strings.ToLower(string(p.Nulls))
	}
	return text
}
