package autogen

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// lineWidth is how long a value may be before it is broken into lines.
const lineWidth = 100

// golit writes operations as Go literals, as a person would: fields that say
// nothing are left out, types are named where Go needs it, and what is too long
// for a line stands on several. Line breaks are all that it decides of the
// layout; the rest is gofmt's.
type golit struct {
	usesSchema bool // something of package schema was written
}

// operation is one operation with its comma.
func (g *golit) operation(o op.Op) string {
	if t, is := o.(op.CreateTable); is {
		return g.createTable(t) + ","
	}
	return g.broken(reflect.ValueOf(o), true) + ","
}

// createTable has a line for each column.
func (g *golit) createTable(t op.CreateTable) string {
	v := reflect.ValueOf(t)
	var head, tail []string
	for i := range v.NumField() {
		f := v.Type().Field(i)
		switch {
		case v.Field(i).IsZero() || f.Name == "Columns":
		case f.Name == "Schema" || f.Name == "Name" || f.Name == "IfNotExists":
			head = append(head, f.Name+": "+g.flat(v.Field(i), true))
		case f.Name == "PrimaryKey":
			tail = append(tail, "PrimaryKey: "+g.flat(v.Field(i), true))
		}
	}
	g.usesSchema = true
	var b strings.Builder
	b.WriteString("op.CreateTable{" + strings.Join(head, ", ") + ", Columns: []schema.Column{\n")
	for _, c := range t.Columns {
		b.WriteString(g.broken(reflect.ValueOf(c), false) + ",\n")
	}
	b.WriteString("}")
	for _, text := range tail {
		b.WriteString(", " + text)
	}
	more := false
	for _, name := range []string{"PrimaryKeyName", "Uniques", "Checks", "ForeignKeys", "Exclusions", "Comment"} {
		if f := v.FieldByName(name); !f.IsZero() {
			more = true
			b.WriteString(",\n" + name + ": " + g.broken(f, true))
		}
	}
	if more {
		b.WriteString(",\n")
	}
	b.WriteString("}")
	return b.String()
}

// broken is a value on one line, or on several where it is too long.
func (g *golit) broken(v reflect.Value, typed bool) string {
	text := g.flat(v, typed)
	if len(text) <= lineWidth && !strings.Contains(text, "\n") {
		return text
	}
	for v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	pointer := ""
	if v.Kind() == reflect.Pointer && v.Elem().Kind() == reflect.Struct {
		pointer, v = "&", v.Elem()
	}
	if _, whole := g.value(v); whole {
		return text
	}
	var b strings.Builder
	switch v.Kind() {
	case reflect.Struct:
		b.WriteString(pointer + g.typeName(v.Type(), typed) + "{\n")
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; says(v, i) {
				b.WriteString(name + ": " + g.broken(v.Field(i), true) + ",\n")
			}
		}
	case reflect.Slice:
		b.WriteString(g.typeName(v.Type(), typed) + "{\n")
		for i := range v.Len() {
			b.WriteString(g.broken(v.Index(i), false) + ",\n")
		}
	default:
		return text
	}
	b.WriteString("}")
	return b.String()
}

// flat is a value on one line. typed: its type has to be named.
func (g *golit) flat(v reflect.Value, typed bool) string {
	for v.Kind() == reflect.Interface {
		v, typed = v.Elem(), true
	}
	if text, whole := g.value(v); whole {
		return text
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.Elem().Kind() == reflect.Struct {
			return "&" + g.flat(v.Elem(), true)
		}
		// A number by its address; Go has no literal for one.
		return fmt.Sprintf("func() *%[1]s { v := %[1]s(%[2]s); return &v }()", v.Elem().Type(), g.flat(v.Elem(), false))
	case reflect.Struct:
		var fields []string
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; says(v, i) {
				fields = append(fields, name+": "+g.flat(v.Field(i), true))
			}
		}
		return g.typeName(v.Type(), typed) + "{" + strings.Join(fields, ", ") + "}"
	case reflect.Slice:
		items := make([]string, v.Len())
		for i := range items {
			items[i] = g.flat(v.Index(i), false)
		}
		return g.typeName(v.Type(), typed) + "{" + strings.Join(items, ", ") + "}"
	case reflect.String:
		return quote(v.String())
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	}
	return fmt.Sprint(v.Interface())
}

// says reports whether a field is to be written. Was and UsingBack are for a
// computed reverse only, and a file has both directions.
func says(v reflect.Value, field int) bool {
	name := v.Type().Field(field).Name
	return !v.Field(field).IsZero() && name != "Was" && name != "UsingBack"
}

// typeName is the name of a type where it is needed.
func (g *golit) typeName(t reflect.Type, typed bool) string {
	if !typed {
		return ""
	}
	name := t.String()
	g.usesSchema = g.usesSchema || strings.Contains(name, "schema.")
	return name
}

// named are the constants of package schema.
var named = map[any]string{
	schema.Restrict: "schema.Restrict", schema.Cascade: "schema.Cascade", schema.SetNull: "schema.SetNull", schema.SetDefault: "schema.SetDefault",
	schema.IdentityAlways: "schema.IdentityAlways", schema.IdentityByDefault: "schema.IdentityByDefault",
	schema.NullsFirst: "schema.NullsFirst", schema.NullsLast: "schema.NullsLast",
}

// value writes what is not written by its fields.
func (g *golit) value(v reflect.Value) (text string, whole bool) {
	switch x := v.Interface().(type) {
	case schema.Type:
		text = g.typ(x)
	case schema.Expression:
		text = g.expression(x)
	case []schema.Part:
		if text = plainParts(x); text == "" {
			return "", false
		}
	case schema.Action, schema.Identity, schema.Nulls:
		text = named[x]
	default:
		return "", false
	}
	g.usesSchema = g.usesSchema || text != ""
	return text, text != ""
}

// plainParts is schema.Columns(…) where that says it all.
func plainParts(parts []schema.Part) string {
	names := make([]string, len(parts))
	for i, p := range parts {
		if p.Column == "" || !reflect.DeepEqual(p, schema.Part{Column: p.Column}) {
			return ""
		}
		names[i] = quote(p.Column)
	}
	return "schema.Columns(" + strings.Join(names, ", ") + ")"
}

// kinds are the variables of package schema.
var kinds = map[schema.Kind]string{
	schema.KindBoolean: "Boolean", schema.KindSmallInt: "SmallInt", schema.KindInteger: "Integer", schema.KindBigInt: "BigInt",
	schema.KindReal: "Real", schema.KindDouble: "Double", schema.KindText: "Text", schema.KindBytes: "Bytes", schema.KindDate: "Date",
	schema.KindTime: "Time", schema.KindTimestamp: "Timestamp", schema.KindTimestamptz: "Timestamptz", schema.KindInterval: "Interval",
	schema.KindUUID: "UUID", schema.KindJSON: "JSON", schema.KindJSONB: "JSONB",
}

func (g *golit) typ(t schema.Type) string {
	text := "schema." + kinds[t.Kind]
	switch t.Kind {
	case schema.KindVarchar:
		text = fmt.Sprintf("schema.Varchar(%d)", t.Precision)
	case schema.KindNumeric:
		text = fmt.Sprintf("schema.Numeric(%d, %d)", t.Precision, t.Scale)
	case schema.KindArray:
		text = "schema.Array(" + g.typ(*t.Elem) + ")"
	case schema.KindEnum:
		text = fmt.Sprintf("schema.EnumType(%s, %s)", quote(t.Schema), quote(t.Name))
	case schema.KindRaw:
		all, _ := t.Spelling("")
		text = "schema.Raw(" + quote(all) + ")"
	case "":
		text = "schema.Type{}"
	}
	for _, dialect := range t.Dialects() {
		own, _ := t.Spelling(dialect)
		text += fmt.Sprintf(".On(%s, %s)", quote(dialect), quote(own))
	}
	return text
}

func (g *golit) expression(e schema.Expression) string {
	text := "schema.Expression{}"
	constant, literal := e.Literal()
	all, said := e.Spelling("")
	switch {
	case literal:
		text = "schema.Literal(" + goConstant(constant) + ")"
	case e.IsNow():
		text = "schema.Now"
	case e.IsRandomUUID():
		text = "schema.RandomUUID"
	case said:
		text = "schema.Expr(" + quote(all) + ")"
	}
	for _, dialect := range e.Dialects() {
		own, _ := e.Spelling(dialect)
		text += fmt.Sprintf(".On(%s, %s)", quote(dialect), quote(own))
	}
	return text
}

// goConstant keeps the Go type, which is part of the value.
func goConstant(v any) string {
	switch v := v.(type) {
	case nil:
		return "nil"
	case string:
		return quote(v)
	case bool, int:
		return fmt.Sprint(v)
	case []byte:
		return fmt.Sprintf("[]byte(%q)", v)
	}
	return fmt.Sprintf("%T(%v)", v, v)
}

// quote is a Go string; a text with quotes or lines of its own is easier to read
// in backquotes.
func quote(text string) string {
	if strings.ContainsAny(text, "\"\n\\") && strconv.CanBackquote(strings.ReplaceAll(text, "\n", "")) {
		return "`" + text + "`"
	}
	return strconv.Quote(text)
}
