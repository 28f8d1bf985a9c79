package rowtest

import (
	"slices"

	"github.com/leavendb/leaven/framework/diff"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// place is where a table is, or a column of it.
type place struct{ schema, table, column string }

func (p place) String() string { return p.table }

func (p place) in(schemaName, table string) bool { return p.schema == schemaName && p.table == table }

func (p place) is(schemaName, table, column string) bool {
	return p.in(schemaName, table) && p.column == column
}

// fate is what a change does to a table (no column) or to one of its columns.
type fate struct {
	from, now place
	gone      bool // dropped, or computed anew
	loses     bool // a remark says so
	retyped   bool
	typ       schema.Type
	words     renamed
}

// renamed are values of an enum that get other names.
type renamed map[string]string

func (r renamed) rename(value string) string {
	if now, is := r[value]; is {
		return now
	}
	return value
}

// then is r, and after it one more renaming.
func (r renamed) then(value, now string) renamed {
	all := renamed{value: now}
	for old, v := range r {
		if v == value {
			delete(all, value)
			v = now
		}
		all[old] = v
	}
	return all
}

// trace follows each table and column of from through the operations.
func trace(from *schema.Schema, r diff.Result) []*fate {
	var fates []*fate
	for _, t := range from.Tables {
		at := place{t.Schema, t.Name, ""}
		fates = append(fates, &fate{from: at, now: at})
		for _, c := range t.Columns {
			at.column = c.Name
			fates = append(fates, &fate{from: at, now: at, typ: c.Type})
		}
	}
	for _, part := range r.Parts {
		for _, step := range part.Steps {
			loses := slices.ContainsFunc(step.Remarks, func(m diff.Remark) bool { return m.Risk == diff.DataLoss })
			for _, f := range fates {
				if !f.gone {
					f.follow(step.Op, loses)
				}
			}
		}
	}
	return fates
}

// follow is one operation.
func (f *fate) follow(o op.Op, loses bool) {
	switch o := o.(type) {
	case op.DropTable:
		f.gone = f.now.in(o.Schema, o.Name)
	case op.DropColumn:
		f.gone = f.now.is(o.Schema, o.Table, o.Name)
	case op.RenameTable:
		if f.now.in(o.Schema, o.Name) {
			f.now.table = o.To
		}
	case op.SetSchema:
		if f.now.in(o.Schema, o.Table) {
			f.now.schema = o.To
		}
	case op.RenameColumn:
		if f.now.is(o.Schema, o.Table, o.Name) {
			f.now.column = o.To
		}
	case op.AlterColumn:
		if f.now.is(o.Schema, o.Table, o.From.Name) {
			f.gone = !o.To.Generated.IsZero() && !o.To.Generated.Equal(o.From.Generated)
			f.retyped = f.retyped || !o.From.Type.Equal(o.To.Type)
			f.loses = f.loses || loses
		}
	case op.RenameEnumValue:
		if f.typ.UsesEnum(o.Schema, o.Name) {
			f.words = f.words.then(o.Value, o.To)
		}
	case op.DropEnumValue:
		f.loses = f.loses || o.Instead != "" && f.typ.UsesEnum(o.Schema, o.Name)
	}
}
