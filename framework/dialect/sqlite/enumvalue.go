package sqlite

import (
	"context"
	"fmt"
	"slices"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// enumChange gives an enum other values: the tables that use it are made anew,
// each value as become says.
type enumChange struct {
	name    string
	values  []string
	old     string // the value that goes, empty: none
	become  string // what rows and defaults get instead; empty: no row may have it
	renames bool   // defaults, checks and indexes of the table follow, too
}

func addEnumValue(ctx context.Context, o op.AddEnumValue, at op.State) ([]op.Statement, error) {
	e, err := enumAfter(ctx, o.Name, at, o)
	if err != nil || e == nil {
		return nil, err // it is there already
	}
	return enumChange{name: o.Name, values: e.Values}.statements(ctx, at)
}

func renameEnumValue(ctx context.Context, o op.RenameEnumValue, at op.State) ([]op.Statement, error) {
	e, err := enumAfter(ctx, o.Name, at, o)
	if err != nil || e == nil {
		return nil, err
	}
	return enumChange{name: o.Name, values: e.Values, old: o.Value, become: o.To, renames: true}.statements(ctx, at)
}

func dropEnumValue(ctx context.Context, o op.DropEnumValue, at op.State) ([]op.Statement, error) {
	e, err := enumAfter(ctx, o.Name, at, o)
	if err != nil || e == nil {
		return nil, err
	}
	return enumChange{name: o.Name, values: e.Values, old: o.Value, become: o.Instead}.statements(ctx, at)
}

// enumAfter is the enum as the operation leaves it; nil: as it is.
func enumAfter(ctx context.Context, name string, at op.State, o op.Op) (*schema.Enum, error) {
	list, err := valuesAt(ctx, at)(name)
	if err != nil {
		return nil, err
	}
	e := &schema.Enum{Name: name, Values: slices.Clone(list)}
	if err := o.Apply(&schema.Schema{Enums: []*schema.Enum{e}}); err != nil || slices.Equal(e.Values, list) {
		return nil, err
	}
	return e, nil
}

func (c enumChange) statements(ctx context.Context, at op.State) ([]op.Statement, error) {
	uses, err := enumUses(ctx, at, c.name)
	if err != nil {
		return nil, err
	}
	var all []op.Statement
	for i := 0; i < len(uses); {
		table := uses[i].table
		var columns []string
		for ; i < len(uses) && uses[i].table == table; i++ {
			columns = append(columns, uses[i].column)
		}
		if err := c.unused(ctx, at, table, columns); err != nil {
			return nil, err
		}
		statements, err := rebuild(ctx, at, table, func(s *rebuilding) error { return c.inTable(s, columns) })
		if err != nil {
			return nil, err
		}
		all = append(all, statements...)
	}
	return append(all, op.Statement{SQL: "DROP VIEW " + quote(c.name)}, op.Statement{SQL: enumView(c.name, c.values)}), nil
}

// unused fails where a row has the value that goes without another in its place.
func (c enumChange) unused(ctx context.Context, at op.State, table string, columns []string) error {
	l, connected := at.(live)
	if !connected || c.old == "" || c.become != "" {
		return nil
	}
	for _, column := range columns {
		found, err := any1(ctx, l.db, fmt.Sprintf("SELECT EXISTS (SELECT 1 FROM %s WHERE %s = %s)", quote(table), quote(column), literal(c.old)))
		if err != nil {
			return err
		}
		if found {
			return fmt.Errorf("rows of %s.%s have the value: change them before, or say Instead", table, column)
		}
	}
	return nil
}

// any1 runs a query for one truth.
func any1(ctx context.Context, db bun.IDB, query string) (yes bool, err error) {
	err = db.QueryRowContext(ctx, query).Scan(&yes)
	return yes, err
}

func (c enumChange) inTable(s *rebuilding, columns []string) error {
	for _, column := range columns {
		if err := c.inColumn(s, column); err != nil {
			return err
		}
		if err := c.mentioned(s, column); err != nil {
			return err
		}
	}
	return nil
}

func (c enumChange) inColumn(s *rebuilding, column string) (err error) {
	s.after, err = s.after.withoutClauses(column, func(cl clause) bool { _, enum := cl.enumOf(column); return enum })
	if err == nil {
		s.after, err = s.after.withClause(column, enumCheck(column, c.name, c.values))
	}
	if err != nil || c.old == "" {
		return err
	}
	if c.renames {
		if err := c.follow(s, column); err != nil {
			return err
		}
	}
	if c.become != "" {
		name := quote(s.before.column(column).name)
		s.compute(column, fmt.Sprintf("CASE %s WHEN %s THEN %s ELSE %s END", name, literal(c.old), literal(c.become), name))
	}
	return nil
}

// follow renames the value in the default of its column, and in the checks,
// generated columns and indexes of the table, where it is of the column.
func (c enumChange) follow(s *rebuilding, column string) (err error) {
	for at := c.constant(s.after, column); at != nil; at = c.constant(s.after, column) {
		if s.after, err = s.after.replace(at.from, at.to, at.text); err != nil {
			return err
		}
	}
	for i, o := range s.indexes {
		s.indexes[i].sql = c.renamed(o.sql, column)
	}
	return nil
}

// renamed is sql with what becomes of the value, where it is of the column.
func (c enumChange) renamed(sql, column string) string {
	text, _ := schema.Expr(sql).WithConstantOf(column, c.old, c.become).Spelling("sqlite")
	return text
}

// constant finds an expression with the value in what follows its column, and
// what it becomes; nil: the value is nowhere.
func (c enumChange) constant(d *definition, column string) *token {
	find := func(cl clause, own bool) *token {
		if len(cl.expr) == 0 {
			return nil
		}
		from, to := cl.expr[0].from, cl.expr[len(cl.expr)-1].to
		was := d.sql[from:to]
		now := c.renamed(was, column)
		if cl.kind == defaultClauseKind {
			now = was
			if own {
				now, _ = schema.Expr(was).WithConstant(c.old, c.become).Spelling("sqlite")
			}
		}
		if now == was {
			return nil
		}
		return &token{text: now, from: from, to: to}
	}
	for _, cl := range d.constraints {
		if at := find(cl, false); at != nil {
			return at
		}
	}
	for _, col := range d.columns {
		for _, cl := range col.clauses {
			if at := find(cl, sameName(col.name, column)); at != nil {
				return at
			}
		}
	}
	return nil
}

func (c enumChange) isOld(t token) bool { return t.kind == stringToken && t.name() == c.old }

// mentioned refuses a value that what belongs to its column has as a constant,
// which would go on meaning the old one.
func (c enumChange) mentioned(s *rebuilding, column string) error {
	if c.old == "" {
		return nil
	}
	for _, o := range slices.Concat(s.indexes, s.again, s.own) {
		ts, err := tokens(o.sql)
		if err != nil {
			return err
		}
		if uses, err := o.mentions(column, false); err != nil || !uses || !slices.ContainsFunc(ts, c.isOld) || o.kind == "index" && c.renamed(o.sql, column) == o.sql {
			continue
		}
		return fmt.Errorf("the %s %s mentions the value: drop it before, and make it again with what is then right", o.kind, o.name)
	}
	if c.constant(s.after, column) != nil {
		return fmt.Errorf("the default of column %s, or a check or generated column that mentions it, has the value: change that before", column)
	}
	return nil
}
