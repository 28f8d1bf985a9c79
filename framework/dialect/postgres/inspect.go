package postgres

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// Inspect implements dialect.Dialect, in four statements. Partitions are left
// out: they are their parent's. So are indexes that back a constraint, and
// INVALID ones, which are the rest of an interrupted build. Types, defaults and
// expressions are in the server's own words, so they compare with those that
// Normalize tells; a column that counts up (serial or identity) is
// AutoIncrement without a default. Sequences of columns are theirs, and what
// belongs to an extension is left out beside tables.
//
// Schemas that are asked for by name are spelled everywhere. The default schema
// is "" where it is asked for by that name, or no name is given.
func (d Dialect) Inspect(ctx context.Context, db bun.IDB, schemas ...string) (*schema.Schema, error) {
	if len(schemas) == 0 {
		schemas = []string{""}
	}
	s := scope{plain: slices.Contains(schemas, ""), alone: len(schemas) == 1, objects: true}
	names := make([]string, len(schemas))
	for i, name := range schemas {
		if names[i] = d.Literal(name); name == "" {
			names[i] = currentSchema
		}
	}
	s.where = "n.nspname IN (" + strings.Join(names, ", ") + ")"
	return inspect(ctx, db, s)
}

// Live implements op.Renderer.
func (Dialect) Live(db bun.IDB) op.State { return live{db} }

// live is the State of a connected database. It keeps nothing.
type live struct{ db bun.IDB }

// Table implements op.State. Names of schemas are as in the operations: the
// default schema is "", also when the table was asked for by its name.
func (l live) Table(ctx context.Context, schemaName, name string) (*schema.Table, error) {
	s, err := inspect(ctx, l.db, tableScope(schemaName, name))
	if err != nil || len(s.Tables) == 0 {
		return nil, err
	}
	t := s.Tables[0]
	t.Schema = schemaName
	return t, nil
}

func tableScope(schemaName, name string) scope {
	return scope{where: inSchema(schemaName) + " AND c.relname = " + Dialect{}.Literal(name), plain: true}
}

// inSchema is the condition that n (pg_namespace) is the one that operations call
// schemaName.
func inSchema(schemaName string) string {
	if schemaName == "" {
		return "n.nspname = " + currentSchema
	}
	return "n.nspname = " + Dialect{}.Literal(schemaName)
}

// currentSchema is asked once in a query and not for each row.
const currentSchema = "(SELECT current_schema())"

// scope says which tables are read, in terms of c (pg_class) and n
// (pg_namespace), whether the default schema is "", whether it is the only one,
// and whether what belongs to no table is read too.
type scope struct {
	where   string
	plain   bool
	alone   bool
	objects bool
}

// sql puts the scope into one of the queries.
func (s scope) sql(query string) string {
	name := func(column string) string {
		if s.plain && s.alone && column == "n.nspname" {
			return "''"
		}
		if s.plain {
			return "CASE WHEN " + column + " <> " + currentSchema + " THEN " + column + " ELSE '' END"
		}
		return column
	}
	named := "true"
	if s.plain {
		named = "n.nspname <> " + currentSchema
	}
	return strings.NewReplacer(
		"{scope}", "c.relkind IN ('r', 'p') AND NOT c.relispartition AND "+s.where,
		"{where}", s.where, "{named}", named,
		"{schema}", name("n.nspname"), "{refschema}", name("fn.nspname"),
	).Replace(query)
}

// inspect reads what is in the scope. Every query of tables has the table's oid as
// its first column. No query has arguments, so each is one message of the simple
// protocol.
func inspect(ctx context.Context, db bun.IDB, s scope) (*schema.Schema, error) {
	r := reader{ctx: ctx, db: db, scope: s, tables: map[int64]*numberedTable{}, found: &schema.Schema{}}
	for _, q := range []struct {
		what, sql string
		add       func(*sql.Rows) error
	}{
		{"columns", columnsQuery, r.column},
		{"constraints", constraintsQuery, r.constraint},
		{"indexes", indexesQuery, r.index},
	} {
		if err := r.read(q.sql, q.add); err != nil {
			return nil, fmt.Errorf("reading the database's %s: %w", q.what, err)
		}
		if len(r.found.Tables) == 0 {
			break
		}
	}
	slices.SortFunc(r.found.Tables, func(a, b *schema.Table) int {
		return cmp.Or(strings.Compare(a.Schema, b.Schema), strings.Compare(a.Name, b.Name))
	})
	if s.objects {
		if err := r.read(objectsQuery, r.object); err != nil {
			return nil, fmt.Errorf("reading the database's schemas, types, views and triggers: %w", err)
		}
	}
	return r.found, nil
}

// reader collects the tables of one inspection by their oids.
type reader struct {
	ctx    context.Context
	db     bun.IDB
	scope  scope
	tables map[int64]*numberedTable
	found  *schema.Schema
}

// numberedTable is a table whose columns are also known by the numbers that
// constraints and indexes call them by: so the server need not look their names
// up for each.
type numberedTable struct {
	*schema.Table
	columns map[int]numberedColumn
}

type numberedColumn struct {
	name      string
	collation int64 // its oid
}

// column is that of a number. The queries of one inspection are not of one
// moment, so it may have been made after the columns were read.
func (t *numberedTable) column(number int) (numberedColumn, error) {
	c, known := t.columns[number]
	if !known {
		return c, fmt.Errorf("table %s gets columns while it is read: wait until the change is done, then run it again", t.Name)
	}
	return c, nil
}

// named are the columns of a JSON list of numbers.
func (t *numberedTable) named(numbers string) ([]string, error) {
	list, err := listed[int](numbers)
	if err != nil {
		return nil, err
	}
	all := make([]string, len(list))
	for i, number := range list {
		c, err := t.column(number)
		if err != nil {
			return nil, err
		}
		all[i] = c.name
	}
	return all, nil
}

func (r *reader) read(query string, add func(*sql.Rows) error) error {
	rows, err := r.db.QueryContext(r.ctx, r.scope.sql(query))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := add(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// listed reads a JSON list, "" for none.
func listed[T any](text string) ([]T, error) {
	if text == "" {
		return nil, nil
	}
	var list []T
	err := json.Unmarshal([]byte(text), &list)
	return list, err
}
