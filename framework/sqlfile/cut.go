package sqlfile

import (
	"errors"
	"strings"
)

// cutter finds where the statements of a text end.
type cutter struct {
	text string
	at   int
	// Of the statement that is being read.
	code   int    // where its first word begins; -1: only comments so far
	depth  int    // of bodies from BEGIN or CASE to END
	first  string // its first word
	blocks bool   // it may have a body: CREATE TRIGGER … BEGIN … END
}

// statements cuts a text at its semicolons. Their lines are counted from 0. The
// error is about the last of them.
func statements(text string) ([]statement, error) {
	c := cutter{text: text, code: -1}
	var all []statement
	add := func(end int) {
		if c.code >= 0 {
			all = append(all, statement{text: strings.TrimSpace(text[c.code:end]), line: strings.Count(text[:c.code], "\n")})
		}
		c.code, c.depth, c.first, c.blocks = -1, 0, "", false
	}
	for c.at < len(text) {
		start := c.at
		switch ok := c.next(); {
		case !ok:
			if c.code < 0 {
				c.code = start
			}
			add(len(text))
			return all, errors.New("a quote or comment is not closed")
		case text[start] == ';' && c.depth <= 0:
			add(start)
		}
	}
	add(len(text))
	return all, nil
}

// next passes one token; false: it has no end.
func (c *cutter) next() bool {
	rest := c.text[c.at:]
	switch b := rest[0]; {
	case b == ' ' || b == '\t' || b == '\n' || b == '\r':
		c.at++
		return true
	case strings.HasPrefix(rest, "--"):
		return c.past(rest, "\n", true)
	case strings.HasPrefix(rest, "/*"):
		return c.comment()
	case b == ';':
		c.at++
		return true
	}
	if c.code < 0 {
		c.code = c.at
	}
	switch b := rest[0]; {
	case b == '\'' || b == '"' || b == '`':
		return c.quoted(1, b, false)
	case (b == 'e' || b == 'E') && strings.HasPrefix(rest[1:], "'"):
		return c.quoted(2, '\'', true)
	case b == '$':
		return c.dollars()
	case isWord(b):
		c.word()
		return true
	}
	c.at++
	return true
}

// past goes behind the next end; orEnd: the text may end first.
func (c *cutter) past(rest, end string, orEnd bool) bool {
	i := strings.Index(rest, end)
	if i < 0 {
		c.at = len(c.text)
		return orEnd
	}
	c.at += i + len(end)
	return true
}

// comment passes a comment, in which others may stand.
func (c *cutter) comment() bool {
	depth := 0
	for c.at < len(c.text) {
		switch rest := c.text[c.at:]; {
		case strings.HasPrefix(rest, "/*"):
			depth++
			c.at += 2
		case strings.HasPrefix(rest, "*/"):
			depth--
			c.at += 2
			if depth == 0 {
				return true
			}
		default:
			c.at++
		}
	}
	return false
}

// quoted passes a quoted text whose first n bytes open it. A doubled quote is
// seen as two texts, which is the same.
func (c *cutter) quoted(n int, quote byte, escapes bool) bool {
	for c.at += n; c.at < len(c.text); c.at++ {
		switch b := c.text[c.at]; {
		case b == '\\' && escapes:
			c.at++
		case b == quote:
			c.at++
			return true
		}
	}
	return false
}

// dollars passes $tag$ … $tag$, or a parameter.
func (c *cutter) dollars() bool {
	rest := c.text[c.at:]
	end := 1
	for end < len(rest) && isWord(rest[end]) {
		end++
	}
	if end == len(rest) || rest[end] != '$' || end > 1 && rest[1] >= '0' && rest[1] <= '9' {
		c.at++
		return true
	}
	tag := rest[:end+1]
	c.at += len(tag)
	return c.past(c.text[c.at:], tag, false)
}

// word passes a word, and counts those that open and close a body.
func (c *cutter) word() {
	start := c.at
	for c.at < len(c.text) && (isWord(c.text[c.at]) || c.text[c.at] == '$') {
		c.at++
	}
	word := strings.ToUpper(c.text[start:c.at])
	if c.first == "" {
		c.first = word
	}
	if c.first != "CREATE" {
		return
	}
	switch word {
	case "TRIGGER", "FUNCTION", "PROCEDURE":
		c.blocks = true
	case "BEGIN", "CASE":
		if c.blocks {
			c.depth++
		}
	case "END":
		if c.blocks {
			c.depth--
		}
	}
}

func isWord(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}
