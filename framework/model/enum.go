package model

import (
	"reflect"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/internal/pattern"
	"github.com/leavendb/leaven/framework/schema"
	bunschema "github.com/uptrace/bun/schema"
)

// Enum is implemented by Go types that list their values, in order: those of
// fields whose columns are enums.
type Enum interface{ Values() []string }

// enumOf is an enum and the field that it was first met in.
type enumOf struct {
	values       []string
	model, field string
}

var typeName = pattern.Lazy(`^(?:("[^"]+"|[A-Za-z_]\w*)\.)?("[^"]+"|[A-Za-z_]\w*)$`)

// enum is the type of a field that is an enum, or a list of one. ok is false
// for any other field.
func (l *loader) enum(e *entry, f *bunschema.Field) (t schema.Type, ok bool) {
	said, wished := value(f.StructField.Tag.Get("leaven"), "enum")
	text, list := strings.CutSuffix(strings.TrimSpace(f.UserSQLType), "[]")
	_, typed := f.Tag.Option("type")
	values, elem := valuesOf(f.IndirectType)
	if list = list || f.Tag.HasOption("array"); list && (f.IndirectType.Kind() == reflect.Slice || f.IndirectType.Kind() == reflect.Array) {
		values, elem = valuesOf(f.IndirectType.Elem())
	}
	_, known := meaning(text)
	if !wished && (values == nil || !typed || known || !typeName().MatchString(text)) {
		return t, false
	}
	if values == nil {
		l.faults.add(e.name(), fieldPath(e.typ, f), "it is an enum, but %s lists no values; give it a method Values() []string", f.IndirectType)
		return t, false
	}
	at := Table{Name: underscore(elem.Name())}
	switch {
	case said != "":
		at = l.split(said)
	case typed && !known && typeName().MatchString(text):
		m := typeName().FindStringSubmatch(text)
		at = l.split(strings.TrimPrefix(plainName(m[1])+"."+plainName(m[2]), "."))
	}
	l.remember(e, f, at, values)
	t = schema.EnumType(at.Schema, at.Name)
	if list {
		t = schema.Array(t)
	}
	return t, true
}

// plainName is a name as databases keep it: without quotes, or in lower case.
func plainName(name string) string {
	if strings.HasPrefix(name, `"`) {
		return strings.Trim(name, `"`)
	}
	return strings.ToLower(name)
}

// remember keeps the enum, which all fields must agree about.
func (l *loader) remember(e *entry, f *bunschema.Field, at Table, values []string) {
	field := fieldPath(e.typ, f)
	for i, v := range values {
		if v == "" || slices.Contains(values[:i], v) {
			l.faults.add(e.name(), field, "the values of %s must be different and not empty: %q", f.IndirectType, values)
			return
		}
	}
	before, known := l.enums[at]
	if known && !slices.Equal(before.values, values) {
		l.faults.add(e.name(), field, "enum %s has the values %q here, and %q in %s.%s", at.Name, values, before.values, before.model, before.field)
	}
	if known {
		return
	}
	l.enums[at] = enumOf{values, e.name(), field}
	l.found.Schema.Enums = append(l.found.Schema.Enums, &schema.Enum{Schema: at.Schema, Name: at.Name, Values: slices.Clone(values)})
}

// valuesOf returns the values of a Go type, and the type itself; nil: it lists
// none.
func valuesOf(t reflect.Type) (values []string, of reflect.Type) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	e, ok := reflect.New(t).Interface().(Enum)
	if !ok {
		return nil, t
	}
	if _, ok := caught(func() { values = e.Values() }); !ok || len(values) == 0 {
		return nil, t
	}
	return values, t
}
