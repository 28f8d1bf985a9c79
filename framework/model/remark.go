package model

import (
	"reflect"

	"github.com/leavendb/leaven/framework/schema"
	bunschema "github.com/uptrace/bun/schema"
)

// remark tells of a column that is legal and surprises.
func (l *loader) remark(e *entry, f *bunschema.Field, c schema.Column) {
	text, own := c.Type.Spelling(l.dialect.Name())
	_, typed := f.Tag.Option("type")
	kind := f.IndirectType.Kind()
	var remarks faults
	switch {
	case own && c.Type.Kind == schema.KindNumeric:
		remarks.add(e.name(), fieldPath(e.typ, f), "%s keeps fewer digits on %s than it says; type:text keeps them all", text, l.dialect.Name())
	case c.Type.Kind == schema.KindJSONB && !own && !typed && (kind == reflect.Slice || kind == reflect.Array):
		remarks.add(e.name(), fieldPath(e.typ, f), "bun keeps %s as %s; for an array of the database write `bun:\",array\"`, and to say that JSON is meant `bun:\"type:jsonb\"`", f.StructField.Type, c.Type)
	}
	l.found.Remarks = append(l.found.Remarks, remarks...)
}
