package model

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/schema"
)

// Definer is implemented by models, and by structs that models embed, that say
// more than their tags can.
type Definer interface{ Define() schema.Extras }

// declare collects what a model says beside bun's tags: the Define methods of
// the structs that it embeds, its own, and its tags. A method that the model has
// from an embedded struct says the same twice, which counts once; and where two
// embedded structs have one, so that Go gives the model none, both are asked.
func (l *loader) declare(e *entry) schema.Extras {
	var all schema.Extras
	var heard []declaration
	for _, p := range parts(e.typ) {
		var x schema.Extras
		if d, ok := instance(p.typ).(Definer); ok {
			if said, ok := caught(func() { x = d.Define() }); !ok && !unreachable(p.typ) {
				l.faults.add(e.name(), "", "the Define method of %s panics on an empty one: %s", p.typ, said)
			}
		}
		if !slices.ContainsFunc(heard, declaration{p.path, x}.again) {
			heard = append(heard, declaration{p.path, x})
			x.Unmanaged = x.Unmanaged && p.path == "" // an embedded struct cannot know
			merge(&all, prefixed(x, p))
		}
		l.baseTag(e, p, &all)
	}
	l.columnTags(e, &all)
	l.relationTags(e)
	l.lostTags(e)
	return all
}

// declaration is what the part of a model at path declares.
type declaration struct {
	path   string
	extras schema.Extras
}

// again reports whether d is the one of a struct inside, which its
// method was taken from.
func (d declaration) again(inner declaration) bool {
	return inner.path != d.path && strings.HasPrefix(inner.path, d.path) && reflect.DeepEqual(inner.extras, d.extras)
}

// instance makes an empty struct of the type, with the pointers to structs that
// it embeds, so that methods which it has from them can be called.
func instance(t reflect.Type) any {
	v := reflect.New(t)
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous && f.IsExported() && f.Type.Kind() == reflect.Pointer && f.Type.Elem().Kind() == reflect.Struct {
			v.Elem().Field(i).Set(reflect.New(f.Type.Elem()))
		}
	}
	return v.Interface()
}

// unreachable reports whether the type may have its Define method from a struct
// that it embeds by a pointer of no exported name, which reflection cannot set;
// that struct is asked itself.
func unreachable(t reflect.Type) bool {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous && !f.IsExported() && f.Type.Kind() == reflect.Pointer && f.Type.Implements(reflect.TypeFor[Definer]()) {
			return true
		}
	}
	return false
}

// merge adds what src says to dst. What is the same is said once; what has the
// same name replaces what dst says.
func merge(dst *schema.Extras, src schema.Extras) {
	dst.Indexes = join(dst.Indexes, src.Indexes, func(x schema.Index) string { return x.Name })
	dst.Checks = join(dst.Checks, src.Checks, func(c schema.Check) string { return c.Name })
	dst.Uniques = join(dst.Uniques, src.Uniques, func(u schema.Unique) string { return u.Name })
	dst.Exclusions = join(dst.Exclusions, src.Exclusions, func(x schema.Exclusion) string { return x.Name })
	dst.ForeignKeys = join(dst.ForeignKeys, src.ForeignKeys, func(f schema.ForeignKey) string { return f.Name })
	for _, c := range src.Columns {
		i := slices.IndexFunc(dst.Columns, func(d schema.Column) bool { return d.Name == c.Name })
		if i < 0 {
			dst.Columns = append(dst.Columns, c)
			continue
		}
		overlay(&dst.Columns[i], c)
	}
	for _, text := range []struct {
		to   *string
		from string
	}{{&dst.Comment, src.Comment}, {&dst.PrimaryKeyName, src.PrimaryKeyName}, {&dst.RenamedFrom, src.RenamedFrom}} {
		if text.from != "" {
			*text.to = text.from
		}
	}
	dst.RenamedColumns = joinMaps(dst.RenamedColumns, src.RenamedColumns)
	for _, name := range src.Concurrently {
		if !slices.Contains(dst.Concurrently, name) {
			dst.Concurrently = append(dst.Concurrently, name)
		}
	}
	dst.Unmanaged = dst.Unmanaged || src.Unmanaged
	dst.IgnoreHook = dst.IgnoreHook || src.IgnoreHook
	for _, dialect := range sortedKeys(src.On) {
		own := dst.On[dialect]
		merge(&own, src.On[dialect])
		dst.On = joinMaps(dst.On, map[string]schema.Extras{dialect: own})
	}
}

func joinMaps[V any](dst, src map[string]V) map[string]V {
	if len(src) == 0 {
		return dst
	}
	dst = maps.Clone(dst)
	if dst == nil {
		dst = map[string]V{}
	}
	maps.Copy(dst, src)
	return dst
}

func join[T any](dst, src []T, name func(T) string) []T {
	dst = slices.Clone(dst)
	for _, s := range src {
		i := slices.IndexFunc(dst, func(d T) bool {
			return reflect.DeepEqual(d, s) || name(s) != "" && name(d) == name(s)
		})
		if i < 0 {
			dst = append(dst, s)
			continue
		}
		dst[i] = s
	}
	return dst
}

// overlay replaces the fields of a column that by says.
func overlay(c *schema.Column, by schema.Column) {
	if !by.Type.Equal(schema.Type{}) {
		c.Type = by.Type
	}
	c.NotNull = c.NotNull || by.NotNull
	if !by.Default.IsZero() {
		c.Default = by.Default
	}
	c.AutoIncrement = c.AutoIncrement || by.AutoIncrement
	if by.Identity != schema.NoIdentity {
		c.Identity = by.Identity
	}
	if !by.Generated.IsZero() {
		c.Generated, c.Virtual, c.Default = by.Generated, by.Virtual, schema.Expression{}
	}
	if by.Collation != "" {
		c.Collation = by.Collation
	}
	if by.Comment != "" {
		c.Comment = by.Comment
	}
}

// prefixed gives the columns in x the prefix that the model's tag
// `embed:prefix` gives those of the part.
func prefixed(x schema.Extras, p part) schema.Extras {
	if p.prefix == "" {
		return x
	}
	t := &schema.Table{Columns: x.Columns, Indexes: x.Indexes, Checks: x.Checks, Uniques: x.Uniques, Exclusions: x.Exclusions, ForeignKeys: x.ForeignKeys}
	t = t.Clone()
	s := &schema.Schema{Tables: []*schema.Table{t}}
	for _, name := range mentioned(p, x) {
		s.RenameColumn(t, name, p.prefix+name)
	}
	x.Columns, x.Indexes, x.Checks, x.Uniques, x.Exclusions, x.ForeignKeys = t.Columns, t.Indexes, t.Checks, t.Uniques, t.Exclusions, t.ForeignKeys
	renamed := map[string]string{}
	for now, before := range x.RenamedColumns {
		renamed[p.prefix+now] = p.prefix + before
	}
	x.RenamedColumns = renamed
	own := map[string]schema.Extras{}
	for dialect, extras := range x.On {
		own[dialect] = prefixed(extras, p)
	}
	x.On = own
	return x
}

// mentioned are the columns that the part's declarations may name: those of its
// fields, and those that it adds.
func mentioned(p part, x schema.Extras) []string {
	var names []string
	add := func(name string) {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	p.fields(func(f reflect.StructField) { add(columnName(f)) })
	for _, c := range x.Columns {
		add(c.Name)
	}
	return names
}

// columnName is the name of a field's column in its own struct.
func columnName(f reflect.StructField) string {
	tag := f.Tag.Get("bun")
	name := underscore(f.Name)
	for i, o := range options(tag) {
		switch {
		case i == 0 && o.value == "" && tag[0] != ',':
			name = o.key
		case o.key == "column":
			name = o.value
		}
	}
	return name
}
