package sqlite

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// Render implements op.Renderer. What SQLite cannot do to a table in place is
// done by making the table anew; see rebuild.
func (d Dialect) Render(ctx context.Context, o op.Op, at op.State) ([]op.Statement, error) {
	if name := o.Object().Schema; name != "" {
		return nil, noSchemas(name)
	}
	switch o := o.(type) {
	case op.CreateTable:
		return createTable(o)
	case op.DropTable:
		return dropTable(ctx, o, at)
	case op.AddColumn:
		return addColumn(ctx, o, at)
	case op.DropColumn:
		return rebuild(ctx, at, o.Table, func(s *rebuilding) error { return s.dropColumn(o.Name) })
	case op.CreateIndex:
		return d.createIndex(ctx, o, at)
	case op.DropIndex:
		return dropIndex(o), nil
	case op.AddForeignKey:
		text, err := foreignKeyText(o.ForeignKey)
		return addConstraint(ctx, at, o.Table, text, err)
	case op.AddUnique:
		return addConstraint(ctx, at, o.Table, uniqueText(o.Unique), nil)
	case op.AddCheck:
		text, err := checkText(o.Check)
		return addConstraint(ctx, at, o.Table, text, err)
	case op.DropConstraint:
		return rebuild(ctx, at, o.Table, func(s *rebuilding) error { return s.dropConstraint(o.Name) })
	case op.SQL:
		return o.Statements("sqlite")
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
func createTable(o op.CreateTable) ([]op.Statement, error) {
	text, err := tableText(o.Table())
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
// already, as in createIndex.
func dropIndex(o op.DropIndex) []op.Statement {
	if o.Concurrently {
		return []op.Statement{{SQL: "DROP INDEX IF EXISTS " + quote(o.Name)}}
	}
	return []op.Statement{{SQL: "DROP INDEX " + quote(o.Name)}}
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
	return []op.Statement{drop}, nil
}

// addColumn adds the column in place where SQLite can: when rows that exist can
// take a constant.
func addColumn(ctx context.Context, o op.AddColumn, at op.State) ([]op.Statement, error) {
	if o.Column.AutoIncrement {
		return nil, fmt.Errorf("column %s cannot count up by itself: on SQLite only the whole primary key can, from the table's beginning", o.Column.Name)
	}
	text, err := columnText(o.Column, false)
	if err != nil {
		return nil, err
	}
	inPlace := !o.Column.NotNull
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

// tableText is the CREATE TABLE of t.
func tableText(t *schema.Table) (string, error) {
	var items []string
	counts := false
	for _, c := range t.Columns {
		key := slices.Contains(t.PrimaryKey, c.Name)
		if c.AutoIncrement {
			counts = true
			if len(t.PrimaryKey) != 1 || !key {
				return "", fmt.Errorf("column %s of table %s cannot count up by itself: on SQLite only the whole primary key can", c.Name, t.Name)
			}
		}
		text, err := columnText(c, key)
		if err != nil {
			return "", fmt.Errorf("table %s: %w", t.Name, err)
		}
		items = append(items, text)
	}
	if len(t.PrimaryKey) > 0 && !counts {
		items = append(items, "PRIMARY KEY "+names(t.PrimaryKey))
	}
	for _, u := range t.Uniques {
		items = append(items, uniqueText(u))
	}
	for _, c := range t.Checks {
		text, err := checkText(c)
		if err != nil {
			return "", fmt.Errorf("table %s: %w", t.Name, err)
		}
		items = append(items, text)
	}
	for _, f := range t.ForeignKeys {
		text, err := foreignKeyText(f)
		if err != nil {
			return "", fmt.Errorf("table %s: %w", t.Name, err)
		}
		items = append(items, text)
	}
	return "CREATE TABLE " + quote(t.Name) + " (\n\t" + strings.Join(items, ",\n\t") + "\n)", nil
}

// columnText is a column's definition. key: it is part of the primary key,
// whose columns SQLite alone would let be NULL.
func columnText(c schema.Column, key bool) (string, error) {
	typ, err := typeText(c.Type)
	if err != nil {
		return "", fmt.Errorf("column %s: %w", c.Name, err)
	}
	text := quote(c.Name)
	if typ != "" {
		text += " " + typ
	}
	if c.NotNull || key || c.AutoIncrement {
		text += " NOT NULL"
	}
	if c.AutoIncrement {
		if !strings.EqualFold(typ, "INTEGER") {
			return "", fmt.Errorf("column %s: only an INTEGER counts up by itself, not %s", c.Name, typ)
		}
		text += " PRIMARY KEY AUTOINCREMENT"
	}
	if !c.Default.IsZero() {
		value, err := defaultClause(c.Default)
		if err != nil {
			return "", fmt.Errorf("column %s: %w", c.Name, err)
		}
		text += " DEFAULT " + value
	}
	return text, nil
}

func uniqueText(u schema.Unique) string {
	return constraintName(u.Name) + "UNIQUE " + names(u.Columns)
}

func checkText(c schema.Check) (string, error) {
	text, err := expressionText(c.Expr)
	return constraintName(c.Name) + "CHECK (" + text + ")", err
}

func foreignKeyText(f schema.ForeignKey) (string, error) {
	if f.RefSchema != "" {
		return "", noSchemas(f.RefSchema)
	}
	text := constraintName(f.Name) + "FOREIGN KEY " + names(f.Columns) + " REFERENCES " + quote(f.RefTable) + " " + names(f.RefColumns)
	for _, a := range []struct {
		when   string
		action schema.Action
	}{{"UPDATE", f.OnUpdate}, {"DELETE", f.OnDelete}} {
		switch a.action {
		case schema.NoAction:
		case schema.Restrict, schema.Cascade, schema.SetNull, schema.SetDefault:
			text += " ON " + a.when + " " + string(a.action)
		default:
			return "", fmt.Errorf("foreign key %s: %q is not an action", f.Name, string(a.action))
		}
	}
	return text, nil
}

func constraintName(name string) string {
	if name == "" {
		return ""
	}
	return "CONSTRAINT " + quote(name) + " "
}

func names(columns []string) string {
	quoted := make([]string, len(columns))
	for i, c := range columns {
		quoted[i] = quote(c)
	}
	return "(" + strings.Join(quoted, ", ") + ")"
}
