package model

import (
	"context"
	"maps"
	"slices"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// names finds names that two tables want: of indexes everywhere, and of unique
// constraints where schemas have them as the names of indexes.
func (l *loader) names() {
	type name struct{ schema, name string }
	first := map[name]Table{}
	take := func(t *schema.Table, what, n string) {
		at, key := Table{t.Schema, t.Name}, name{t.Schema, n}
		before, taken := first[key]
		if !taken {
			first[key] = at
			return
		}
		where := "twice here"
		if before != at {
			where = "here, and in table " + before.Name + " (" + l.found.origins[before] + ")"
		}
		l.faults.add(l.found.origins[at], "", "the %s %s is there %s; such a name is that of one thing in the whole database schema: call one of them otherwise", what, n, where)
	}
	for _, t := range l.found.Schema.Tables {
		first[name{t.Schema, t.Name}] = Table{t.Schema, t.Name}
	}
	for _, t := range l.found.Schema.Tables {
		for _, u := range t.Uniques {
			if u.Name != "" && l.dialect.Capabilities().Schemas {
				take(t, "unique constraint", u.Name)
			}
		}
		for _, x := range t.Indexes {
			take(t, "index", x.Name)
		}
	}
}

// references finds foreign keys to what no foreign key can refer to.
func (l *loader) references() {
	for _, t := range l.found.Schema.Tables {
		for _, f := range t.ForeignKeys {
			to := l.found.Schema.Table(f.RefSchema, f.RefTable)
			if to == nil || isUnique(to, f.RefColumns) {
				continue
			}
			l.faults.add(l.found.Origin(t.Schema, t.Name), l.keyField(t, f),
				"the foreign key (%s) refers to (%s) of %s, which is not unique there; make it unique, or leave the key out with `leaven:\"no_foreign_key\"` on the relation",
				commas(f.Columns), commas(f.RefColumns), f.RefTable)
		}
	}
}

// isUnique reports whether the columns are the primary key, or unique together.
func isUnique(t *schema.Table, columns []string) bool {
	same := func(key []string) bool {
		return slices.Equal(slices.Sorted(slices.Values(key)), slices.Sorted(slices.Values(columns)))
	}
	for _, u := range t.Uniques {
		if same(u.Columns) {
			return true
		}
	}
	for _, x := range t.Indexes {
		var key []string
		for _, p := range x.Parts {
			key = append(key, p.Column)
		}
		if x.Unique && x.Where.IsZero() && same(key) {
			return true
		}
	}
	return same(t.PrimaryKey)
}

// possible asks the dialect whether it can make the table.
func (l *loader) possible(origin string, ops []op.Op) {
	if err := op.Validate(ops...); err != nil {
		l.faults.add(origin, "", "%s", err)
		return
	}
	for _, o := range ops {
		if _, err := l.dialect.Render(context.Background(), o, op.Fold{Schema: l.found.Schema}); err != nil {
			l.faults.add(origin, "", "%s: %s", o, err)
		}
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
