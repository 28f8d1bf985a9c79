package schema

import (
	"fmt"
	"maps"
	"strings"
)

// Kind is the meaning of a [Type], apart from its size.
type Kind string

// The portable kinds. A dialect renders each with the type that keeps every
// value of that meaning, or refuses it with an error.
const (
	KindBoolean     Kind = "boolean"
	KindSmallInt    Kind = "smallint"
	KindInteger     Kind = "integer"
	KindBigInt      Kind = "bigint"
	KindReal        Kind = "real"
	KindDouble      Kind = "double"
	KindNumeric     Kind = "numeric"
	KindText        Kind = "text"
	KindVarchar     Kind = "varchar"
	KindBytes       Kind = "bytes"
	KindDate        Kind = "date"
	KindTime        Kind = "time"
	KindTimestamp   Kind = "timestamp"
	KindTimestamptz Kind = "timestamptz"
	KindInterval    Kind = "interval"
	KindUUID        Kind = "uuid"
	KindJSON        Kind = "json"
	KindJSONB       Kind = "jsonb"
	KindArray       Kind = "array"
	KindEnum        Kind = "enum"
	KindRaw         Kind = "raw"
)

// Type is a column type: a portable meaning with sizes, or the text of one
// ([Raw]). Make one with the variables and functions of this package. The zero
// value is no type, which every dialect refuses.
type Type struct {
	Kind      Kind
	Precision int   // Varchar: length in characters; Numeric: digits; 0: unlimited
	Scale     int   // Numeric: digits after the point
	Elem      *Type // Array: the type of the elements

	Schema, Name string // Enum: what it is called

	text spelled // Raw
}

// The portable types without a size.
var (
	Boolean     = Type{Kind: KindBoolean}
	SmallInt    = Type{Kind: KindSmallInt}
	Integer     = Type{Kind: KindInteger}
	BigInt      = Type{Kind: KindBigInt}
	Real        = Type{Kind: KindReal}
	Double      = Type{Kind: KindDouble}
	Text        = Type{Kind: KindText}
	Bytes       = Type{Kind: KindBytes}
	Date        = Type{Kind: KindDate}
	Time        = Type{Kind: KindTime}
	Timestamp   = Type{Kind: KindTimestamp}
	Timestamptz = Type{Kind: KindTimestamptz}
	Interval    = Type{Kind: KindInterval}
	UUID        = Type{Kind: KindUUID}
	JSON        = Type{Kind: KindJSON}
	JSONB       = Type{Kind: KindJSONB}
)

// Varchar is text of at most length characters; 0 means unlimited.
func Varchar(length int) Type { return Type{Kind: KindVarchar, Precision: length} }

// Numeric is an exact decimal of precision digits, scale of them after the
// point; precision 0 means unlimited.
func Numeric(precision, scale int) Type {
	return Type{Kind: KindNumeric, Precision: precision, Scale: scale}
}

// Array is a list of elem. SQLite keeps it as JSON text, as bun does.
func Array(elem Type) Type { return Type{Kind: KindArray, Elem: &elem} }

// EnumType is the enum of that name; an empty schemaName means the connection's
// default schema. SQLite, which has no enums, keeps text with a CHECK of the values.
func EnumType(schemaName, name string) Type {
	return Type{Kind: KindEnum, Schema: schemaName, Name: name}
}

// Raw is a type by its SQL text, sent unchanged to every dialect. [Type.On]
// gives one dialect another text.
func Raw(sql string) Type { return Type{Kind: KindRaw, text: spelled{all: sql}} }

// On returns the type with a text of its own for one dialect ("postgres",
// "sqlite"); other dialects keep what they had. It works on every type, portable
// ones too.
func (t Type) On(dialect, sql string) Type {
	t.text = t.text.on(dialect, sql)
	return t
}

// Spelling returns the text that the author gave for the dialect, and whether
// there is one: what [Type.On] said, or the text of [Raw].
func (t Type) Spelling(dialect string) (string, bool) { return t.text.in(dialect) }

// Dialects are those that [Type.On] gave a text of their own, in order.
func (t Type) Dialects() []string { return sortedKeys(t.text.own) }

// Equal reports whether two types say the same, spellings included.
func (t Type) Equal(u Type) bool {
	if t.Kind != u.Kind || t.Precision != u.Precision || t.Scale != u.Scale || t.Schema != u.Schema || t.Name != u.Name || (t.Elem == nil) != (u.Elem == nil) {
		return false
	}
	return (t.Elem == nil || t.Elem.Equal(*u.Elem)) && t.text.equal(u.text)
}

// String names the type for messages, as it is written in Go without the
// package: "varchar(80)", "numeric(12,2)", "text[]".
func (t Type) String() string {
	switch {
	case t.Kind == KindRaw:
		return t.text.String()
	case t.Kind == KindEnum && t.Schema != "":
		return "enum " + t.Schema + "." + t.Name
	case t.Kind == KindEnum:
		return "enum " + t.Name
	case t.Kind == KindArray && t.Elem != nil:
		return t.Elem.String() + "[]"
	case t.Kind == KindNumeric && t.Precision > 0:
		return fmt.Sprintf("numeric(%d,%d)", t.Precision, t.Scale)
	case t.Precision > 0:
		return fmt.Sprintf("%s(%d)", t.Kind, t.Precision)
	case t.Kind == "":
		return "no type"
	}
	return string(t.Kind)
}

// spelled is SQL text, with a text of its own for some dialects.
type spelled struct {
	all string
	own map[string]string
}

func (s spelled) in(dialect string) (string, bool) {
	if t, ok := s.own[dialect]; ok {
		return t, true
	}
	return s.all, s.all != ""
}

func (s spelled) on(dialect, sql string) spelled {
	own := maps.Clone(s.own)
	if own == nil {
		own = map[string]string{}
	}
	own[dialect] = sql
	s.own = own
	return s
}

func (s spelled) equal(o spelled) bool { return s.all == o.all && maps.Equal(s.own, o.own) }

func (s spelled) String() string {
	if s.all != "" || len(s.own) == 0 {
		return s.all
	}
	var texts []string
	for _, d := range sortedKeys(s.own) {
		texts = append(texts, d+": "+s.own[d])
	}
	return strings.Join(texts, ", ")
}
