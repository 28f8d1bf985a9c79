package sqlite

import (
	"context"
	"fmt"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// Inspect implements dialect.Dialect with one statement: SQLite's own texts say
// everything. Types are in upper case, expressions in one spelling (see
// [Dialect.Normalize]); queries of views, and triggers, as they were written. SQLite's tables, virtual tables and
// temporary ones are left out. There are no schemas, so none may be named.
func (Dialect) Inspect(ctx context.Context, db bun.IDB, schemas ...string) (*schema.Schema, error) {
	for _, name := range schemas {
		if name != "" {
			return nil, noSchemas(name)
		}
	}
	all, err := load(ctx, db, structure)
	if err != nil {
		return nil, err
	}
	list, err := tables(all)
	if err != nil {
		return nil, err
	}
	byName := map[string]*schema.Table{}
	for _, t := range list {
		byName[asciiLower(t.Name)] = t
	}
	for _, t := range list {
		if err := refer(t, func(name string) (*schema.Table, error) { return byName[asciiLower(name)], nil }); err != nil {
			return nil, err
		}
	}
	s := &schema.Schema{Tables: list}
	return s, others(s, all)
}

// others adds enums, views and triggers.
func others(s *schema.Schema, all []object) error {
	for _, o := range all {
		switch e := parseEnum(o); {
		case e != nil:
			s.Enums = append(s.Enums, e)
		case o.kind == "view":
			v, err := parseView(o)
			if err != nil {
				return err
			}
			s.Views = append(s.Views, v)
		case o.kind == "trigger":
			g, err := parseTrigger(o)
			if err != nil {
				return err
			}
			s.Triggers = append(s.Triggers, g)
		}
	}
	return nil
}

func noSchemas(name string) error {
	return fmt.Errorf("SQLite has no schemas: leave the schema %q out", name)
}

// live is the state of a connected database.
type live struct{ db bun.IDB }

// Live implements op.Renderer.
func (Dialect) Live(db bun.IDB) op.State { return live{db} }

// Table implements op.State. The name is compared as SQLite does, without
// regard to case.
func (l live) Table(ctx context.Context, schemaName, name string) (*schema.Table, error) {
	if schemaName != "" {
		return nil, noSchemas(schemaName)
	}
	t, err := l.alone(ctx, name)
	if err != nil || t == nil {
		return nil, err
	}
	return t, refer(t, func(name string) (*schema.Table, error) { return l.alone(ctx, name) })
}

// alone reads one table without what it refers to.
func (l live) alone(ctx context.Context, name string) (*schema.Table, error) {
	all, err := load(ctx, l.db, fmt.Sprintf(ofTable, literal(name)))
	if err != nil {
		return nil, err
	}
	list, err := tables(all)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// Normalize implements op.Renderer. SQLite keeps the text of a definition as it
// was given, so the spelling is that of our own SQL, read back as Inspect reads
// it; the database is not asked.
func (Dialect) Normalize(_ context.Context, _ bun.IDB, t *schema.Table) (*schema.Table, error) {
	t = t.Clone()
	alone := len(t.PrimaryKey) == 0 && len(t.Columns) == 1 && t.Columns[0].AutoIncrement
	if alone {
		// One column of a table that is not here: it counts up as a primary key.
		t.PrimaryKey = []string{t.Columns[0].Name}
	}
	text, err := tableText(t, anyValues)
	if err != nil {
		return nil, err
	}
	d, err := parseTable(text)
	if err != nil {
		return nil, err
	}
	out := d.table()
	if alone {
		out.PrimaryKey = nil
	}
	for _, x := range t.Indexes {
		text, err := indexText(t.Name, x)
		if err != nil {
			return nil, err
		}
		if x, err = parseIndex(text); err != nil {
			return nil, err
		}
		out.Indexes = append(out.Indexes, x)
	}
	return out, nil
}
