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

// Render implements op.Renderer. What SQLite cannot do to a table in place is
// done by making the table anew; see rebuild.
func (d Dialect) Render(ctx context.Context, o op.Op, at op.State) ([]op.Statement, error) {
	if err := refused(o); err != nil {
		return nil, err
	}
	switch o := o.(type) {
	case op.CreateTable:
		return createTable(ctx, o, at)
	case op.DropTable:
		return dropTable(ctx, o, at)
	case op.RenameTable:
		return renameTable(o)
	case op.CreateIndex:
		return d.createIndex(ctx, o, at)
	case op.DropIndex:
		return dropIndex(ctx, o, at)
	case op.RenameIndex:
		return renameIndex(ctx, o, at)
	case op.AddColumn:
		return addColumn(ctx, o, at)
	case op.DropColumn:
		return rebuild(ctx, at, o.Table, func(s *rebuilding) error { return s.dropColumn(o.Name) })
	case op.RenameColumn:
		return renameColumn(o)
	case op.AlterColumn:
		return alterColumn(ctx, o, at)
	case op.SQL:
		return o.Statements("sqlite")
	}
	return d.renderMore(ctx, o, at)
}

func (d Dialect) renderMore(ctx context.Context, o op.Op, at op.State) ([]op.Statement, error) {
	switch o := o.(type) {
	case op.AddForeignKey:
		return addForeignKey(ctx, o, at)
	case op.AddUnique:
		text, err := uniqueText(o.Unique)
		return addConstraint(ctx, at, o.Table, text, err)
	case op.AddCheck:
		text, err := checkText(o.Check)
		return addConstraint(ctx, at, o.Table, text, err)
	case op.DropConstraint:
		return rebuild(ctx, at, o.Table, func(s *rebuilding) error { return s.dropConstraint(o.Name) })
	case op.RenameConstraint:
		return rebuild(ctx, at, o.Table, func(s *rebuilding) error { return s.renameConstraint(o.Name, o.To) })
	case op.AddPrimaryKey:
		return addPrimaryKey(ctx, o, at)
	case op.DropPrimaryKey:
		return rebuild(ctx, at, o.Table, (*rebuilding).dropKey)
	case op.ValidateConstraint, op.SetComment:
		return nil, nil // all rows were checked when it was added; there are no comments
	case op.CreateEnum:
		return createEnum(o)
	case op.DropEnum:
		return dropEnum(ctx, o, at)
	case op.AddEnumValue:
		return addEnumValue(ctx, o, at)
	case op.RenameEnumValue:
		return renameEnumValue(ctx, o, at)
	case op.DropEnumValue:
		return dropEnumValue(ctx, o, at)
	case op.CreateView:
		return createView(o)
	case op.DropView:
		return []op.Statement{{SQL: "DROP VIEW " + quote(o.Name)}}, nil
	case op.CreateTrigger:
		return createTrigger(o)
	case op.DropTrigger:
		return dropTrigger(ctx, o, at)
	}
	return nil, fmt.Errorf("%s: SQLite does not know the operation %T", o, o)
}

func one(sql string, err error) ([]op.Statement, error) {
	if err != nil {
		return nil, err
	}
	return []op.Statement{{SQL: sql}}, nil
}

// createTable makes a table. Run has looked whether there is one already; the
// words IF NOT EXISTS are for who reads the SQL, or runs it elsewhere.
func createTable(ctx context.Context, o op.CreateTable, at op.State) ([]op.Statement, error) {
	text, err := tableText(o.Table(), valuesAt(ctx, at))
	if err == nil {
		err = referable(ctx, at, o.Name, o.ForeignKeys...)
	}
	return one(ifNotExists(text, "CREATE TABLE ", o.IfNotExists), err)
}

func ifNotExists(sql, create string, yes bool) string {
	if rest, ok := strings.CutPrefix(sql, create); ok && yes {
		return create + "IF NOT EXISTS " + rest
	}
	return sql
}

// createIndex makes an index. Where it was to be built concurrently, the
// migration is none of a transaction and may be run again after an interruption:
// an index of the same definition that is there already is what was asked.
func (d Dialect) createIndex(ctx context.Context, o op.CreateIndex, at op.State) ([]op.Statement, error) {
	l, connected := at.(live)
	if !o.Concurrently || !connected {
		text, err := indexText(o.Table, o.Index)
		create := "CREATE INDEX "
		if o.Index.Unique {
			create = "CREATE UNIQUE INDEX "
		}
		return one(ifNotExists(text, create, o.IfNotExists), err)
	}
	found, err := l.Table(ctx, "", o.Table)
	if err != nil || found == nil || found.Index(o.Index.Name) == nil {
		if err != nil {
			return nil, err
		}
		return one(indexText(o.Table, o.Index))
	}
	want, err := d.Normalize(ctx, l.db, op.WithIndexOnly(found, o.Index))
	if err != nil {
		return nil, err
	}
	if lines := schema.IndexDifferences(found, want, o.Index.Name); len(lines) > 0 {
		return nil, &op.DifferenceError{Object: o.Object(), Differences: lines}
	}
	return nil, nil
}

// dropIndex drops an index; one that was to be dropped concurrently may be gone
// already, as in createIndex. The unique index that a foreign key needs stays.
func dropIndex(ctx context.Context, o op.DropIndex, at op.State) ([]op.Statement, error) {
	if err := unneeded(ctx, o, at); err != nil {
		return nil, err
	}
	if o.Concurrently {
		return []op.Statement{{SQL: "DROP INDEX IF EXISTS " + quote(o.Name)}}, nil
	}
	return []op.Statement{{SQL: "DROP INDEX " + quote(o.Name)}}, nil
}

// unneeded refuses to drop the index that makes unique what a foreign key refers
// to: SQLite would take no more row of the table that has the key.
func unneeded(ctx context.Context, o op.DropIndex, at op.State) error {
	keys, err := referrers(ctx, at, o.Table)
	if err != nil || len(keys) == 0 {
		return err
	}
	t, err := at.Table(ctx, "", o.Table)
	if err != nil || t == nil {
		return err
	}
	less := t.Clone()
	less.Indexes = slices.DeleteFunc(less.Indexes, func(x schema.Index) bool { return sameName(x.Name, o.Name) })
	for _, r := range keys {
		if unique(t, r.key.RefColumns) && !unique(less, r.key.RefColumns) {
			return fmt.Errorf("table %s refers to what it makes unique with a foreign key (%s): drop that key first",
				r.table, strings.Join(r.key.Columns, ", "))
		}
	}
	return nil
}

// dropTable refuses a table that others refer to, as PostgreSQL does. SQLite
// would delete its rows first, and with them rows of the others where a key
// says CASCADE, or leave keys that refer to nothing.
func dropTable(ctx context.Context, o op.DropTable, at op.State) ([]op.Statement, error) {
	keys, err := referrers(ctx, at, o.Name)
	if err != nil {
		return nil, err
	}
	drop := op.Statement{SQL: "DROP TABLE " + quote(o.Name)}
	if o.IfExists {
		drop.SQL = "DROP TABLE IF EXISTS " + quote(o.Name)
	}
	for _, r := range keys {
		if !sameName(r.table, o.Name) {
			return nil, fmt.Errorf("table %s refers to it with a foreign key (%s): drop that table or its key first",
				r.table, strings.Join(r.key.Columns, ", "))
		}
		// The deletion of the rows would meet the table's own key.
		if r.key.OnDelete != schema.NoAction && r.key.OnDelete != schema.Cascade {
			drop.ForeignKeysOff = true
		}
	}
	if err := unread(ctx, at, o.Name); err != nil {
		return nil, err
	}
	return []op.Statement{drop}, nil
}

// unread refuses to drop a table that a view reads: the view would stay, and
// SQLite then renames no table at all.
func unread(ctx context.Context, at op.State, table string) error {
	var all []object
	var err error
	switch at := at.(type) {
	case live:
		all, err = load(ctx, at.db, views)
	case op.Fold:
		all, err = viewsAndTriggers(&schema.Schema{Views: at.Schema.Views})
	}
	for _, o := range all {
		if reads, bad := o.reads(table); reads || bad != nil {
			return errors.Join(bad, fmt.Errorf("the view %s reads it: drop that first", o.name))
		}
	}
	return err
}

// addColumn adds the column in place where SQLite can: when rows that exist can
// take a constant.
func addColumn(ctx context.Context, o op.AddColumn, at op.State) ([]op.Statement, error) {
	if o.Column.Counts() {
		return nil, fmt.Errorf("column %s cannot count up by itself: on SQLite only the whole primary key can, from the table's beginning", o.Column.Name)
	}
	text, err := columnText(o.Column, keyPart{}, valuesAt(ctx, at))
	if err != nil {
		return nil, err
	}
	// A stored column must be computed for the rows there are.
	inPlace := !o.Column.NotNull && (o.Column.Generated.IsZero() || o.Column.Virtual)
	if !o.Column.Default.IsZero() {
		value, err := defaultClause(o.Column.Default)
		if err != nil {
			return nil, err
		}
		null := strings.EqualFold(value, "NULL")
		inPlace = isFixed(value) && !(null && o.Column.NotNull)
	}
	if inPlace {
		return one("ALTER TABLE "+quote(o.Table)+" ADD COLUMN "+text, nil)
	}
	return rebuild(ctx, at, o.Table, func(s *rebuilding) error { return s.addColumn(text) })
}

func addConstraint(ctx context.Context, at op.State, table, text string, err error) ([]op.Statement, error) {
	if err != nil {
		return nil, err
	}
	return rebuild(ctx, at, table, func(s *rebuilding) error { return s.addConstraint(text) })
}
