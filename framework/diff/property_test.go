package diff_test

import (
	"flag"
	"fmt"
	"reflect"
	"testing"

	"github.com/leavendb/leaven/framework/diff"
	"github.com/leavendb/leaven/framework/schema"
	"pgregory.net/rapid"
)

// A failure prints how to repeat it; files of failures do not belong here.
func init() { _ = flag.Set("rapid.nofailfile", "true") }

// For any two schemas the operations lead from one to the other, a second
// comparison finds nothing, the reverses lead back, and the same inputs give the
// same result.
func TestAnyTwoSchemas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from, to := drawSchema(t), drawSchema(t)
		var o diff.Options
		if rapid.Bool().Draw(t, "careful") {
			o.Can = can
		}
		r, err := diff.Compare(from, to, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := laws(from, to, o, r); err != nil {
			t.Fatalf("%s\n%v", describe(r), err)
		}
		again, err := diff.Compare(from.Clone(), to.Clone(), o)
		if err != nil || !reflect.DeepEqual(r, again) {
			t.Fatal("another result the second time")
		}
	})
}

// What nobody manages is never touched: not one operation names it.
func TestStrangersAreNeverTouched(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from, to, managed := drawSchema(t), drawSchema(t), drawSchema(t)
		r, err := diff.Compare(from, to, diff.Options{Managed: managed, Can: can})
		if err != nil {
			t.Fatal(err)
		}
		at := from.Clone()
		for _, o := range r.Ops() {
			if err := o.Apply(at); err != nil {
				t.Fatal(err)
			}
		}
		for _, table := range from.Tables {
			if managed.Table("", table.Name) == nil && to.Table("", table.Name) == nil && !reflect.DeepEqual(at.Table("", table.Name), table) {
				t.Fatalf("table %s is a stranger's:\n%s", table.Name, describe(r))
			}
			for _, c := range table.Columns {
				theirs := managed.Table("", table.Name) == nil || managed.Table("", table.Name).Column(c.Name) == nil
				unwanted := to.Table("", table.Name) == nil || to.Table("", table.Name).Column(c.Name) == nil
				if left := at.Table("", table.Name); theirs && unwanted && left != nil && left.Column(c.Name) == nil {
					t.Fatalf("column %s.%s is a stranger's:\n%s", table.Name, c.Name, describe(r))
				}
			}
		}
	})
}

// drawSchema draws from few names, so that two schemas have much in common.
func drawSchema(t *rapid.T) *schema.Schema {
	s := &schema.Schema{}
	if rapid.Bool().Draw(t, "enum") {
		all := []string{"a", "b", "c", "d"}
		s.Enums = append(s.Enums, enum("mood", all[:rapid.IntRange(1, 4).Draw(t, "values")]...))
	}
	for _, name := range []string{"t1", "t2", "t3"} {
		if rapid.IntRange(0, 3).Draw(t, "there") > 0 {
			s.Tables = append(s.Tables, drawTable(t, s, name))
		}
	}
	for _, table := range s.Tables {
		for i, to := range s.Tables {
			if len(to.PrimaryKey) == 1 && table.Column("c1") != nil && rapid.IntRange(0, 2).Draw(t, "reference") == 0 {
				f := fk(fmt.Sprintf("%s_f%d", table.Name, i), "c1", to.Name+"."+to.PrimaryKey[0])
				f.OnDelete = rapid.SampledFrom([]schema.Action{schema.NoAction, schema.Cascade}).Draw(t, "action")
				table.ForeignKeys = append(table.ForeignKeys, f)
			}
		}
		if rapid.IntRange(0, 3).Draw(t, "view") == 0 {
			s.Views = append(s.Views, view("v_"+table.Name, "SELECT "+table.Columns[0].Name+" FROM "+table.Name))
		}
	}
	return s
}

func drawTable(t *rapid.T, s *schema.Schema, name string) *schema.Table {
	table := tbl(name, col("id", rapid.SampledFrom([]schema.Type{Int, Big}).Draw(t, "id"), notNull))
	for _, c := range []string{"c1", "c2", "c3", "c4"} {
		if rapid.IntRange(0, 3).Draw(t, "there") > 0 {
			table.Columns = append(table.Columns, drawColumn(t, s, c))
		}
	}
	one := func(label string) string {
		return table.Columns[rapid.IntRange(0, len(table.Columns)-1).Draw(t, label)].Name
	}
	if rapid.IntRange(0, 4).Draw(t, "key") > 0 {
		table.PrimaryKey = []string{"id"}
	}
	if rapid.Bool().Draw(t, "unique") {
		table.Uniques = append(table.Uniques, uq(rapid.SampledFrom([]string{"", name + "_u1", name + "_u2"}).Draw(t, "name"), one("column")))
	}
	if rapid.Bool().Draw(t, "check") {
		c := ck(rapid.SampledFrom([]string{"", name + "_k1", name + "_k2"}).Draw(t, "name"), one("column")+" IS NOT NULL")
		table.Checks = append(table.Checks, c)
	}
	for _, i := range []string{"_i1", "_i2"} {
		if rapid.Bool().Draw(t, "index") {
			x := ix(name+i, one("column"))
			x.Unique = rapid.Bool().Draw(t, "unique")
			table.Indexes = append(table.Indexes, x)
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "comment") == 0 {
		table.Comment = "of " + name
	}
	return table
}

func drawColumn(t *rapid.T, s *schema.Schema, name string) schema.Column {
	types := []schema.Type{Int, Big, Text, schema.Varchar(20)}
	if len(s.Enums) > 0 {
		types = append(types, schema.EnumType("", "mood"))
	}
	c := col(name, types[rapid.IntRange(0, len(types)-1).Draw(t, "type")])
	c.NotNull = rapid.Bool().Draw(t, "not null")
	switch rapid.IntRange(0, 4).Draw(t, "value") {
	case 0:
		if c.Type.Kind == schema.KindEnum {
			c.Default = schema.Literal(s.Enums[0].Values[len(s.Enums[0].Values)-1])
		} else {
			c.Default = schema.Literal(1)
		}
	case 1:
		c.Generated = schema.Expr("id + 1")
	}
	if rapid.IntRange(0, 3).Draw(t, "comment") == 0 {
		c.Comment = "of " + name
	}
	return c
}
