package diff

import (
	"strconv"
	"strings"

	"github.com/leavendb/leaven/framework/internal/pattern"
	"github.com/leavendb/leaven/framework/schema"
)

// form is a type taken apart, whether it is a portable one or a text of a
// database.
type form struct {
	name  string // in the words of package schema's kinds; else the text
	sizes []int
	array bool
}

var sized = pattern.Lazy(`^([^()]*?)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?(\s*(?:with|without) time zone)?$`)

// synonyms are other words for the portable kinds.
var synonyms = map[string]schema.Kind{
	"bool": schema.KindBoolean, "int2": schema.KindSmallInt, "int": schema.KindInteger, "int4": schema.KindInteger, "int8": schema.KindBigInt,
	"float4": schema.KindReal, "float8": schema.KindDouble, "double precision": schema.KindDouble, "decimal": schema.KindNumeric,
	"character varying": schema.KindVarchar, "bytea": schema.KindBytes, "blob": schema.KindBytes, "timestamp without time zone": schema.KindTimestamp,
	"timestamp with time zone": schema.KindTimestamptz, "time without time zone": schema.KindTime,
}

func formOf(t schema.Type) form {
	text := strings.ToLower(t.String())
	f := form{name: text}
	if inner, is := strings.CutSuffix(text, "[]"); is {
		f.array, text = true, inner
	}
	m := sized().FindStringSubmatch(text)
	if m == nil {
		f.name, _, _ = strings.Cut(text, "(")
		return f
	}
	f.name = strings.Join(strings.Fields(m[1]+" "+m[4]), " ")
	if kind, is := synonyms[f.name]; is {
		f.name = string(kind)
	}
	for _, digits := range m[2:4] {
		if n, err := strconv.Atoi(digits); err == nil {
			f.sizes = append(f.sizes, n)
		}
	}
	return f
}

func (f form) is(kinds ...schema.Kind) bool {
	for _, k := range kinds {
		if !f.array && f.name == string(k) {
			return true
		}
	}
	return false
}

// size is the i-th size; 0: unlimited.
func (f form) size(i int) int {
	if i < len(f.sizes) {
		return f.sizes[i]
	}
	return 0
}

func (f form) isText() bool { return f.is(schema.KindText, schema.KindVarchar) }

// number ranks the kinds of numbers; 0: it is none.
func (f form) number() int {
	for i, k := range []schema.Kind{schema.KindSmallInt, schema.KindInteger, schema.KindBigInt, schema.KindNumeric, schema.KindReal, schema.KindDouble} {
		if f.is(k) {
			return i + 1
		}
	}
	return 0
}

func (f form) whole() bool { return f.is(schema.KindSmallInt, schema.KindInteger, schema.KindBigInt) }

// moment ranks the kinds of points in time; 0: it is none.
func (f form) moment() int {
	for i, k := range []schema.Kind{schema.KindDate, schema.KindTimestamp, schema.KindTimestamptz} {
		if f.is(k) {
			return i + 1
		}
	}
	return 0
}

// conversion is what happens to values whose type changes.
type conversion struct {
	cast    bool   // must be asked for
	via     string // the type that both know, where they know nothing of one another
	rewrite bool
	fails   string // when a value does not fit; empty: all do
	loses   string // what is lost; empty: nothing
	note    string
}

const noConversion = "there is no conversion; say one in Using"

// conversionOf says what is known of the change. What is not known is careful.
func conversionOf(from, to schema.Type) conversion {
	f, t := formOf(from), formOf(to)
	if f.array || t.array {
		if f.array && t.array {
			f.array, t.array = false, false
			c := between(f, t)
			c.cast = c.cast || f.name != t.name
			if c.via != "" {
				c.via = "text"
			}
			return c
		}
		return conversion{cast: true, via: step(f, t), rewrite: true, fails: "values that cannot be read as " + to.String() + " are refused"}
	}
	c := between(f, t)
	if c.fails == "?" {
		c.fails = "values that cannot be read as " + to.String() + " are refused"
	}
	return c
}

func between(f, t form) conversion {
	switch {
	case t.isText():
		return intoText(f, t)
	case f.number() > 0 && t.number() > 0:
		return numbers(f, t)
	case f.moment() > 0 && t.moment() > 0:
		return moments(f, t)
	case f.is(schema.KindTime) && t.moment() > 0:
		return conversion{cast: true, via: "text", rewrite: true, fails: noConversion}
	case f.is(schema.KindTimestamp, schema.KindTimestamptz) && t.is(schema.KindTime):
		return conversion{rewrite: true, loses: "the date"}
	case f.is(schema.KindJSON) && t.is(schema.KindJSONB):
		return conversion{rewrite: true, note: "spaces, the order of keys and doubled keys are not kept"}
	case f.is(schema.KindJSONB) && t.is(schema.KindJSON):
		return conversion{rewrite: true}
	case f.name == t.name:
		return conversion{rewrite: true, fails: "?"}
	}
	return conversion{cast: true, via: step(f, t), rewrite: true, fails: "?"}
}

// step is the type on the way from one type to the other, which has no cast of
// its own; empty: it has one. A cast that is not known is refused also where
// there are no rows.
func step(f, t form) string {
	truth := f.is(schema.KindBoolean) && t.number() > 0 || t.is(schema.KindBoolean) && f.number() > 0
	switch {
	case truth && (f.is(schema.KindInteger) || t.is(schema.KindInteger)):
		return ""
	case truth:
		return string(schema.KindInteger)
	case f.isText() && (t.known() || t.array), t.isText(), f.is(schema.KindInterval) && t.is(schema.KindTime), f.is(schema.KindTime) && t.is(schema.KindInterval),
		f.is(schema.KindJSONB) && (t.number() > 0 || t.is(schema.KindBoolean)):
		return ""
	}
	return "text"
}

// known reports whether it is a type of the SQL standard's kind; an enum, or one
// of an extension, is not.
func (f form) known() bool {
	return f.isText() || f.number() > 0 || f.moment() > 0 || f.is(schema.KindBoolean, schema.KindBytes, schema.KindTime,
		schema.KindInterval, schema.KindUUID, schema.KindJSON, schema.KindJSONB)
}

func intoText(f, t form) conversion {
	limit := 0
	if t.is(schema.KindVarchar) {
		limit = t.size(0)
	}
	c := conversion{rewrite: !f.isText() && f.name != "citext"}
	if f.is(schema.KindVarchar) && f.size(0) > 0 && f.size(0) <= limit || limit == 0 {
		return c
	}
	c.fails = "values longer than " + strconv.Itoa(limit) + " characters are refused"
	c.rewrite = true
	return c
}

func numbers(f, t form) conversion {
	c := conversion{rewrite: true}
	const outOfRange = "values out of the new range are refused"
	switch {
	case f.is(schema.KindNumeric) && t.is(schema.KindNumeric):
		digits := func(n form) int { return n.size(0) - n.size(1) }
		switch {
		case t.size(0) == 0:
			c.rewrite = false
		case f.size(0) == 0 || t.size(1) < f.size(1):
			c.loses, c.fails = "digits behind the point are rounded", outOfRange
		case digits(t) < digits(f):
			c.fails = outOfRange
		default:
			c.rewrite = t.size(1) != f.size(1)
		}
	case f.whole() && t.whole():
		if t.number() < f.number() {
			c.fails = outOfRange
		}
	case t.whole():
		c.loses, c.fails = "digits behind the point are rounded", outOfRange
	case t.is(schema.KindNumeric):
		if t.size(0) > 0 {
			c.fails = outOfRange
		}
		if !f.whole() && t.size(0) > 0 {
			c.loses = "digits behind the point are rounded"
		}
	case f.is(schema.KindReal) && t.is(schema.KindDouble), t.is(schema.KindDouble) && f.is(schema.KindSmallInt, schema.KindInteger), f.is(schema.KindSmallInt):
	default:
		c.loses = "digits beyond what the new type keeps"
	}
	return c
}

func moments(f, t form) conversion {
	c := conversion{rewrite: true}
	switch {
	case t.is(schema.KindDate) && !f.is(schema.KindDate):
		c.loses = "the time of day"
	case f.name != t.name && (f.is(schema.KindTimestamptz) || t.is(schema.KindTimestamptz)):
		c.note = "times are read in the time zone of the session; say another in Using"
	case f.name == t.name && t.size(0) > 0:
		c.loses = "fractions of seconds are rounded"
	}
	return c
}

// Lost says what values lose where a database casts them from one type to the
// other; empty: nothing, as far as it is known.
func Lost(from, to schema.Type) string { return conversionOf(from, to).loses }

// using is the expression that converts the column; zero where the database does
// it unasked.
func (c conversion) using(column string, to schema.Type) schema.Expression {
	if !c.cast {
		return schema.Expression{}
	}
	value := quote(column)
	if c.via != "" {
		value = "CAST(" + value + " AS " + c.via + ")"
	}
	return schema.Expr("CAST(" + value + " AS " + quotedType(to) + ")")
}

// quotedType spells a type for a cast.
func quotedType(t schema.Type) string {
	switch {
	case t.Kind == schema.KindEnum && t.Schema != "":
		return quote(t.Schema) + "." + quote(t.Name)
	case t.Kind == schema.KindEnum:
		return quote(t.Name)
	case t.Kind == schema.KindArray && t.Elem != nil:
		return quotedType(*t.Elem) + "[]"
	case t.Kind == schema.KindBytes:
		return "bytea"
	case t.Kind == schema.KindDouble:
		return "double precision"
	}
	return t.String()
}

func (c conversion) remarks(column string) []Remark {
	var remarks []Remark
	if c.loses != "" {
		remarks = append(remarks, Remark{DataLoss, column + ": " + c.loses})
	}
	if c.fails != "" {
		remarks = append(remarks, Remark{MayFail, column + ": " + c.fails})
	}
	if c.rewrite {
		remarks = append(remarks, Remark{Rewrite, "all rows are written anew while the table is locked"})
	}
	if c.note != "" {
		remarks = append(remarks, Remark{Attention, column + ": " + c.note})
	}
	return remarks
}
