package sqlite

import (
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/leavendb/leaven/framework/schema"
)

// randomUUID makes a version 4 UUID as text.
const randomUUID = `lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-' || ` +
	`substr('89AB', 1 + (abs(random()) % 4), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))`

// expressionText spells an expression. Now is CURRENT_TIMESTAMP, in UTC and to
// the second; all rows of a statement get the same.
func expressionText(e schema.Expression) (string, error) {
	if text, ok := e.Spelling("sqlite"); ok {
		return text, portable(text)
	}
	if v, ok := e.Literal(); ok {
		return literalText(v)
	}
	switch {
	case e.IsNow():
		return "CURRENT_TIMESTAMP", nil
	case e.IsRandomUUID():
		return randomUUID, nil
	}
	return "", fmt.Errorf("the expression %q has no text for SQLite; give it one with .On(\"sqlite\", …)", e)
}

// portable refuses a text that is PostgreSQL's own, before anything ran.
func portable(text string) error {
	ts, err := tokens(text)
	for i := 1; err == nil && i < len(ts); i++ {
		if ts[i].is(":") && ts[i-1].is(":") && ts[i].from == ts[i-1].to {
			return fmt.Errorf("SQLite does not know :: in %q; write CAST(… AS …), or give it a text of its own with .On(\"sqlite\", …)", text)
		}
	}
	return err
}

func literalText(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "NULL", nil
	case bool:
		return strings.ToUpper(strconv.FormatBool(v)), nil
	case string:
		return literal(v), nil
	case []byte:
		return "X'" + hex.EncodeToString(v) + "'", nil
	case int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64:
		return fmt.Sprint(v), nil
	case float32:
		return floatText(float64(v), 32)
	case float64:
		return floatText(v, 64)
	}
	return "", fmt.Errorf("a Go %T is not a literal of SQL; use schema.Expr", v)
}

func floatText(v float64, bits int) (string, error) {
	switch {
	case math.IsNaN(v):
		return "", fmt.Errorf("SQLite has no NaN")
	case math.IsInf(v, 1):
		return "9e999", nil
	case math.IsInf(v, -1):
		return "-9e999", nil
	}
	text := strconv.FormatFloat(v, 'g', -1, bits)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return text, nil
}

// defaultClause is what follows DEFAULT: SQLite wants parentheses around
// everything but a constant.
func defaultClause(e schema.Expression) (string, error) {
	text, err := expressionText(e)
	if err != nil || isConstant(text) || enclosed(text) {
		return text, err
	}
	return "(" + text + ")", nil
}

// isConstant reports whether the text is a literal as SQLite's DEFAULT takes it
// bare: a string, a blob, a signed number, NULL, TRUE, a current time.
func isConstant(text string) bool {
	ts, err := tokens(text)
	if err != nil || len(ts) == 0 {
		return false
	}
	if len(ts) == 2 && ts[0].oneOf("-", "+") {
		return isDigit(ts[1].text[0]) || ts[1].text[0] == '.'
	}
	if len(ts) > 1 {
		return false
	}
	c := ts[0].text[0]
	return ts[0].kind == stringToken || ts[0].kind == otherToken && (isDigit(c) || c == '.' || c == 'x' || c == 'X') ||
		ts[0].oneOf("NULL", "TRUE", "FALSE", "CURRENT_TIMESTAMP", "CURRENT_TIME", "CURRENT_DATE")
}

// isFixed reports whether ADD COLUMN takes the default: a constant that is not
// a current time.
func isFixed(text string) bool {
	return isConstant(text) && !strings.HasPrefix(strings.ToUpper(strings.TrimSpace(text)), "CURRENT_")
}

// enclosed reports whether the whole text is in one pair of parentheses.
func enclosed(text string) bool {
	ts, err := tokens(text)
	if err != nil || len(ts) < 2 || !ts[0].is("(") {
		return false
	}
	return closing(ts, 0) == len(ts)-1
}

// closing finds the parenthesis that closes the one at open; -1: none.
func closing(ts []token, open int) int {
	depth := 0
	for i := open; i < len(ts); i++ {
		switch {
		case ts[i].is("("):
			depth++
		case ts[i].is(")"):
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// tidyExpression spells an expression of a definition in one way: words in
// lower case, single spaces, no comments, no parentheses around the whole, no
// quotes around names that need none (SQLite adds them where it renames). It
// means the same.
func tidyExpression(ts []token) string {
	for len(ts) >= 2 && ts[0].is("(") && closing(ts, 0) == len(ts)-1 {
		ts = ts[1 : len(ts)-1]
	}
	var b strings.Builder
	for i, t := range ts {
		if i > 0 && spaced(ts[i-1], t) {
			b.WriteByte(' ')
		}
		if t.kind == wordToken {
			b.WriteString(asciiLower(t.text))
			continue
		}
		if t.kind == nameToken && isPlain(t.name()) {
			b.WriteString(t.name())
			continue
		}
		b.WriteString(t.text)
	}
	return b.String()
}

// isPlain reports whether a name needs no quotes and is in lower case.
func isPlain(name string) bool {
	for i, r := range name {
		if !(r == '_' || r >= 'a' && r <= 'z' || i > 0 && r >= '0' && r <= '9') {
			return false
		}
	}
	return name != "" && !slices.Contains(keywords, name)
}

// keywords of SQLite, https://sqlite.org/lang_keywords.html, and names that mean
// a value.
var keywords = strings.Fields(`abort action add after all alter always analyze and as asc attach autoincrement before begin
between by cascade case cast check collate column commit conflict constraint create cross current current_date
current_time current_timestamp database default deferrable deferred delete desc detach distinct do drop each else end
escape except exclude exclusive exists explain fail false filter first following for foreign from full generated glob
group groups having if ignore immediate in index indexed initially inner insert instead intersect into is isnull join
key last left like limit match materialized natural no not nothing notnull null nulls of offset on or order others
outer over partition plan pragma preceding primary query raise range recursive references regexp reindex release
rename replace restrict returning right rollback row rows savepoint select set table temp temporary then ties to
transaction trigger true unbounded union unique update using vacuum values view virtual when where window with
without`)

// spaced reports whether a space stands between two tokens.
func spaced(a, b token) bool {
	switch {
	case a.oneOf("(", ".") || b.oneOf(")", ",", "."):
		return false
	case b.is("("):
		// A call, unless the word is one of the language.
		return !(a.kind == wordToken || a.kind == nameToken) || a.oneOf("AND", "OR", "NOT", "IN", "IS", "LIKE", "GLOB", "BETWEEN",
			"WHEN", "THEN", "ELSE", "CASE", "VALUES", "AS", "EXISTS", "SELECT", "FROM", "WHERE", "MATCH", "ESCAPE", "COLLATE")
	}
	return true
}
