package model

import (
	"reflect"
	"strings"

	"github.com/leavendb/leaven/framework/schema"
	bunschema "github.com/uptrace/bun/schema"
)

// column is the column of a field, as bun's CREATE TABLE has it. Two things are
// as bun means them instead: a column with autoincrement counts up although its
// tag spells the type in a way that bun misses, and defaults that databases spell
// differently are portable values.
func (l *loader) column(e *entry, f *bunschema.Field) schema.Column {
	c := schema.Column{Name: f.Name, NotNull: f.NotNull}
	field := fieldPath(e.typ, f)
	var serial bool
	c.Type, serial = l.typeOf(f)
	c.Type = l.elsewhere(e, f, c.Type)
	if enum, ok := l.enum(e, f); ok {
		c.Type = enum
	}
	if c.Type.Equal(schema.Type{}) {
		l.faults.add(e.name(), field, "bun has no type of SQL for the Go type %s; say it, like `bun:\"type:jsonb\"`, or leave the field out with `bun:\"-\"`", f.StructField.Type)
	}
	var why string
	if c.Default, why = defaultOf(f.SQLDefault); why != "" {
		l.faults.add(e.name(), field, "%s", why)
	}
	l.counting(e, f, &c, serial)
	return c
}

// counting says how the column numbers the rows.
func (l *loader) counting(e *entry, f *bunschema.Field, c *schema.Column, serial bool) {
	field := fieldPath(e.typ, f)
	identity := l.knowsIdentity(e.table, f)
	whole := f.IsPK && len(e.table.PKs) == 1
	switch {
	case f.Identity && identity:
		c.Identity, c.AutoIncrement = schema.IdentityByDefault, f.AutoIncrement
	case f.Identity && !f.AutoIncrement && !f.NullZero:
		l.faults.add(e.name(), field, "identity does not count up on %s, where bun inserts 0 into every row; write autoincrement beside it", l.dialect.Name())
	case !f.AutoIncrement && !serial:
	case c.Type.Kind != schema.KindSmallInt && c.Type.Kind != schema.KindInteger && c.Type.Kind != schema.KindBigInt:
		l.faults.add(e.name(), field, "%s does not count up; autoincrement wants an integer", c.Type)
	case !identity && !whole:
		l.faults.add(e.name(), field, "on %s only a column that is the whole primary key counts up; mark this one alone with pk, or leave autoincrement out", l.dialect.Name())
	default:
		// The type by its meaning: with bun's spelling it would not count up.
		c.Type, c.AutoIncrement, c.NotNull = schema.Type{Kind: c.Type.Kind}, true, true
	}
	if c.Counts() && !c.Default.IsZero() {
		l.faults.add(e.name(), field, "it counts up and has a default too; leave one out")
	}
}

// knowsIdentity reports whether the database has identity columns, as bun's
// words for a column that counts tell.
func (l *loader) knowsIdentity(t *bunschema.Table, f *bunschema.Field) bool {
	return strings.Contains(string(l.bun.AppendSequence(nil, t, f)), "IDENTITY")
}

// fieldPath is the Go name of a field with those of the structs around it.
func fieldPath(t reflect.Type, f *bunschema.Field) string {
	var names []string
	for _, i := range f.Index {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		sf := t.Field(i)
		names = append(names, sf.Name)
		t = sf.Type
	}
	return strings.Join(names, ".")
}
