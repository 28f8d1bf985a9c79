package model

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// read lets bun make its tables of the models. Those that m2m relations go
// through come first, as bun wants it, whatever the order of the list.
func (l *loader) read() {
	var joins []string
	for _, e := range l.models {
		joins = append(joins, joinTables(e.typ)...)
		if said, ok := caught(func() { e.table = l.bun.Tables().InProgress(e.typ) }); !ok {
			e.table = nil
			l.embeds(e, said)
		}
	}
	order := slices.Clone(l.models)
	slices.SortStableFunc(order, func(a, b *entry) int { return rank(a, joins) - rank(b, joins) })
	for _, e := range order {
		if e.table == nil {
			continue
		}
		half := e.table
		if said, ok := caught(func() { e.table = l.bun.Tables().Get(e.typ) }); !ok {
			l.relations(e, said)
			e.half, e.table = half, nil
			continue
		}
		l.locate(e)
	}
	l.inOrder()
}

func rank(e *entry, joins []string) int {
	if e.table != nil && slices.Contains(joins, e.table.Name) {
		return 0
	}
	return 1
}

// inOrder sorts the faults by the order of the list.
func (l *loader) inOrder() {
	place := func(f Fault) int {
		return slices.IndexFunc(l.models, func(e *entry) bool { return e.name() == f.Model })
	}
	slices.SortStableFunc(l.faults, func(a, b Fault) int { return place(a) - place(b) })
}

// caught runs f and tells what it panicked with.
func caught(f func()) (said string, ok bool) {
	defer func() {
		if r := recover(); r != nil {
			said, ok = strings.TrimPrefix(fmt.Sprint(r), "bun: "), false
		}
	}()
	f()
	return "", true
}

// locate finds the table's schema and name. bun keeps both in the name, and
// loses the schema of a table that a model extends.
func (l *loader) locate(e *entry) {
	e.base = !slices.ContainsFunc(parts(e.typ), func(p part) bool { return p.extend })
	e.at = l.split(e.table.Name)
	switch {
	case e.at.Name == "" || strings.Contains(e.at.Name, "."):
		l.faults.add(e.name(), "", "%q is no table name; write table:name or table:schema.name", e.table.Name)
	case e.at.Schema != "" && !l.dialect.Capabilities().Schemas:
		l.faults.add(e.name(), "", "table %s names a schema, and %s has none; leave it out, or leave the table unmanaged there", e.table.Name, l.dialect.Name())
	}
}

// split splits bun's name of a table; the connection's default schema is "".
func (l *loader) split(name string) Table {
	schemaName, table := splitName(name)
	if schemaName == l.options.DefaultSchema {
		schemaName = ""
	}
	return Table{schemaName, table}
}

// embeds says why bun could not read the fields of a model.
func (l *loader) embeds(e *entry, said string) {
	before := len(l.faults)
	for _, p := range parts(e.typ) {
		p.fields(func(f reflect.StructField) {
			inner := f.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			if _, ok := value(f.Tag.Get("bun"), "embed"); ok && inner.Kind() != reflect.Struct {
				l.faults.add(e.name(), p.path+f.Name, "embed wants a struct, and this is a %s", f.Type)
			}
		})
	}
	if len(l.faults) == before {
		l.faults.add(e.name(), "", "bun cannot read it: %s", said)
	}
}
