// Package rowtest puts rows into tables before their schema is changed, and tells
// what of them the change did not keep: data survives where it can.
//
// What lives here: rows that fit both sides of a change (or deliberately only the
// side that is there), where the operations take each column, and the comparison
// of what was there with what is left. What does not: the change itself, which
// the test makes, and whether the schema is right, which it compares too.
package rowtest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/diff"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// Fit says which side of the change rows fit.
type Fit int

const (
	// Both is for rows that the change keeps, but for the columns that it drops.
	Both Fit = iota + 1
	// FromOnly is for rows that only the schema before the change allows. The
	// change may fail on them, or lose some of what they hold, when it says so.
	FromOnly
)

// perTable is how many rows a table gets that can take so many.
const perTable = 3

// Rows are what Fill put into the tables of a database.
type Rows struct {
	dialect dialect.Dialect
	tables  []*table
}

// table is one table with its rows as text, a value for each of its columns.
type table struct {
	*fate
	columns []*fate
	rows    [][]string
}

// Fill puts up to three rows into each table of from, in which all keys, uniques,
// checks and references hold. The database of db has from already; r is the change
// to come, which makes to of it. A table for which no row fits stays empty.
func Fill(ctx context.Context, db *bun.DB, d dialect.Dialect, from, to *schema.Schema, r diff.Result, fit Fit) (*Rows, error) {
	f := &filler{dialect: d, from: from, to: to, fit: fit, fates: trace(from, r), count: map[*schema.Table]int{}}
	if err := f.fill(ctx, db); err != nil {
		return nil, err
	}
	rows := &Rows{dialect: d}
	for _, t := range from.Tables {
		own := &table{fate: f.fate(t, "")}
		for _, c := range t.Columns {
			own.columns = append(own.columns, f.fate(t, c.Name))
		}
		var err error
		if own.rows, err = rows.read(ctx, db, own.from, own.columns, fromName); err != nil {
			return nil, err
		}
		rows.tables = append(rows.tables, own)
	}
	return rows, nil
}

// Len is the number of rows in all tables.
func (r *Rows) Len() int {
	n := 0
	for _, t := range r.tables {
		n += len(t.rows)
	}
	return n
}

// Forward tells what the change did not keep, a line for each table: what it
// dropped or said to lose is not looked at. Empty: all is there.
func (r *Rows) Forward(ctx context.Context, db bun.IDB) (string, error) {
	var lines []string
	for _, t := range r.tables {
		if t.gone {
			continue
		}
		line, err := r.compare(ctx, db, t, t.now, nowName, func(f *fate, v string) string { return f.words.rename(v) })
		if err != nil {
			return "", err
		}
		lines = append(lines, line...)
	}
	return strings.Join(lines, "\n"), nil
}

// Back is Forward after the change was undone: rows of tables that it dropped are
// not there, and all else is as it was before.
func (r *Rows) Back(ctx context.Context, db bun.IDB) (string, error) {
	var lines []string
	for _, t := range r.tables {
		if t.gone {
			t = &table{fate: t.fate}
		}
		line, err := r.compare(ctx, db, t, t.from, fromName, func(_ *fate, v string) string { return v })
		if err != nil {
			return "", err
		}
		lines = append(lines, line...)
	}
	return strings.Join(lines, "\n"), nil
}

func fromName(f *fate) string { return f.from.column }
func nowName(f *fate) string  { return f.now.column }

// compare reads the columns that are kept and holds their rows against those that
// were there, whatever their order.
func (r *Rows) compare(ctx context.Context, db bun.IDB, t *table, at place, name func(*fate) string, expect func(*fate, string) string) ([]string, error) {
	var kept []*fate
	var index []int
	for i, c := range t.columns {
		if !c.gone && !c.loses {
			kept, index = append(kept, c), append(index, i)
		}
	}
	found, err := r.read(ctx, db, at, kept, name)
	if err != nil {
		return nil, err
	}
	want := make([][]string, len(t.rows))
	for n, row := range t.rows {
		for i, c := range kept {
			want[n] = append(want[n], expect(c, row[index[i]]))
		}
	}
	got, wanted := lines(kept, found), lines(kept, want)
	if slices.Equal(got, wanted) {
		return nil, nil
	}
	return []string{fmt.Sprintf("the rows of %s are %q, want %q", at, got, wanted)}, nil
}

// lines are rows as sorted lines. Values whose type changes are compared by what
// they mean.
func lines(columns []*fate, rows [][]string) []string {
	all := make([]string, 0, len(rows))
	for _, row := range rows {
		line := make([]string, len(row))
		for i, v := range row {
			line[i] = v
			if columns[i].retyped {
				line[i] = meaning(v)
			}
		}
		all = append(all, strings.Join(line, " | "))
	}
	slices.Sort(all)
	return all
}

// null is how a NULL is told.
const null = "NULL"

// read reads the columns of all rows as text.
func (r *Rows) read(ctx context.Context, db bun.IDB, at place, columns []*fate, name func(*fate) string) ([][]string, error) {
	list := make([]string, 0, len(columns)+1)
	for _, c := range columns {
		list = append(list, "coalesce(CAST("+r.dialect.Quote(name(c))+" AS text), '"+null+"')")
	}
	list = append(list, "1") // a table may have lost all of its columns, and has its rows
	result, err := db.QueryContext(ctx, "SELECT "+strings.Join(list, ", ")+" FROM "+quoted(r.dialect, at))
	if err != nil {
		return nil, err
	}
	defer result.Close()
	var rows [][]string
	for result.Next() {
		row, into := make([]string, len(list)), make([]any, len(list))
		for i := range row {
			into[i] = &row[i]
		}
		if err := result.Scan(into...); err != nil {
			return nil, err
		}
		rows = append(rows, row[:len(columns)])
	}
	return rows, result.Err()
}

// quoted is a table's name as SQL has it.
func quoted(d dialect.Dialect, at place) string {
	if at.schema == "" {
		return d.Quote(at.table)
	}
	return d.Quote(at.schema) + "." + d.Quote(at.table)
}
