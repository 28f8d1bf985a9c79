package sqlite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// addPrimaryKey makes the table anew with a key. An INTEGER that is the whole
// key becomes the row's number, and SQLite would number rows in which it is
// NULL; so it is looked for such rows.
func addPrimaryKey(ctx context.Context, o op.AddPrimaryKey, at op.State) ([]op.Statement, error) {
	return rebuild(ctx, at, o.Table, func(s *rebuilding) (err error) {
		if len(s.before.table().PrimaryKey) > 0 {
			return fmt.Errorf("there is a primary key already")
		}
		for _, c := range o.Columns {
			if s.before.column(c) == nil {
				return fmt.Errorf("there is no column %s", c)
			}
			if err := noNulls(ctx, at, o.Table, c); err != nil {
				return err
			}
			if s.after, err = s.after.withNotNull(c, true); err != nil {
				return err
			}
		}
		s.after, err = s.after.withKey(o.Name, o.Columns)
		return err
	})
}

func noNulls(ctx context.Context, at op.State, table, column string) error {
	l, connected := at.(live)
	if !connected {
		return nil
	}
	found, err := any1(ctx, l.db, fmt.Sprintf("SELECT EXISTS (SELECT 1 FROM %s WHERE %s IS NULL)", quote(table), quote(column)))
	if err == nil && found {
		return fmt.Errorf("rows have no %s (NULL): give them one before", column)
	}
	return err
}

func (s *rebuilding) dropKey() (err error) {
	t := s.before.table()
	switch {
	case len(t.PrimaryKey) == 0:
		return fmt.Errorf("there is no primary key")
	case s.before.noRowid:
		return fmt.Errorf("a table WITHOUT ROWID needs its primary key")
	case s.before.counts():
		return fmt.Errorf("column %s counts up by itself, which on SQLite only the primary key can: end that first, with op.AlterColumn", t.PrimaryKey[0])
	}
	if s.after, err = s.before.withoutKey(); err != nil {
		return err
	}
	return s.stillUnique()
}

// stillUnique refuses to take the key away that another table's foreign key
// refers to: SQLite would take no more row of that table.
func (s *rebuilding) stillUnique() error {
	before, after := s.before.table(), s.after.table()
	for _, o := range s.indexes {
		if x, err := parseIndex(o.sql); err == nil {
			before.Indexes, after.Indexes = append(before.Indexes, x), append(after.Indexes, x)
		}
	}
	for _, r := range s.keys {
		columns := r.key.RefColumns
		if len(columns) == 0 {
			columns = before.PrimaryKey
		}
		if unique(before, columns) && !unique(after, columns) {
			return fmt.Errorf("table %s refers to it with a foreign key (%s): drop that key first", r.table, strings.Join(r.key.Columns, ", "))
		}
	}
	return nil
}

// referable refuses a foreign key to columns that nothing makes unique, as
// PostgreSQL does: SQLite would take the key, and then no row. It is asked of a
// database; other states may not know all indexes. Where there is no such table,
// it is the business of who makes the tables.
func referable(ctx context.Context, at op.State, table string, keys ...schema.ForeignKey) error {
	l, connected := at.(live)
	for _, f := range keys {
		if !connected || sameName(f.RefTable, table) {
			continue
		}
		t, err := l.alone(ctx, f.RefTable)
		if err != nil {
			return err
		}
		if t == nil {
			continue
		}
		for _, name := range f.RefColumns {
			if !slices.ContainsFunc(t.Columns, func(c schema.Column) bool { return sameName(c.Name, name) }) {
				return fmt.Errorf("table %s has no column %s", f.RefTable, name)
			}
		}
		if !unique(t, f.RefColumns) {
			return fmt.Errorf("nothing makes the columns (%s) of table %s unique, to which the key refers: add a primary key, a unique constraint or a unique index of them first",
				strings.Join(f.RefColumns, ", "), f.RefTable)
		}
	}
	return nil
}

// addForeignKey refuses a key to a table that is not there, which SQLite would
// notice with the first row.
func addForeignKey(ctx context.Context, o op.AddForeignKey, at op.State) ([]op.Statement, error) {
	f := o.ForeignKey
	text, err := foreignKeyText(f)
	if err != nil {
		return nil, err
	}
	if l, connected := at.(live); connected {
		if t, err := l.alone(ctx, f.RefTable); err != nil || t == nil {
			return nil, errors.Join(err, fmt.Errorf("there is no table %s", f.RefTable))
		}
	}
	if err := referable(ctx, at, o.Table, f); err != nil {
		return nil, err
	}
	return addConstraint(ctx, at, o.Table, text, nil)
}

// unique reports whether a key, constraint or index makes the columns unique.
func unique(t *schema.Table, columns []string) bool {
	same := func(list []string) bool {
		return len(list) == len(columns) && !slices.ContainsFunc(columns, func(c string) bool {
			return !slices.ContainsFunc(list, func(l string) bool { return sameName(l, c) })
		})
	}
	if same(t.PrimaryKey) || slices.ContainsFunc(t.Uniques, func(u schema.Unique) bool { return same(u.Columns) }) {
		return true
	}
	return slices.ContainsFunc(t.Indexes, func(x schema.Index) bool {
		var list []string
		for _, p := range x.Parts {
			list = append(list, p.Column)
		}
		return x.Unique && x.Where.IsZero() && same(list)
	})
}
