package schema

import (
	"maps"
	"slices"
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

// casts reports whether sql gives the identifier name another type, name::text or
// CAST(name AS text), so that what it is compared with is of that type, too.
func casts(sql, name string) bool {
	found := false
	words(sql, func(_ string, is func(string) bool, rest string) {
		if !is(name) {
			return
		}
		rest = strings.TrimLeft(rest, ") \t\n")
		end := strings.IndexFunc(rest, func(r rune) bool { return !wordRune(r) })
		found = found || strings.HasPrefix(rest, "::") || end > 0 && strings.EqualFold(rest[:end], "AS")
	})
	return found
}

// Involves reports whether the index depends on the column: as a part, or in an
// expression.
func (x Index) Involves(column string) bool {
	for _, p := range x.Parts {
		if p.Column == column || p.Column == "" && p.Expr.Mentions(column) {
			return true
		}
	}
	return slices.Contains(x.Include, column) || x.Where.Mentions(column) || x.Definition.Mentions(column)
}

// Involves reports whether the constraint depends on the column.
func (e Exclusion) Involves(column string) bool {
	for _, x := range e.Elements {
		if x.Column == column || x.Column == "" && x.Expr.Mentions(column) {
			return true
		}
	}
	return e.Where.Mentions(column)
}

func mentions(sql, name string) bool {
	found := false
	words(sql, func(_ string, is func(string) bool, _ string) { found = found || is(name) })
	return found
}

// words takes sql apart, so that the words joined are sql again. For each it
// calls f with the word, whether it is a given identifier, and what follows.
// Letter case counts only in double quotes.
func words(sql string, f func(word string, is func(string) bool, rest string)) {
	never := func(string) bool { return false }
	for len(sql) > 0 {
		switch c := rune(sql[0]); {
		case c == '\'' || c == '"':
			text, rest := quotedText(sql)
			is := never
			if c == '"' {
				is = func(name string) bool { return text == name }
			}
			f(sql[:len(sql)-len(rest)], is, rest)
			sql = rest
		case wordRune(c) || c >= 0x80:
			end := strings.IndexFunc(sql, func(r rune) bool { return !wordRune(r) })
			if end < 0 {
				end = len(sql)
			}
			if end == 0 { // a character beyond ASCII that is no letter
				end = 1
			}
			word := sql[:end]
			f(word, func(name string) bool { return strings.EqualFold(word, name) }, sql[end:])
			sql = sql[end:]
		default:
			f(sql[:1], never, sql[1:])
			sql = sql[1:]
		}
	}
}

// Quotes reports whether the expression's text, in any dialect, contains value
// as a string constant.
func (e Expression) Quotes(value string) bool {
	constant := "'" + strings.ReplaceAll(value, "'", "''") + "'"
	found := false
	for _, text := range append([]string{e.text.all}, slices.Collect(maps.Values(e.text.own))...) {
		words(text, func(word string, _ func(string) bool, _ string) { found = found || word == constant })
	}
	return found
}

// UsesEnum reports whether the type is the enum of that name, or an array of
// it. In a text of the author's own the name of the schema may be left out.
func (t Type) UsesEnum(schemaName, name string) bool {
	if t.Kind == KindEnum {
		return t.Schema == schemaName && t.Name == name
	}
	if t.Kind == KindArray && t.Elem != nil && t.Elem.UsesEnum(schemaName, name) {
		return true
	}
	for _, text := range append([]string{t.text.all}, slices.Collect(maps.Values(t.text.own))...) {
		if enumText(text, schemaName, name) {
			return true
		}
	}
	return false
}

// enumText reports whether a type's text is name, schema.name, or one of them
// with brackets behind.
func enumText(text, schemaName, name string) bool {
	text = strings.TrimRight(strings.TrimSpace(text), "[] ")
	var path []func(string) bool
	words(text, func(word string, is func(string) bool, _ string) {
		if word != "." {
			path = append(path, is)
		}
	})
	switch len(path) {
	case 1:
		return path[0](name)
	case 2:
		return path[0](schemaName) && path[1](name)
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
