package postgres

import (
	"fmt"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// comment ends a COMMENT ON: an empty text takes the comment away.
func (w *writer) comment(text string) *writer {
	if text == "" {
		return w.put(" IS NULL")
	}
	return w.put(" IS ").literal(text)
}

func (l *script) setComment(o op.SetComment) {
	w := l.weak().put("COMMENT ON ")
	switch at := o.On; at.Kind {
	case "table":
		w.put("TABLE ").table(at.Schema, at.Table)
	case "column":
		w.put("COLUMN ").table(at.Schema, at.Table).put(".").name(at.Name)
	case "index":
		w.put("INDEX ").table(at.Schema, at.Name)
	case "constraint":
		w.put("CONSTRAINT ").name(at.Name).put(" ON ").table(at.Schema, at.Table)
	default:
		w.fail(fmt.Errorf("postgres does not set comments on the kind %q here", at.Kind))
	}
	w.comment(o.To)
}

func (l *script) commentOn(kind, schemaName, table, name, text string) {
	if text != "" {
		l.setComment(op.SetComment{On: op.Object{Kind: kind, Schema: schemaName, Table: table, Name: name}, To: text})
	}
}

func (l *script) commentTable(t *schema.Table) {
	l.commentOn("table", t.Schema, t.Name, "", t.Comment)
	for _, c := range t.Columns {
		l.commentColumn(t.Schema, t.Name, c)
	}
	for _, u := range t.Uniques {
		l.commentConstraint(t.Schema, t.Name, u)
	}
	for _, c := range t.Checks {
		l.commentConstraint(t.Schema, t.Name, c)
	}
	for _, f := range t.ForeignKeys {
		l.commentConstraint(t.Schema, t.Name, f)
	}
	for _, e := range t.Exclusions {
		l.commentConstraint(t.Schema, t.Name, e)
	}
}

func (l *script) commentColumn(schemaName, table string, c schema.Column) {
	l.commentOn("column", schemaName, table, c.Name, c.Comment)
}

func (l *script) commentIndex(schemaName string, x schema.Index) {
	l.commentOn("index", schemaName, "", x.Name, x.Comment)
}

// commentConstraint needs the constraint's name: the server would have to tell
// the one that it chose.
func (l *script) commentConstraint(schemaName, table string, c schema.Constraint) {
	name, text := "", ""
	switch c := c.(type) {
	case schema.Unique:
		name, text = c.Name, c.Comment
	case schema.Check:
		name, text = c.Name, c.Comment
	case schema.ForeignKey:
		name, text = c.Name, c.Comment
	case schema.Exclusion:
		name, text = c.Name, c.Comment
	}
	if name == "" && text != "" {
		l.weak().fail(fmt.Errorf("a constraint with the comment %q has no name; give it one", text))
		return
	}
	l.commentOn("constraint", schemaName, table, name, text)
}
