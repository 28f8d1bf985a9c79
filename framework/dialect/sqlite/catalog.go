package sqlite

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// object is a row of SQLite's own table of everything there is.
type object struct {
	kind  string // "table", "index", "view", "trigger"
	name  string
	table string // that it belongs to
	sql   string // empty for an index that SQLite made for a constraint
	temp  bool
}

// mentions reports whether the object's text has a name in it that SQLite could
// take for this one. Texts in single quotes count only with inStrings.
func (o object) mentions(name string, inStrings bool) (bool, error) {
	words, quoted, err := o.mentioned(name)
	if words || quoted || err != nil || !inStrings {
		return words || quoted, err
	}
	ts, err := tokens(o.sql)
	return slices.ContainsFunc(ts, func(t token) bool { return t.kind == stringToken && sameName(t.name(), name) }), err
}

// mentioned reports whether the object's text has the name as a plain word, and
// whether it has it in double quotes or their like.
func (o object) mentioned(name string) (words, quoted bool, err error) {
	ts, err := tokens(o.sql)
	if err != nil {
		return false, false, fmt.Errorf("%s %s: %w", o.kind, o.name, err)
	}
	for _, t := range ts {
		same := (t.kind == wordToken || t.kind == nameToken) && sameName(t.name(), name)
		words, quoted = words || same && t.kind == wordToken, quoted || same && t.kind == nameToken
	}
	return words, quoted, nil
}

func (o object) isTable() bool {
	return o.kind == "table" && !o.temp && !isVirtual(o.sql) && !strings.HasPrefix(asciiLower(o.name), "sqlite_")
}

// isVirtual reports whether the text is that of a virtual table, which belongs
// to a module (full-text search, …) and not to us.
func isVirtual(sql string) bool {
	ts, _ := tokens(sql)
	return len(ts) > 1 && ts[1].is("VIRTUAL")
}

const (
	everything = `
SELECT type, name, tbl_name, coalesce(sql, ''), temp FROM (
	SELECT rowid AS number, 0 AS temp, type, name, tbl_name, sql FROM sqlite_master
	UNION ALL
	SELECT rowid, 1, type, name, tbl_name, sql FROM sqlite_temp_master
) ORDER BY temp, number`

	ofTable = `
SELECT type, name, tbl_name, coalesce(sql, ''), 0 FROM sqlite_master
WHERE type IN ('table', 'index') AND tbl_name = %s COLLATE NOCASE ORDER BY rowid`

	withKeysTo = `
SELECT type, name, tbl_name, sql, 0 FROM sqlite_master AS m WHERE type = 'table' AND sql LIKE '%%references%%'
	AND EXISTS (SELECT 1 FROM pragma_foreign_key_list(m.name) AS f WHERE f."table" = %s COLLATE NOCASE)`

	// The tables in which a module keeps a virtual table's data are not ours.
	structure = `
SELECT m.type, m.name, m.tbl_name, coalesce(m.sql, ''), 0 FROM sqlite_master AS m
WHERE m.tbl_name NOT IN (SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow')
ORDER BY m.name`
)

func load(ctx context.Context, db bun.IDB, query string) ([]object, error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []object
	for rows.Next() {
		var o object
		if err := rows.Scan(&o.kind, &o.name, &o.table, &o.sql, &o.temp); err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, rows.Err()
}

// parsed is the table that the object is.
func (o object) parsed() (*schema.Table, error) {
	d, err := parseTable(o.sql)
	if err != nil {
		return nil, fmt.Errorf("the definition of table %s cannot be understood: %w", o.name, err)
	}
	t := d.table()
	t.Name = o.name
	return t, nil
}

// tables returns the tables among the objects, with their indexes, in the order
// of the objects.
func tables(all []object) ([]*schema.Table, error) {
	byName := map[string]*schema.Table{}
	var list []*schema.Table
	for _, o := range all {
		if !o.isTable() {
			continue
		}
		t, err := o.parsed()
		if err != nil {
			return nil, err
		}
		list = append(list, t)
		byName[asciiLower(o.name)] = t
	}
	for _, o := range all {
		t := byName[asciiLower(o.table)]
		if o.kind != "index" || o.sql == "" || t == nil {
			continue
		}
		x, err := parseIndex(o.sql)
		if err != nil {
			return nil, fmt.Errorf("the definition of index %s cannot be understood: %w", o.name, err)
		}
		x.Name = o.name
		t.Indexes = append(t.Indexes, x)
	}
	return list, nil
}

// refer completes foreign keys: a table spelled in another case, and columns
// that were left out because they are the primary key.
func refer(t *schema.Table, find func(name string) (*schema.Table, error)) error {
	for i := range t.ForeignKeys {
		f := &t.ForeignKeys[i]
		ref := t
		if !sameName(f.RefTable, t.Name) {
			var err error
			if ref, err = find(f.RefTable); err != nil {
				return err
			}
		}
		if ref == nil {
			continue // SQLite lets a key refer to nothing
		}
		f.RefTable = ref.Name
		if len(f.RefColumns) == 0 {
			f.RefColumns = append([]string(nil), ref.PrimaryKey...)
		}
		for j, name := range f.RefColumns {
			for _, c := range ref.Columns {
				if sameName(c.Name, name) {
					f.RefColumns[j] = c.Name
				}
			}
		}
	}
	return nil
}
