package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// Render implements op.Renderer. Only an index that may be the rest of an
// interrupted build depends on the state before; see healing.
//
// Statements that take a lock on an existing table which conflicts with readers
// or writers are Strong: behind one that waits, everybody else queues.
//
//	ACCESS EXCLUSIVE     DROP TABLE, DROP INDEX, ALTER TABLE
//	SHARE ROW EXCLUSIVE  ADD FOREIGN KEY, on both tables; CREATE TABLE with one, on the other
//	SHARE                CREATE INDEX
func (d Dialect) Render(ctx context.Context, o op.Op, at op.State) ([]op.Statement, error) {
	if o, ok := o.(op.CreateIndex); ok {
		return d.healing(ctx, o, at)
	}
	return d.statements(o)
}

// statements renders what does not depend on any state.
func (d Dialect) statements(o op.Op) ([]op.Statement, error) {
	var w writer
	s := op.Statement{Strong: true}
	switch o := o.(type) {
	case op.CreateTable:
		return createTable(o)
	case op.DropTable:
		w.put("DROP TABLE ").when(o.IfExists, "IF EXISTS ").table(o.Schema, o.Name)
	case op.AddColumn:
		w.alter(o.Schema, o.Table).put("ADD COLUMN ").when(o.IfNotExists, "IF NOT EXISTS ").column(o.Column)
	case op.DropColumn:
		w.alter(o.Schema, o.Table).put("DROP COLUMN ").name(o.Name)
	case op.CreateIndex:
		w.createIndex(o)
		s.Strong, s.NoTx = !o.Concurrently, o.Concurrently
	case op.DropIndex:
		// A concurrent drop that was interrupted is run again; it may be done.
		w.put("DROP INDEX ").when(o.Concurrently, "CONCURRENTLY IF EXISTS ").table(o.Schema, o.Name)
		s.Strong, s.NoTx = !o.Concurrently, o.Concurrently
	case op.AddForeignKey:
		w.addConstraint(o.Schema, o.Table, o.ForeignKey)
	case op.AddUnique:
		w.addConstraint(o.Schema, o.Table, o.Unique)
	case op.AddCheck:
		w.addConstraint(o.Schema, o.Table, o.Check)
	case op.DropConstraint:
		w.alter(o.Schema, o.Table).put("DROP CONSTRAINT ").name(o.Name)
	case op.SQL:
		return o.Statements(d.Name())
	default:
		return nil, fmt.Errorf("postgres does not know the operation %T (%v)", o, o)
	}
	s.SQL = w.b.String()
	return []op.Statement{s}, w.err
}

// LimitLockWait implements op.LockTimer. One message of several statements is
// one transaction even outside a transaction, so SET LOCAL ends with it there;
// and when sql fails, the limit is rolled back with it.
func (Dialect) LimitLockWait(sql string, try, after int64) string {
	return fmt.Sprintf("SET LOCAL lock_timeout = '%dms'; %s\n; SET LOCAL lock_timeout = '%dms'",
		try, sql, after)
}

// createTable renders a table. PostgreSQL merges a unique constraint into an
// equal key that the same CREATE TABLE makes, and one of the two names is lost;
// so a named one is added afterwards.
func createTable(o op.CreateTable) ([]op.Statement, error) {
	t := o.Table()
	keys := [][]string{t.PrimaryKey}
	var merged []schema.Unique
	t.Uniques = slices.DeleteFunc(t.Uniques, func(u schema.Unique) bool {
		again := slices.ContainsFunc(keys, func(k []string) bool { return slices.Equal(k, u.Columns) })
		keys = append(keys, u.Columns)
		if again && u.Name != "" {
			merged = append(merged, u)
			return true
		}
		return false
	})
	var w writer
	w.createTable(t, o.IfNotExists)
	all := []op.Statement{{SQL: w.b.String(), Strong: refersElsewhere(t)}}
	for _, u := range merged {
		var more writer
		more.addConstraint(t.Schema, t.Name, u)
		w.fail(more.err)
		all = append(all, op.Statement{SQL: more.b.String()})
	}
	return all, w.err
}

// refersElsewhere reports whether the table has a foreign key to another one.
func refersElsewhere(t *schema.Table) bool {
	for _, f := range t.ForeignKeys {
		if f.RefSchema != t.Schema || f.RefTable != t.Name {
			return true
		}
	}
	return false
}

// writer puts a statement together and keeps the first error.
type writer struct {
	b   strings.Builder
	err error
}

func (w *writer) put(sql string) *writer {
	w.b.WriteString(sql)
	return w
}

func (w *writer) when(yes bool, sql string) *writer {
	if yes {
		w.b.WriteString(sql)
	}
	return w
}

func (w *writer) fail(err error) *writer {
	if w.err == nil {
		w.err = err
	}
	return w
}

func (w *writer) name(name string) *writer {
	q, err := quoted(name)
	if err != nil {
		return w.fail(err)
	}
	return w.put(q)
}

func (w *writer) table(schemaName, name string) *writer {
	if schemaName != "" {
		w.name(schemaName).put(".")
	}
	return w.name(name)
}

func (w *writer) names(names []string) *writer {
	w.put("(")
	for i, n := range names {
		w.when(i > 0, ", ").name(n)
	}
	return w.put(")")
}

func (w *writer) alter(schemaName, table string) *writer {
	return w.put("ALTER TABLE ").table(schemaName, table).put(" ")
}
