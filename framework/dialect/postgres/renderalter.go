package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// alterColumn renders the change of a column: one ALTER TABLE for what needs
// no sequence (PostgreSQL then rewrites the table at most once), around it what
// numbers the rows.
func alterColumn(ctx context.Context, o op.AlterColumn, at op.State) ([]op.Statement, error) {
	a := altering{AlterColumn: o, name: o.To.Name}
	if err := a.possible(); err != nil {
		return nil, err
	}
	nullable, err := a.becomesNullable(ctx, at)
	if err != nil {
		return nil, err
	}
	if numberingOf(o.To) != unnumbered && numberingOf(o.From) != numberingOf(o.To) {
		if err := allVisible(ctx, at, o.Schema, o.Table); err != nil {
			return nil, err
		}
	}
	a.stopCounting()
	a.change(nullable)
	a.startCounting()
	if o.From.Comment != o.To.Comment {
		a.setComment(op.SetComment{On: o.Object(), From: o.From.Comment, To: o.To.Comment})
	}
	return a.together()
}

// altering is one AlterColumn that is rendered.
type altering struct {
	op.AlterColumn
	script
	name string
}

// A column is numbered in one of three ways.
type numbering string

const (
	unnumbered numbering = ""
	bySerial   numbering = "serial"
	byIdentity numbering = "identity"
)

func numberingOf(c schema.Column) numbering {
	switch {
	case c.Identity != schema.NoIdentity:
		return byIdentity
	case c.AutoIncrement:
		return bySerial
	}
	return unnumbered
}

func (a *altering) retyped() bool {
	return !a.From.Type.Equal(a.To.Type) || a.From.Collation != a.To.Collation
}

// possible refuses what PostgreSQL cannot change in place.
func (a *altering) possible() error {
	from, to := a.From, a.To
	switch {
	case from.Generated.IsZero() && !to.Generated.IsZero():
		return errors.New("PostgreSQL cannot make a column that exists a generated one; drop the column and add it again")
	case !from.Generated.IsZero() && from.Virtual != to.Virtual:
		return errors.New("PostgreSQL cannot change a generated column between stored and virtual, or a virtual one into a plain one; drop the column and add it again")
	case a.retyped() && to.Type.Equal(schema.Type{}):
		return errors.New("a collation is changed together with the type; say the type in From and To")
	}
	return nil
}

// becomesNullable reports whether NOT NULL is taken away. A column that counted
// up was NOT NULL by that alone, which it stays as part of the primary key.
func (a *altering) becomesNullable(ctx context.Context, at op.State) (bool, error) {
	if !a.From.Required() || a.To.Required() {
		return false, nil
	}
	if a.From.NotNull {
		return true, nil
	}
	t, err := at.Table(ctx, a.Schema, a.Table)
	return t == nil || !slices.Contains(t.PrimaryKey, a.name), err
}

// column begins or goes on with an ALTER TABLE that has the column's changes.
func (a *altering) column(w *writer) *writer {
	if w.b.Len() == 0 {
		w.alter(a.Schema, a.Table)
	} else {
		w.put(", ")
	}
	return w.put("ALTER COLUMN ").name(a.name)
}

// change renders the one ALTER TABLE, if anything is left for it.
func (a *altering) change(nullable bool) {
	from, to := a.From, a.To
	var w writer
	retyped, defaults := a.retyped(), !from.Default.Equal(to.Default)
	// A default does not always follow to the new type by itself.
	if numberingOf(from) == unnumbered && !from.Default.IsZero() && (retyped || to.Default.IsZero()) {
		a.column(&w).put(" DROP DEFAULT")
	}
	if retyped {
		a.retype(&w)
	}
	if !to.Default.IsZero() && (retyped || defaults) {
		text, err := spellDefault(to.Default)
		a.column(&w).put(" SET DEFAULT ").put(text).fail(err)
	}
	switch {
	case !from.Required() && to.Required():
		a.column(&w).put(" SET NOT NULL")
	case nullable:
		a.column(&w).put(" DROP NOT NULL")
	}
	if numberingOf(from) == byIdentity && numberingOf(to) == byIdentity && from.Identity != to.Identity {
		a.column(&w).put(" SET GENERATED ").put(string(to.Identity))
	}
	a.generate(&w)
	if w.b.Len() == 0 && w.err == nil {
		return
	}
	s := a.strong().put(w.b.String()).fail(w.err)
	s.since = w.since
	if retyped && numberingOf(from) == bySerial && numberingOf(to) == bySerial {
		a.retypeSequence()
	}
}

func (a *altering) retype(w *writer) {
	typ, err := typeName(a.To.Type)
	a.column(w).put(" TYPE ").put(integer(typ)).fail(err).collate(a.To.Collation)
	if !a.Using.IsZero() {
		w.put(" USING ").expression("Using", a.Using)
	}
}

func (a *altering) generate(w *writer) {
	from, to := a.From.Generated, a.To.Generated
	switch {
	case from.Equal(to):
	case to.IsZero():
		a.column(w).put(" DROP EXPRESSION")
	default:
		a.column(w).need(version17).put(" SET EXPRESSION AS ").grouped("the expression of column "+a.name, to)
	}
}

// integer is the type behind a serial one.
func integer(typ string) string {
	for _, plain := range []string{"smallint", "integer", "bigint"} {
		if serials[plain] == typ {
			return plain
		}
	}
	return typ
}

// serialOf is the call that tells the column's sequence.
func (a *altering) serialOf(w *writer) string {
	var table writer
	table.table(a.Schema, a.Table)
	w.fail(table.err)
	return "pg_get_serial_sequence(" + Dialect{}.Literal(table.b.String()) + ", " + Dialect{}.Literal(a.name) + ")"
}

// do is a statement that runs a piece of SQL made of the sequence's name.
func (a *altering) do(before, after string) {
	w := a.strong()
	body := "BEGIN EXECUTE " + Dialect{}.Literal(before) + " || " + a.serialOf(w) + " || " + Dialect{}.Literal(after) + "; END"
	w.put("DO ").literal(body)
}

// retypeSequence lets the sequence of a serial column count as far as the new
// type does.
func (a *altering) retypeSequence() {
	typ, _ := typeName(a.To.Type)
	if typ = integer(typ); serials[typ] != "" {
		a.do("ALTER SEQUENCE ", " AS "+typ)
	}
}

// stopCounting takes away what numbered the rows so far.
func (a *altering) stopCounting() {
	from, to := numberingOf(a.From), numberingOf(a.To)
	switch from {
	case to:
	case byIdentity:
		a.column(a.strong()).put(" DROP IDENTITY")
	case bySerial:
		// The sequence would go only with the column; its name is known to the server.
		w := a.strong()
		var t writer
		t.alter(a.Schema, a.Table).put("ALTER COLUMN ").name(a.name).put(" DROP DEFAULT")
		w.fail(t.err)
		body := "DECLARE s text := " + a.serialOf(w) + "; BEGIN " + t.b.String() + "; EXECUTE 'DROP SEQUENCE ' || s; END"
		w.put("DO ").literal(body)
	}
}

// startCounting numbers the rows in the new way, behind the numbers that are
// there.
func (a *altering) startCounting() {
	from, to := numberingOf(a.From), numberingOf(a.To)
	if from == to || to == unnumbered {
		return
	}
	if to == byIdentity {
		a.column(a.strong()).put(" ADD ").identity(a.To.Identity)
	} else {
		a.addSerial()
	}
	// The highest number counts as taken, as there may be none behind it.
	w := a.weak()
	highest := func(none string) *writer { return w.put("coalesce(max(").name(a.name).put("), " + none + ")") }
	w.put("SELECT setval(").put(a.serialOf(w)).put(", greatest(")
	highest("1").put(", 1), ")
	highest("0").put(" > 0) FROM ").table(a.Schema, a.Table)
}

func (a *altering) addSerial() {
	sequence := sequenceName(a.Table, a.name)
	w := a.strong().put("CREATE SEQUENCE ").table(a.Schema, sequence)
	if typ, err := typeName(a.To.Type); err == nil && serials[integer(typ)] != "" {
		w.put(" AS ").put(integer(typ))
	}
	w.put(" OWNED BY ").table(a.Schema, a.Table).put(".").name(a.name)
	var name writer
	name.table(a.Schema, sequence)
	a.column(a.strong().fail(name.err)).put(" SET DEFAULT nextval(").literal(name.b.String()).put(")")
}

// sequenceName is "table_column_seq", shortened as PostgreSQL does it.
func sequenceName(table, column string) string {
	for len(table)+len(column)+len("__seq") > maxName {
		if len(table) > len(column) {
			table = shorter(table)
		} else {
			column = shorter(column)
		}
	}
	return table + "_" + column + "_seq"
}

func shorter(name string) string {
	_, size := utf8.DecodeLastRuneInString(name)
	return name[:len(name)-size]
}

// dropPrimaryKey asks for the key's name, which may be the database's choice.
func dropPrimaryKey(ctx context.Context, o op.DropPrimaryKey, at op.State) ([]op.Statement, error) {
	t, err := at.Table(ctx, o.Schema, o.Table)
	if err != nil {
		return nil, err
	}
	if t == nil || len(t.PrimaryKey) == 0 {
		return nil, fmt.Errorf("table %s has no primary key", o.Table)
	}
	var l script
	l.strong().alter(o.Schema, o.Table).put("DROP CONSTRAINT ").name(t.KeyName())
	return l.done()
}
