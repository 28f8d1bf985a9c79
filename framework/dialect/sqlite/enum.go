package sqlite

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// Enums
//
// SQLite has none, so they are kept in what it has. The enum itself is a view of
// its name, which lists the values in their order:
//
//	CREATE VIEW "mood" ("enum_value") AS VALUES ('sad'), ('ok')
//
// A column of its type is TEXT with a check that says which enum it is:
//
//	"now" TEXT CONSTRAINT "enum mood" CHECK ("now" IN ('sad', 'ok'))
//
// So the database alone tells which enums there are and who uses them, and a
// change of the values makes the tables that use it anew. Values compare as
// text, not in their order. An array of an enum is JSON text that nobody checks,
// and a column whose type the author has spelled for SQLite is a text of the
// author's own: neither follows the changes of the enum.

const (
	enumColumn = "enum_value"
	enumPrefix = "enum "
)

// values tells what an enum consists of. The error says that there is none.
type values func(name string) ([]string, error)

// anyValues is for a definition that no database gets to see.
func anyValues(string) ([]string, error) { return nil, nil }

// enumState is an op.State that knows enums.
type enumState interface {
	Enum(ctx context.Context, schemaName, name string) (*schema.Enum, error)
}

// valuesAt asks the state.
func valuesAt(ctx context.Context, at op.State) values {
	return func(name string) ([]string, error) {
		c, ok := at.(enumState)
		if !ok {
			return nil, fmt.Errorf("what the values of enum %s are cannot be told here", name)
		}
		e, err := c.Enum(ctx, "", name)
		if err != nil {
			return nil, err
		}
		if e == nil {
			return nil, fmt.Errorf("there is no enum %s: make it before, with op.CreateEnum, or spell the type with .On(\"sqlite\", \"TEXT\")", name)
		}
		return e.Values, nil
	}
}

// isEnum reports whether SQLite checks the values of the type.
func isEnum(t schema.Type) bool {
	_, own := t.Spelling("sqlite")
	return t.Kind == schema.KindEnum && !own
}

func enumView(name string, list []string) string {
	rows := make([]string, len(list))
	for i, v := range list {
		rows[i] = "(" + literal(v) + ")"
	}
	return "CREATE VIEW " + quote(name) + " (" + quote(enumColumn) + ") AS VALUES " + strings.Join(rows, ", ")
}

func enumCheck(column, enum string, list []string) string {
	texts := make([]string, len(list))
	for i, v := range list {
		texts[i] = literal(v)
	}
	return "CONSTRAINT " + quote(enumPrefix+enum) + " CHECK (" + quote(column) + " IN (" + strings.Join(texts, ", ") + "))"
}

// enumOf returns the enum that a column's check is of.
func (c clause) enumOf(column string) (name string, ok bool) {
	name, ok = strings.CutPrefix(c.name, enumPrefix)
	if !ok || c.kind != checkClause || len(c.expr) < 4 {
		return "", false
	}
	ok = sameName(c.expr[0].name(), column) && c.expr[1].is("IN") && c.expr[2].is("(")
	return name, ok && closing(c.expr, 2) == len(c.expr)-1
}

// parseEnum reads the view of an enum; nil: it is another view.
func parseEnum(o object) *schema.Enum {
	ts, err := tokens(o.sql)
	if err != nil || o.kind != "view" || o.temp {
		return nil
	}
	p := &parser{ts: ts, sql: o.sql}
	e := &schema.Enum{Name: o.name}
	p.want("CREATE")
	p.want("VIEW")
	p.ident()
	p.want("(")
	if p.ident() != enumColumn {
		return nil
	}
	p.want(")")
	p.want("AS")
	p.want("VALUES")
	for p.err == nil {
		row := p.enclosed()
		if len(row) != 1 || row[0].kind != stringToken {
			return nil
		}
		e.Values = append(e.Values, row[0].name())
		if !p.take(",") {
			break
		}
	}
	if p.err != nil || p.i < len(ts) {
		return nil
	}
	return e
}

const views = `
SELECT type, name, tbl_name, sql, 0 FROM sqlite_master WHERE type = 'view' ORDER BY name`

// Enum implements enumState.
func (l live) Enum(ctx context.Context, schemaName, name string) (*schema.Enum, error) {
	if schemaName != "" {
		return nil, noSchemas(schemaName)
	}
	all, err := load(ctx, l.db, views)
	if err != nil {
		return nil, err
	}
	for _, o := range all {
		if e := parseEnum(o); e != nil && sameName(e.Name, name) {
			return e, nil
		}
	}
	return nil, nil
}

// enumUse is a column whose values are checked.
type enumUse struct{ table, column string }

// enumUses finds the columns of an enum.
func enumUses(ctx context.Context, at op.State, name string) ([]enumUse, error) {
	list, err := tablesAt(ctx, at, enumPrefix+name)
	var uses []enumUse
	for _, t := range list {
		for _, c := range t.Columns {
			if isEnum(c.Type) && c.Type.Schema == "" && sameName(c.Type.Name, name) {
				uses = append(uses, enumUse{t.Name, c.Name})
			}
		}
	}
	return uses, err
}

// tablesAt lists the tables of a state; of a database, those whose definition
// mentions the name.
func tablesAt(ctx context.Context, at op.State, name string) ([]*schema.Table, error) {
	switch at := at.(type) {
	case op.Fold:
		return at.Schema.Tables, nil
	case live:
		all, err := load(ctx, at.db, everything)
		if err != nil {
			return nil, err
		}
		all = slices.DeleteFunc(all, func(o object) bool {
			mentioned, err := o.mentions(name, false)
			return o.kind != "table" || err == nil && !mentioned
		})
		return tables(all)
	}
	return nil, fmt.Errorf("which tables there are cannot be told here")
}

func createEnum(o op.CreateEnum) ([]op.Statement, error) {
	return one(enumView(o.Name, o.Values), nil)
}

func dropEnum(ctx context.Context, o op.DropEnum, at op.State) ([]op.Statement, error) {
	if _, err := valuesAt(ctx, at)(o.Name); err != nil {
		return nil, err
	}
	uses, err := enumUses(ctx, at, o.Name)
	if err != nil {
		return nil, err
	}
	if len(uses) > 0 {
		return nil, fmt.Errorf("column %s.%s is of this enum: drop it or give it another type first", uses[0].table, uses[0].column)
	}
	return one("DROP VIEW "+quote(o.Name), nil)
}
