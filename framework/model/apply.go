package model

import (
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/schema"
)

// apply puts what a model declares onto its table, what it says for this dialect
// alone last.
func (l *loader) apply(e *entry, t *schema.Table, x schema.Extras) {
	own := x.On[l.dialect.Name()]
	x.On = nil
	merge(&x, own)
	l.applyColumns(e, t, x.Columns)
	l.applyIndexes(e, t, x)
	l.applyConstraints(e, t, x)
	if x.Comment != "" {
		t.Comment = x.Comment
	}
	if x.PrimaryKeyName != "" {
		t.PrimaryKeyName = x.PrimaryKeyName
	}
	l.applyRenames(e, t, x)
}

func (l *loader) applyColumns(e *entry, t *schema.Table, columns []schema.Column) {
	for _, c := range columns {
		has := t.Column(c.Name)
		switch {
		case has != nil:
			overlay(has, c)
			if c.Virtual && has.Generated.IsZero() {
				l.faults.add(e.name(), "", "column %s is virtual, but nothing says how it is generated", c.Name)
			}
		case c.Type.Equal(schema.Type{}):
			l.unknown(e, t, "Columns", c.Name)
		default:
			t.Columns = append(t.Columns, c)
		}
	}
}

// unknown reports a name that is none of the table's columns.
func (l *loader) unknown(e *entry, t *schema.Table, what, column string) {
	var names []string
	for _, c := range t.Columns {
		names = append(names, c.Name)
	}
	l.faults.add(e.name(), "", "%s names the column %s, which table %s does not have; it has %s", what, column, t.Name, commas(names))
}

// known reports whether all names are columns.
func (l *loader) known(e *entry, t *schema.Table, what string, names ...string) {
	for _, name := range names {
		if t.Column(name) == nil {
			l.unknown(e, t, what, name)
		}
	}
}

func (l *loader) applyIndexes(e *entry, t *schema.Table, x schema.Extras) {
	for _, index := range x.Indexes {
		if index.Name = indexName(t.Name, index); index.Name == "" {
			l.faults.add(e.name(), "", "an index with an expression needs a Name")
			continue
		}
		for _, p := range index.Parts {
			if p.Column != "" {
				l.known(e, t, "index "+index.Name, p.Column)
			}
		}
		l.known(e, t, "index "+index.Name, index.Include...)
		if has := t.Index(index.Name); has != nil {
			*has = index.Clone()
			continue
		}
		t.Indexes = append(t.Indexes, index.Clone())
	}
	for _, name := range x.Concurrently {
		at := Index{Table{t.Schema, t.Name}, name}
		switch {
		case t.Index(name) == nil:
			l.faults.add(e.name(), "", "Concurrently names the index %s, which table %s does not have", name, t.Name)
		case !slices.Contains(l.found.Concurrently, at):
			l.found.Concurrently = append(l.found.Concurrently, at)
		}
	}
}

func (l *loader) applyRenames(e *entry, t *schema.Table, x schema.Extras) {
	at := Table{t.Schema, t.Name}
	if x.RenamedFrom != "" {
		from := l.split(x.RenamedFrom)
		if !strings.Contains(x.RenamedFrom, ".") {
			from.Schema = t.Schema
		}
		l.rename(e, Rename{Table: at, FromSchema: from.Schema, From: from.Name})
	}
	for _, column := range sortedKeys(x.RenamedColumns) {
		l.known(e, t, "RenamedColumns", column)
		if t.Column(x.RenamedColumns[column]) != nil {
			l.faults.add(e.name(), "", "column %s is said to be renamed from %s, which is a column too", column, x.RenamedColumns[column])
		}
		l.rename(e, Rename{Table: at, Column: column, From: x.RenamedColumns[column]})
	}
}

// rename keeps a former name, which only one can have.
func (l *loader) rename(e *entry, r Rename) {
	for _, o := range l.found.Renames {
		sameKind := (o.Column == "") == (r.Column == "")
		switch {
		case o == r:
			return
		case sameKind && o.From == r.From && (r.Column == "" && o.FromSchema == r.FromSchema || r.Column != "" && o.Table == r.Table):
			l.faults.add(e.name(), "", "the former name %s is that of something else too", r.From)
			return
		}
	}
	l.found.Renames = append(l.found.Renames, r)
	slices.SortStableFunc(l.found.Renames, func(a, b Rename) int { return kindOf(a) - kindOf(b) })
}

// kindOf orders tables before columns.
func kindOf(r Rename) int {
	if r.Column == "" {
		return 0
	}
	return 1
}
