package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// dropEnumValue makes the enum anew without the value: PostgreSQL cannot take
// one away. What holds the old type in an expression (checks, partial indexes) or
// ties two columns of it together (foreign keys) would forbid the change of
// their columns, so it is dropped before and made again behind.
func dropEnumValue(ctx context.Context, o op.DropEnumValue, at op.State) ([]op.Statement, error) {
	c, ok := at.(op.Catalog)
	if !ok {
		return nil, fmt.Errorf("the enum is made anew, for which its values and columns must be known; run it on a database")
	}
	e, err := c.Enum(ctx, o.Schema, o.Name)
	if err != nil {
		return nil, err
	}
	if e == nil {
		return nil, fmt.Errorf("there is no enum %s", o.Name)
	}
	r := enumRebuild{DropEnumValue: o, old: replacedName(o.Name)}
	if r.values, err = o.Remaining(e); err != nil {
		return nil, err
	}
	if r.users, err = c.EnumUsers(ctx, o.Schema, o.Name); err != nil {
		return nil, err
	}
	for _, u := range r.users {
		if err := allVisible(ctx, at, u.Table.Schema, u.Table.Name); err != nil {
			return nil, err
		}
	}
	var after []string
	if l, connected := at.(live); connected {
		if after, err = l.enumExtras(ctx, o.Schema, o.Name); err != nil {
			return nil, err
		}
	}
	return r.render(after)
}

// replacedName is the name that the enum has while it is replaced.
func replacedName(name string) string {
	const suffix = "__old"
	for len(name)+len(suffix) > maxName {
		name = shorter(name)
	}
	return name + suffix
}

// enumRebuild is one enum that is made anew.
type enumRebuild struct {
	op.DropEnumValue
	script
	old    string
	values []string
	users  []op.EnumUser
	behind []func() // makes again what was dropped
}

func (r *enumRebuild) render(after []string) ([]op.Statement, error) {
	if err := r.defaults(); err != nil {
		return nil, err
	}
	for _, u := range r.users {
		if err := r.mentioned(u); err != nil {
			return nil, err
		}
		if r.Instead == "" {
			r.guard(u)
		}
		r.loosen(u)
	}
	r.weak().put("ALTER TYPE ").table(r.Schema, r.Name).put(" RENAME TO ").name(r.old)
	r.weak().put("CREATE TYPE ").table(r.Schema, r.Name).put(" AS ENUM ").labels(r.values)
	for _, u := range r.users {
		r.convert(u)
	}
	for _, again := range r.behind {
		again()
	}
	for _, sql := range after {
		r.weak().put(sql)
	}
	r.weak().put("DROP TYPE ").table(r.Schema, r.old)
	return r.together()
}

// defaults refuses a default that is the value.
func (r *enumRebuild) defaults() error {
	for _, u := range r.users {
		for _, name := range u.Columns {
			d := u.Table.Column(name).Default
			if v, _ := d.Literal(); v == r.Value || d.Quotes(r.Value) {
				return fmt.Errorf("%q is the default of column %s.%s; change the default first (op.AlterColumn)", r.Value, u.Table.Name, name)
			}
		}
	}
	return nil
}

// mentioned refuses what has the value as a constant: made again, it would not be
// understood.
func (r *enumRebuild) mentioned(u op.EnumUser) error {
	has := func(e schema.Expression) bool {
		return slices.ContainsFunc(u.Columns, func(c string) bool { return !e.WithConstantOf(c, r.Value, r.Value+"'").Equal(e) })
	}
	in := func(p schema.Part) bool { return has(p.Expr) }
	what := ""
	for _, c := range u.Table.Checks {
		if has(c.Expr) {
			what = "check " + op.GivenName(u.Table, c)
		}
	}
	for _, e := range u.Table.Exclusions {
		if has(e.Where) || slices.ContainsFunc(e.Elements, func(x schema.ExclusionElement) bool { return in(x.Part) }) {
			what = "exclusion constraint " + op.GivenName(u.Table, e)
		}
	}
	for _, x := range u.Table.Indexes {
		if has(x.Where) || has(x.Definition) || slices.ContainsFunc(x.Parts, in) {
			what = "index " + x.Name
		}
	}
	if what == "" {
		return nil
	}
	return fmt.Errorf("the %s of table %s mentions the value: drop it before, and make it again with what is then right", what, u.Table.Name)
}

// guard fails, naming table and column, while a row holds the value.
func (r *enumRebuild) guard(u op.EnumUser) {
	for _, name := range u.Columns {
		var w writer
		held := " = "
		if isArray(u.Table.Column(name).Type) {
			held = " = ANY "
		}
		w.put("BEGIN IF EXISTS (SELECT FROM ").table(u.Table.Schema, u.Table.Name).put(" WHERE ").label(r.Value).put(held).put("(").name(name)
		if held == " = " {
			w.put("::text")
		} else {
			w.put("::text[]")
		}
		w.put(")) THEN RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = ")
		w.literal(fmt.Sprintf("rows of %s.%s hold the value %q of enum %s; change them first, or say in Instead what they become", u.Table.Name, name, r.Value, r.Name))
		w.put("; END IF; END")
		r.weak().fail(w.err).put("DO ").literal(w.b.String())
	}
}

// loosen drops what would forbid the change of the columns.
func (r *enumRebuild) loosen(u op.EnumUser) {
	t := u.Table
	for _, f := range t.ForeignKeys {
		if slices.ContainsFunc(u.Columns, func(c string) bool { return slices.Contains(f.Columns, c) }) {
			r.without(t, f)
		}
	}
	for _, c := range t.Checks {
		if slices.ContainsFunc(u.Columns, c.Expr.Mentions) {
			r.without(t, c)
		}
	}
	for _, e := range t.Exclusions {
		computed := !e.Where.IsZero() || slices.ContainsFunc(e.Elements, func(x schema.ExclusionElement) bool { return x.Column == "" })
		if computed && slices.ContainsFunc(u.Columns, e.Involves) {
			r.without(t, e)
		}
	}
	for _, x := range t.Indexes {
		computed := !x.Where.IsZero() || !x.Definition.IsZero() || slices.ContainsFunc(x.Parts, func(p schema.Part) bool { return p.Column == "" })
		if computed && slices.ContainsFunc(u.Columns, x.Involves) {
			r.strong().put("DROP INDEX ").table(t.Schema, x.Name)
			r.behind = append(r.behind, func() {
				r.strong().createIndex(op.CreateIndex{Schema: t.Schema, Table: t.Name, Index: x})
				r.commentIndex(t.Schema, x)
			})
		}
	}
}

func (r *enumRebuild) without(t *schema.Table, c schema.Constraint) {
	r.strong().alter(t.Schema, t.Name).put("DROP CONSTRAINT ").name(op.GivenName(t, c))
	r.behind = append(r.behind, func() { r.addConstraint(t.Schema, t.Name, c) })
}

// convert gives the columns of a table the new type, in one rewrite.
func (r *enumRebuild) convert(u op.EnumUser) {
	w := r.strong().alter(u.Table.Schema, u.Table.Name)
	for i, name := range u.Columns {
		c := u.Table.Column(name)
		column := func() *writer { return w.put("ALTER COLUMN ").name(name) }
		w.when(i > 0, ", ")
		if !c.Default.IsZero() {
			column().put(" DROP DEFAULT, ")
		}
		brackets := ""
		if isArray(c.Type) {
			brackets = "[]"
		}
		column().put(" TYPE ").table(r.Schema, r.Name).put(brackets).put(" USING ")
		r.value(w, name, brackets)
		w.put("::").table(r.Schema, r.Name).put(brackets)
		if !c.Default.IsZero() {
			text, err := spellDefault(c.Default)
			w.put(", ")
			column().put(" SET DEFAULT ").put(text).fail(err)
		}
	}
}

// value is the text of the new value of a row.
func (r *enumRebuild) value(w *writer, column, brackets string) {
	switch {
	case r.Instead == "":
		w.name(column).put("::text").put(brackets)
	case brackets != "":
		w.put("array_replace(").name(column).put("::text[], ").label(r.Value).put(", ").label(r.Instead).put(")")
	default:
		w.put("(CASE ").name(column).put("::text WHEN ").label(r.Value).put(" THEN ").label(r.Instead).put(" ELSE ").name(column).put("::text END)")
	}
}

func isArray(t schema.Type) bool {
	text, own := t.Spelling("postgres")
	return t.Kind == schema.KindArray || own && strings.HasSuffix(text, "]")
}
