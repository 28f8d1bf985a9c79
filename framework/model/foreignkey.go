package model

import (
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/schema"
	bunschema "github.com/uptrace/bun/schema"
)

// relationKeys adds the foreign keys of the model's relations, as bun's
// WithForeignKeys does. Two relations over the same columns make one.
//
// bun takes a has-one whose columns are no primary key for a reference, whatever
// it joins. It is one only to the other's primary key: else the other table is the
// one that refers.
func (l *loader) relationKeys(e *entry, t *schema.Table) {
	if l.options.NoForeignKeys {
		return
	}
	for _, name := range sortedKeys(e.table.Relations) {
		r := e.table.Relations[name]
		tag := r.Field.StructField.Tag.Get("leaven")
		if !refers(r, tag) {
			continue
		}
		to := l.split(r.JoinTable.Name)
		f := schema.ForeignKey{Columns: columnNames(r.BasePKs), RefSchema: to.Schema, RefTable: to.Name, RefColumns: columnNames(r.JoinPKs)}
		f.OnDelete = l.action(e, r.Field, "on_delete", strings.TrimPrefix(r.OnDelete, "ON DELETE "))
		f.OnUpdate = l.action(e, r.Field, "on_update", strings.TrimPrefix(r.OnUpdate, "ON UPDATE "))
		f.Name, _ = value(tag, "name")
		_, f.Deferrable = value(tag, "deferrable")
		_, f.InitiallyDeferred = value(tag, "deferred")
		f.Deferrable = f.Deferrable || f.InitiallyDeferred
		putKey(t, f)
	}
}

// refers reports whether a relation makes a foreign key.
func refers(r *bunschema.Relation, tag string) bool {
	if _, none := value(tag, "no_foreign_key"); none || r.Type != bunschema.BelongsToRelation && r.Type != bunschema.HasOneRelation {
		return false
	}
	if _, wished := value(tag, "foreign_key"); wished {
		return true
	}
	notKey := func(f *bunschema.Field) bool { return !f.IsPK }
	return r.References() && (r.Type == bunschema.BelongsToRelation || !slices.ContainsFunc(r.JoinPKs, notKey))
}

func columnNames(fields []*bunschema.Field) []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return names
}

// actions of foreign keys, by the words of SQL.
var actions = map[string]schema.Action{
	"": schema.NoAction, "NO ACTION": schema.NoAction, "RESTRICT": schema.Restrict, "CASCADE": schema.Cascade,
	"SET NULL": schema.SetNull, "SET DEFAULT": schema.SetDefault,
}

func (l *loader) action(e *entry, f *bunschema.Field, option, text string) schema.Action {
	a, known := actions[strings.Join(strings.Fields(text), " ")]
	if !known {
		l.faults.add(e.name(), fieldPath(e.typ, f), "%s:%s is no action of a foreign key; write cascade, restrict, set null, set default or no action", option, strings.ToLower(text))
	}
	return a
}

// putKey adds a foreign key, in place of one over the same pairs of columns. A
// key that refers to no table tells more about the one over its columns; found is
// false where there is none.
func putKey(t *schema.Table, f schema.ForeignKey) (found bool) {
	for i, k := range t.ForeignKeys {
		switch {
		case !slices.Equal(k.Columns, f.Columns):
		case f.RefTable == "":
			f.RefSchema, f.RefTable, f.RefColumns = k.RefSchema, k.RefTable, k.RefColumns
			t.ForeignKeys[i] = f
			return true
		case k.RefSchema == f.RefSchema && k.RefTable == f.RefTable && slices.Equal(k.RefColumns, f.RefColumns):
			t.ForeignKeys[i] = f
			return true
		}
	}
	if f.RefTable == "" {
		return false
	}
	t.ForeignKeys = append(t.ForeignKeys, f)
	return true
}

// primaryKey is the primary key of a model in the list.
func (l *loader) primaryKey(at Table) []string {
	for _, e := range l.models {
		if e.table != nil && e.at == at {
			return columnNames(e.table.PKs)
		}
	}
	return nil
}

// keyField is the relation of a foreign key; empty where it has none.
func (l *loader) keyField(t *schema.Table, f schema.ForeignKey) string {
	for _, e := range l.models {
		if e.table == nil || e.name() != l.found.Origin(t.Schema, t.Name) {
			continue
		}
		for _, name := range sortedKeys(e.table.Relations) {
			if r := e.table.Relations[name]; slices.Equal(columnNames(r.BasePKs), f.Columns) && l.split(r.JoinTable.Name) == (Table{f.RefSchema, f.RefTable}) {
				return fieldPath(e.typ, r.Field)
			}
		}
	}
	return ""
}

func commas(names []string) string { return strings.Join(names, ", ") }
