package model

import (
	"slices"
	"strconv"
	"strings"

	"github.com/leavendb/leaven/framework/internal/pattern"
	"github.com/leavendb/leaven/framework/schema"
)

var (
	wholeNumber = pattern.Lazy(`^-?(0|[1-9][0-9]{0,17})$`)
	bareWord    = pattern.Lazy(`^[A-Za-z_][A-Za-z0-9_]*( +[A-Za-z_][A-Za-z0-9_]*)*$`)
)

// valueWords are words without quotes that are values, and no forgotten string.
var valueWords = strings.Fields("current_date current_time current_timestamp current_user current_role current_catalog current_schema session_user system_user user localtime localtimestamp")

// defaultOf reads the text of a default: constants, the time and a random UUID
// are portable values, anything else stays as it is. why says what is wrong with it.
func defaultOf(text string) (e schema.Expression, why string) {
	text = strings.TrimSpace(text)
	word := strings.ToLower(text)
	switch {
	case text == "":
		return e, ""
	case wholeNumber().MatchString(text):
		n, err := strconv.Atoi(text)
		if err != nil {
			return schema.Expr(text), ""
		}
		return schema.Literal(n), ""
	case isString(text):
		return schema.Literal(strings.ReplaceAll(text[1:len(text)-1], "''", "'")), ""
	case word == "true" || word == "false":
		return schema.Literal(word == "true"), ""
	case word == "null":
		return schema.Literal(nil), ""
	case word == "current_timestamp" || word == "now()" || word == "transaction_timestamp()":
		return schema.Now, ""
	case word == "gen_random_uuid()":
		return schema.RandomUUID, ""
	case bareWord().MatchString(text) && !slices.Contains(valueWords, word):
		return e, "default:" + text + " is not a value of SQL; a text needs quotes: default:'" + text + "'"
	case strings.ContainsAny(text[:1], "{["):
		return e, "default:" + text + " is not a value of SQL; a text needs quotes: default:'" + text + "'"
	}
	if why := unbalanced(text); why != "" {
		return e, "default:" + text + " " + why + "; where it has a comma, enclose the whole in quotes: default:\"…\""
	}
	return schema.Expr(text), ""
}

// isString reports whether the text is one string constant.
func isString(text string) bool {
	n := len(text)
	if n < 2 || text[0] != '\'' || text[n-1] != '\'' {
		return false
	}
	return !strings.Contains(strings.ReplaceAll(text[1:n-1], "''", ""), "'")
}

// unbalanced says which quote or parenthesis has no other.
func unbalanced(text string) string {
	depth, quoted := 0, false
	for _, r := range text {
		switch {
		case r == '\'':
			quoted = !quoted
		case quoted:
		case r == '(':
			depth++
		case r == ')':
			depth--
		}
		if depth < 0 {
			return "has a ) without a ("
		}
	}
	switch {
	case quoted:
		return "has a quote that does not end"
	case depth > 0:
		return "has a ( without a )"
	}
	return ""
}
