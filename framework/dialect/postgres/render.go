package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// Render implements op.Renderer. Few operations depend on the state before: an
// index that may be the rest of an interrupted build (see healing), a primary key
// whose name must be known, an enum that is made anew.
//
// Statements that take a lock on an existing table which conflicts with readers
// or writers are Strong: behind one that waits, everybody else queues.
//
//	ACCESS EXCLUSIVE     DROP TABLE, DROP INDEX, DROP VIEW, DROP TRIGGER, most of ALTER TABLE
//	SHARE ROW EXCLUSIVE  ADD FOREIGN KEY, on both tables; CREATE TABLE with one, on the other; CREATE TRIGGER
//	SHARE                CREATE INDEX
func (d Dialect) Render(ctx context.Context, o op.Op, at op.State) ([]op.Statement, error) {
	switch o := o.(type) {
	case op.CreateIndex:
		return d.healing(ctx, o, at)
	case op.AlterColumn:
		return alterColumn(ctx, o, at)
	case op.DropPrimaryKey:
		return dropPrimaryKey(ctx, o, at)
	case op.DropEnumValue:
		return dropEnumValue(ctx, o, at)
	}
	return d.statements(o)
}

// statements renders what does not depend on any state.
func (d Dialect) statements(o op.Op) ([]op.Statement, error) {
	var l script
	switch o := o.(type) {
	case op.CreateTable:
		return createTable(o)
	case op.DropTable:
		l.strong().put("DROP TABLE ").when(o.IfExists, "IF EXISTS ").table(o.Schema, o.Name)
	case op.AddColumn:
		l.strong().alter(o.Schema, o.Table).put("ADD COLUMN ").when(o.IfNotExists, "IF NOT EXISTS ").column(o.Column)
		l.commentColumn(o.Schema, o.Table, o.Column)
	case op.DropColumn:
		l.strong().alter(o.Schema, o.Table).put("DROP COLUMN ").name(o.Name)
	case op.CreateIndex:
		l.index(o.Concurrently).createIndex(o)
		l.commentIndex(o.Schema, o.Index)
	case op.DropIndex:
		// A concurrent drop that was interrupted is run again; it may be done.
		l.index(o.Concurrently).put("DROP INDEX ").when(o.Concurrently, "CONCURRENTLY IF EXISTS ").table(o.Schema, o.Name)
	case op.AddForeignKey:
		l.addConstraint(o.Schema, o.Table, o.ForeignKey)
	case op.AddUnique:
		l.addConstraint(o.Schema, o.Table, o.Unique)
	case op.AddCheck:
		l.addConstraint(o.Schema, o.Table, o.Check)
	case op.AddExclusion:
		l.addConstraint(o.Schema, o.Table, o.Exclusion)
	case op.AddPrimaryKey:
		l.addConstraint(o.Schema, o.Table, schema.PrimaryKey{Name: o.Name, Columns: o.Columns})
	case op.DropConstraint:
		l.strong().alter(o.Schema, o.Table).put("DROP CONSTRAINT ").name(o.Name)
	case op.ValidateConstraint:
		l.weak().alter(o.Schema, o.Table).put("VALIDATE CONSTRAINT ").name(o.Name)
	case op.SetComment:
		l.setComment(o)
	case op.SQL:
		return o.Statements(d.Name())
	default:
		if !l.rename(o) && !l.standing(o) {
			return nil, fmt.Errorf("postgres does not know the operation %T (%v)", o, o)
		}
	}
	return l.done()
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
// and it calls a constraint of a new table valid whatever is asked. So these are
// added afterwards.
func createTable(o op.CreateTable) ([]op.Statement, error) {
	t := o.Table()
	var later []schema.Constraint
	keys := [][]string{t.PrimaryKey}
	t.Uniques = slices.DeleteFunc(t.Uniques, func(u schema.Unique) bool {
		again := slices.ContainsFunc(keys, func(k []string) bool { return slices.Equal(k, u.Columns) })
		keys = append(keys, u.Columns)
		if again && u.Name != "" {
			later = append(later, u)
			return true
		}
		return false
	})
	t.Checks = slices.DeleteFunc(t.Checks, func(c schema.Check) bool {
		if c.NotValid {
			later = append(later, c)
		}
		return c.NotValid
	})
	t.ForeignKeys = slices.DeleteFunc(t.ForeignKeys, func(f schema.ForeignKey) bool {
		if f.NotValid {
			later = append(later, f)
		}
		return f.NotValid
	})
	var l script
	l.statement(op.Statement{Strong: refersElsewhere(t, t.ForeignKeys...)}).createTable(t, o.IfNotExists)
	for _, c := range later {
		f, isKey := c.(schema.ForeignKey)
		l.statement(op.Statement{Strong: isKey && refersElsewhere(t, f)}).alter(t.Schema, t.Name).put("ADD ").constraint(c)
	}
	l.commentTable(o.Table())
	return l.done()
}

// refersElsewhere reports whether one of t's foreign keys is to another table.
func refersElsewhere(t *schema.Table, keys ...schema.ForeignKey) bool {
	return slices.ContainsFunc(keys, func(f schema.ForeignKey) bool { return f.RefSchema != t.Schema || f.RefTable != t.Name })
}

// writer puts a statement together and keeps the first error.
type writer struct {
	b     strings.Builder
	since int // the lowest version of the server that knows what was written
	err   error
}

// The versions that know something new.
const (
	version15 = 150000
	version17 = 170000
	version18 = 180000
)

func (w *writer) need(version int) *writer {
	w.since = max(w.since, version)
	return w
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

// literal puts text as a constant.
func (w *writer) literal(text string) *writer {
	if strings.ContainsRune(text, 0) || !utf8.ValidString(text) {
		return w.fail(fmt.Errorf("PostgreSQL cannot keep text with a NUL character or invalid UTF-8"))
	}
	return w.put(Dialect{}.Literal(text))
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
