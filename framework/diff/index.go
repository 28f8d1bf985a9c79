package diff

import (
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// indexTitle is what a person would call adding, dropping or changing an index.
func indexTitle(verb string, t *schema.Table, x schema.Index) string {
	return verb + " index " + x.Name + " on " + named(t.Schema, t.Name)
}

func indexObject(t *schema.Table, name string) op.Object {
	return op.Object{Kind: "index", Schema: t.Schema, Table: t.Name, Name: name}
}

// indexLeaves is the title of the change by which an index is dropped, perhaps
// to be made again.
func (p *plan) indexLeaves(both tablePair, x schema.Index) (string, bool) {
	for _, column := range indexColumns(both.now, x) {
		if title, is := p.leaves(both, column); is {
			return title, true
		}
	}
	want := both.want.Index(x.Name)
	switch {
	case want != nil && indexText(*want) == indexText(x):
		return "", false
	case want != nil:
		return indexTitle("change", both.now, x), true
	case p.successor(both, x) != "":
		return "", false
	}
	return indexTitle("drop", both.now, x), true
}

// successor is the name that an index is wanted under; empty: none, or more than
// one index of now would take it.
func (p *plan) successor(both tablePair, x schema.Index) string {
	for _, w := range both.want.Indexes {
		if both.want.Index(x.Name) != nil || indexText(w) != indexText(x) || both.now.Index(w.Name) != nil && indexText(*both.now.Index(w.Name)) == indexText(w) {
			continue
		}
		for _, o := range both.now.Indexes { // the first of those that do the same
			if indexText(o) == indexText(x) && both.want.Index(o.Name) == nil {
				if o.Name == x.Name {
					return w.Name
				}
				break
			}
		}
	}
	return ""
}

func (p *plan) dropIndexes() {
	for _, both := range p.tables {
		t := both.now
		for _, x := range t.Clone().Indexes {
			title, leaves := p.indexLeaves(both, x)
			if !leaves {
				continue
			}
			var remarks []Remark
			if both.want.Index(x.Name) != nil && p.Can.ConcurrentIndexes && p.careful(t) {
				remarks = append(remarks, Remark{Disrupts, "until a later part has built it again, queries are without this index"})
			}
			if p.Options.Managed != nil && (p.managed.Table(t.Schema, t.Name) == nil || p.managed.Table(t.Schema, t.Name).Index(x.Name) == nil) {
				remarks = append(remarks, Remark{Attention, "no migration made this index"})
			}
			p.detached[indexObject(t, x.Name)] = title
			was := x
			p.do(title, op.DropIndex{Schema: t.Schema, Table: t.Name, Name: x.Name, Was: &was}, remarks...)
		}
	}
}

// addIndexes makes the missing indexes: concurrently where the table was there
// and the database can.
func (p *plan) addIndexes() {
	for _, both := range p.tables {
		t := both.now
		for _, x := range both.want.Indexes {
			if t.Index(x.Name) != nil {
				continue
			}
			title := p.titleOf(indexObject(t, x.Name), indexTitle("add", t, x))
			o := op.CreateIndex{Schema: t.Schema, Table: t.Name, Index: x}
			var remarks []Remark
			if x.Unique && !p.created[t] {
				remarks = append(remarks, Remark{MayFail, "rows that are equal in it forbid it"})
			}
			switch {
			case p.created[t]:
				p.do(title, o)
			case p.Can.ConcurrentIndexes && p.careful(t):
				o.Concurrently = true
				p.at(indexStage, title, o, append(remarks, Remark{Safe, "built without blocking writers, outside a transaction; if it is interrupted, it may run again"})...)
			case p.careful(t):
				p.do(title, o, append(remarks, Remark{LongLock, "the table takes no writes while the index is built"})...)
			default:
				p.do(title, o, remarks...)
			}
		}
	}
}
