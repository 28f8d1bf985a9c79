package schema

import (
	"slices"
	"unicode/utf8"
)

// Constraint is one of PrimaryKey, Unique, Check, ForeignKey and Exclusion.
type Constraint interface{ constraint() }

func (PrimaryKey) constraint() {}
func (Unique) constraint()     {}
func (Check) constraint()      {}
func (ForeignKey) constraint() {}
func (Exclusion) constraint()  {}

// PrimaryKey is a PRIMARY KEY constraint where it stands alone; a Table has it
// in its own fields.
type PrimaryKey struct {
	Name    string // empty: the database's choice
	Columns []string
}

// KeyName is the name of the table's primary key: PrimaryKeyName, or the one
// that PostgreSQL chooses where that name is free.
func (t *Table) KeyName() string {
	if t.PrimaryKeyName != "" {
		return t.PrimaryKeyName
	}
	name := t.Name
	for limit := 58; len(name) > limit; limit-- { // 63 bytes without "_pkey"
		if utf8.RuneStart(name[limit]) {
			name = name[:limit]
			break
		}
	}
	return name + "_pkey"
}

// ChosenKeyName is the name that somebody gave to the primary key; empty where
// the database called it after the table, also by a name that the table has no
// more. A database that has no such names leaves it unnamed.
func (t *Table) ChosenKeyName() string {
	if t.PrimaryKeyNameKept {
		return ""
	}
	return t.PrimaryKeyName
}

// SetKey gives the table another primary key; the zero one: none.
func (t *Table) SetKey(k PrimaryKey) {
	t.PrimaryKey, t.PrimaryKeyName, t.PrimaryKeyNameKept = slices.Clone(k.Columns), k.Name, false
}

// moveKey keeps the name that the key has had in a table called old.
func (t *Table) moveKey(old string) {
	if len(t.PrimaryKey) == 0 || t.ChosenKeyName() != "" {
		return
	}
	if t.PrimaryKeyName == "" {
		t.PrimaryKeyName = (&Table{Name: old}).KeyName()
	}
	if t.PrimaryKeyNameKept = t.PrimaryKeyName != (&Table{Name: t.Name}).KeyName(); !t.PrimaryKeyNameKept {
		t.PrimaryKeyName = ""
	}
}

// Unique is a UNIQUE constraint. An empty Name lets the database choose one.
// The fields behind Columns are PostgreSQL's.
type Unique struct {
	Name    string
	Columns []string

	NullsNotDistinct  bool // two NULLs are equal; PostgreSQL 15 and later
	Deferrable        bool
	InitiallyDeferred bool
	Comment           string
}

func (u Unique) clone() Unique { u.Columns = slices.Clone(u.Columns); return u }

// Check is a CHECK constraint. An empty Name lets the database choose one.
type Check struct {
	Name string
	Expr Expression

	// NotValid: rows that were there before need not fulfil it, until the
	// constraint is validated.
	NotValid bool
	Comment  string
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

	Deferrable        bool
	InitiallyDeferred bool
	NotValid          bool // see Check
	Comment           string
}

func (f ForeignKey) clone() ForeignKey {
	f.Columns, f.RefColumns = slices.Clone(f.Columns), slices.Clone(f.RefColumns)
	return f
}

// Exclusion is an EXCLUDE constraint: no two rows may compare true in all
// Elements. An empty Name lets the database choose one.
type Exclusion struct {
	Name     string
	Method   string // of its index, like "gist"; empty: the database's default, btree
	Elements []ExclusionElement
	Where    Expression // zero: all rows

	Deferrable        bool
	InitiallyDeferred bool
	Comment           string
}

func (e Exclusion) clone() Exclusion { e.Elements = slices.Clone(e.Elements); return e }

// ExclusionElement is one comparison of an Exclusion.
type ExclusionElement struct {
	Part
	Operator string // like "=" or "&&"
}
