// Package schema is the vocabulary of a database's structure: schemas, tables,
// columns, types, defaults, keys, checks and indexes, as plain values.
//
// It knows no database and runs nothing. Package op changes these values and
// renders the changes as SQL; a dialect reads them from a live database; tests
// and comparisons hold them side by side. Values that databases spell
// differently ([Type], [Expression]) carry a meaning, and a dialect decides the
// spelling; where no shared meaning exists, the author gives one spelling for
// each dialect.
package schema

import (
	"slices"
)

// Schema is the structure of one database: its tables in the order in which
// they were made (or, when inspected, in order of schema and name), and what
// does not belong to one table. The zero value is an empty database.
type Schema struct {
	Tables     []*Table
	Schemas    []string // made by name; the connection's default schema is not listed
	Extensions []Extension
	Enums      []*Enum
	Sequences  []*Sequence
	Views      []*View
	Triggers   []Trigger
}

// Table finds a table. An empty schemaName means the connection's default
// schema and matches only tables that do not name one. It returns nil when there
// is none.
func (s *Schema) Table(schemaName, name string) *Table {
	for _, t := range s.Tables {
		if t.Schema == schemaName && t.Name == name {
			return t
		}
	}
	return nil
}

// Remove deletes the table from the schema and reports whether it was there.
func (s *Schema) Remove(schemaName, name string) bool {
	n := len(s.Tables)
	s.Tables = slices.DeleteFunc(s.Tables, func(t *Table) bool {
		return t.Schema == schemaName && t.Name == name
	})
	return len(s.Tables) != n
}

// Clone returns a copy that shares nothing changeable with s.
func (s *Schema) Clone() *Schema {
	return &Schema{
		Tables:     cloneAll(s.Tables, (*Table).Clone),
		Schemas:    slices.Clone(s.Schemas),
		Extensions: slices.Clone(s.Extensions),
		Enums:      cloneAll(s.Enums, (*Enum).Clone),
		Sequences:  cloneAll(s.Sequences, (*Sequence).Clone),
		Views:      cloneAll(s.Views, (*View).Clone),
		Triggers:   slices.Clone(s.Triggers),
	}
}

// Table is one table with everything that belongs to it. Columns are in the
// order of the database; the order of the other lists has no meaning.
type Table struct {
	Schema     string // empty: the connection's default schema
	Name       string
	Columns    []Column
	PrimaryKey []string // column names in key order; empty: none
	// PrimaryKeyName is the name of the key's constraint; empty: the database's
	// choice. PrimaryKeyNameKept says that nobody chose it: it was the database's
	// choice for a name that the table had before [Schema.Move].
	PrimaryKeyName     string
	PrimaryKeyNameKept bool
	Uniques            []Unique
	Checks             []Check
	ForeignKeys        []ForeignKey
	Exclusions         []Exclusion
	Indexes            []Index
	Comment            string // empty: none
}

// Column finds a column by name; nil when there is none. The pointer is into
// the table.
func (t *Table) Column(name string) *Column {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i]
		}
	}
	return nil
}

// Index finds an index by name; nil when there is none. The pointer is into
// the table.
func (t *Table) Index(name string) *Index {
	for i := range t.Indexes {
		if t.Indexes[i].Name == name {
			return &t.Indexes[i]
		}
	}
	return nil
}

// Clone returns a copy that shares no slice with t.
func (t *Table) Clone() *Table {
	c := *t
	c.Columns = slices.Clone(t.Columns)
	c.PrimaryKey = slices.Clone(t.PrimaryKey)
	c.Uniques = cloneAll(t.Uniques, Unique.clone)
	c.Checks = slices.Clone(t.Checks)
	c.Exclusions = cloneAll(t.Exclusions, Exclusion.clone)
	c.ForeignKeys = cloneAll(t.ForeignKeys, ForeignKey.clone)
	c.Indexes = cloneAll(t.Indexes, Index.Clone)
	return &c
}

func cloneAll[T any](in []T, clone func(T) T) []T {
	if in == nil {
		return nil
	}
	out := make([]T, len(in))
	for i, v := range in {
		out[i] = clone(v)
	}
	return out
}
