package postgres

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxName is how many bytes of a name PostgreSQL keeps (NAMEDATALEN - 1).
const maxName = 63

// Quote implements dialect.Dialect. A NUL, which would end the message to the
// server early, becomes U+FFFD.
func (Dialect) Quote(name string) string {
	return `"` + strings.ReplaceAll(withoutNUL(name), `"`, `""`) + `"`
}

// Literal implements dialect.Dialect. The result means the same whatever
// standard_conforming_strings says.
func (Dialect) Literal(text string) string {
	if standsInQuotes(text) {
		return "'" + text + "'"
	}
	text = strings.ReplaceAll(withoutNUL(text), `'`, `''`)
	if strings.Contains(text, `\`) {
		return `E'` + strings.ReplaceAll(text, `\`, `\\`) + `'`
	}
	return `'` + text + `'`
}

// standsInQuotes reports whether text needs nothing but quotes, as nearly every one.
func standsInQuotes(text string) bool {
	for i := range len(text) {
		if c := text[i]; c == 0 || c == '\'' || c == '\\' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func withoutNUL(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}

// quoted is Quote for the names of operations: it refuses those that PostgreSQL
// cannot keep, instead of changing them.
func quoted(name string) (string, error) {
	switch {
	case name == "":
		return "", fmt.Errorf("a name is missing")
	case len(name) > maxName:
		return "", fmt.Errorf("the name %q has %d bytes; PostgreSQL keeps %d and would cut it, so choose a shorter one", name, len(name), maxName)
	case strings.ContainsRune(name, 0) || !utf8.ValidString(name):
		return "", fmt.Errorf("the name %q contains a NUL character or invalid UTF-8", name)
	}
	return Dialect{}.Quote(name), nil
}
