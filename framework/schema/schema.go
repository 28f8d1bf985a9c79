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
// they were made (or, when inspected, in order of schema and name).
// The zero value is an empty database.
type Schema struct {
	Tables []*Table
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
	c := &Schema{Tables: make([]*Table, len(s.Tables))}
	for i, t := range s.Tables {
		c.Tables[i] = t.Clone()
	}
	return c
}

// Table is one table with everything that belongs to it. Columns are in the
// order of the database; the order of the other lists has no meaning.
type Table struct {
	Schema      string // empty: the connection's default schema
	Name        string
	Columns     []Column
	PrimaryKey  []string // column names in key order; empty: none
	Uniques     []Unique
	Checks      []Check
	ForeignKeys []ForeignKey
	Indexes     []Index
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
	c.ForeignKeys = cloneAll(t.ForeignKeys, ForeignKey.clone)
	c.Indexes = cloneAll(t.Indexes, Index.clone)
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

// Column is one column of a table. The zero value of every field but Name and
// Type is the database's own default: NULL allowed, no default value.
type Column struct {
	Name    string
	Type    Type
	NotNull bool
	Default Expression // zero: none

	// AutoIncrement lets the database number the rows: what bun's
	// `autoincrement` makes, a serial column on PostgreSQL, and on SQLite an
	// INTEGER PRIMARY KEY AUTOINCREMENT. On SQLite the column must be the whole
	// primary key. Implies NOT NULL.
	AutoIncrement bool
}

// Constraint is one of Unique, Check and ForeignKey.
type Constraint interface{ constraint() }

func (Unique) constraint()     {}
func (Check) constraint()      {}
func (ForeignKey) constraint() {}

// Unique is a UNIQUE constraint. An empty Name lets the database choose one.
type Unique struct {
	Name    string
	Columns []string
}

func (u Unique) clone() Unique { u.Columns = slices.Clone(u.Columns); return u }

// Check is a CHECK constraint. An empty Name lets the database choose one.
type Check struct {
	Name string
	Expr Expression
}

// Action is what a foreign key does to referencing rows. The zero value is the
// database's default, NO ACTION.
type Action string

// The actions of the SQL standard.
const (
	NoAction   Action = ""
	Restrict   Action = "RESTRICT"
	Cascade    Action = "CASCADE"
	SetNull    Action = "SET NULL"
	SetDefault Action = "SET DEFAULT"
)

// ForeignKey is a FOREIGN KEY constraint: Columns of this table refer to
// RefColumns of RefTable, pair by pair. An empty Name lets the database choose
// one; an empty RefSchema means the connection's default schema.
type ForeignKey struct {
	Name       string
	Columns    []string
	RefSchema  string
	RefTable   string
	RefColumns []string
	OnDelete   Action
	OnUpdate   Action
}

func (f ForeignKey) clone() ForeignKey {
	f.Columns, f.RefColumns = slices.Clone(f.Columns), slices.Clone(f.RefColumns)
	return f
}

// Index is an index that does not back a constraint. It lives in the schema of
// its table.
type Index struct {
	Name   string
	Parts  []Part
	Unique bool
	Where  Expression // zero: all rows; else a partial index

	// Definition says in the database's own words what Parts and Where cannot
	// (which are then empty): what follows the table's name in CREATE INDEX, like
	// "USING gin (tags jsonb_path_ops)".
	Definition Expression
}

func (x Index) clone() Index { x.Parts = slices.Clone(x.Parts); return x }

// Part is one element of an index: a column, or else an expression.
type Part struct {
	Column string
	Expr   Expression // used when Column is empty
	Desc   bool
}

// Columns returns the parts of an index over plain columns, ascending.
func Columns(names ...string) []Part {
	parts := make([]Part, len(names))
	for i, n := range names {
		parts[i] = Part{Column: n}
	}
	return parts
}
