package postgres

import (
	"fmt"
	"slices"

	"github.com/leavendb/leaven/framework/op"
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
		line().put("PRIMARY KEY ").names(t.PrimaryKey)
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
	return w.put("\n)")
}

func (w *writer) column(c schema.Column) *writer {
	spelled, err := spellType(c)
	if err != nil {
		return w.fail(fmt.Errorf("column %s: %w", c.Name, err))
	}
	w.name(c.Name).put(" ").put(spelled).when(c.NotNull || c.AutoIncrement, " NOT NULL")
	if c.Default.IsZero() {
		return w
	}
	if c.AutoIncrement {
		return w.fail(fmt.Errorf("column %s counts up by itself and cannot have a default too", c.Name))
	}
	value, err := spellDefault(c.Default)
	if err != nil {
		return w.fail(fmt.Errorf("default of column %s: %w", c.Name, err))
	}
	return w.put(" DEFAULT ").put(value)
}

func (w *writer) addConstraint(schemaName, table string, c schema.Constraint) *writer {
	return w.alter(schemaName, table).put("ADD ").constraint(c)
}

func (w *writer) constraint(c schema.Constraint) *writer {
	switch c := c.(type) {
	case schema.Unique:
		return w.constraintName(c.Name).put("UNIQUE ").names(c.Columns)
	case schema.Check:
		return w.constraintName(c.Name).put("CHECK ").grouped("the check "+c.Name, c.Expr)
	case schema.ForeignKey:
		return w.constraintName(c.Name).foreignKey(c)
	}
	return w.fail(fmt.Errorf("postgres does not know the constraint %T", c))
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

func (w *writer) createIndex(o op.CreateIndex) *writer {
	x := o.Index
	w.put("CREATE ").when(x.Unique, "UNIQUE ").put("INDEX ").when(o.Concurrently, "CONCURRENTLY ")
	// A concurrent index that exists may be INVALID; healing looks, a server's IF
	// NOT EXISTS would not.
	w.when(o.IfNotExists && !o.Concurrently, "IF NOT EXISTS ").name(x.Name).put(" ON ").table(o.Schema, o.Table).put(" ")
	if !x.Definition.IsZero() {
		return w.expression("the definition of index "+x.Name, x.Definition)
	}
	w.put("(")
	for i, p := range x.Parts {
		w.when(i > 0, ", ")
		if p.Column != "" {
			w.name(p.Column)
		} else {
			w.grouped("a part of index "+x.Name, p.Expr)
		}
		w.when(p.Desc, " DESC")
	}
	w.put(")")
	if !x.Where.IsZero() {
		w.put(" WHERE ").expression("the condition of index "+x.Name, x.Where)
	}
	return w
}
