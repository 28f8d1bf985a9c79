package migratetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// Stairway takes each migration up, down and up again, on a database in use: after
// each, Rows are entered. It fails the test where a step fails; where a down leaves
// another structure than there was before, or other rows in the tables that were
// there; where the second up makes another structure than the first, or another
// number of rows in those tables; and where a goroutine that a migration began is
// left. Migrations that cannot be reverted are only applied, and named in the log.
func (s *Set) Stairway(t testing.TB) {
	t.Helper()
	w := s.walk(t)
	for _, m := range s.registry().Migrations() {
		before, rows := w.structure(), w.contents()
		w.up(m.ID)
		w.enter(m.ID)
		after, entered := w.structure(), w.contents()
		if !w.down(m.ID) {
			continue
		}
		w.same(m.ID+", down", before, w.structure(), atDown)
		w.kept(m.ID+", down", rows, w.contents(), s.Changes[m.ID])
		w.up(m.ID)
		w.same(m.ID+", up again", after, w.structure(), exactly)
		again := w.contents()
		for table := range rows {
			if want, ok := entered[table]; ok && len(again[table]) != len(want) && !slices.Contains(s.Changes[m.ID], table) {
				w.Errorf("%s, up again: %s has %d rows, and had %d", m.ID, table, len(again[table]), len(want))
			}
		}
		if len(again) > len(rows) { // the rows went with their table
			w.enter(m.ID)
		}
	}
}

// UpDownUp applies all, reverts all that can be reverted, and applies them again:
// what is left in between is what there was at that step, and the end is the same
// structure twice.
func (s *Set) UpDownUp(t testing.TB) {
	t.Helper()
	w := s.walk(t)
	all := s.registry().Migrations()
	stairs := []*schema.Schema{w.structure()}
	for _, m := range all {
		w.up(m.ID)
		stairs = append(stairs, w.structure())
		w.enter(m.ID)
	}
	n := len(all)
	for n > 0 && w.down(all[n-1].ID) {
		n--
		w.same(all[n].ID+", down", stairs[n], w.structure(), atDown)
	}
	for _, m := range all[n:] {
		w.up(m.ID)
	}
	w.same("up again", stairs[len(all)], w.structure(), exactly)
}

// walk is a database on which migrations are run one by one.
type walk struct {
	testing.TB
	set *Set
	db  *bun.DB
	m   *migrate.Migrator
	d   dialect.Dialect

	label string // of its goroutines, before the ID of a migration
}

// walk prepares an empty database. Its migrations are labelled, so that goroutines
// which they leave are found.
func (s *Set) walk(t testing.TB) *walk {
	t.Helper()
	db := s.Empty(t)
	label := token() + " "
	m, err := migrate.New(db, s.labelled(label))
	if err != nil {
		t.Fatal("migratetest: ", err)
	}
	return &walk{TB: t, set: s, db: db, m: m, d: s.dialect(t, db), label: label}
}

func (w *walk) up(id string) {
	w.Helper()
	if report, err := w.m.Up(w.Context(), migrate.Steps(1)); err != nil || !slices.Equal(report.IDs(), []string{id}) {
		w.Fatalf("%s, up: %v ran: %v", id, report.IDs(), err)
	}
	w.noLeaks(id)
}

// down reverts a migration; false: it cannot be.
func (w *walk) down(id string) bool {
	w.Helper()
	report, err := w.m.Down(w.Context(), migrate.Steps(1))
	var final *migrate.IrreversibleError
	if errors.As(err, &final) {
		w.Logf("%s is not reverted: %s", id, final.Why)
		return false
	}
	if err != nil || !slices.Equal(report.IDs(), []string{id}) {
		w.Fatalf("%s, down: %v ran: %v", id, report.IDs(), err)
	}
	w.noLeaks(id)
	return true
}

// enter runs what people have written by the next migration.
func (w *walk) enter(id string) {
	w.Helper()
	for _, statement := range w.set.Rows[id] {
		if _, err := w.db.ExecContext(w.Context(), statement); err != nil {
			w.Fatalf("the rows after %s: %s: %v", id, statement, err)
		}
	}
}

// structure is the database's, without the history's own tables.
func (w *walk) structure() *schema.Schema {
	w.Helper()
	s, err := w.d.Inspect(w.Context(), w.db)
	if err != nil {
		w.Fatal(err)
	}
	for _, o := range w.set.own() {
		s.Remove(o.Schema, o.Table)
	}
	if len(s.Tables) == 0 {
		s.Tables = nil // none, whether or not the history was there
	}
	return s
}

// exactly compares structures as they are; atDown forgives that what was once
// found valid stays so.
var (
	exactly = cmp.Options{cmp.Exporter(func(reflect.Type) bool { return true }), cmp.Comparer(slices.Equal[[]string])}
	atDown  = append(slices.Clone(exactly), cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".NotValid" }, cmp.Ignore()))
)

func (w *walk) same(when string, want, got *schema.Schema, o cmp.Options) {
	w.Helper()
	if diff := cmp.Diff(want, got, o); diff != "" {
		w.Errorf("%s: the structure is another one (-before +after):\n%s", when, diff)
	}
}

// contents are the rows of each table, as lines in order.
func (w *walk) contents() map[string][]string {
	w.Helper()
	found := map[string][]string{}
	for _, table := range w.structure().Tables {
		lines, err := w.rows(w.Context(), table.Schema, table.Name)
		if err != nil {
			w.Fatal(err)
		}
		found[table.Name] = lines
	}
	return found
}

func (w *walk) rows(ctx context.Context, in, table string) ([]string, error) {
	name := w.d.Quote(table)
	if in != "" {
		name = w.d.Quote(in) + "." + name
	}
	rows, err := w.db.QueryContext(ctx, "SELECT * FROM "+name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	lines := []string{}
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		lines = append(lines, lineOf(columns, values))
	}
	slices.Sort(lines)
	return lines, rows.Err()
}

// lineOf writes a row with its columns by name: a table may be made anew with
// them in another order.
func lineOf(columns []string, values []any) string {
	cells := make([]string, len(columns))
	for i, v := range values {
		if b, ok := v.([]byte); ok {
			v = string(b)
		}
		cells[i] = fmt.Sprintf("%s: %v", columns[i], v)
	}
	slices.Sort(cells)
	return fmt.Sprintf("%q", cells)
}

// kept fails the test where rows of tables that were there are others now.
func (w *walk) kept(when string, want, got map[string][]string, changed []string) {
	w.Helper()
	for table, lines := range want {
		if slices.Contains(changed, table) {
			continue
		}
		if diff := cmp.Diff(lines, got[table]); diff != "" {
			w.Errorf("%s: the rows of %s are others (-before +after):\n%s", when, table, diff)
		}
	}
}
