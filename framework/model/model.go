// Package model makes a [schema.Schema] of bun models: what the database should
// be.
//
// What lives here: [Load], which reads the models as bun does (a table is what
// bun's own CREATE TABLE with foreign keys makes), what its tags cannot say (the
// Define method, see [schema.Extras], and the tag `leaven`), and the faults of
// models, each named. What does not: what a database has (the dialects), how the
// two differ (package diff), and files (package autogen).
//
// # The tag leaven
//
// Unknown options in the tag `bun` make bun print warnings, so ours has a name
// of its own. Options are separated by commas; a value that has commas of its
// own stands in parentheses or in quotes ('…' or "…", which are part of it only
// when they do not enclose it).
//
// On a column:
//
//	index, index:name            an index; the same name on several fields makes one over all of them
//	unique_index, unique_index:name
//	desc, using:gin, where:…     more about the index of this field; where:… and using:… hold for all of it
//	concurrently                 build it without blocking writers
//	unique, unique:name          a UNIQUE constraint; the same name makes one over several columns
//	check:…                      a CHECK constraint
//	comment:…                    a comment
//	renamed_from:old             its former name
//	default:…                    a default, in place of bun's
//	generated:…, virtual         computed from other columns; stored unless virtual
//	collate:name                 the order of text
//	enum, enum:name              an enum of the values that the Go type lists
//
// On the embedded bun.BaseModel: comment:…, renamed_from:old, and unmanaged for
// a view, a part of another model's table, or somebody else's table.
//
// On a relation: foreign_key makes one where bun does not (it makes none of
// columns that are a primary key, unless an m2m relation goes through the table),
// no_foreign_key makes none; deferrable, deferred (initially) and name:… say more
// about it.
//
// # Enums
//
// A Go type with a method Values() []string lists its values. A column of that
// type is an enum where the tag bun has a type that is not one of SQL's own
// (`type:user_role`), or where the tag leaven says enum; else it stays what bun
// makes of it.
package model

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
	bunschema "github.com/uptrace/bun/schema"
)

// Options say how models are read. The zero value reads all of them, with
// foreign keys.
type Options struct {
	// Include and Exclude are patterns of table names, as path.Match knows them:
	// "audit_*", "app.*". A pattern without a dot holds in every schema. A table
	// is left out unless one of Include matches (when there are any), and when one
	// of Exclude does.
	Include, Exclude []string

	// NoForeignKeys makes none of the relations' foreign keys. Those that are
	// declared, and those of hooks, are made all the same.
	NoForeignKeys bool

	// DefaultSchema is the schema that the connection uses without being told:
	// models that name it are in it. Empty: "public", "main" on SQLite.
	DefaultSchema string

	// Also are further databases that the same migrations run on. A type that bun
	// spells there in a way of its own has that spelling beside its own
	// (Type.On), so that a table made by one migration is on each of them what bun
	// makes there. Whether the models are right there only a Load for them tells.
	Also []dialect.Dialect
}

// Desired is what a list of models says of a database.
type Desired struct {
	// Schema has the tables in the order of the models, each as the dialect's
	// database would make it; enums, schemas and extensions that they need; and
	// what a *schema.Schema in the list adds. Constraints that bun does not name
	// have no name.
	Schema *schema.Schema

	// Renames are the former names that models declare, tables first.
	Renames []Rename

	// Concurrently are the indexes that are to be built without blocking writers.
	Concurrently []Index

	// Remarks are what bun makes of a model although its author may have meant
	// something else, in the order of the models.
	Remarks []Fault

	// Unmanaged are the tables of models that are opted out.
	Unmanaged []Table

	origins map[Table]string
}

// Table names a table; an empty Schema is the connection's default schema.
type Table struct{ Schema, Name string }

// Index names an index of a table.
type Index struct {
	Table
	Index string
}

// Rename is a declared former name.
type Rename struct {
	Table      Table  // as it is called now
	Column     string // as it is called now; empty: the table itself
	FromSchema string // of a table
	From       string
}

// Origin is the Go type whose table it is ("models.User"); empty where no model
// has it.
func (d *Desired) Origin(schemaName, table string) string { return d.origins[Table{schemaName, table}] }

// Load makes a schema of models, as the database of d would have it. Elements of
// models are bun models (values or pointers, nil pointers too) in any order, and
// values of *schema.Schema with what no model has: extensions, views, sequences,
// triggers, tables without a model. A model that is there twice counts once.
// Models that extend another one's table (`bun:",extend"`), have some of its
// columns only, or are opted out make no table of their own.
//
// The error is an *[Error] with everything that is wrong in all models, unless d
// itself cannot be used. Nothing is kept between two calls, so bun's own cache of
// an application stays as it is.
func Load(d dialect.Dialect, models []any, o Options) (*Desired, error) {
	l, err := newLoader(d, models, o)
	if err != nil {
		return nil, err
	}
	defer l.db.Close()
	l.read()
	for _, other := range o.Also {
		also, err := newLoader(other, models, o)
		if err != nil {
			return nil, err
		}
		defer also.db.Close()
		also.read()
		l.also = append(l.also, also)
	}
	l.build()
	l.check()
	if err := l.faults.err(); err != nil {
		return nil, err
	}
	return l.found, nil
}

// loader is one call of Load.
type loader struct {
	dialect dialect.Dialect
	options Options
	bun     bunschema.Dialect // fresh: a panic of bun leaves its cache half made
	db      *bun.DB           // connects to nothing
	faults  faults
	models  []*entry
	others  []*schema.Schema
	enums   map[Table]enumOf
	found   *Desired
	also    []*loader // the same models on other databases

	spellings map[string]string // of portable types
}

func newLoader(d dialect.Dialect, models []any, o Options) (*loader, error) {
	offline, ok := d.(dialect.Offline)
	if !ok {
		return nil, fmt.Errorf("the dialect %s cannot read models without a database", d.Name())
	}
	l := &loader{dialect: d, options: o, bun: offline.BunDialect(), enums: map[Table]enumOf{}, spellings: map[string]string{},
		found: &Desired{Schema: &schema.Schema{}, origins: map[Table]string{}}}
	if l.options.DefaultSchema == "" {
		l.options.DefaultSchema = l.bun.DefaultSchema()
	}
	if err := l.options.validate(); err != nil {
		return nil, err
	}
	l.db = silent(l.bun)
	l.list(models)
	return l, nil
}

// entry is one model of the list.
type entry struct {
	typ      reflect.Type
	table    *bunschema.Table // nil: bun cannot read it
	half     *bunschema.Table // its columns, where bun cannot read its relations
	at       Table
	declared schema.Extras
	base     bool // its embedded BaseModel or its own name tells the table, not a struct that it extends
}

func (e *entry) name() string { return e.typ.String() }

// list takes the models apart from other elements.
func (l *loader) list(models []any) {
	for i, m := range models {
		if s, ok := m.(*schema.Schema); ok && s != nil {
			l.others = append(l.others, s)
			continue
		}
		typ := reflect.TypeOf(m)
		for typ != nil && typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		switch {
		case typ == nil:
			l.faults.add(fmt.Sprintf("model %d of the list", i+1), "", "it is nil; write (*User)(nil)")
		case typ.Kind() != reflect.Struct || typ == reflect.TypeFor[schema.Schema]():
			l.faults.add(fmt.Sprintf("model %d of the list (%s)", i+1, reflect.TypeOf(m)), "", "it is not a struct; list a pointer to each struct, or a *schema.Schema")
		case slices.ContainsFunc(l.models, func(e *entry) bool { return e.typ == typ }):
		default:
			l.models = append(l.models, &entry{typ: typ})
		}
	}
}
