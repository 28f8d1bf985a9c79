package model

import (
	"fmt"
	"reflect"
	"strings"

	bunschema "github.com/uptrace/bun/schema"
)

// relations says what is wrong with the relations of a model that bun could not
// read: bun stops at the first.
func (l *loader) relations(e *entry, said string) {
	before := len(l.faults)
	for _, p := range parts(e.typ) {
		p.fields(func(f reflect.StructField) {
			if !isRelation(f) {
				return
			}
			if why := l.relation(e.table, f); why != "" {
				l.faults.add(e.name(), p.path+f.Name, "%s", why)
			}
		})
	}
	if len(l.faults) == before {
		l.faults.add(e.name(), "", "bun cannot read it: %s", said)
	}
}

// relation says what is wrong with one relation; empty: nothing that is known.
func (l *loader) relation(t *bunschema.Table, f reflect.StructField) string {
	tag := f.Tag.Get("bun")
	target := f.Type
	slice := false
	for target.Kind() == reflect.Pointer || target.Kind() == reflect.Slice {
		slice = slice || target.Kind() == reflect.Slice
		target = target.Elem()
	}
	if target.Kind() != reflect.Struct {
		return fmt.Sprintf("a relation leads to structs, and this is a %s", f.Type)
	}
	var other *bunschema.Table
	if said, ok := caught(func() { other = l.bun.Tables().InProgress(target) }); !ok {
		return fmt.Sprintf("bun cannot read %s: %s", target, said)
	}
	if through, ok := value(tag, "m2m"); ok {
		return l.manyToMany(t, other, slice, through, tag)
	}
	kind, _ := value(tag, "rel")
	switch {
	case kind != "belongs-to" && kind != "has-one" && kind != "has-many":
		return fmt.Sprintf("there is no relation %q; write rel:belongs-to, rel:has-one or rel:has-many", kind)
	case kind == "has-many" && !slice:
		return fmt.Sprintf("has-many wants a slice, and this is a %s", f.Type)
	case kind == "belongs-to" && len(other.PKs) == 0:
		return fmt.Sprintf("%s, to which it belongs, has no primary key; mark one with `bun:\",pk\"`", target)
	case kind != "belongs-to" && len(t.PKs) == 0:
		return "the model has no primary key; mark one with `bun:\",pk\"`"
	}
	if join, ok := value(tag, "join"); ok {
		return joined(t, other, kind, join, tag)
	}
	return implied(t, other, kind, f.Name)
}

// manyToMany says what is wrong with an m2m relation.
func (l *loader) manyToMany(t, other *bunschema.Table, slice bool, through, tag string) string {
	join := l.bun.Tables().ByName(through)
	switch {
	case !slice:
		return "m2m wants a slice"
	case len(t.PKs) == 0:
		return "the model has no primary key; mark one with `bun:\",pk\"`"
	case len(other.PKs) == 0:
		return fmt.Sprintf("%s has no primary key; mark one with `bun:\",pk\"`", other.Type)
	case join == nil:
		return fmt.Sprintf("no model in the list has the table %s; add the model that it goes through (anywhere in the list)", through)
	}
	sides := []string{t.TypeName, other.TypeName}
	if text, ok := value(tag, "join"); ok {
		left, right, _ := strings.Cut(text, "=")
		sides = []string{left, right}
	}
	for _, side := range sides {
		if f, ok := join.Type.FieldByName(side); !ok || !isRelation(f) {
			return fmt.Sprintf("%s has no relation %q; write join:Left=Right with two of its fields", join.Type, side)
		}
	}
	return ""
}

// joined says what is wrong with the columns that a tag joins.
func joined(t, other *bunschema.Table, kind, first, tag string) string {
	var pairs []string
	for _, o := range options(tag) {
		if o.key == "join" {
			pairs = append(pairs, strings.Split(o.value, ",")...)
		}
	}
	for _, pair := range pairs {
		mine, theirs, ok := strings.Cut(strings.TrimSpace(pair), "=")
		if !ok {
			return fmt.Sprintf("%q joins no two columns; write join:column=other_column", pair)
		}
		if kind == "has-many" && mine == "type" {
			continue // polymorphic
		}
		if t.FieldMap[mine] == nil {
			return fmt.Sprintf("join:%s: %s has no column %q%s", first, t.Type, mine, columns(t))
		}
		if other.FieldMap[theirs] == nil {
			return fmt.Sprintf("join:%s: %s has no column %q%s", first, other.Type, theirs, columns(other))
		}
	}
	return ""
}

// implied says which column bun misses where the tag names none.
func implied(t, other *bunschema.Table, kind, field string) string {
	owner, holder, prefix := other, t, underscore(field)
	if kind != "belongs-to" {
		owner, holder, prefix = t, other, t.ModelName
	}
	for _, key := range owner.PKs {
		if name := prefix + "_" + key.Name; holder.FieldMap[name] == nil && holder.FieldMap[key.Name] == nil {
			return fmt.Sprintf("%s has no column %q%s; add it, or write join:column=other_column", holder.Type, name, columns(holder))
		}
	}
	return ""
}

// columns lists the columns that there are.
func columns(t *bunschema.Table) string {
	var names []string
	for _, f := range t.Fields {
		names = append(names, f.Name)
	}
	return " (its columns: " + strings.Join(names, ", ") + ")"
}

// underscore is how bun makes a column's name of a field's.
func underscore(name string) string {
	var b strings.Builder
	for i, r := range name {
		upper := r >= 'A' && r <= 'Z'
		if upper && i > 0 && i+1 < len(name) && (lower(name[i-1]) || lower(name[i+1])) {
			b.WriteByte('_')
		}
		b.WriteString(strings.ToLower(string(r)))
	}
	return b.String()
}

func lower(c byte) bool { return c >= 'a' && c <= 'z' }
