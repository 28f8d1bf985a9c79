package sqlite

import (
	"context"
	"fmt"
	"strings"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// referrer is a foreign key that refers to a table, and the table that has it.
type referrer struct {
	table string
	key   schema.ForeignKey
}

// gather reads what a rebuild must know and keep.
func gather(ctx context.Context, at op.State, table string) (*rebuilding, error) {
	if l, ok := at.(live); ok {
		return l.gather(ctx, table)
	}
	t, err := at.Table(ctx, "", table)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return nil, fmt.Errorf("there is no table %s", table)
	}
	text, err := tableText(t, valuesAt(ctx, at))
	if err != nil {
		return nil, err
	}
	s := &rebuilding{}
	if s.before, err = parseTable(text); err != nil {
		return nil, err
	}
	s.after = s.before
	for _, x := range t.Indexes {
		text, err := indexText(t.Name, x)
		if err != nil {
			return nil, err
		}
		s.indexes = append(s.indexes, object{kind: "index", name: x.Name, table: t.Name, sql: text})
	}
	if s.keys, err = referrers(ctx, at, table); err != nil {
		return nil, err
	}
	s.referenced = len(s.keys) > 0
	if f, ok := at.(op.Fold); ok {
		all, err := viewsAndTriggers(f.Schema)
		if err != nil {
			return nil, err
		}
		return s, s.users(all, table)
	}
	return s, nil
}

// viewsAndTriggers are the objects that a fold knows to use tables.
func viewsAndTriggers(s *schema.Schema) ([]object, error) {
	var all []object
	for _, v := range s.Views {
		text, err := viewText(v)
		if err != nil {
			return nil, fmt.Errorf("view %s: %w", v.Name, err)
		}
		all = append(all, object{kind: "view", name: v.Name, table: v.Name, sql: text})
	}
	for _, g := range s.Triggers {
		text, err := triggerText(g)
		if err != nil {
			return nil, fmt.Errorf("trigger %s: %w", g.Name, err)
		}
		all = append(all, object{kind: "trigger", name: g.Name, table: g.Table, sql: text})
	}
	return all, nil
}

func (l live) gather(ctx context.Context, table string) (*rebuilding, error) {
	switch l.db.(type) {
	case bun.Tx, *bun.Tx:
	default:
		return nil, fmt.Errorf("SQLite must make table %s anew for this, which needs a transaction: leave NoTx out of the migration, or put this step into one of its own", table)
	}
	all, err := load(ctx, l.db, everything)
	if err != nil {
		return nil, err
	}
	s := &rebuilding{}
	for _, o := range all {
		switch {
		case o.kind == "table" && !o.temp && sameName(o.name, table):
			if s.before, err = parseTable(o.sql); err != nil {
				return nil, fmt.Errorf("the definition of table %s cannot be understood: %w", table, err)
			}
			s.after = s.before
		case o.kind == "index" && o.sql != "" && !o.temp && sameName(o.table, table):
			s.indexes = append(s.indexes, o)
		case o.kind == "table" && strings.HasPrefix(o.name, "sqlite_stat"):
			s.statistics = append(s.statistics, o.name)
		}
	}
	if s.before == nil {
		return nil, fmt.Errorf("there is no table %s", table)
	}
	if s.keys, err = referrersAmong(all, table); err != nil {
		return nil, err
	}
	s.referenced = len(s.keys) > 0
	return s, s.users(all, table)
}

// users finds the views and triggers that use the table, also through other
// views: SQLite renames no table while one of them does not fit.
func (s *rebuilding) users(all []object, table string) error {
	names := []string{table}
	used := map[int]bool{}
	for again := true; again; {
		again = false
		for i, o := range all {
			if used[i] || o.kind != "view" && o.kind != "trigger" {
				continue
			}
			uses, err := usesAny(o, names)
			if err != nil {
				return err
			}
			if !uses {
				continue
			}
			if o.temp {
				return fmt.Errorf("the temporary %s %s uses table %s: drop it before the table is made anew", o.kind, o.name, table)
			}
			used[i], again = true, true
			if o.kind == "view" {
				names = append(names, o.name)
			}
		}
	}
	for i, o := range all {
		switch {
		case used[i] && o.kind == "trigger" && sameName(o.table, table):
			s.own = append(s.own, o) // goes with the table
		case used[i]:
			s.again = append(s.again, o)
		}
	}
	return nil
}

func usesAny(o object, names []string) (bool, error) {
	for _, name := range names {
		if uses, err := o.mentions(name, true); uses || err != nil {
			return uses, err
		}
	}
	return false, nil
}

// referrers finds the foreign keys that refer to the table.
func referrers(ctx context.Context, at op.State, table string) ([]referrer, error) {
	switch at := at.(type) {
	case live:
		all, err := load(ctx, at.db, fmt.Sprintf(withKeysTo, literal(table)))
		if err != nil {
			return nil, err
		}
		return referrersAmong(all, table)
	case op.Fold:
		return referrersIn(at.Schema.Tables, table), nil
	}
	// A state that tells of one table at a time knows at least its own keys.
	t, err := at.Table(ctx, "", table)
	if err != nil || t == nil {
		return nil, err
	}
	return referrersIn([]*schema.Table{t}, table), nil
}

func referrersAmong(all []object, table string) ([]referrer, error) {
	var list []*schema.Table
	for _, o := range all {
		if !o.isTable() {
			continue
		}
		if mentioned, err := o.mentions(table, true); err != nil || !mentioned {
			if err != nil {
				return nil, err
			}
			continue
		}
		t, err := o.parsed()
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return referrersIn(list, table), nil
}

func referrersIn(list []*schema.Table, table string) []referrer {
	var keys []referrer
	for _, t := range list {
		for _, f := range t.ForeignKeys {
			if sameName(f.RefTable, table) {
				keys = append(keys, referrer{t.Name, f})
			}
		}
	}
	return keys
}
