package autogen

import (
	"fmt"
	"go/format"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/leavendb/leaven/framework/diff"
	"github.com/leavendb/leaven/framework/schema"
)

// Initial is the comparison of an empty database with one that is there, in
// portable words: the first migration of an application that had none. Views,
// triggers, sequences and extensions are left out, as models cannot say them.
func Initial(dialect string, live *schema.Schema) (diff.Result, error) {
	return diff.Compare(&schema.Schema{}, sayable(dialect, live), diff.Options{})
}

func sayable(dialect string, live *schema.Schema) *schema.Schema {
	s := portable(dialect, live)
	s.Views, s.Triggers, s.Sequences, s.Extensions = nil, nil, nil, nil
	for _, t := range s.Tables {
		if t.PrimaryKeyName == (&schema.Table{Name: t.Name}).KeyName() {
			t.PrimaryKeyName = ""
		}
	}
	return s
}

// GoModels writes bun models of what a database has: a struct for each table, with
// what bun's tags cannot say in its Define method, a type for each enum, and the
// list of all. It is a beginning: relations are the reader's to add. Equal schemas
// give equal bytes.
func GoModels(dialect, packageName string, live *schema.Schema) ([]byte, error) {
	w := &modelWriter{s: sayable(dialect, live), live: live, used: map[string]bool{"All": true}, enums: map[[2]string]string{}}
	for _, e := range w.s.Enums {
		w.enum(e)
	}
	var names []string
	for i, t := range w.s.Tables {
		names = append(names, w.table(t, live.Tables[i]))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "// Package %[1]s holds the structs that the application reads and writes.\npackage %[1]s\n\nimport (\n", packageName)
	for _, spec := range []string{"encoding/json", "time"} {
		if strings.Contains(w.b.String(), spec[strings.LastIndexByte(spec, '/')+1:]+".") {
			fmt.Fprintf(&b, "\t%q\n", spec)
		}
	}
	b.WriteString("\n")
	if w.lit.usesSchema {
		b.WriteString("\t\"github.com/leavendb/leaven/framework/schema\"\n")
	}
	if len(names) > 0 {
		b.WriteString("\t\"github.com/uptrace/bun\"\n")
	}
	b.WriteString(")\n\n// All is the one list of what the database should have: a table for each model.\nfunc All() []any {\n\treturn []any{\n")
	for _, name := range names {
		fmt.Fprintf(&b, "\t\t(*%s)(nil),\n", name)
	}
	b.WriteString("\t}\n}\n" + w.b.String())
	return format.Source([]byte(b.String()))
}

type modelWriter struct {
	b       strings.Builder
	lit     golit
	s, live *schema.Schema
	used    map[string]bool
	enums   map[[2]string]string // their Go types
}

// name is a Go name that nobody has.
func (w *modelWriter) name(words, schemaName string) string {
	name := goName(words)
	if w.used[name] && schemaName != "" {
		name = goName(schemaName + "_" + words)
	}
	for base, i := name, 2; w.used[name]; i++ {
		name = fmt.Sprint(base, i)
	}
	w.used[name] = true
	return name
}

func (w *modelWriter) enum(e *schema.Enum) {
	name := w.name(e.Name, e.Schema)
	w.enums[[2]string{e.Schema, e.Name}] = name
	fmt.Fprintf(&w.b, "\n// %s is the enum %s.\ntype %s string\n\n// Values lists its values in their order.\nfunc (%s) Values() []string { return %s }\n",
		name, qualified(e.Schema, e.Name), name, name, w.lit.flat(reflect.ValueOf(e.Values), true))
}

// table writes a table's struct, in the words of the database where the tag tells
// a type.
func (w *modelWriter) table(t, live *schema.Table) string {
	name := w.name(singular(t.Name), t.Schema)
	fmt.Fprintf(&w.b, "\n// %s is a row of %s.\ntype %s struct {\n\tbun.BaseModel %s\n\n", name, qualified(t.Schema, t.Name), name, goTag("table:"+qualified(t.Schema, t.Name)))
	var more []schema.Column
	fields := map[string]bool{"BaseModel": true, "Define": true}
	for _, c := range keyFirst(t) {
		field := goName(c.Name)
		for base, n := field, 2; fields[field]; n++ {
			field = fmt.Sprint(base, n)
		}
		fields[field] = true
		typ, tag, rest := w.column(t, c, live.Column(c.Name))
		fmt.Fprintf(&w.b, "\t%s %s %s\n", field, typ, goTag(tag))
		if !reflect.DeepEqual(rest, schema.Column{Name: c.Name}) {
			more = append(more, rest)
		}
	}
	w.b.WriteString("}\n")
	x := schema.Extras{Indexes: t.Indexes, Checks: t.Checks, Exclusions: t.Exclusions, Uniques: t.Uniques, ForeignKeys: t.ForeignKeys, Columns: more, Comment: t.Comment, PrimaryKeyName: t.PrimaryKeyName}
	for _, v := range []any{x.Indexes, x.Checks, x.Exclusions, x.Uniques, x.ForeignKeys, x.Columns} {
		if reflect.ValueOf(v).Len() > 0 || x.Comment != "" || x.PrimaryKeyName != "" {
			fmt.Fprintf(&w.b, "\n// Define says what the tags cannot.\nfunc (*%s) Define() schema.Extras {\n\treturn %s\n}\n", name, w.lit.extras(x))
			break
		}
	}
	return name
}

// keyFirst are the columns; those of a key of several stand before the others, as
// bun takes their order for the key's.
func keyFirst(t *schema.Table) []schema.Column {
	if len(t.PrimaryKey) < 2 {
		return t.Columns
	}
	var key, others []schema.Column
	for _, name := range t.PrimaryKey {
		key = append(key, *t.Column(name))
	}
	for _, c := range t.Columns {
		if !slices.Contains(t.PrimaryKey, c.Name) {
			others = append(others, c)
		}
	}
	return append(key, others...)
}

// extras has a line for each field, without those that are empty lists.
func (g *golit) extras(x schema.Extras) string {
	v := reflect.ValueOf(&x).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Slice && f.Len() == 0 {
			f.SetZero()
		}
	}
	g.usesSchema = true
	var b strings.Builder
	b.WriteString("schema.Extras{\n")
	for i := range v.NumField() {
		if !v.Field(i).IsZero() {
			b.WriteString(v.Type().Field(i).Name + ": " + g.broken(v.Field(i), true) + ",\n")
		}
	}
	return b.String() + "}"
}

// column is the Go type of a column, its tag, and what the tag leaves to Define.
func (w *modelWriter) column(t *schema.Table, c schema.Column, live *schema.Column) (typ, tag string, rest schema.Column) {
	rest = schema.Column{Name: c.Name, Identity: c.Identity, Generated: c.Generated, Virtual: c.Virtual, Collation: c.Collation, Comment: c.Comment}
	text, _ := live.Type.Spelling("")
	options := []string{c.Name}
	key := slices.Contains(t.PrimaryKey, c.Name)
	if key {
		options = append(options, "pk")
	}
	if c.AutoIncrement {
		options = append(options, "autoincrement")
	}
	typ = goTypes[c.Type.Kind]
	switch c.Type.Kind {
	case schema.KindEnum:
		typ, text = w.enums[[2]string{c.Type.Schema, c.Type.Name}], qualified(c.Type.Schema, c.Type.Name)
	case schema.KindArray:
		typ = "[]" + goTypes[c.Type.Elem.Kind]
		options = append(options, "array")
	}
	if typ == "" {
		typ = "string"
	}
	if typ == "[]" {
		typ = "[]string"
	}
	if text != "" && !c.AutoIncrement {
		options = append(options, "type:"+text)
	}
	if !key && c.NotNull {
		options = append(options, "notnull")
	}
	if said, ok := tagDefault(c.Default); ok {
		if typ == "time.Time" || c.Default.IsRandomUUID() {
			options = append(options, "nullzero")
		}
		options = append(options, "default:"+said)
	} else {
		rest.Default = c.Default
	}
	if !c.Required() && !key && !strings.HasPrefix(typ, "[]") && typ != "json.RawMessage" {
		typ = "*" + typ
	}
	return typ, strings.Join(options, ","), rest
}

// tagDefault is a default as a tag of bun says it.
func tagDefault(e schema.Expression) (string, bool) {
	switch v, literal := e.Literal(); {
	case e.IsNow():
		return "current_timestamp", true
	case e.IsRandomUUID():
		return "gen_random_uuid()", true
	case literal:
		if text, is := v.(string); is {
			return "'" + text + "'", text != "" && !strings.ContainsAny(text, "',\"`\\()[]{}")
		}
		return fmt.Sprint(v), v != nil
	}
	return "", false
}

var goTypes = map[schema.Kind]string{
	schema.KindBoolean: "bool", schema.KindSmallInt: "int16", schema.KindInteger: "int32", schema.KindBigInt: "int64", schema.KindReal: "float32",
	schema.KindDouble: "float64", schema.KindNumeric: "string", schema.KindText: "string", schema.KindVarchar: "string", schema.KindBytes: "[]byte",
	schema.KindDate: "time.Time", schema.KindTime: "string", schema.KindTimestamp: "time.Time", schema.KindTimestamptz: "time.Time",
	schema.KindInterval: "string", schema.KindUUID: "string", schema.KindJSON: "json.RawMessage", schema.KindJSONB: "json.RawMessage",
}

func goTag(bun string) string { return "`bun:" + fmt.Sprintf("%q", bun) + "`" }

func qualified(schemaName, name string) string {
	if schemaName == "" {
		return name
	}
	return schemaName + "." + name
}

// initials are words that Go writes in capitals.
var initials = strings.Fields("api cpu css dns html http https id ip json sql ssh tcp tls ttl udp ui uid uri url uuid vat xml")

// goName writes words with "_" between them as an exported name.
func goName(words string) string {
	var b strings.Builder
	for word := range strings.FieldsFuncSeq(words, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if slices.Contains(initials, strings.ToLower(word)) {
			b.WriteString(strings.ToUpper(word))
			continue
		}
		letters := []rune(word)
		b.WriteString(string(unicode.ToUpper(letters[0])) + string(letters[1:]))
	}
	if name := b.String(); name != "" && unicode.IsUpper([]rune(name)[0]) {
		return name
	}
	return "X" + b.String()
}

// singular is one of many, where the ending tells: the tag has the table's name.
func singular(name string) string {
	switch {
	case strings.HasSuffix(name, "ies"):
		return name[:len(name)-3] + "y"
	case strings.HasSuffix(name, "ses"), strings.HasSuffix(name, "xes"), strings.HasSuffix(name, "ches"), strings.HasSuffix(name, "shes"):
		return name[:len(name)-2]
	case strings.HasSuffix(name, "s") && !strings.HasSuffix(name, "ss") && len(name) > 2:
		return name[:len(name)-1]
	}
	return name
}
