package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// healing renders the making of an index that may exist already: a concurrent
// build cannot be part of a transaction, so an interrupted migration leaves its
// index behind, finished or INVALID. An INVALID one is dropped and built again,
// a finished one of the same definition is what was asked, another one is an
// error. Without a database there is nothing to heal.
func (d Dialect) healing(ctx context.Context, o op.CreateIndex, at op.State) ([]op.Statement, error) {
	build, err := d.statements(o)
	if err != nil || !o.Concurrently && !o.IfNotExists {
		return build, err
	}
	l, connected := at.(live)
	if !connected {
		return build, nil
	}
	table, valid, err := l.relation(ctx, o.Schema, o.Index.Name)
	if err != nil || table == nil {
		return build, err
	}
	if *table != o.Table {
		return nil, &op.DifferenceError{Object: o.Object(), Differences: []string{
			fmt.Sprintf("index %s: found %s, want it on %s", o.Index.Name, onTable(*table), o.Table),
		}}
	}
	if valid {
		return d.same(ctx, l, o)
	}
	drop, err := d.statements(op.DropIndex{Schema: o.Schema, Table: o.Table, Name: o.Index.Name, Concurrently: o.Concurrently})
	return append(drop, build...), err
}

// relation tells the table of an index and whether the index is valid; an empty
// table for a relation that is no index, nil for none.
func (l live) relation(ctx context.Context, schemaName, name string) (table *string, valid bool, err error) {
	query := `SELECT coalesce(t.relname, ''), coalesce(x.indisvalid AND x.indisready, false)
FROM pg_class i
JOIN pg_namespace n ON n.oid = i.relnamespace
LEFT JOIN pg_index x ON x.indexrelid = i.oid
LEFT JOIN pg_class t ON t.oid = x.indrelid
WHERE i.relname = ` + Dialect{}.Literal(name) + ` AND ` + inSchema(schemaName)
	var found string
	err = l.db.QueryRowContext(ctx, query).Scan(&found, &valid)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("looking for index %s: %w", name, err)
	}
	return &found, valid, nil
}

// same reports an index that differs from what o makes. The comment is a statement
// of its own, which an interruption may have left out.
func (d Dialect) same(ctx context.Context, l live, o op.CreateIndex) ([]op.Statement, error) {
	found, err := l.Table(ctx, o.Schema, o.Table)
	if err != nil {
		return nil, err
	}
	if found == nil || found.Index(o.Index.Name) == nil {
		return nil, &op.DifferenceError{Object: o.Object(), Differences: []string{
			fmt.Sprintf("index %s: found one that backs a constraint, want one of its own", o.Index.Name),
		}}
	}
	var rest script
	if x := found.Index(o.Index.Name); x.Comment == "" {
		x.Comment = o.Index.Comment
		rest.commentIndex(o.Schema, o.Index)
	}
	want, err := d.Normalize(ctx, l.db, op.WithIndexOnly(found, o.Index))
	if err != nil {
		return nil, err
	}
	if lines := schema.IndexDifferences(found, want, o.Index.Name); len(lines) > 0 {
		return nil, &op.DifferenceError{Object: o.Object(), Differences: lines}
	}
	return rest.done()
}

func onTable(table string) string {
	if table == "" {
		return "something of this name that is no index"
	}
	return "it on " + table
}
