package postgres

import "strings"

const quoteHelp = `put a value with spaces into single quotes, with \ before a quote or a backslash in it`

// scanDSN reads name = value pairs with libpq's quoting: 'in single quotes', or
// bare up to a space; a backslash takes the next character as it is.
func scanDSN(text string) ([]span, error) {
	if strings.IndexByte(text, 0) >= 0 {
		return nil, problem("it holds a zero byte")
	}
	var spans []span
	barePassword := false
	for at := skipSpace(text, 0); at < len(text); at = skipSpace(text, at) {
		from := at
		for at < len(text) && text[at] != '=' && !isSpace(text[at]) {
			at++
		}
		p := span{name: text[from:at], unquotedPW: barePassword}
		if at = skipSpace(text, at); at == len(text) || text[at] != '=' {
			return nil, problem(`a parameter has no "=": ` + quoteHelp)
		}
		p.from = skipSpace(text, at+1)
		var ok bool
		if p.value, p.to, ok = dsnValue(text, p.from); !ok {
			return nil, problem("a quoted value has no end: " + quoteHelp)
		}
		at = p.to
		if p.name == "password" && p.from < len(text) && text[p.from] != '\'' {
			barePassword = true
		}
		spans = append(spans, p)
	}
	return spans, nil
}

// dsnValue reads the value at a position and returns it with the position after
// it; not ok when its quotes are not closed.
func dsnValue(text string, at int) (value string, end int, ok bool) {
	quoted := at < len(text) && text[at] == '\''
	if quoted {
		at++
	}
	var b strings.Builder
	for ; at < len(text); at++ {
		switch c := text[at]; {
		case c == '\\':
			if at++; at < len(text) {
				b.WriteByte(text[at])
			}
		case quoted && c == '\'':
			return b.String(), at + 1, true
		case !quoted && isSpace(c):
			return b.String(), at, true
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), min(at, len(text)), !quoted
}

func skipSpace(text string, at int) int {
	for at < len(text) && isSpace(text[at]) {
		at++
	}
	return at
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }
