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

// Rebuilding a table
//
// SQLite can add and drop simple columns in place; for the rest its manual gives
// a procedure (https://sqlite.org/lang_altertable.html#otheralter): make a new
// table, copy the rows, drop the old one, give the new one its name. The new
// definition is the old text, changed in one place, so that what we have no words
// for stays. An ALTER COLUMN may compute new values on the way. Kept too: the rows' numbers, the AUTOINCREMENT counter, indexes,
// triggers (of other tables, too, when they use this one) and views.
//
// Dropping a table that others refer to deletes their rows while foreign keys are
// on, so such a rebuild wants them off before the transaction begins.

// newPrefix stands before the name of a table that is being made anew.
const newPrefix = "leaven_new_"

// rebuilding is a rebuild in the making.
type rebuilding struct {
	before     *definition
	after      *definition
	indexes    []object
	again      []object // views and triggers to drop and make again, in order
	own        []object // triggers of the table, to make again
	referenced bool     // a foreign key refers to the table
	checks     bool     // rows must be checked against a new foreign key
	keys       []referrer
	statistics []string // tables of ANALYZE, whose rows go with the table
	doubtful   bool     // a view may use a column that is no more

	computed map[string]string // columns whose new values are not the old ones: the expression
}

// rebuild returns the statements that make the table anew as change says.
func rebuild(ctx context.Context, at op.State, table string, change func(*rebuilding) error) ([]op.Statement, error) {
	s, err := gather(ctx, at, table)
	if err != nil {
		return nil, err
	}
	if err := change(s); err != nil {
		return nil, fmt.Errorf("table %s: %w", table, err)
	}
	return s.statements()
}

func (s *rebuilding) addColumn(text string) (err error) {
	s.after, err = s.before.withColumn(text)
	return err
}

func (s *rebuilding) addConstraint(text string) (err error) {
	s.after, err = s.before.withConstraint(text)
	if err == nil {
		last := s.after.constraints[len(s.after.constraints)-1]
		s.checks = last.kind == foreignKeyClause
	}
	return err
}

func (s *rebuilding) dropConstraint(name string) error {
	c, _, err := s.before.constraint(name)
	if err != nil {
		return err
	}
	if c.kind == primaryKeyClause {
		return s.dropKey()
	}
	if s.after, err = s.before.withoutConstraint(name); err != nil {
		return err
	}
	return s.stillUnique()
}

// compute gives a column other values than the old ones.
func (s *rebuilding) compute(column, expression string) {
	if s.computed == nil {
		s.computed = map[string]string{}
	}
	s.computed[asciiLower(column)] = expression
}

// dropColumn drops the column with the indexes that involve it. A view or a
// trigger that uses it, or another table's foreign key that refers to it, stands
// in the way.
func (s *rebuilding) dropColumn(name string) (err error) {
	table := s.before.tokens[s.before.name].name()
	for _, r := range s.keys {
		if !sameName(r.table, table) && slices.ContainsFunc(r.key.RefColumns, func(c string) bool { return sameName(c, name) }) {
			return fmt.Errorf("table %s refers to column %s with a foreign key: drop that key first", r.table, name)
		}
	}
	for _, o := range slices.Concat(s.again, s.own) {
		words, quoted, err := o.mentioned(name)
		if err != nil {
			return err
		}
		// Whether a view means another table's column of that name, SQLite tells; but a
		// name in quotes it would then take for a string, and of a trigger it does not
		// look at all.
		if quoted || words && o.kind != "view" {
			return fmt.Errorf("the %s %s uses a column %s: drop it before, and make it again without the column", o.kind, o.name, name)
		}
		s.doubtful = s.doubtful || words
	}
	if s.after, err = s.before.withoutColumn(name); err != nil {
		return err
	}
	var kept []object
	for _, o := range s.indexes {
		x, err := parseIndex(o.sql)
		if err != nil {
			return fmt.Errorf("the definition of index %s cannot be understood: %w", o.name, err)
		}
		if !x.Involves(s.before.column(name).name) {
			kept = append(kept, o)
		}
	}
	s.indexes = kept
	return nil
}

// statements are the steps of the procedure.
func (s *rebuilding) statements() ([]op.Statement, error) {
	name := s.before.tokens[s.before.name].name()
	temporary := newPrefix + name
	made, err := s.after.renamed(temporary)
	if err != nil {
		return nil, err
	}
	columns, values := s.copied()
	if len(columns) == 0 {
		return nil, errors.New("no column would be left of the table")
	}
	steps := []string{
		made.sql,
		// OR ABORT: a conflict clause of the table must not lose rows here.
		fmt.Sprintf("INSERT OR ABORT INTO %s (%s) SELECT %s FROM %s", quote(temporary), strings.Join(columns, ", "), strings.Join(values, ", "), quote(name)),
	}
	if s.before.counts() && s.after.counts() {
		steps = append(steps,
			"DELETE FROM sqlite_sequence WHERE name = "+literal(temporary),
			fmt.Sprintf("INSERT INTO sqlite_sequence (name, seq) SELECT %s, seq FROM sqlite_sequence WHERE name = %s", literal(temporary), literal(name)))
	}
	steps = append(steps, s.moveStatistics(name, temporary)...)
	for _, o := range s.again {
		if o.kind == "view" || !s.onView(o) {
			steps = append(steps, "DROP "+strings.ToUpper(o.kind)+" "+quote(o.name))
		}
	}
	steps = append(steps, "DROP TABLE "+quote(name), "ALTER TABLE "+quote(temporary)+" RENAME TO "+quote(name))
	steps = append(steps, s.moveStatistics(temporary, name)...)
	for _, list := range [][]object{s.indexes, s.again, s.own} {
		for _, o := range list {
			steps = append(steps, o.sql)
		}
	}
	if s.doubtful {
		steps = append(steps, looks(temporary, "leaven_old_"+name)...)
	}
	statements := make([]op.Statement, len(steps))
	for i, sql := range steps {
		statements[i] = op.Statement{SQL: sql, ForeignKeysOff: s.referenced || s.checks}
	}
	return statements, nil
}

// looks lets SQLite look at every view and trigger, as it does when any table is
// renamed: it fails where one does not fit the tables.
func looks(a, b string) []string {
	return []string{
		"CREATE TABLE " + quote(a) + " (looks_at_views_and_triggers)",
		"ALTER TABLE " + quote(a) + " RENAME TO " + quote(b),
		"DROP TABLE main." + quote(b),
	}
}

// moveStatistics keeps what ANALYZE has found out of the way of DROP TABLE.
func (s *rebuilding) moveStatistics(from, to string) []string {
	var steps []string
	for _, table := range s.statistics {
		steps = append(steps, fmt.Sprintf("UPDATE %s SET tbl = %s WHERE tbl = %s COLLATE NOCASE", quote(table), literal(to), literal(from)))
	}
	return steps
}

// onView reports whether a trigger goes with a view that is dropped.
func (s *rebuilding) onView(trigger object) bool {
	return slices.ContainsFunc(s.again, func(o object) bool {
		return o.kind == "view" && sameName(o.name, trigger.table)
	})
}

// copied lists what goes from the old table to the new: the columns of both
// whose values are not computed from others, and the row's number where no
// column is it; beside them where the values come from.
func (s *rebuilding) copied() (columns, values []string) {
	for _, c := range s.before.columns {
		after := s.after.column(c.name)
		if after == nil || after.generated() {
			continue
		}
		value := quote(c.name)
		if computed := s.computed[asciiLower(c.name)]; computed != "" {
			value = computed
		}
		columns, values = append(columns, quote(c.name)), append(values, value)
	}
	if s.before.noRowid || s.after.noRowid || s.after.numbered() {
		return columns, values
	}
	for _, alias := range []string{"rowid", "_rowid_", "oid"} {
		if s.before.column(alias) == nil && s.after.column(alias) == nil {
			return append([]string{alias}, columns...), append([]string{alias}, values...)
		}
	}
	return columns, values
}

func (c columnDef) generated() bool {
	return slices.ContainsFunc(c.clauses, func(cl clause) bool { return cl.kind == generatedClause })
}

// counts reports whether the table has an AUTOINCREMENT counter.
func (d *definition) counts() bool {
	return slices.ContainsFunc(d.table().Columns, func(c schema.Column) bool { return c.AutoIncrement })
}

// numbered reports whether a column is the row's number. INTEGER PRIMARY KEY DESC
// of a column is not, by an old mistake that SQLite keeps.
func (d *definition) numbered() bool {
	t := d.table()
	if len(t.PrimaryKey) != 1 {
		return false
	}
	c := d.column(t.PrimaryKey[0])
	return c != nil && strings.EqualFold(tidyType(c.typ), "INTEGER") &&
		!slices.ContainsFunc(c.clauses, func(cl clause) bool { return cl.kind == primaryKeyClause && cl.desc })
}
