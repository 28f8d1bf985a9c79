package postgres

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/schema"
)

func (w *writer) createTable(t *schema.Table, ifNotExists bool) *writer {
	w.put("CREATE TABLE ").when(ifNotExists, "IF NOT EXISTS ").table(t.Schema, t.Name).put(" (")
	separator := "\n    "
	line := func() *writer {
		w.put(separator)
		separator = ",\n    "
		return w
	}
	for _, c := range t.Columns {
		line().column(c)
	}
	if len(t.PrimaryKey) > 0 {
		line().constraint(schema.PrimaryKey{Name: t.PrimaryKeyName, Columns: t.PrimaryKey})
	}
	for _, u := range t.Uniques {
		line().constraint(u)
	}
	for _, c := range t.Checks {
		line().constraint(c)
	}
	for _, f := range t.ForeignKeys {
		line().constraint(f)
	}
	for _, e := range t.Exclusions {
		line().constraint(e)
	}
	return w.put("\n)")
}

func (w *writer) column(c schema.Column) *writer {
	spelled, err := spellType(c)
	if err != nil {
		return w.fail(fmt.Errorf("column %s: %w", c.Name, err))
	}
	w.name(c.Name).put(" ").put(spelled).collate(c.Collation).when(c.Required(), " NOT NULL")
	switch {
	case c.Counts() && !c.Default.IsZero():
		return w.fail(fmt.Errorf("column %s counts up by itself and cannot have a default too", c.Name))
	case !c.Generated.IsZero():
		return w.generated(c)
	case c.Identity != schema.NoIdentity:
		return w.put(" ").identity(c.Identity)
	case c.Default.IsZero():
		return w
	}
	value, err := spellDefault(c.Default)
	if err != nil {
		return w.fail(fmt.Errorf("default of column %s: %w", c.Name, err))
	}
	return w.put(" DEFAULT ").put(value)
}

func (w *writer) collate(name string) *writer {
	if name == "" {
		return w
	}
	return w.put(" COLLATE ").name(name)
}

func (w *writer) identity(i schema.Identity) *writer {
	if i != schema.IdentityAlways && i != schema.IdentityByDefault {
		return w.fail(fmt.Errorf("%q is not an identity", string(i)))
	}
	return w.put("GENERATED ").put(string(i)).put(" AS IDENTITY")
}

func (w *writer) generated(c schema.Column) *writer {
	if !c.Default.IsZero() || c.Counts() {
		return w.fail(fmt.Errorf("column %s is generated and cannot have a default or count up", c.Name))
	}
	w.put(" GENERATED ALWAYS AS ").grouped("the expression of column "+c.Name, c.Generated)
	if !c.Virtual {
		return w.put(" STORED")
	}
	return w.need(version18).put(" VIRTUAL")
}

func (w *writer) constraint(c schema.Constraint) *writer {
	switch c := c.(type) {
	case schema.PrimaryKey:
		return w.constraintName(c.Name).put("PRIMARY KEY ").names(c.Columns)
	case schema.Unique:
		w.constraintName(c.Name).put("UNIQUE ")
		if c.NullsNotDistinct {
			w.need(version15).put("NULLS NOT DISTINCT ")
		}
		return w.names(c.Columns).deferrable(c.Deferrable, c.InitiallyDeferred)
	case schema.Check:
		return w.constraintName(c.Name).put("CHECK ").grouped("the check "+c.Name, c.Expr).when(c.NotValid, " NOT VALID")
	case schema.ForeignKey:
		return w.constraintName(c.Name).foreignKey(c).deferrable(c.Deferrable, c.InitiallyDeferred).when(c.NotValid, " NOT VALID")
	case schema.Exclusion:
		return w.constraintName(c.Name).exclusion(c).deferrable(c.Deferrable, c.InitiallyDeferred)
	}
	return w.fail(fmt.Errorf("postgres does not know the constraint %T", c))
}

func (w *writer) deferrable(deferrable, deferred bool) *writer {
	return w.when(deferrable || deferred, " DEFERRABLE").when(deferred, " INITIALLY DEFERRED")
}

func (w *writer) exclusion(e schema.Exclusion) *writer {
	w.put("EXCLUDE ").method(e.Method).put("(")
	for i, x := range e.Elements {
		if x.Operator == "" || strings.Trim(x.Operator, "+-*/<>=~!@#%^&|`?") != "" || strings.Contains(x.Operator, "--") || strings.Contains(x.Operator, "/*") {
			return w.fail(fmt.Errorf("%q is not an operator", x.Operator))
		}
		w.when(i > 0, ", ").part("an element of "+e.Name, x.Part).put(" WITH ").put(x.Operator)
	}
	w.put(")")
	if !e.Where.IsZero() {
		w.put(" WHERE ").grouped("the condition of "+e.Name, e.Where)
	}
	return w
}

func (w *writer) constraintName(name string) *writer {
	if name == "" {
		return w
	}
	return w.put("CONSTRAINT ").name(name).put(" ")
}

func (w *writer) foreignKey(f schema.ForeignKey) *writer {
	w.put("FOREIGN KEY ").names(f.Columns).put(" REFERENCES ").table(f.RefSchema, f.RefTable).put(" ").names(f.RefColumns)
	return w.action(" ON DELETE ", f.OnDelete).action(" ON UPDATE ", f.OnUpdate)
}

func (w *writer) action(on string, a schema.Action) *writer {
	known := []schema.Action{schema.Restrict, schema.Cascade, schema.SetNull, schema.SetDefault}
	switch {
	case a == schema.NoAction:
		return w
	case !slices.Contains(known, a):
		return w.fail(fmt.Errorf("%q is not an action of a foreign key", string(a)))
	}
	return w.put(on).put(string(a))
}
