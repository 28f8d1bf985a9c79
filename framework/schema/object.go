package schema

import "slices"

// Extension is an extension of PostgreSQL.
type Extension struct {
	Name    string
	Schema  string // of its objects; empty: the connection's default schema
	Version string // empty: the server's default
}

// Enum is a type whose values are listed, in their order. Columns use it by
// [EnumType].
type Enum struct {
	Schema string
	Name   string
	Values []string
}

// Clone returns a copy that shares nothing with e.
func (e *Enum) Clone() *Enum {
	c := *e
	c.Values = slices.Clone(e.Values)
	return &c
}

// Sequence is a sequence that no column owns. Zero numbers are the database's
// defaults.
type Sequence struct {
	Schema    string
	Name      string
	Type      Type // SmallInt, Integer or BigInt; zero: BigInt
	Start     int64
	Increment int64
	Min, Max  *int64 // nil: those of the type
	Cache     int64
	Cycle     bool
}

// Clone returns a copy that shares nothing with q.
func (q *Sequence) Clone() *Sequence {
	c := *q
	c.Min, c.Max = clonePointer(q.Min), clonePointer(q.Max)
	return &c
}

func clonePointer[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}

// View is a view by its query.
type View struct {
	Schema       string
	Name         string
	Query        Expression // the SELECT
	Materialized bool       // PostgreSQL: its rows are stored
}

// Clone returns a copy of v.
func (v *View) Clone() *View { c := *v; return &c }

// Trigger is a trigger of a table or view, in three pieces of SQL that stand
// around the names: CREATE TRIGGER name Event ON table Action.
type Trigger struct {
	Schema string // of the table, and so of the trigger
	Table  string
	Name   string
	Event  Expression // like "BEFORE UPDATE OF total"
	Action Expression // like "FOR EACH ROW EXECUTE FUNCTION touch()", or SQLite's "BEGIN … END"

	// Constraint makes it a PostgreSQL constraint trigger; its DEFERRABLE belongs
	// to Action.
	Constraint bool
}

// Enum finds an enum, as Table finds a table.
func (s *Schema) Enum(schemaName, name string) *Enum {
	for _, e := range s.Enums {
		if e.Schema == schemaName && e.Name == name {
			return e
		}
	}
	return nil
}

// Sequence finds a sequence, as Table finds a table.
func (s *Schema) Sequence(schemaName, name string) *Sequence {
	for _, q := range s.Sequences {
		if q.Schema == schemaName && q.Name == name {
			return q
		}
	}
	return nil
}

// View finds a view, as Table finds a table.
func (s *Schema) View(schemaName, name string) *View {
	for _, v := range s.Views {
		if v.Schema == schemaName && v.Name == name {
			return v
		}
	}
	return nil
}

// Extension finds an extension; nil when there is none. The pointer is into s.
func (s *Schema) Extension(name string) *Extension {
	for i := range s.Extensions {
		if s.Extensions[i].Name == name {
			return &s.Extensions[i]
		}
	}
	return nil
}

// Trigger finds a trigger of a table; nil when there is none. The pointer is
// into s.
func (s *Schema) Trigger(schemaName, table, name string) *Trigger {
	for i, g := range s.Triggers {
		if g.Schema == schemaName && g.Table == table && g.Name == name {
			return &s.Triggers[i]
		}
	}
	return nil
}
