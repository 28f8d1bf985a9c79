package sqlite

import (
	"fmt"
	"slices"
	"strings"
)

// token is a piece of SQL text that means something: no space, no comment.
type token struct {
	kind     tokenKind
	text     string // as written
	from, to int    // its place in the text, in bytes
}

type tokenKind uint8

const (
	wordToken   tokenKind = iota + 1 // a keyword or a plain name
	nameToken                        // a quoted name: "…", […], `…`
	stringToken                      // '…'
	otherToken                       // a number, an operator, a parenthesis
)

// is reports whether the token is this keyword (given in upper case) or this
// sign.
func (t token) is(text string) bool {
	switch t.kind {
	case wordToken:
		return strings.EqualFold(t.text, text)
	case otherToken:
		return t.text == text
	}
	return false
}

func (t token) oneOf(texts ...string) bool {
	return slices.ContainsFunc(texts, t.is)
}

// name returns what the token means as a name. SQLite takes a string for one,
// too.
func (t token) name() string {
	switch {
	case t.kind == wordToken:
		return t.text
	case t.text[0] == '[':
		return t.text[1 : len(t.text)-1]
	case t.kind == otherToken:
		return ""
	}
	q := t.text[:1]
	return strings.ReplaceAll(t.text[1:len(t.text)-1], q+q, q)
}

// sameName compares names as SQLite does: without regard to the case of ASCII
// letters.
func sameName(a, b string) bool { return asciiLower(a) == asciiLower(b) }

func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + ('a' - 'A')
		}
		return r
	}, s)
}

// tokens takes SQL apart. It fails where a quote or a comment is not closed.
func tokens(sql string) ([]token, error) {
	var all []token
	for i := 0; i < len(sql); {
		c := sql[i]
		if strings.IndexByte(" \t\n\r\f", c) >= 0 {
			i++
			continue
		}
		if n := commentLength(sql[i:]); n > 0 {
			i += n
			continue
		}
		kind, n := scanToken(sql[i:])
		if n == 0 {
			return nil, fmt.Errorf("the quote at byte %d of %q is not closed", i+1, sql)
		}
		all = append(all, token{kind, sql[i : i+n], i, i + n})
		i += n
	}
	return all, nil
}

func commentLength(sql string) int {
	var end string
	var after int
	switch {
	case strings.HasPrefix(sql, "--"):
		end, after = "\n", 1
	case strings.HasPrefix(sql, "/*"):
		end, after = "*/", 2
	default:
		return 0
	}
	if i := strings.Index(sql[2:], end); i >= 0 {
		return 2 + i + after
	}
	return len(sql) // SQLite lets the end of the text close a comment
}

// scanToken measures the token at the start of sql; 0: a quote is not closed.
func scanToken(sql string) (tokenKind, int) {
	switch c := sql[0]; {
	case c == '\'':
		return stringToken, quotedLength(sql)
	case c == '"' || c == '`':
		return nameToken, quotedLength(sql)
	case c == '[':
		return nameToken, strings.IndexByte(sql, ']') + 1
	case (c == 'x' || c == 'X') && len(sql) > 1 && sql[1] == '\'':
		if n := quotedLength(sql[1:]); n > 0 {
			return otherToken, n + 1
		}
		return otherToken, 0
	case isDigit(c) || c == '.' && len(sql) > 1 && isDigit(sql[1]):
		return otherToken, numberLength(sql)
	case isWord(c):
		n := 1
		for n < len(sql) && isWord(sql[n]) {
			n++
		}
		return wordToken, n
	}
	for _, op := range []string{"->>", "||", "->", "<=", ">=", "<>", "!=", "==", "<<", ">>"} {
		if strings.HasPrefix(sql, op) {
			return otherToken, len(op)
		}
	}
	return otherToken, 1
}

// quotedLength measures a quoted text, in which a doubled quote stands for one.
func quotedLength(sql string) int {
	q := sql[0]
	for i := 1; i < len(sql); i++ {
		if sql[i] != q {
			continue
		}
		if i+1 < len(sql) && sql[i+1] == q {
			i++
			continue
		}
		return i + 1
	}
	return 0
}

func numberLength(sql string) int {
	n := 0
	for n < len(sql) && (isWord(sql[n]) || sql[n] == '.' ||
		(sql[n] == '+' || sql[n] == '-') && (sql[n-1] == 'e' || sql[n-1] == 'E') && !strings.HasPrefix(strings.ToLower(sql), "0x")) {
		n++
	}
	return n
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isWord(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
