package postgres

import (
	"strconv"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// standing renders operations on what is no table's part, and triggers; it
// reports whether o is one.
func (l *script) standing(o op.Op) bool {
	switch o := o.(type) {
	case op.CreateSchema:
		l.weak().put("CREATE SCHEMA ").when(o.IfNotExists, "IF NOT EXISTS ").name(o.Name)
	case op.DropSchema:
		l.weak().put("DROP SCHEMA ").name(o.Name)
	case op.CreateExtension:
		l.weak().extension(o)
	case op.DropExtension:
		l.weak().put("DROP EXTENSION ").name(o.Name)
	case op.CreateEnum:
		l.weak().put("CREATE TYPE ").table(o.Schema, o.Name).put(" AS ENUM ").labels(o.Values)
	case op.AddEnumValue:
		l.statement(op.Statement{AfterCommit: true, OwnSince: version17}).addValue(o)
	case op.RenameEnumValue:
		l.weak().put("ALTER TYPE ").table(o.Schema, o.Name).put(" RENAME VALUE ").label(o.Value).put(" TO ").label(o.To)
	case op.DropEnum:
		l.weak().put("DROP TYPE ").table(o.Schema, o.Name)
	case op.CreateSequence:
		l.weak().sequence(o.Sequence)
	case op.DropSequence:
		l.strong().put("DROP SEQUENCE ").table(o.Schema, o.Name)
	case op.CreateView:
		l.weak().put("CREATE ").when(o.Materialized, "MATERIALIZED ").put("VIEW ").table(o.Schema, o.Name).put(" AS ").
			expression("the view's query", o.Query)
	case op.DropView:
		l.strong().put("DROP ").when(o.Materialized, "MATERIALIZED ").put("VIEW ").table(o.Schema, o.Name)
	case op.CreateTrigger:
		l.strong().trigger(o.Trigger)
	case op.DropTrigger:
		l.strong().put("DROP TRIGGER ").name(o.Name).put(" ON ").table(o.Schema, o.Table)
	default:
		return false
	}
	return true
}

func (w *writer) extension(o op.CreateExtension) *writer {
	w.put("CREATE EXTENSION ").when(o.IfNotExists, "IF NOT EXISTS ").name(o.Name)
	if o.Schema != "" {
		w.put(" SCHEMA ").name(o.Schema)
	}
	if o.Version != "" {
		w.put(" VERSION ").literal(o.Version)
	}
	return w
}

// label puts a value of an enum, which is kept like a name.
func (w *writer) label(v string) *writer {
	if _, err := quoted(v); err != nil {
		return w.fail(err)
	}
	return w.literal(v)
}

func (w *writer) labels(values []string) *writer {
	w.put("(")
	for i, v := range values {
		w.when(i > 0, ", ").label(v)
	}
	return w.put(")")
}

// addValue: a value that is there already is what was asked, as after a NoTx
// migration that was interrupted.
func (w *writer) addValue(o op.AddEnumValue) *writer {
	w.put("ALTER TYPE ").table(o.Schema, o.Name).put(" ADD VALUE IF NOT EXISTS ").label(o.Value)
	switch {
	case o.Before != "":
		w.put(" BEFORE ").label(o.Before)
	case o.After != "":
		w.put(" AFTER ").label(o.After)
	}
	return w
}

func (w *writer) sequence(q schema.Sequence) *writer {
	w.put("CREATE SEQUENCE ").table(q.Schema, q.Name)
	if !q.Type.Equal(schema.Type{}) {
		typ, err := typeName(q.Type)
		w.fail(err).put(" AS ").put(typ)
	}
	number := func(word string, n *int64) {
		if n != nil {
			w.put(word).put(strconv.FormatInt(*n, 10))
		}
	}
	unlessZero := func(word string, n int64) {
		if n != 0 {
			number(word, &n)
		}
	}
	unlessZero(" INCREMENT BY ", q.Increment)
	number(" MINVALUE ", q.Min)
	number(" MAXVALUE ", q.Max)
	unlessZero(" START WITH ", q.Start)
	unlessZero(" CACHE ", q.Cache)
	return w.when(q.Cycle, " CYCLE")
}

func (w *writer) trigger(g schema.Trigger) *writer {
	w.put("CREATE ").when(g.Constraint, "CONSTRAINT ").put("TRIGGER ").name(g.Name).put(" ").expression("the trigger's Event", g.Event)
	return w.put(" ON ").table(g.Schema, g.Table).put(" ").expression("the trigger's Action", g.Action)
}
