package settings

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// parseEnvFile reads NAME=VALUE lines as docker run --env-file does: the value
// is what stands behind the first "=", quotes and all; a line that begins with
// "#" is a comment; a NAME alone, which docker takes from the environment, adds
// nothing here. Nothing is expanded.
//
// A .env file is written for other readers too, which know "export NAME=" and
// take a pair of quotes off: with dotenv, so does this one.
func parseEnvFile(path string, data []byte, dotenv bool) (map[string]string, error) {
	vars := map[string]string{}
	text := strings.TrimPrefix(string(data), "\ufeff")
	if !utf8.ValidString(text) {
		return nil, &Error{What: path + " is not a text in UTF-8", Next: "write it again as UTF-8"}
	}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimLeft(strings.TrimSuffix(line, "\r"), " \t")
		if line == "" || line[0] == '#' {
			continue
		}
		if dotenv {
			line = strings.TrimPrefix(line, "export ")
		}
		name, value, found := strings.Cut(line, "=")
		if dotenv {
			name, value = strings.TrimSpace(name), unquote(strings.TrimSpace(value))
		}
		// The line is not shown: a broken one may be a piece of a secret.
		if name == "" || strings.ContainsAny(name, " \t") {
			return nil, &Error{What: fmt.Sprintf("%s:%d is not NAME=VALUE", path, i+1), Next: "write one variable per line, with a name without spaces"}
		}
		if found {
			vars[name] = value
		}
	}
	return vars, nil
}

func unquote(s string) string {
	if len(s) >= 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}
