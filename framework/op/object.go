package op

import (
	"unicode/utf8"
)

// in is "users" or "app.users": the table of an operation, for messages.
func in(schemaName, table string) string {
	if schemaName == "" {
		return plain(table)
	}
	return plain(schemaName) + "." + plain(table)
}

// shorten cuts a text for messages at a rune's border.
func shorten(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit] + "…"
}
