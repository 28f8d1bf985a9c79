package dialecttest

import (
	"fmt"
	"slices"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"pgregory.net/rapid"
)

// full reports whether the table still has the rows of a base table.
func (m *model) full(t *schema.Table) bool {
	name, base := m.origin[t.Name]
	return base && m.kept[name]
}

// further draws the operations that rename, alter, and make what is no table.
func (m *model) further(t *schema.Table) op.Op {
	switch rapid.IntRange(0, 11).Draw(m.r, "which") {
	case 0:
		return m.renameTable(t)
	case 1, 2:
		return m.renameColumn(t)
	case 3:
		return m.renameInside(t)
	case 4, 5:
		return m.alter(t)
	case 6:
		return m.key(t)
	case 7:
		return m.comment(t)
	case 8:
		return m.view(t)
	case 9:
		return m.enum()
	case 10:
		return m.trigger(t)
	}
	return m.enumColumn(t)
}

func (m *model) renameTable(t *schema.Table) op.Op {
	o := op.RenameTable{Name: t.Name, To: m.name("r")}
	if name, base := m.origin[t.Name]; base {
		m.origin[o.To] = name
	}
	m.viewed[o.To] = m.viewed[t.Name]
	return o
}

// own are the columns that the model itself does not ask for by name.
func own(t *schema.Table) []schema.Column {
	return slices.DeleteFunc(slices.Clone(t.Columns), func(c schema.Column) bool { return c.Name == "id" || c.Name == "x" })
}

func (m *model) renameColumn(t *schema.Table) op.Op {
	list := own(t)
	if len(list) == 0 {
		return nil
	}
	c := rapid.SampledFrom(list).Draw(m.r, "column")
	return op.RenameColumn{Table: t.Name, Name: c.Name, To: m.name(rapid.SampledFrom([]string{"c", "C ", "select "}).Draw(m.r, "to"))}
}

func (m *model) renameInside(t *schema.Table) op.Op {
	if len(t.Indexes) > 0 && rapid.Bool().Draw(m.r, "index") {
		return op.RenameIndex{Table: t.Name, Name: t.Indexes[0].Name, To: m.name("i")}
	}
	o, ok := m.dropConstraint(t).(op.DropConstraint)
	if !ok {
		return nil
	}
	return op.RenameConstraint{Table: t.Name, Name: o.Name, To: m.name("n")}
}

func (m *model) alter(t *schema.Table) op.Op {
	list := own(t)
	if len(list) == 0 {
		return nil
	}
	c := rapid.SampledFrom(list).Draw(m.r, "column")
	o := op.AlterColumn{Table: t.Name, From: c, To: c}
	switch {
	case c.NotNull:
		o.To.NotNull = false
	case c.Type.Kind == schema.KindInteger && c.Default.IsZero():
		o.To.Type = schema.BigInt
	case c.Type.Kind == schema.KindBigInt && c.Default.IsZero() && !involved(t, c.Name):
		name := `"` + c.Name + `"`
		o.To.Type = schema.Text
		// A column that was dropped as text comes back with its default in all rows.
		o.Using, o.UsingBack = schema.Expr("CAST("+name+" AS text)"), schema.Expr("CASE WHEN "+name+" LIKE 'it''s%' THEN 0 ELSE CAST("+name+" AS bigint) END")
	case c.Type.Kind == schema.KindText || c.Type.Kind == schema.KindVarchar:
		o.To.Default = schema.Literal(m.name("it's "))
	default:
		return nil
	}
	return o
}

// key drops or adds a primary key.
func (m *model) key(t *schema.Table) op.Op {
	if len(t.PrimaryKey) == 0 {
		return op.AddPrimaryKey{Table: t.Name, Name: m.name("p"), Columns: []string{"id"}}
	}
	for _, other := range m.fold.Tables {
		if slices.ContainsFunc(other.ForeignKeys, func(f schema.ForeignKey) bool { return f.RefTable == t.Name }) {
			return nil
		}
	}
	if t.Column("id").AutoIncrement || t.PrimaryKeyName == "" {
		return nil // the base table's, whose name only PostgreSQL knows
	}
	return op.DropPrimaryKey{Table: t.Name, Was: &schema.PrimaryKey{Name: t.PrimaryKeyName, Columns: t.PrimaryKey}}
}

func (m *model) comment(t *schema.Table) op.Op {
	c := rapid.SampledFrom(t.Columns).Draw(m.r, "column")
	return op.SetComment{On: op.Object{Kind: "column", Table: t.Name, Name: c.Name}, From: c.Comment, To: m.name("it's ")}
}

func (m *model) view(t *schema.Table) op.Op {
	m.viewed[t.Name] = true
	return op.CreateView{Name: m.name("v"), Query: schema.Expr("SELECT x, id FROM " + t.Name + " WHERE x > 1")}
}

// trigger is one of any table. On SQLite its text mentions t and one of its
// columns.
func (m *model) trigger(t *schema.Table) op.Op {
	on := rapid.SampledFrom(m.fold.Tables).Draw(m.r, "on")
	m.viewed[t.Name], m.viewed[on.Name] = true, true
	column := rapid.SampledFrom(t.Columns).Draw(m.r, "column").Name
	body := fmt.Sprintf("BEGIN UPDATE %s SET \"%s\" = 1 WHERE id = -1; END", t.Name, column)
	return op.CreateTrigger{Trigger: schema.Trigger{Table: on.Name, Name: m.name("g"), Event: schema.Expr("BEFORE UPDATE OF id"),
		Action: schema.Expr("FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()").On("sqlite", body)}}
}

// enum makes an enum or changes the values of one.
func (m *model) enum() op.Op {
	if len(m.fold.Enums) == 0 || rapid.IntRange(0, 3).Draw(m.r, "new enum") == 0 {
		return op.CreateEnum{Name: m.name("e"), Values: []string{"a", m.name("it's ")}}
	}
	e := rapid.SampledFrom(m.fold.Enums).Draw(m.r, "enum")
	last := e.Values[len(e.Values)-1]
	if rapid.Bool().Draw(m.r, "rename value") {
		return op.RenameEnumValue{Name: e.Name, Value: last, To: m.name("v'")}
	}
	return op.AddEnumValue{Name: e.Name, Value: m.name("v'"), Before: rapid.SampledFrom([]string{"", last}).Draw(m.r, "before")}
}

func (m *model) enumColumn(t *schema.Table) op.Op {
	if len(m.fold.Enums) == 0 {
		return nil
	}
	e := rapid.SampledFrom(m.fold.Enums).Draw(m.r, "enum")
	c := schema.Column{Name: m.name("c"), Type: schema.EnumType("", e.Name), NotNull: true, Default: schema.Literal(e.Values[len(e.Values)-1])}
	return op.AddColumn{Table: t.Name, Column: c}
}
