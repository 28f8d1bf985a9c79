package postgres

import (
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/leavendb/leaven/framework/internal/pattern"
	"github.com/leavendb/leaven/framework/schema"
)

// simple is an expression that needs no parentheses anywhere: a word, a number,
// a call without arguments.
var simple = pattern.Lazy(`^[A-Za-z0-9_.]+(\(\))?$`)

// spellDefault is an expression for DEFAULT, which takes less than other places
// do without parentheses.
func spellDefault(e schema.Expression) (string, error) {
	text, err := spell(e)
	if _, own := e.Spelling("postgres"); own && !simple().MatchString(text) {
		text = "(" + text + ")"
	}
	return text, err
}

// expression puts an expression as it is; grouped puts it in parentheses.
func (w *writer) expression(what string, e schema.Expression) *writer {
	text, err := spell(e)
	if err != nil {
		return w.fail(fmt.Errorf("%s: %w", strings.TrimSpace(what), err))
	}
	return w.put(text)
}

func (w *writer) grouped(what string, e schema.Expression) *writer {
	return w.put("(").expression(what, e).put(")")
}

func spell(e schema.Expression) (string, error) {
	if text, ok := e.Spelling("postgres"); ok {
		if strings.TrimSpace(text) == "" {
			return "", fmt.Errorf("its text for postgres is empty")
		}
		return text, nil
	}
	if v, ok := e.Literal(); ok {
		return spellLiteral(v)
	}
	switch {
	case e.IsNow():
		return "now()", nil
	case e.IsRandomUUID():
		return "gen_random_uuid()", nil
	}
	return "", fmt.Errorf("there is no text for postgres; give it one with On(\"postgres\", …)")
}

func spellLiteral(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "NULL", nil
	case bool:
		return strconv.FormatBool(v), nil
	case string:
		if strings.ContainsRune(v, 0) || !utf8.ValidString(v) {
			return "", fmt.Errorf("PostgreSQL cannot keep text with a NUL character or invalid UTF-8; use []byte")
		}
		return Dialect{}.Literal(v), nil
	case []byte:
		return Dialect{}.Literal(`\x`+hex.EncodeToString(v)) + "::bytea", nil
	case int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64:
		return fmt.Sprint(v), nil
	case float32:
		return spellFloat(float64(v), 32), nil
	case float64:
		return spellFloat(v, 64), nil
	}
	return "", fmt.Errorf("a Go %T is not a literal of SQL; use schema.Expr", v)
}

func spellFloat(f float64, bits int) string {
	switch {
	case math.IsNaN(f):
		return "'NaN'::double precision"
	case math.IsInf(f, 1):
		return "'Infinity'::double precision"
	case math.IsInf(f, -1):
		return "'-Infinity'::double precision"
	}
	return strconv.FormatFloat(f, 'g', -1, bits)
}
