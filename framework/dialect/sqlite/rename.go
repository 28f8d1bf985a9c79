package sqlite

import (
	"context"
	"fmt"

	"github.com/leavendb/leaven/framework/op"
)

// renameTable renames in place; keys, views and triggers follow. A name that
// differs in the case of letters alone is, to SQLite, the same.
func renameTable(o op.RenameTable) ([]op.Statement, error) {
	step := func(from, to string) op.Statement {
		return op.Statement{SQL: "ALTER TABLE " + quote(from) + " RENAME TO " + quote(to)}
	}
	if sameName(o.Name, o.To) {
		between := "leaven_old_" + o.Name
		return []op.Statement{step(o.Name, between), step(between, o.To)}, nil
	}
	return []op.Statement{step(o.Name, o.To)}, nil
}

// renameColumn renames in place; keys, indexes, checks, views and triggers
// follow.
func renameColumn(o op.RenameColumn) ([]op.Statement, error) {
	step := func(from, to string) op.Statement {
		return op.Statement{SQL: "ALTER TABLE " + quote(o.Table) + " RENAME COLUMN " + quote(from) + " TO " + quote(to)}
	}
	if sameName(o.Name, o.To) {
		between := "leaven_old_" + o.Name
		return []op.Statement{step(o.Name, between), step(between, o.To)}, nil
	}
	return []op.Statement{step(o.Name, o.To)}, nil
}

// renameIndex makes the index again under the other name.
func renameIndex(ctx context.Context, o op.RenameIndex, at op.State) ([]op.Statement, error) {
	text, err := indexSQL(ctx, at, o.Table, o.Name)
	if err != nil {
		return nil, err
	}
	ts, err := tokens(text)
	if err != nil {
		return nil, err
	}
	p := &parser{ts: ts, sql: text}
	p.want("CREATE")
	p.take("UNIQUE")
	p.want("INDEX")
	p.take("IF", "NOT", "EXISTS")
	name := p.i
	if p.ident(); p.take(".") {
		name = p.i
	}
	if p.err != nil {
		return nil, p.err
	}
	return []op.Statement{
		{SQL: "DROP INDEX " + quote(o.Name)},
		{SQL: text[:ts[name].from] + quote(o.To) + text[ts[name].to:]},
	}, nil
}

// indexSQL is the CREATE INDEX of an index that is there.
func indexSQL(ctx context.Context, at op.State, table, name string) (string, error) {
	l, connected := at.(live)
	if !connected {
		t, err := at.Table(ctx, "", table)
		if err != nil {
			return "", err
		}
		if t == nil || t.Index(name) == nil {
			return "", fmt.Errorf("table %s has no such index", table)
		}
		return indexText(t.Name, *t.Index(name))
	}
	all, err := load(ctx, l.db, fmt.Sprintf(ofTable, literal(table)))
	if err != nil {
		return "", err
	}
	for _, x := range all {
		if x.kind == "index" && x.sql != "" && sameName(x.name, name) {
			return x.sql, nil
		}
	}
	return "", fmt.Errorf("table %s has no such index", table)
}

// renameConstraint finds the constraint as dropConstraint does.
func (s *rebuilding) renameConstraint(from, to string) (err error) {
	for _, c := range s.before.everyConstraint() {
		if c.name != "" && sameName(c.name, to) {
			return fmt.Errorf("there is a constraint %s already", to)
		}
	}
	s.after, err = s.before.withConstraintRenamed(from, to)
	return err
}

// withConstraintRenamed gives a constraint another name, or a first one.
func (d *definition) withConstraintRenamed(from, to string) (*definition, error) {
	c, _, err := d.constraint(from)
	if err != nil {
		return nil, err
	}
	if c.name == "" {
		at := d.tokens[c.from].from
		return d.replace(at, at, constraintName(to))
	}
	name := d.tokens[c.from+1]
	return d.replace(name.from, name.to, quote(to))
}
