package postgres

import (
	"fmt"
	"strings"

	"github.com/leavendb/leaven/framework/schema"
)

// plainTypes are the kinds without a size. They are spelled as people write
// them; format_type has longer names for some.
var plainTypes = map[schema.Kind]string{
	schema.KindBoolean:     "boolean",
	schema.KindSmallInt:    "smallint",
	schema.KindInteger:     "integer",
	schema.KindBigInt:      "bigint",
	schema.KindReal:        "real",
	schema.KindDouble:      "double precision",
	schema.KindText:        "text",
	schema.KindBytes:       "bytea",
	schema.KindDate:        "date",
	schema.KindTime:        "time",
	schema.KindTimestamp:   "timestamp",
	schema.KindTimestamptz: "timestamptz",
	schema.KindInterval:    "interval",
	schema.KindUUID:        "uuid",
	schema.KindJSON:        "json",
	schema.KindJSONB:       "jsonb",
}

// serials are the types that count up, by the integer type that they are.
var serials = map[string]string{
	"smallint": "smallserial", "int2": "smallserial", "smallserial": "smallserial", "serial2": "smallserial",
	"integer": "serial", "int": "serial", "int4": "serial", "serial": "serial", "serial4": "serial",
	"bigint": "bigserial", "int8": "bigserial", "bigserial": "bigserial", "serial8": "bigserial",
}

// spellType is the type of a column.
func spellType(c schema.Column) (string, error) {
	spelled, err := typeName(c.Type)
	if err != nil || !c.AutoIncrement || c.Identity != schema.NoIdentity {
		return spelled, err
	}
	if serial, ok := serials[strings.ToLower(strings.TrimSpace(spelled))]; ok {
		return serial, nil
	}
	return "", fmt.Errorf("%s cannot count up by itself; use SmallInt, Integer or BigInt", spelled)
}

func typeName(t schema.Type) (string, error) {
	if text, ok := t.Spelling("postgres"); ok {
		if strings.TrimSpace(text) == "" {
			return "", fmt.Errorf("its type has an empty text for postgres")
		}
		return text, nil
	}
	if name, ok := plainTypes[t.Kind]; ok {
		return name, nil
	}
	switch t.Kind {
	case schema.KindEnum:
		var w writer
		w.table(t.Schema, t.Name)
		return w.b.String(), w.err
	case schema.KindVarchar:
		if t.Precision > 0 {
			return fmt.Sprintf("varchar(%d)", t.Precision), nil
		}
		return "varchar", nil
	case schema.KindNumeric:
		if t.Precision > 0 {
			return fmt.Sprintf("numeric(%d,%d)", t.Precision, t.Scale), nil
		}
		return "numeric", nil
	case schema.KindArray:
		if t.Elem == nil {
			return "", fmt.Errorf("it is an array of nothing; use schema.Array(…)")
		}
		elem, err := typeName(*t.Elem)
		return elem + "[]", err
	case "":
		return "", fmt.Errorf("it has no type")
	case schema.KindRaw:
		return "", fmt.Errorf("its type (%s) has no text for postgres; give it one with On(\"postgres\", …)", t)
	}
	return "", fmt.Errorf("postgres does not know the type %s", t)
}
