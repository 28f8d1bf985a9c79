package rowtest

import (
	"context"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// filler chooses rows, and how many of them each table can take.
type filler struct {
	dialect  dialect.Dialect
	from, to *schema.Schema
	fit      Fit
	fates    []*fate
	count    map[*schema.Table]int
}

// fate is that of a table, or of one of its columns.
func (f *filler) fate(t *schema.Table, column string) *fate {
	return f.fates[slices.IndexFunc(f.fates, func(x *fate) bool { return x.from.is(t.Schema, t.Name, column) })]
}

// will are the table and the column as they will be; nil: not any more, or nobody
// asks.
func (f *filler) will(t *schema.Table, column string) (*schema.Table, *schema.Column) {
	x := f.fate(t, column)
	if x.gone || f.fit == FromOnly {
		return nil, nil
	}
	to := f.to.Table(x.now.schema, x.now.table)
	if to == nil || column == "" {
		return to, nil
	}
	return to, to.Column(x.now.column)
}

// was is the table that a table of to is now; nil: it is new.
func (f *filler) was(schemaName, name string) *schema.Table {
	for _, x := range f.fates {
		if x.now.is(schemaName, name, "") && !x.gone {
			return f.from.Table(x.from.schema, x.from.table)
		}
	}
	return nil
}

// fill counts until no table takes rows from another's, and inserts.
func (f *filler) fill(ctx context.Context, db *bun.DB) error {
	for _, t := range f.from.Tables {
		f.count[t] = perTable
	}
	for again := true; again; {
		again = false
		for _, t := range f.from.Tables {
			if n := f.fitting(t); n < f.count[t] {
				f.count[t], again = n, true
			}
		}
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return f.unchecked(ctx, conn, func() error {
		for _, t := range f.from.Tables {
			for _, sql := range f.inserts(t) {
				if _, err := conn.ExecContext(ctx, sql); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// unchecked runs f without foreign keys, which hold when all rows are there.
func (f *filler) unchecked(ctx context.Context, conn bun.Conn, insert func() error) error {
	if f.dialect.Name() == "postgres" {
		if _, err := conn.ExecContext(ctx, "SET session_replication_role = replica"); err != nil {
			return err
		}
		defer func() { _, _ = conn.ExecContext(ctx, "RESET session_replication_role") }()
		return insert()
	}
	was, err := f.dialect.ForeignKeys(ctx, conn, false)
	if err != nil {
		return err
	}
	defer func() { _, _ = f.dialect.ForeignKeys(ctx, conn, was) }()
	return insert()
}

// fitting is how many rows the table can take, as far as is known.
func (f *filler) fitting(t *schema.Table) int {
	n := f.count[t]
	for _, c := range t.Columns {
		if c.Counts() {
			continue
		}
		if !c.Generated.IsZero() {
			to, will := f.will(t, c.Name)
			if will != nil && will.Generated.IsZero() && (will.Type.Kind == schema.KindEnum || refers(to, will.Name)) {
				n = 0 // it keeps what was computed, which is none of its values
			}
			continue
		}
		values := f.choices(t, c)
		switch {
		case f.unique(t, c.Name):
			n = min(n, len(values))
		case len(values) == 0 && !f.nullable(t, c):
			n = 0
		}
	}
	to, _ := f.will(t, "")
	if to == nil {
		return n
	}
	for _, c := range to.Columns { // those that it is to get
		known := slices.ContainsFunc(t.Columns, func(old schema.Column) bool {
			_, same := f.will(t, old.Name)
			return same != nil && same.Name == c.Name
		})
		switch null := c.Default.IsZero() && c.Generated.IsZero() && !c.Counts(); {
		case known:
		case null && (c.NotNull || slices.Contains(to.PrimaryKey, c.Name) || refuses(to, c.Name)):
			n = 0
		case !null && c.Generated.IsZero() && !c.Counts() && alone(to, c.Name):
			n = min(n, 1)
		}
		if !known && !c.Default.IsZero() && f.parents(to, c.Name, f.willReferTo) == 0 {
			n = 0
		}
	}
	return n
}

// choices are the values for the column, of the rows that its foreign keys can
// refer to.
func (f *filler) choices(t *schema.Table, c schema.Column) []string {
	to, will := f.will(t, c.Name)
	values := f.values(c, will, f.fate(t, c.Name).words)
	if f.fit == FromOnly {
		if f.inKey(t, c.Name) {
			values = samples(c.Type, false)
		} else if !f.unique(t, c.Name) && len(values) > 1 {
			values[len(values)-1] = values[0] // there may be two of one
		}
	}
	rows := f.parents(t, c.Name, f.refersTo)
	if will != nil {
		rows = min(rows, f.parents(to, will.Name, f.willReferTo))
	}
	return values[:min(len(values), rows)]
}

// inKey reports whether a foreign key has the column on either of its sides.
func (f *filler) inKey(t *schema.Table, column string) bool {
	return refers(t, column) || slices.ContainsFunc(f.from.Tables, func(x *schema.Table) bool {
		return slices.ContainsFunc(x.ForeignKeys, func(key schema.ForeignKey) bool {
			return key.RefSchema == t.Schema && key.RefTable == t.Name && slices.Contains(key.RefColumns, column)
		})
	})
}

// parents is how many rows all tables have that the column refers to.
func (f *filler) parents(t *schema.Table, column string, find func(schema.ForeignKey) *schema.Table) int {
	n := perTable
	for _, key := range t.ForeignKeys {
		if !slices.Contains(key.Columns, column) {
			continue
		}
		parent := find(key)
		if parent == nil {
			return 0
		}
		n = min(n, f.count[parent])
	}
	return n
}

// refersTo is the table that a foreign key of from refers to.
func (f *filler) refersTo(key schema.ForeignKey) *schema.Table {
	return f.from.Table(key.RefSchema, key.RefTable)
}

// willReferTo is the table that a foreign key of to refers to, as it is called
// now; nil: it is new, or the column is, and holds nothing to refer to.
func (f *filler) willReferTo(key schema.ForeignKey) *schema.Table {
	for _, c := range key.RefColumns {
		if !slices.ContainsFunc(f.fates, func(x *fate) bool { return !x.gone && x.now.is(key.RefSchema, key.RefTable, c) }) {
			return nil
		}
	}
	return f.was(key.RefSchema, key.RefTable)
}

// nullable reports whether the column takes a NULL, on both sides.
func (f *filler) nullable(t *schema.Table, c schema.Column) bool {
	if c.Required() || slices.Contains(t.PrimaryKey, c.Name) || refuses(t, c.Name) {
		return false
	}
	to, will := f.will(t, c.Name)
	return will == nil || !will.Required() && !slices.Contains(to.PrimaryKey, will.Name) && !refuses(to, will.Name)
}

// unique reports whether no two rows may have one value, on either side.
func (f *filler) unique(t *schema.Table, column string) bool {
	computed := func(c schema.Column) bool { return c.Generated.Mentions(column) && alone(t, c.Name) }
	if alone(t, column) || slices.ContainsFunc(t.Columns, computed) {
		return true
	}
	to, will := f.will(t, column)
	return will != nil && alone(to, will.Name)
}

// refers reports whether the column is part of a foreign key.
func refers(t *schema.Table, column string) bool {
	return slices.ContainsFunc(t.ForeignKeys, func(key schema.ForeignKey) bool { return slices.Contains(key.Columns, column) })
}

// alone reports whether the column is unique by itself.
func alone(t *schema.Table, column string) bool {
	is := func(columns []string) bool { return slices.Equal(columns, []string{column}) }
	return is(t.PrimaryKey) ||
		slices.ContainsFunc(t.Uniques, func(u schema.Unique) bool { return is(u.Columns) }) ||
		slices.ContainsFunc(t.Exclusions, func(x schema.Exclusion) bool { return x.Involves(column) }) ||
		slices.ContainsFunc(t.Indexes, func(x schema.Index) bool { return x.Unique && len(x.Parts) == 1 && x.Involves(column) })
}

// refuses reports whether a check forbids the column to be NULL.
func refuses(t *schema.Table, column string) bool {
	return slices.ContainsFunc(t.Checks, func(c schema.Check) bool {
		return c.Expr.Mentions(column) && strings.HasSuffix(c.Expr.String(), " IS NOT NULL")
	})
}

// inserts are the statements that insert the rows of a table. The second of them
// has a NULL wherever one is allowed.
func (f *filler) inserts(t *schema.Table) []string {
	var names []string
	rows := make([][]string, f.count[t])
	for _, c := range t.Columns {
		if c.Counts() || !c.Generated.IsZero() {
			continue
		}
		names = append(names, f.dialect.Quote(c.Name))
		values, nullable := f.choices(t, c), f.nullable(t, c)
		for i := range rows {
			v := null
			if len(values) > 0 && (i != 1 || !nullable) {
				v = values[i%len(values)]
			}
			rows[i] = append(rows[i], v)
		}
	}
	into := "INSERT INTO " + quoted(f.dialect, place{t.Schema, t.Name, ""})
	var all []string
	for _, row := range rows {
		if len(names) == 0 {
			all = append(all, into+" DEFAULT VALUES")
			continue
		}
		all = append(all, into+" ("+strings.Join(names, ", ")+") VALUES ("+strings.Join(row, ", ")+")")
	}
	return all
}
