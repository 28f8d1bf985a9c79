package schema

import (
	"strings"
	"unicode"
)

// Mentions reports whether the expression's text, in any dialect, contains name
// as an identifier. Letter case counts only where the text quotes it. It reads
// words, not SQL: a function of that name counts too.
func (e Expression) Mentions(name string) bool {
	if mentions(e.text.all, name) {
		return true
	}
	for _, text := range e.text.own {
		if mentions(text, name) {
			return true
		}
	}
	return false
}

// Involves reports whether the index depends on the column: as a part, or in an
// expression.
func (x Index) Involves(column string) bool {
	for _, p := range x.Parts {
		if p.Column == column || p.Column == "" && p.Expr.Mentions(column) {
			return true
		}
	}
	return x.Where.Mentions(column) || x.Definition.Mentions(column)
}

func mentions(sql, name string) bool {
	for len(sql) > 0 {
		switch c := rune(sql[0]); {
		case c == '\'' || c == '"':
			var text string
			text, sql = quotedText(sql)
			if c == '"' && text == name {
				return true
			}
		case wordRune(c) || c >= 0x80:
			end := strings.IndexFunc(sql, func(r rune) bool { return !wordRune(r) })
			if end < 0 {
				end = len(sql)
			}
			if end == 0 { // a character beyond ASCII that is no letter
				end = 1
			}
			if strings.EqualFold(sql[:end], name) {
				return true
			}
			sql = sql[end:]
		default:
			sql = sql[1:]
		}
	}
	return false
}

func wordRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// quotedText splits sql, which begins with a quote, behind the closing one. A
// doubled quote stands for itself.
func quotedText(sql string) (text, rest string) {
	quote := sql[:1]
	rest = sql[1:]
	for {
		before, after, closed := strings.Cut(rest, quote)
		text, rest = text+before, after
		if !closed || !strings.HasPrefix(rest, quote) {
			return text, rest
		}
		text, rest = text+quote, rest[1:]
	}
}
