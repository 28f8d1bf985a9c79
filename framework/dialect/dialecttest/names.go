package dialecttest

import (
	"testing"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// namesEverywhere leads hostile names through the operations that names does
// not have.
func (g Target) namesEverywhere(t *testing.T) {
	d := g.open(t)
	d.run(users(), posts(), touch)
	fold := &schema.Schema{}
	d.must(users().Apply(fold))
	d.must(posts().Apply(fold))
	for i, name := range hostileNames {
		for _, o := range d.hostile(name, hostileNames[(i+1)%len(hostileNames)]) {
			d.run(o)
			d.must(o.Apply(fold))
		}
		d.isFold("with "+name, fold)
	}
	for _, name := range hostileNames {
		for _, o := range dropping(name) {
			d.run(o)
			d.must(o.Apply(fold))
		}
	}
	d.isFold("after dropping all", fold)
}

// dropping is what takes that away.
func dropping(name string) []op.Op {
	return []op.Op{
		op.DropTrigger{Table: short("r", name), Name: short("tg", name)},
		op.DropView{Name: short("vw", name)},
		op.DropIndex{Table: short("r", name), Name: short("iy", name)},
		op.DropConstraint{Table: short("r", name), Name: short("uy", name)},
		op.DropPrimaryKey{Table: short("r", name)},
		op.DropTable{Name: short("r", name)},
		op.DropEnum{Name: short("en", name)},
	}
}

// hostile are operations on objects of that name, and what renames them.
func (d *database) hostile(name, other string) []op.Op {
	table, renamed, column, enum := short("t", name), short("r", name), short("c", name), short("en", name)
	number := schema.Column{Name: name, Type: schema.Integer, NotNull: true}
	changed := number
	changed.Type, changed.Default = schema.BigInt, schema.Literal(3)
	action := schema.Expr("FOR EACH ROW EXECUTE FUNCTION touch()").On("sqlite", "BEGIN UPDATE "+d.dialect.Quote(renamed)+" SET "+d.dialect.Quote(column)+" = 1; END")
	comment := func(kind, of string) op.Op {
		return op.SetComment{On: op.Object{Kind: kind, Table: table, Name: of}, To: name}
	}
	return []op.Op{
		op.CreateEnum{Name: enum, Values: []string{name, "b"}},
		op.CreateTable{Name: table, Columns: []schema.Column{number, {Name: other, Type: schema.Integer},
			{Name: "mood", Type: schema.EnumType("", enum), NotNull: true, Default: schema.Literal(name)}}},
		op.SQL{All: "INSERT INTO " + d.dialect.Quote(table) + " (" + d.dialect.Quote(name) + ") VALUES (1), (2)"},
		op.AddCheck{Table: table, Check: schema.Check{Name: short("ck", name), Expr: schema.Expr(d.dialect.Quote(other) + " > 0"), NotValid: true}},
		op.ValidateConstraint{Table: table, Name: short("ck", name)},
		op.RenameColumn{Table: table, Name: other, To: column},
		op.AddColumn{Table: table, Column: schema.Column{Name: short("g", name), Type: schema.BigInt, Generated: schema.Expr(d.dialect.Quote(column) + " * 2")}},
		op.CreateIndex{Table: table, Index: schema.Index{Name: short("ix", name), Parts: schema.Columns(column, "mood")}},
		op.RenameIndex{Table: table, Name: short("ix", name), To: short("iy", name)},
		op.AddUnique{Table: table, Unique: schema.Unique{Name: short("uq", name), Columns: []string{name, column}}},
		op.RenameConstraint{Table: table, Name: short("uq", name), To: short("uy", name)},
		op.AddPrimaryKey{Table: table, Name: short("pk", name), Columns: []string{name}},
		op.AlterColumn{Table: table, From: number, To: changed},
		comment("table", ""), comment("column", column), comment("index", short("iy", name)), comment("constraint", short("uy", name)),
		op.AddEnumValue{Name: enum, Value: short("v", other), Before: "b"},
		op.RenameEnumValue{Name: enum, Value: name, To: short("w", name)},
		op.DropEnumValue{Name: enum, Value: "b", Instead: short("v", other)},
		op.RenameTable{Name: table, To: renamed},
		op.CreateView{Name: short("vw", name), Query: schema.Expr("SELECT " + d.dialect.Quote(name) + " FROM " + d.dialect.Quote(renamed))},
		op.CreateTrigger{Trigger: schema.Trigger{Table: renamed, Name: short("tg", name), Event: schema.Expr("AFTER INSERT"), Action: action}},
		op.AddCheck{Table: renamed, Check: schema.Check{Name: short("cl", name), Expr: schema.Expr(d.dialect.Quote(column) + " <> 9")}},
	}
}
