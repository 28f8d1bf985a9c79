package op_test

import (
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"pgregory.net/rapid"
)

// more draws an operation that history.next does not: renames, changes of
// columns, keys, comments, enums, sequences.
func more(t *rapid.T, s *schema.Schema, table *schema.Table, n int) op.Op {
	switch n {
	case 10:
		return op.RenameTable{Name: table.Name, To: newName(t, "renamed")}
	case 11, 12:
		if c := pick(t, table.Columns, "column"); c.Name != "id" {
			return op.RenameColumn{Table: table.Name, Name: c.Name, To: newName(t, "renamed")}
		}
	case 13:
		return renameConstraint(t, table)
	case 14, 15:
		return alterColumn(t, table)
	case 16:
		return setComment(t, table)
	case 17:
		return primaryKey(s, table)
	case 18, 19:
		return enumOperation(t, s, table)
	case 20:
		return op.CreateSequence{Sequence: schema.Sequence{Name: newName(t, "s"), Increment: 3}}
	}
	return nil
}

// renamed reports whether constraints that nobody named have names that the
// table's present names would not give them.
func renamed(t *schema.Table) bool {
	return strings.HasPrefix(t.Name, "renamed") || slices.ContainsFunc(t.Columns, func(c schema.Column) bool { return strings.HasPrefix(c.Name, "renamed") })
}

func renameConstraint(t *rapid.T, table *schema.Table) op.Op {
	var ops []op.Op
	for _, x := range table.Indexes {
		ops = append(ops, op.RenameIndex{Table: table.Name, Name: x.Name, To: newName(t, "i")})
	}
	for _, u := range table.Uniques {
		ops = append(ops, op.RenameConstraint{Table: table.Name, Name: u.Name, To: newName(t, "u")})
	}
	for _, f := range table.ForeignKeys {
		ops = append(ops, op.RenameConstraint{Table: table.Name, Name: f.Name, To: newName(t, "f")})
	}
	ops = slices.DeleteFunc(ops, func(o op.Op) bool { return o.Object().Name == "" })
	if len(ops) == 0 {
		return nil
	}
	return pick(t, ops, "constraint")
}

// alterColumn changes one thing or several of a column.
func alterColumn(t *rapid.T, table *schema.Table) op.Op {
	from := pick(t, table.Columns, "column")
	to := from
	if from.Name == "id" {
		return countOtherwise(t, table, from)
	}
	if rapid.Bool().Draw(t, "null") {
		to.NotNull = !to.NotNull
	}
	if rapid.Bool().Draw(t, "default") {
		to.Default = schema.Expression{}
	}
	wider := map[schema.Kind]schema.Type{schema.KindInteger: schema.BigInt, schema.KindVarchar: schema.Text, schema.KindNumeric: schema.Numeric(20, 2)}
	if typ, ok := wider[from.Type.Kind]; ok && rapid.Bool().Draw(t, "type") {
		to.Type = typ
	}
	if to.Type.Kind == schema.KindText && rapid.Bool().Draw(t, "collation") {
		to.Collation = "C"
	}
	o := op.AlterColumn{Table: table.Name, From: from, To: to}
	if op.Validate(o) != nil { // nothing changes
		return nil
	}
	return o
}

func countOtherwise(t *rapid.T, table *schema.Table, from schema.Column) op.Op {
	to := from
	switch way := rapid.IntRange(0, 3).Draw(t, "way"); way {
	case 0:
		to.AutoIncrement, to.Identity = false, schema.NoIdentity
	case 1:
		to.AutoIncrement, to.Identity = true, schema.NoIdentity
	default:
		to.AutoIncrement, to.Identity = true, []schema.Identity{schema.IdentityAlways, schema.IdentityByDefault}[way-2]
	}
	if to.AutoIncrement == from.AutoIncrement && to.Identity == from.Identity {
		return nil
	}
	return op.AlterColumn{Table: table.Name, From: from, To: to}
}

func setComment(t *rapid.T, table *schema.Table) op.Op {
	text := rapid.SampledFrom([]string{"", "it's", `a "b" \ ? $1`}).Draw(t, "comment")
	if rapid.Bool().Draw(t, "table") {
		return op.SetComment{On: op.Object{Kind: "table", Table: table.Name}, From: table.Comment, To: text}
	}
	c := pick(t, table.Columns, "column")
	return op.SetComment{On: op.Object{Kind: "column", Table: table.Name, Name: c.Name}, From: c.Comment, To: text}
}

// primaryKey drops the key, or adds one.
func primaryKey(s *schema.Schema, table *schema.Table) op.Op {
	if len(table.PrimaryKey) == 0 {
		if c := table.Column("id"); c != nil && c.NotNull {
			return op.AddPrimaryKey{Table: table.Name, Columns: []string{"id"}}
		}
		return nil
	}
	for _, other := range s.Tables {
		if slices.ContainsFunc(other.ForeignKeys, func(f schema.ForeignKey) bool { return f.RefTable == table.Name }) {
			return nil
		}
	}
	return op.DropPrimaryKey{Table: table.Name, Was: &schema.PrimaryKey{Name: table.PrimaryKeyName, Columns: slices.Clone(table.PrimaryKey)}}
}

// enumOperation makes an enum, a column of one, a value more, or another name
// for one.
func enumOperation(t *rapid.T, s *schema.Schema, table *schema.Table) op.Op {
	if len(s.Enums) == 0 {
		return op.CreateEnum{Name: newName(t, "e"), Values: []string{"glad", "it's"}}
	}
	e := pick(t, s.Enums, "enum")
	value := pick(t, e.Values, "value")
	switch rapid.IntRange(0, 3).Draw(t, "of an enum") {
	case 0:
		c := schema.Column{Name: newName(t, "c"), Type: schema.EnumType("", e.Name)}
		if rapid.Bool().Draw(t, "array") {
			c.Type = schema.Array(c.Type)
		}
		return op.AddColumn{Table: table.Name, Column: c}
	case 1:
		return op.AddEnumValue{Name: e.Name, Value: newName(t, "v"), Before: value}
	case 2:
		return op.RenameEnumValue{Name: e.Name, Value: value, To: newName(t, "v")}
	}
	if i := slices.Index(e.Values, value); len(e.Values) > 1 && i+1 < len(e.Values) {
		return op.DropEnumValue{Name: e.Name, Value: value, Before: e.Values[i+1]}
	}
	return nil
}
