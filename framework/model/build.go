package model

import (
	"cmp"
	"slices"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// build makes the tables, in the order of the models.
func (l *loader) build() {
	models := map[Table][]*entry{}
	var order []Table
	for _, e := range l.models {
		if e.table == nil {
			l.columnsOf(e)
			continue
		}
		e.declared = l.declare(e)
		if e.declared.Unmanaged {
			l.found.Unmanaged = append(l.found.Unmanaged, e.at)
			continue
		}
		if !l.options.Covers(e.at.Schema, e.at.Name) {
			continue
		}
		if models[e.at] == nil {
			order = append(order, e.at)
		}
		models[e.at] = append(models[e.at], e)
	}
	var tables []*schema.Table
	for _, at := range order {
		tables = append(tables, l.one(at, models[at]))
	}
	// Foreign keys may refer to tables that come later.
	for i, at := range order {
		l.finish(tables[i], models[at])
	}
	l.surroundings()
}

// columnsOf finds the faults of a model's columns whose relations have some, so
// that all are told at once.
func (l *loader) columnsOf(e *entry) {
	if e.half == nil {
		return
	}
	l.bun.OnTable(e.half) // this, and the types of columns, is what bun did not come to
	for _, f := range e.half.Fields {
		f.UserSQLType = cmp.Or(f.UserSQLType, f.DiscoveredSQLType)
		f.CreateTableSQLType = cmp.Or(f.CreateTableSQLType, f.UserSQLType)
	}
	readable := &entry{typ: e.typ, table: e.half, at: l.split(e.half.Name)}
	l.apply(readable, l.table(readable), l.declare(readable))
}

// one makes the table of some models: of the one with the most columns, among
// those that do not extend another.
func (l *loader) one(at Table, models []*entry) *schema.Table {
	main := models[0]
	for _, e := range models[1:] {
		if e.base != main.base && e.base || e.base == main.base && len(e.table.Fields) > len(main.table.Fields) {
			main = e
		}
	}
	t := l.table(main)
	for _, e := range models {
		if e != main && e.base {
			l.partial(t, main, e)
		}
	}
	l.found.Schema.Tables = append(l.found.Schema.Tables, t)
	l.found.origins[at] = main.name()
	return t
}

// table makes the table of a model as its tags have it, without foreign keys.
func (l *loader) table(e *entry) *schema.Table {
	t := &schema.Table{Schema: e.at.Schema, Name: e.at.Name}
	fields := map[string]string{}
	for _, f := range e.table.Fields {
		field := fieldPath(e.typ, f)
		if other, twice := fields[f.Name]; twice {
			l.faults.add(e.name(), field, "%s has the column %s already; give one of them another name", other, f.Name)
			continue
		}
		fields[f.Name] = field
		if last := e.table.FieldMap[f.Name]; last != f && slices.Contains(e.table.Fields, last) {
			continue // the later field of this name, which bun takes, is told about
		}
		c := l.column(e, f)
		l.remark(e, f, c)
		t.Columns = append(t.Columns, c)
	}
	for _, f := range e.table.PKs {
		t.PrimaryKey = append(t.PrimaryKey, f.Name)
	}
	for _, name := range sortedKeys(e.table.Unique) {
		var columns []string
		for _, f := range e.table.Unique[name] {
			switch {
			case fields[f.Name] == "":
				l.faults.add(e.name(), fieldPath(e.typ, f), "it is unique, but it is no column of table %s", t.Name)
			case name == "":
				t.Uniques = append(t.Uniques, schema.Unique{Columns: []string{f.Name}})
			default:
				columns = append(columns, f.Name)
			}
		}
		if len(columns) > 0 {
			t.Uniques = append(t.Uniques, schema.Unique{Name: name, Columns: columns})
		}
	}
	if len(e.table.Fields) == 0 {
		l.faults.add(e.name(), "", "it has no columns")
	}
	return t
}

// partial compares a model with another of the same table: it may have some of
// the columns.
func (l *loader) partial(t *schema.Table, main, e *entry) {
	for _, c := range l.table(e).Columns {
		in := t.Column(c.Name)
		if in != nil && c.Type.Equal(in.Type) && c.Required() == in.Required() && c.Default.Equal(in.Default) && c.Counts() == in.Counts() {
			continue
		}
		l.faults.add(e.name(), "", "table %s is that of %s too, whose column %s differs (%s); mark the model that has only a part of it: bun.BaseModel `leaven:\"unmanaged\"`",
			t.Name, main.name(), c.Name, describe(in)+" there, "+c.String()+" here")
		return
	}
}

func describe(c *schema.Column) string {
	if c == nil {
		return "none"
	}
	return c.String()
}

// finish adds foreign keys and what is declared, by all models of the table.
func (l *loader) finish(t *schema.Table, models []*entry) {
	main := models[slices.IndexFunc(models, func(e *entry) bool { return e.name() == l.found.Origin(t.Schema, t.Name) })]
	var all schema.Extras
	for _, e := range models {
		if e != main {
			merge(&all, e.declared)
		}
	}
	merge(&all, main.declared) // last, so that it decides
	l.relationKeys(main, t)
	l.hookKeys(main, t)
	l.apply(main, t, all)
}

// listed is what faults call a *schema.Schema among the models.
const listed = "the *schema.Schema in the list"

// surroundings adds what the tables need, and the other elements of the list.
func (l *loader) surroundings() {
	s := l.found.Schema
	for _, o := range l.others {
		o = o.Clone()
		for _, t := range o.Tables {
			if s.Table(t.Schema, t.Name) != nil {
				l.faults.add(listed, "", "table %s is that of a model too", t.Name)
				continue
			}
			if l.options.Covers(t.Schema, t.Name) {
				s.Tables = append(s.Tables, t)
			}
		}
		for _, e := range o.Enums {
			if s.Enum(e.Schema, e.Name) == nil {
				s.Enums = append(s.Enums, e)
			}
		}
		s.Schemas = append(s.Schemas, o.Schemas...)
		s.Extensions = append(s.Extensions, o.Extensions...)
		s.Sequences = append(s.Sequences, o.Sequences...)
		s.Views = append(s.Views, o.Views...)
		s.Triggers = append(s.Triggers, o.Triggers...)
	}
	for _, t := range s.Tables {
		s.Schemas = append(s.Schemas, t.Schema)
	}
	for _, e := range s.Enums {
		s.Schemas = append(s.Schemas, e.Schema)
	}
	slices.Sort(s.Schemas)
	s.Schemas = slices.DeleteFunc(slices.Compact(s.Schemas), func(name string) bool { return name == "" })
}

// check finds what is wrong between tables, and what the database cannot do.
func (l *loader) check() {
	l.names()
	l.references()
	for _, t := range l.found.Schema.Tables {
		origin := l.found.Origin(t.Schema, t.Name)
		if origin == "" {
			origin = listed
		}
		if !slices.ContainsFunc(l.faults, func(f Fault) bool { return f.Model == origin }) {
			l.possible(origin, op.Creating(t))
		}
	}
	l.inOrder()
}
