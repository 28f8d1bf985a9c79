package dialecttest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"pgregory.net/rapid"
)

// random runs random operations on random tables with rows: afterwards the
// database is what the fold says, and after their reverses what it was, with
// every row that was not dropped. Where the SQL depends on what there is, the SQL
// that is told without a database makes the same.
func (g Target) random(t *testing.T) {
	d, by := g.open(t), g.open(t)
	_, depends := d.dialect.(dialect.Follower)
	rapid.Check(t, func(r *rapid.T) {
		d.empty()
		var every []op.Op
		m := model{r: r, fold: &schema.Schema{}, kept: map[string]bool{}, origin: map[string]string{}, viewed: map[string]bool{}}
		for i := range rapid.IntRange(1, 3).Draw(r, "tables") {
			name := fmt.Sprint("base", i)
			o := op.CreateTable{Name: name, Columns: []schema.Column{
				{Name: "id", Type: schema.BigInt, AutoIncrement: rapid.Bool().Draw(r, "auto"), NotNull: true},
				{Name: "x", Type: schema.Integer}, {Name: "y", Type: schema.BigInt},
			}, PrimaryKey: []string{"id"}}
			d.run(o)
			d.must(o.Apply(m.fold))
			every = append(every, o)
			m.kept[name], m.origin[name] = true, name
			for n := 1; n <= 3; n++ {
				d.exec(fmt.Sprintf("INSERT INTO %s (id, x, y) VALUES (%d, %d, %d)", name, n, n, n))
			}
		}
		before := d.schema()
		var done []op.Op
		for range rapid.IntRange(1, 12).Draw(r, "operations") {
			o := m.next()
			if o == nil {
				continue
			}
			r.Log(o)
			if _, err := d.try(o); err != nil {
				r.Fatal(err)
			}
			if err := o.Apply(m.fold); err != nil {
				r.Fatal(err)
			}
			done = append(done, o)
		}
		d.isFold("after the operations", m.fold)
		if depends {
			by.empty()
			for _, m := range by.record(append(every, done...)) {
				if m.Tainted != "" {
					r.Fatalf("%s: %s", m.ID, m.Tainted)
				}
				by.byHand(m)
			}
			d.equal("by hand", by.schema(), d.schema())
		}
		back, err := op.Reverse(done...)
		if err != nil {
			r.Fatal(err)
		}
		for _, o := range back {
			r.Log(o)
			if _, err := d.try(o); err != nil {
				r.Fatal(err)
			}
		}
		d.equal("after their reverses", d.schema(), before)
		for name, kept := range m.kept {
			want := "9"
			if !kept {
				want = "0"
			}
			if got := d.text("SELECT CAST(coalesce(sum(x + id - 1), 0) AS text) FROM " + name); got != want {
				t.Errorf("the rows of %s add up to %s, want %s", name, got, want)
			}
		}
		if t.Failed() {
			r.FailNow()
		}
	})
}

// empty drops everything: views and keys first, enums last.
func (d *database) empty() {
	d.Helper()
	all := d.schema()
	for _, v := range all.Views {
		d.run(op.DropView{Name: v.Name, Materialized: v.Materialized})
	}
	for _, t := range all.Tables {
		for _, f := range t.ForeignKeys {
			d.run(op.DropConstraint{Table: t.Name, Name: f.Name})
		}
	}
	for _, t := range all.Tables {
		d.run(op.DropTable{Name: t.Name})
	}
	for _, e := range all.Enums {
		d.run(op.DropEnum{Name: e.Name})
	}
}

// model draws operations that are possible in the fold.
type model struct {
	r    *rapid.T
	fold *schema.Schema
	kept map[string]bool // base tables, and whether they have their rows yet
	n    int

	origin map[string]string // tables that were base tables: their first names
	viewed map[string]bool   // tables that a view reads
	keyed  bool              // there was a foreign key, whose reverse wants its rows
}

func (m *model) name(prefix string) string { m.n++; return fmt.Sprint(prefix, m.n) }

func (m *model) next() op.Op {
	if len(m.fold.Tables) == 0 {
		return m.createTable()
	}
	t := m.fold.Tables[rapid.IntRange(0, len(m.fold.Tables)-1).Draw(m.r, "table")]
	if rapid.Bool().Draw(m.r, "further") {
		return m.further(t)
	}
	switch rapid.IntRange(0, 9).Draw(m.r, "operation") {
	case 0:
		return m.createTable()
	case 1:
		return m.dropTable(t)
	case 2, 3:
		return op.AddColumn{Table: t.Name, Column: m.column(m.name("c"))}
	case 4:
		return m.dropColumn(t)
	case 5:
		return op.CreateIndex{Table: t.Name, Index: m.index()}
	case 6:
		if len(t.Indexes) > 0 {
			was := t.Indexes[0]
			return op.DropIndex{Table: t.Name, Name: was.Name, Was: &was}
		}
	case 7:
		if t.Column("x") != nil {
			return op.AddUnique{Table: t.Name, Unique: schema.Unique{Name: m.name("u"), Columns: []string{"x"}}}
		}
	case 8:
		return m.addCheckOrKey(t)
	case 9:
		return m.dropConstraint(t)
	}
	return nil
}

func (m *model) createTable() op.Op {
	name := m.name("t")
	columns := []schema.Column{{Name: "id", Type: schema.Integer, NotNull: true}, {Name: "x", Type: schema.Integer}}
	for range rapid.IntRange(0, 3).Draw(m.r, "columns") {
		columns = append(columns, m.column(m.name("c")))
	}
	o := op.CreateTable{Name: name, Columns: columns}
	if rapid.Bool().Draw(m.r, "key") {
		o.PrimaryKey = []string{"id"}
	}
	return o
}

func (m *model) dropTable(t *schema.Table) op.Op {
	for _, other := range m.fold.Tables {
		for _, f := range other.ForeignKeys {
			if f.RefTable == t.Name && other != t {
				return nil
			}
		}
	}
	if m.viewed[t.Name] || m.keyed && m.full(t) {
		return nil
	}
	if name, base := m.origin[t.Name]; base {
		m.kept[name] = false
	}
	return op.DropTable{Name: t.Name, Was: t.Clone()}
}

// column draws a column that rows which are there can take.
func (m *model) column(name string) schema.Column {
	c := rapid.SampledFrom([]schema.Column{
		{Type: schema.Integer}, {Type: schema.Text}, {Type: schema.JSONB}, {Type: schema.Date}, {Type: schema.Bytes},
		{Type: schema.Array(schema.Text)}, {Type: schema.Double},
		{Type: schema.Varchar(20), Default: schema.Literal("it's \\ ?")},
		{Type: schema.Boolean, NotNull: true, Default: schema.Literal(false)},
		{Type: schema.Numeric(12, 2), NotNull: true, Default: schema.Literal(0)},
		{Type: schema.Timestamptz, NotNull: true, Default: schema.Now},
		{Type: schema.UUID, NotNull: true, Default: schema.RandomUUID},
	}).Draw(m.r, "column")
	c.Name = name
	return c
}

// dropColumn drops a column that nothing depends on: the reverse brings back
// the column alone.
func (m *model) dropColumn(t *schema.Table) op.Op {
	for _, c := range t.Columns {
		if c.Name == "id" || c.Name == "x" || involved(t, c.Name) || len(m.fold.Triggers) > 0 { // one may use it
			continue
		}
		was := c
		// NOT NULL without a default comes back only where there are no rows.
		return op.DropColumn{Table: t.Name, Name: c.Name, Was: &was}
	}
	return nil
}

func involved(t *schema.Table, column string) bool {
	return slices.Contains(t.PrimaryKey, column) ||
		slices.ContainsFunc(t.Uniques, func(u schema.Unique) bool { return slices.Contains(u.Columns, column) }) ||
		slices.ContainsFunc(t.Checks, func(c schema.Check) bool { return c.Expr.Mentions(column) }) ||
		slices.ContainsFunc(t.ForeignKeys, func(f schema.ForeignKey) bool { return slices.Contains(f.Columns, column) }) ||
		slices.ContainsFunc(t.Indexes, func(x schema.Index) bool { return x.Involves(column) })
}

func (m *model) index() schema.Index {
	x := schema.Index{Name: m.name("i"), Parts: []schema.Part{{Column: "x", Desc: rapid.Bool().Draw(m.r, "desc")}}}
	if rapid.Bool().Draw(m.r, "expression") {
		x.Parts = append(x.Parts, schema.Part{Expr: schema.Expr("abs(x)")})
	}
	if rapid.Bool().Draw(m.r, "partial") {
		x.Where = schema.Expr("x > 0")
	}
	x.Unique = rapid.Bool().Draw(m.r, "unique")
	return x
}

func (m *model) addCheckOrKey(t *schema.Table) op.Op {
	to := m.fold.Tables[rapid.IntRange(0, len(m.fold.Tables)-1).Draw(m.r, "to")]
	full := m.full(to) || !m.full(t)
	if !full || len(to.PrimaryKey) == 0 || to.Column("id").Type.Kind != schema.KindBigInt || rapid.Bool().Draw(m.r, "check") {
		return op.AddCheck{Table: t.Name, Check: schema.Check{Name: m.name("k"), Expr: schema.Expr("x > 0 OR x IS NULL")}}
	}
	m.keyed = true
	return op.AddForeignKey{Table: t.Name, ForeignKey: schema.ForeignKey{Name: m.name("f"), Columns: []string{"x"}, RefTable: to.Name,
		RefColumns: []string{"id"}, OnDelete: rapid.SampledFrom([]schema.Action{schema.NoAction, schema.Cascade, schema.SetNull, schema.Restrict}).Draw(m.r, "on delete")}}
}

func (m *model) dropConstraint(t *schema.Table) op.Op {
	switch {
	case len(t.ForeignKeys) > 0:
		return op.DropConstraint{Table: t.Name, Name: t.ForeignKeys[0].Name, Was: t.ForeignKeys[0]}
	case len(t.Checks) > 0:
		return op.DropConstraint{Table: t.Name, Name: t.Checks[0].Name, Was: t.Checks[0]}
	case len(t.Uniques) > 0:
		return op.DropConstraint{Table: t.Name, Name: t.Uniques[0].Name, Was: t.Uniques[0]}
	}
	return nil
}
