package postgres

import "github.com/leavendb/leaven/framework/schema"

// walk changes s, which is a clone of the caller's: every name of a schema in
// it, and, unless text is nil, every text of SQL. Texts are those that inspection
// tells; values that have none stay.
func walk(s *schema.Schema, name func(*string), text func(string) string) {
	w := walker{name: name, text: text}
	for i := range s.Schemas {
		w.name(&s.Schemas[i])
	}
	for i := range s.Extensions {
		w.name(&s.Extensions[i].Schema)
	}
	for _, e := range s.Enums {
		w.name(&e.Schema)
	}
	for _, q := range s.Sequences {
		w.name(&q.Schema)
	}
	for _, v := range s.Views {
		w.name(&v.Schema)
		w.expression(&v.Query)
	}
	for i := range s.Triggers {
		t := &s.Triggers[i]
		w.name(&t.Schema)
		w.expression(&t.Event)
		w.expression(&t.Action)
	}
	for _, t := range s.Tables {
		w.table(t)
	}
}

type walker struct {
	name func(*string)
	text func(string) string
}

func (w walker) table(t *schema.Table) {
	w.name(&t.Schema)
	for i := range t.Columns {
		c := &t.Columns[i]
		c.Type = w.typ(c.Type)
		w.expression(&c.Default)
	}
	for i := range t.ForeignKeys {
		w.name(&t.ForeignKeys[i].RefSchema)
	}
	for _, e := range t.Expressions() {
		w.expression(e)
	}
}

// typ names the enum's schema, also in an array of it.
func (w walker) typ(t schema.Type) schema.Type {
	w.name(&t.Schema)
	if t.Elem != nil {
		elem := w.typ(*t.Elem)
		t.Elem = &elem
	}
	if told, ok := t.Spelling("postgres"); ok && w.text != nil && t.Kind == schema.KindRaw {
		return schema.Raw(w.text(told))
	}
	return t
}

func (w walker) expression(e *schema.Expression) {
	if told, ok := e.Spelling("postgres"); ok && w.text != nil {
		*e = schema.Expr(w.text(told))
	}
}
