package postgres

import (
	"github.com/leavendb/leaven/framework/op"
)

// rename renders what gives something another name or place, and reports
// whether o does. Only an index can be renamed beside readers and writers.
func (l *script) rename(o op.Op) bool {
	switch o := o.(type) {
	case op.RenameTable:
		l.strong().alter(o.Schema, o.Name).put("RENAME TO ").name(o.To)
	case op.SetSchema:
		l.setSchema(o)
	case op.RenameColumn:
		l.strong().alter(o.Schema, o.Table).put("RENAME COLUMN ").name(o.Name).put(" TO ").name(o.To)
	case op.RenameConstraint:
		l.strong().alter(o.Schema, o.Table).put("RENAME CONSTRAINT ").name(o.Name).put(" TO ").name(o.To)
	case op.RenameIndex:
		l.weak().put("ALTER INDEX ").table(o.Schema, o.Name).put(" RENAME TO ").name(o.To)
	default:
		return false
	}
	return true
}

// setSchema asks the server what the default schema is called.
func (l *script) setSchema(o op.SetSchema) {
	var w writer
	w.alter(o.Schema, o.Table).put("SET SCHEMA ")
	if o.To != "" {
		w.name(o.To)
		l.strong().put(w.b.String()).fail(w.err)
		return
	}
	l.strong().fail(w.err).put("DO ").literal("BEGIN EXECUTE " + Dialect{}.Literal(w.b.String()) + " || quote_ident(current_schema()); END")
}
