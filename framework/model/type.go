package model

import (
	"context"
	"database/sql"
	"encoding/json"
	"net"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/leavendb/leaven/framework/internal/pattern"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
	bunschema "github.com/uptrace/bun/schema"
)

// typeOf is the type of a field. Where a portable type is spelled on this
// database as bun spells the field's, it is that one, so that one migration suits
// several databases; else the portable type gets bun's spelling here; else bun's
// spelling is all there is. serial: the spelling is one that counts up. The zero
// type says that bun has none.
func (l *loader) typeOf(f *bunschema.Field) (t schema.Type, serial bool) {
	text := strings.TrimSpace(f.CreateTableSQLType)
	if text == "" {
		return schema.Type{}, false
	}
	said, known := meaning(text)
	_, serial = serials[strings.ToLower(text)]
	wanted := said
	if _, own := f.Tag.Option("type"); !own && !serial {
		if m, ok := goMeaning(f); ok {
			wanted, known = m, true
		}
	}
	switch {
	case !known:
		return schema.Raw(text), false
	case serial || l.spells(wanted, text):
		return wanted, serial
	}
	return wanted.On(l.dialect.Name(), text), false
}

// spells reports whether the dialect spells a portable type as text, or in other
// words of the same meaning.
func (l *loader) spells(t schema.Type, text string) bool {
	if t.Kind == schema.KindRaw {
		return false
	}
	spelled := l.spelling(t)
	if squeeze(spelled) == squeeze(text) {
		return true
	}
	ours, known := meaning(spelled)
	theirs, too := meaning(text)
	return known && too && ours.Equal(theirs)
}

func squeeze(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), "")) }

// mark is a type that no database has.
const mark = "leaven_mark"

// spelling is how the dialect spells a portable type in CREATE TABLE; empty: it
// does not have it.
func (l *loader) spelling(t schema.Type) string {
	text, known := l.spellings[t.String()]
	if known {
		return text
	}
	render := func(t schema.Type) string {
		statements, err := l.dialect.Render(context.Background(),
			op.CreateTable{Name: "t", Columns: []schema.Column{{Name: "c", Type: t}}}, op.Fold{Schema: &schema.Schema{}})
		if err != nil || len(statements) != 1 {
			return ""
		}
		return statements[0].SQL
	}
	before, after, _ := strings.Cut(render(schema.Raw(mark)), mark)
	if rest, ok := strings.CutPrefix(render(t), before); ok {
		text, _ = strings.CutSuffix(rest, after)
	}
	l.spellings[t.String()] = text
	return text
}

// elsewhere gives a field's type the spellings that bun has for it on other
// databases, where they are not those of the portable type.
func (l *loader) elsewhere(e *entry, f *bunschema.Field, t schema.Type) schema.Type {
	for _, o := range l.also {
		theirs := o.same(e, f)
		if theirs == nil {
			continue
		}
		said, _ := o.typeOf(theirs)
		_, own := said.Spelling(o.dialect.Name())
		if text := strings.TrimSpace(theirs.CreateTableSQLType); text != "" && (own || said.Kind != t.Kind) && !o.spells(t, text) {
			t = t.On(o.dialect.Name(), text)
		}
	}
	return t
}

// same is the field as bun sees it there; nil where it does not.
func (l *loader) same(e *entry, f *bunschema.Field) *bunschema.Field {
	for _, other := range l.models {
		if other.typ != e.typ || other.table == nil {
			continue
		}
		for _, field := range other.table.Fields {
			if slices.Equal(field.Index, f.Index) {
				return field
			}
		}
	}
	return nil
}

// words of SQL that mean a portable type.
var typeWords = map[string]schema.Type{
	"boolean": schema.Boolean, "bool": schema.Boolean,
	"smallint": schema.SmallInt, "int2": schema.SmallInt, "integer": schema.Integer, "int": schema.Integer, "int4": schema.Integer,
	"bigint": schema.BigInt, "int8": schema.BigInt,
	"real": schema.Real, "float4": schema.Real, "double precision": schema.Double, "float8": schema.Double, "float": schema.Double,
	"numeric": schema.Numeric(0, 0), "decimal": schema.Numeric(0, 0),
	"text": schema.Text, "varchar": schema.Varchar(0), "character varying": schema.Varchar(0),
	"bytea": schema.Bytes, "blob": schema.Bytes, "uuid": schema.UUID, "json": schema.JSON, "jsonb": schema.JSONB,
	"date": schema.Date, "time": schema.Time, "time without time zone": schema.Time, "interval": schema.Interval,
	"timestamp": schema.Timestamp, "timestamp without time zone": schema.Timestamp,
	"timestamptz": schema.Timestamptz, "timestamp with time zone": schema.Timestamptz,
}

// serials are PostgreSQL's words for integers that count up.
var serials = map[string]schema.Type{
	"smallserial": schema.SmallInt, "serial2": schema.SmallInt, "serial": schema.Integer, "serial4": schema.Integer,
	"bigserial": schema.BigInt, "serial8": schema.BigInt,
}

var sized = pattern.Lazy(`^(varchar|character varying|numeric|decimal) ?\( ?(\d{1,5}) ?(?:, ?(\d{1,5}) ?)?\)$`)

// meaning is the portable type that a text of SQL names, if one does.
func meaning(text string) (schema.Type, bool) {
	text = strings.ToLower(strings.Join(strings.Fields(text), " "))
	if elem, ok := strings.CutSuffix(text, "[]"); ok {
		t, known := meaning(elem)
		return schema.Array(t), known && t.Kind != schema.KindArray
	}
	if t, ok := typeWords[text]; ok {
		return t, true
	}
	if t, ok := serials[text]; ok {
		return t, true
	}
	m := sized().FindStringSubmatch(text)
	if m == nil {
		return schema.Type{}, false
	}
	size, _ := strconv.Atoi(m[2])
	scale, _ := strconv.Atoi(m[3])
	if strings.HasPrefix(m[1], "numeric") || strings.HasPrefix(m[1], "decimal") {
		return schema.Numeric(size, scale), size > 0
	}
	return schema.Varchar(size), size > 0 && m[3] == ""
}

// goTypes are Go types that bun knows by themselves.
var goTypes = map[reflect.Type]schema.Type{
	reflect.TypeFor[time.Time]():       schema.Timestamptz,
	reflect.TypeFor[sql.NullTime]():    schema.Timestamptz,
	reflect.TypeFor[bun.NullTime]():    schema.Timestamptz,
	reflect.TypeFor[sql.NullBool]():    schema.Boolean,
	reflect.TypeFor[sql.NullFloat64](): schema.Double,
	reflect.TypeFor[sql.NullInt64]():   schema.BigInt,
	reflect.TypeFor[sql.NullString]():  schema.Varchar(0),
}

// goKinds are the others.
var goKinds = map[reflect.Kind]schema.Type{
	reflect.Bool: schema.Boolean, reflect.String: schema.Varchar(0),
	reflect.Int: schema.BigInt, reflect.Int64: schema.BigInt, reflect.Int32: schema.Integer, reflect.Int16: schema.SmallInt, reflect.Int8: schema.SmallInt,
	reflect.Uint: schema.BigInt, reflect.Uint64: schema.BigInt, reflect.Uint32: schema.Integer, reflect.Uint16: schema.SmallInt, reflect.Uint8: schema.SmallInt,
	reflect.Float32: schema.Real, reflect.Float64: schema.Double,
}

// goMeaning is the portable type of a field without a type in its tag.
func goMeaning(f *bunschema.Field) (schema.Type, bool) {
	if f.Tag.HasOption("hstore") || f.Tag.HasOption("composite") {
		return schema.Type{}, false
	}
	t := f.IndirectType
	if f.Tag.HasOption("array") && (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) {
		elem, ok := goType(t.Elem())
		return schema.Array(elem), ok
	}
	return goType(t)
}

func goType(t reflect.Type) (schema.Type, bool) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if known, ok := goTypes[t]; ok {
		return known, true
	}
	if known, ok := goKinds[t.Kind()]; ok {
		return known, true
	}
	switch {
	case t == reflect.TypeFor[net.IPNet]() || t == reflect.TypeFor[net.IP]() || t == reflect.TypeFor[json.RawMessage]():
		return schema.Type{}, false // bun's words differ from database to database
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return schema.Bytes, true
	case t.Kind() == reflect.Slice || t.Kind() == reflect.Map || t.Kind() == reflect.Struct:
		return schema.JSONB, true
	}
	return schema.Type{}, false
}
