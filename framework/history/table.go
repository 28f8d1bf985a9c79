package history

import (
	"context"
	"fmt"
	"slices"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// The format of the two tables is the set of their columns, each with a default,
// so that a newer program adds what is missing while older ones go on writing the
// columns that they know. A column never changes its meaning and is never
// dropped.

func column(name string, t schema.Type, def schema.Expression) schema.Column {
	return schema.Column{Name: name, Type: t, NotNull: true, Default: def}
}

func text(name string) schema.Column   { return column(name, schema.Text, schema.Literal("")) }
func number(name string) schema.Column { return column(name, schema.BigInt, schema.Literal(0)) }

var seqColumn = schema.Column{Name: "seq", Type: schema.BigInt, AutoIncrement: true, NotNull: true}

// stateTable is the version table as this program makes it.
func (s *Store) stateTable() op.CreateTable {
	return op.CreateTable{
		Schema: s.schema, Name: s.table, PrimaryKey: []string{"seq"},
		Columns: []schema.Column{
			seqColumn,
			{Name: "id", Type: schema.Text, NotNull: true},
			text("state"), text("raw"), text("tokens"), number("batch"), text("target"), text("attempt"),
			column("applied_at", schema.Timestamptz, schema.Now),
			number("elapsed_ms"), text("applied_by"), text("tool"), text("app_version"), text("app_commit"), text("found"),
		},
		Uniques: []schema.Unique{{Columns: []string{"id"}}},
	}
}

// logTable is the log as this program makes it.
func (s *Store) logTable() op.CreateTable {
	return op.CreateTable{
		Schema: s.schema, Name: s.table + "_log", PrimaryKey: []string{"seq"},
		Columns: []schema.Column{
			seqColumn,
			text("id"), text("attempt"), text("action"), text("outcome"),
			column("at", schema.Timestamptz, schema.Now),
			number("elapsed_ms"), text("code"), text("message"), text("reason"), number("batch"), text("applied_by"), text("tool"),
		},
	}
}

// Ensure makes the two tables, or adds the columns that they lack. It runs in a
// transaction that holds the runners' lock, so it races with nobody. made: neither
// was there, so the history is empty.
func (s *Store) Ensure(ctx context.Context, tx bun.Tx) (made bool, err error) {
	made = true
	for _, want := range []op.CreateTable{s.stateTable(), s.logTable()} {
		have, err := s.now(ctx, tx, want)
		if err != nil {
			return false, fmt.Errorf("look for the history table %s: %w", want.Name, err)
		}
		ops := []op.Op{want}
		if have != nil {
			made, ops = false, missing(want, have)
		}
		if err := op.Run(ctx, tx, ops...); err != nil {
			return false, err
		}
	}
	return made, nil
}

// now is a table as it is now; nil: there is none, which usually is so, and which a
// catalog tells sooner than what the table is.
func (s *Store) now(ctx context.Context, tx bun.Tx, want op.CreateTable) (*schema.Table, error) {
	live := s.d.Live(tx)
	if c, ok := live.(op.Catalog); ok {
		if has, err := c.Has(ctx, want.Object()); !has || err != nil {
			return nil, err
		}
	}
	return live.Table(ctx, want.Schema, want.Name)
}

// missing returns the operations that bring a table to today's format.
func missing(want op.CreateTable, have *schema.Table) []op.Op {
	var ops []op.Op
	for _, c := range want.Columns {
		if have.Column(c.Name) == nil {
			// A column that is added needs a constant default on SQLite.
			if c.Default.IsNow() {
				c.NotNull, c.Default = false, schema.Expression{}
			}
			ops = append(ops, op.AddColumn{Schema: want.Schema, Table: want.Name, Column: c})
		}
	}
	return ops
}

// columnNames lists the columns of a table as they are read.
func columnNames(t op.CreateTable) []string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return names
}

// present splits the columns that this program reads into those that a table of
// an older format has, and fills the others with their neutral value, so that an
// old table can be read without the right to change it.
func (s *Store) present(ctx context.Context, db bun.IDB, t op.CreateTable) ([]string, error) {
	have, err := s.d.Live(db).Table(ctx, t.Schema, t.Name)
	if err != nil {
		return nil, err
	}
	exprs := columnNames(t)
	if have == nil {
		return exprs, nil
	}
	for i, c := range t.Columns {
		if have.Column(c.Name) != nil {
			continue
		}
		switch c.Type.Kind {
		case schema.KindText:
			exprs[i] = "''"
		case schema.KindTimestamptz:
			exprs[i] = "NULL"
		default:
			exprs[i] = "0"
		}
	}
	return slices.Clip(exprs), nil
}
