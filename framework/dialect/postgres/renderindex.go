package postgres

import (
	"fmt"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

func (w *writer) createIndex(o op.CreateIndex) *writer {
	x := o.Index
	w.put("CREATE ").when(x.Unique, "UNIQUE ").put("INDEX ").when(o.Concurrently, "CONCURRENTLY ")
	// A concurrent index that exists may be INVALID; healing looks, a server's IF
	// NOT EXISTS would not.
	w.when(o.IfNotExists && !o.Concurrently, "IF NOT EXISTS ").name(x.Name).put(" ON ").table(o.Schema, o.Table).put(" ")
	if !x.Definition.IsZero() {
		return w.expression("the definition of index "+x.Name, x.Definition)
	}
	w.method(x.Method).put("(")
	for i, p := range x.Parts {
		w.when(i > 0, ", ").part("a part of index "+x.Name, p)
	}
	w.put(")")
	if len(x.Include) > 0 {
		w.put(" INCLUDE ").names(x.Include)
	}
	if x.NullsNotDistinct {
		w.need(version15).put(" NULLS NOT DISTINCT")
	}
	w.parameters(x.With)
	if !x.Where.IsZero() {
		w.put(" WHERE ").expression("the condition of index "+x.Name, x.Where)
	}
	return w
}

func (w *writer) method(name string) *writer {
	if name == "" {
		return w
	}
	return w.put("USING ").name(name).put(" ")
}

func (w *writer) part(what string, p schema.Part) *writer {
	if p.Column != "" {
		w.name(p.Column)
	} else {
		w.grouped(what, p.Expr)
	}
	w.collate(p.Collation)
	if p.Opclass != "" {
		w.put(" ").name(p.Opclass)
	}
	w.when(p.Desc, " DESC")
	switch p.Nulls {
	case schema.DefaultNulls:
	case schema.NullsFirst, schema.NullsLast:
		w.put(" NULLS ").put(string(p.Nulls))
	default:
		w.fail(fmt.Errorf("%q is not a place of NULLs", string(p.Nulls)))
	}
	return w
}

func (w *writer) parameters(with []schema.Parameter) *writer {
	if len(with) == 0 {
		return w
	}
	w.put(" WITH (")
	for i, p := range with {
		w.when(i > 0, ", ").name(p.Name).put(" = ").literal(p.Value)
	}
	return w.put(")")
}
