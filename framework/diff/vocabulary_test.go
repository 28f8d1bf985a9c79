package diff_test

import (
	"fmt"
	"strings"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// db puts a schema together.
func db(parts ...any) *schema.Schema {
	s := &schema.Schema{}
	for _, part := range parts {
		switch part := part.(type) {
		case *schema.Table:
			s.Tables = append(s.Tables, part)
		case *schema.Enum:
			s.Enums = append(s.Enums, part)
		case *schema.View:
			s.Views = append(s.Views, part)
		case *schema.Sequence:
			s.Sequences = append(s.Sequences, part)
		case schema.Trigger:
			s.Triggers = append(s.Triggers, part)
		case schema.Extension:
			s.Extensions = append(s.Extensions, part)
		case string:
			s.Schemas = append(s.Schemas, part)
		default:
			panic(fmt.Sprintf("db of a %T", part))
		}
	}
	return s
}

// tbl is a table "name" or "schema.name".
func tbl(name string, parts ...any) *schema.Table {
	t := &schema.Table{Name: name}
	if before, after, is := strings.Cut(name, "."); is {
		t.Schema, t.Name = before, after
	}
	for _, part := range parts {
		switch part := part.(type) {
		case schema.Column:
			t.Columns = append(t.Columns, part)
		case schema.PrimaryKey:
			t.PrimaryKey, t.PrimaryKeyName = part.Columns, part.Name
		case schema.Unique:
			t.Uniques = append(t.Uniques, part)
		case schema.Check:
			t.Checks = append(t.Checks, part)
		case schema.ForeignKey:
			t.ForeignKeys = append(t.ForeignKeys, part)
		case schema.Exclusion:
			t.Exclusions = append(t.Exclusions, part)
		case schema.Index:
			t.Indexes = append(t.Indexes, part)
		case string:
			t.Comment = part
		default:
			panic(fmt.Sprintf("table of a %T", part))
		}
	}
	return t
}

// with is a table with id as its primary key.
func with(name string, parts ...any) *schema.Table {
	id := col("id", schema.BigInt, notNull)
	return tbl(name, append([]any{id, pk("id")}, parts...)...)
}

type of func(*schema.Column)

func col(name string, typ schema.Type, more ...of) schema.Column {
	c := schema.Column{Name: name, Type: typ}
	for _, f := range more {
		f(&c)
	}
	return c
}

func notNull(c *schema.Column) { c.NotNull = true }
func serial(c *schema.Column)  { c.AutoIncrement = true }

func identity(kind schema.Identity) of { return func(c *schema.Column) { c.Identity = kind } }
func value(v any) of                   { return func(c *schema.Column) { c.Default = schema.Literal(v) } }
func expr(sql string) of               { return func(c *schema.Column) { c.Default = schema.Expr(sql) } }
func now(c *schema.Column)             { c.Default = schema.Now }
func uuid(c *schema.Column)            { c.Default = schema.RandomUUID }
func computed(sql string) of           { return func(c *schema.Column) { c.Generated = schema.Expr(sql) } }
func virtual(c *schema.Column)         { c.Virtual = true }
func collate(name string) of           { return func(c *schema.Column) { c.Collation = name } }
func says(text string) of              { return func(c *schema.Column) { c.Comment = text } }

func pk(columns ...string) schema.PrimaryKey { return schema.PrimaryKey{Columns: columns} }

func uq(name string, columns ...string) schema.Unique {
	return schema.Unique{Name: name, Columns: columns}
}

func ck(name, sql string) schema.Check { return schema.Check{Name: name, Expr: schema.Expr(sql)} }

// fk is "name", "column", "table.column".
func fk(name, column, to string) schema.ForeignKey {
	at := strings.LastIndex(to, ".")
	f := schema.ForeignKey{Name: name, Columns: []string{column}, RefTable: to[:at], RefColumns: []string{to[at+1:]}}
	if before, after, is := strings.Cut(f.RefTable, "."); is {
		f.RefSchema, f.RefTable = before, after
	}
	return f
}

func ix(name string, columns ...string) schema.Index {
	return schema.Index{Name: name, Parts: schema.Columns(columns...)}
}

func uix(name string, columns ...string) schema.Index {
	x := ix(name, columns...)
	x.Unique = true
	return x
}

func enum(name string, values ...string) *schema.Enum {
	return &schema.Enum{Name: name, Values: values}
}

func view(name, query string) *schema.View {
	return &schema.View{Name: name, Query: schema.Expr(query)}
}

func tableObject(name string) op.Object { return op.Object{Kind: "table", Table: name} }

func columnObject(table, name string) op.Object {
	return op.Object{Kind: "column", Table: table, Name: name}
}
