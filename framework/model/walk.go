package model

import (
	"reflect"
	"strings"

	"github.com/uptrace/bun"
)

var baseModel = reflect.TypeFor[bun.BaseModel]()

// part is a struct that a model is made of: the model itself, one that it
// embeds, or one that its tag `embed:prefix` takes in.
type part struct {
	typ    reflect.Type
	path   string // of Go fields, "Address."; empty: the model itself
	prefix string // of the names of its columns
	extend bool   // the model uses this one's table
}

// parts returns the structs of a model, those that are embedded before those
// that embed them, so that what is said outside comes last.
func parts(typ reflect.Type) []part { return gather(part{typ: typ}, 0) }

// maxDepth ends the walk through structs that embed pointers to themselves.
const maxDepth = 16

func gather(p part, depth int) []part {
	var all []part
	for i := range p.typ.NumField() {
		f := p.typ.Field(i)
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		tag := f.Tag.Get("bun")
		prefix, embedded := value(tag, "embed")
		if tag == "-" || depth == maxDepth || inner.Kind() != reflect.Struct || inner == baseModel || !f.Anonymous && (!embedded || !f.IsExported()) {
			continue
		}
		_, extend := value(tag, "extend")
		_, inherit := value(tag, "inherit")
		if f.Anonymous {
			prefix = ""
		}
		all = append(all, gather(part{typ: inner, path: p.path + f.Name + ".", prefix: p.prefix + prefix, extend: f.Anonymous && (extend || inherit)}, depth+1)...)
	}
	return append(all, p)
}

// fields calls f with the fields of the part itself that bun looks at.
func (p part) fields(f func(reflect.StructField)) {
	for i := range p.typ.NumField() {
		if sf := p.typ.Field(i); sf.Tag.Get("bun") != "-" && (sf.IsExported() || sf.Anonymous) {
			f(sf)
		}
	}
}

// isRelation reports whether the field is one between models.
func isRelation(f reflect.StructField) bool {
	tag := f.Tag.Get("bun")
	_, rel := value(tag, "rel")
	_, m2m := value(tag, "m2m")
	return rel || m2m
}

// isBase reports whether the field is the embedded bun.BaseModel.
func isBase(f reflect.StructField) bool { return f.Anonymous && f.Type == baseModel }

// joinTables are the tables that the model's m2m relations go through.
func joinTables(typ reflect.Type) []string {
	var names []string
	for _, p := range parts(typ) {
		p.fields(func(f reflect.StructField) {
			if name, ok := value(f.Tag.Get("bun"), "m2m"); ok {
				names = append(names, name)
			}
		})
	}
	return names
}

// splitName splits "app.users"; a name without a dot has no schema.
func splitName(name string) (schemaName, table string) {
	if before, after, ok := strings.Cut(name, "."); ok {
		return before, after
	}
	return "", name
}
