package sqlite

import (
	"context"
	"fmt"
	"slices"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// alterColumn makes the table anew with the column changed where From and To
// differ. Rows keep their values as SQLite converts them to the new type (what
// it cannot convert stays as it is), or get those that Using computes.
func alterColumn(ctx context.Context, o op.AlterColumn, at op.State) ([]op.Statement, error) {
	if onlyComment(o) {
		return nil, nil
	}
	return rebuild(ctx, at, o.Table, func(s *rebuilding) error {
		if s.before.column(o.To.Name) == nil {
			return fmt.Errorf("there is no column %s", o.To.Name)
		}
		a := altering{AlterColumn: o, rebuilding: s, enums: valuesAt(ctx, at)}
		steps := []func() error{a.typ, a.collation, a.generated, a.defaultValue, a.nullability, a.counting}
		if !o.To.AutoIncrement { // only an INTEGER counts, so that it ends before the type changes
			steps = append([]func() error{a.counting}, steps[:len(steps)-1]...)
		}
		for _, step := range steps {
			if err := step(); err != nil {
				return err
			}
		}
		return s.notReferred(o.To.Name, o)
	})
}

// onlyComment reports whether nothing changes that SQLite knows.
func onlyComment(o op.AlterColumn) bool {
	f, t := o.From, o.To
	return f.Type.Equal(t.Type) && f.NotNull == t.NotNull && f.Default.Equal(t.Default) && f.AutoIncrement == t.AutoIncrement &&
		!o.Generating() && f.Collation == t.Collation && (f.Identity == t.Identity || t.AutoIncrement)
}

// altering is one AlterColumn. Each step makes one of its changes.
type altering struct {
	op.AlterColumn
	*rebuilding
	enums values
}

func (a *altering) edit(next *definition, err error) error {
	if err == nil {
		a.after = next
	}
	return err
}

func (a *altering) typ() error {
	if a.From.Type.Equal(a.To.Type) {
		return nil
	}
	name := a.To.Name
	text, err := typeText(a.To.Type)
	if err != nil {
		return err
	}
	if err := a.edit(a.after.withoutClauses(name, a.ofOldType())); err != nil {
		return err
	}
	if err := a.edit(a.after.withType(name, text)); err != nil {
		return err
	}
	if isEnum(a.To.Type) {
		list, err := a.enums(a.To.Type.Name)
		if err != nil {
			return err
		}
		if err := a.edit(a.after.withClause(name, enumCheck(a.after.column(name).name, a.To.Type.Name, list))); err != nil {
			return err
		}
	}
	if a.Using.IsZero() {
		return nil
	}
	using, err := expressionText(a.Using)
	if err != nil {
		return fmt.Errorf("its Using: %w", err)
	}
	a.compute(name, "("+using+")")
	return nil
}

// ofOldType tells the clauses of the column that came with its type: the check of
// an enum, and a collation or check in the type's own text, as in "TEXT COLLATE
// NOCASE".
func (a *altering) ofOldType() func(clause) bool {
	var said []clause
	if text, err := typeText(a.From.Type); err == nil {
		if d, err := parseTable("CREATE TABLE t (c " + text + ")"); err == nil {
			said = d.columns[0].clauses
		}
	}
	return func(c clause) bool {
		_, enum := c.enumOf(a.To.Name)
		return enum || slices.ContainsFunc(said, func(s clause) bool {
			return s.kind == c.kind && (c.kind == collateClause && sameName(s.collate, c.collate) ||
				c.kind == checkClause && tidyExpression(s.expr) == tidyExpression(c.expr))
		})
	}
}

func (a *altering) collation() error {
	if a.From.Collation == a.To.Collation {
		return nil
	}
	if err := a.edit(a.after.withoutKind(a.To.Name, collateClause)); err != nil || a.To.Collation == "" {
		return err
	}
	text, err := collationText(a.To.Collation)
	if err != nil {
		return err
	}
	return a.edit(a.after.withClause(a.To.Name, text[1:]))
}

func (a *altering) generated() error {
	if !a.Generating() {
		return nil
	}
	if err := a.edit(a.after.withoutKind(a.To.Name, generatedClause)); err != nil || a.To.Generated.IsZero() {
		return err
	}
	text, err := generatedText(a.To)
	if err != nil {
		return err
	}
	return a.edit(a.after.withClause(a.To.Name, text[1:]))
}

func (a *altering) defaultValue() error {
	if a.From.Default.Equal(a.To.Default) {
		return nil
	}
	if err := a.edit(a.after.withoutKind(a.To.Name, defaultClauseKind)); err != nil || a.To.Default.IsZero() {
		return err
	}
	text, err := defaultClause(a.To.Default)
	if err != nil {
		return err
	}
	return a.edit(a.after.withClause(a.To.Name, "DEFAULT "+text))
}

func (a *altering) nullability() error {
	if a.From.NotNull == a.To.NotNull {
		return nil
	}
	return a.edit(a.after.withNotNull(a.To.Name, a.To.NotNull))
}

// counting adds or takes AUTOINCREMENT. The counter begins behind the highest
// number there is.
func (a *altering) counting() error {
	if a.To.Identity != schema.NoIdentity && !a.To.AutoIncrement {
		return errIdentity(a.To.Name)
	}
	t := a.after.table()
	c := t.Column(a.after.column(a.To.Name).name)
	if a.From.AutoIncrement == a.To.AutoIncrement || c.AutoIncrement == a.To.AutoIncrement {
		return nil
	}
	if !slices.Equal(t.PrimaryKey, []string{c.Name}) || !c.Type.Equal(schema.Raw("INTEGER")) {
		return fmt.Errorf("column %s cannot count up by itself: on SQLite only the whole primary key can, of an integer type", c.Name)
	}
	if err := a.edit(a.after.withoutKey()); err != nil {
		return err
	}
	if !a.To.AutoIncrement {
		return a.edit(a.after.withKey(t.PrimaryKeyName, t.PrimaryKey))
	}
	return a.edit(a.after.withClause(c.Name, constraintName(t.PrimaryKeyName)+"PRIMARY KEY AUTOINCREMENT"))
}

// notReferred refuses another type for a column that other tables' columns
// refer to while these keep theirs: SQLite would compare the two differently.
func (s *rebuilding) notReferred(column string, o op.AlterColumn) error {
	if o.From.Type.Equal(o.To.Type) || tidyType(s.before.column(column).typ) == tidyType(s.after.column(column).typ) {
		return nil
	}
	table := s.before.tokens[s.before.name].name()
	for _, r := range s.keys {
		if !sameName(r.table, table) && slices.ContainsFunc(r.key.RefColumns, func(c string) bool { return sameName(c, column) }) {
			return fmt.Errorf("table %s refers to column %s with a foreign key: drop that key first", r.table, column)
		}
	}
	return nil
}
