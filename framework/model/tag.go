package model

import "strings"

// option is one element of a struct tag: key:value, or the key alone.
type option struct{ key, value string }

// options takes a tag apart at its commas, except for those in parentheses,
// brackets and quotes. Quotes that enclose a whole value are taken off.
func options(tag string) []option {
	var all []option
	for _, part := range splitTag(tag) {
		key, value, _ := strings.Cut(part, ":")
		value = strings.TrimSpace(value)
		if n := len(value); n >= 2 && (value[0] == '"' || value[0] == '\'') && strings.IndexByte(value[1:], value[0]) == n-2 {
			value = value[1 : n-1]
		}
		if key = strings.TrimSpace(key); key != "" {
			all = append(all, option{key, value})
		}
	}
	return all
}

func splitTag(tag string) []string {
	var parts []string
	start, depth := 0, 0
	var quote rune
	for i, r := range tag {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '"' || r == '\'':
			quote = r
		case r == '(' || r == '[' || r == '{':
			depth++
		case r == ')' || r == ']' || r == '}':
			depth--
		case r == ',' && depth <= 0:
			parts = append(parts, tag[start:i])
			start = i + 1
		}
	}
	return append(parts, tag[start:])
}

// value finds an option of a tag.
func value(tag, key string) (string, bool) {
	for _, o := range options(tag) {
		if o.key == key {
			return o.value, true
		}
	}
	return "", false
}
