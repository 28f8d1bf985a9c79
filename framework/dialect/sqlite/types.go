package sqlite

import (
	"fmt"
	"strings"

	"github.com/leavendb/leaven/framework/schema"
)

// exactDigits is how many decimal digits SQLite's floating-point numbers keep.
const exactDigits = 15

// typeText spells a type as bun's sqlitedialect does for a model's field of that
// meaning, so that a table made by bun and one made by an operation are equal.
//
// A Numeric of at most 15 digits is NUMERIC: SQLite keeps it as an integer or a
// floating-point number, which holds that many digits exactly, and it sorts and
// compares as a number. A decimal type of Go reads it back; a Go string gets it
// as a number is written (100.10 as "100.1"). A larger or unlimited one is TEXT,
// which loses nothing but compares as text. An Interval is refused: SQLite has
// nothing that means it.
func typeText(t schema.Type) (string, error) {
	if text, ok := t.Spelling("sqlite"); ok {
		return text, nil
	}
	switch t.Kind {
	case schema.KindSmallInt, schema.KindInteger, schema.KindBigInt:
		return "INTEGER", nil
	case schema.KindBoolean, schema.KindReal, schema.KindText, schema.KindDate, schema.KindTime, schema.KindJSON, schema.KindJSONB:
		return strings.ToUpper(string(t.Kind)), nil
	case schema.KindDouble:
		return "DOUBLE PRECISION", nil
	case schema.KindNumeric:
		return numericText(t), nil
	case schema.KindVarchar:
		if t.Precision > 0 {
			return fmt.Sprintf("VARCHAR(%d)", t.Precision), nil
		}
		return "VARCHAR", nil
	case schema.KindBytes:
		return "BLOB", nil
	case schema.KindTimestamp, schema.KindTimestamptz:
		return "TIMESTAMP", nil
	case schema.KindUUID, schema.KindArray:
		return "VARCHAR", nil
	case schema.KindEnum:
		if t.Schema != "" {
			return "", noSchemas(t.Schema)
		}
		return "TEXT", nil // and a check; see enum.go
	case schema.KindInterval:
		return "", fmt.Errorf("SQLite has no interval; use schema.BigInt, as bun does for a time.Duration, or .On(\"sqlite\", …)")
	}
	return "", fmt.Errorf("the type %s has no text for SQLite; give it one with .On(\"sqlite\", …)", t)
}

func numericText(t schema.Type) string {
	if t.Precision == 0 || t.Precision > exactDigits {
		return "TEXT"
	}
	return fmt.Sprintf("NUMERIC(%d, %d)", t.Precision, t.Scale)
}

// tidyType spells a declared type in one way: upper case, single spaces.
func tidyType(ts []token) string {
	var b strings.Builder
	for i, t := range ts {
		if i > 0 && !t.oneOf("(", ")", ",") && !ts[i-1].oneOf("(", "+", "-") {
			b.WriteByte(' ')
		}
		b.WriteString(strings.ToUpper(t.text))
	}
	return b.String()
}
