package postgres

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Recognises implements dialect.Completer: a DSN of name=value pairs, whose first
// name is one of libpq's.
func (Dialect) Recognises(address string) bool {
	if schemeLength(address) > 0 {
		return true
	}
	name, _, found := strings.Cut(address, "=")
	_, keyword := keywords[strings.TrimSpace(name)]
	return found && keyword
}

// Complete implements dialect.Completer as libpq fills an address in: what a
// service of the service file says is stronger than the values, and the address
// itself is stronger than both.
func (Dialect) Complete(address string, values map[string]string) (string, []string) {
	text := strings.TrimSpace(address)
	spans, err := scan(text)
	if err != nil {
		return address, nil
	}
	said := parameters{}
	for _, s := range spans {
		said[s.name] = s.value
	}
	for _, name := range []string{"service", "servicefile"} {
		if said[name] == "" && values[name] != "" {
			said[name] = values[name]
		}
	}
	if said.fillFromService() != nil {
		said = parameters{} // what is wrong with it is told when the address is opened
		for _, s := range spans {
			said[s.name] = s.value
		}
	}
	var used []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		named := slices.ContainsFunc(spans, func(s span) bool { return s.name == name && s.value != "" })
		if values[name] == "" || named || said[name] != "" && !strings.HasPrefix(name, "service") {
			continue
		}
		text, used = withParameter(text, name, values[name]), append(used, name)
	}
	return text, used
}

// withParameter adds a parameter to a URL or DSN that can be read.
func withParameter(text, name, value string) string {
	if schemeLength(text) == 0 {
		return text + " " + name + "='" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value) + "'"
	}
	// A "?" may also stand in a password, so what decides is how it is read.
	before, _ := scan(text)
	for _, separator := range []string{"?", "&"} {
		longer := text + separator + name + "=" + strings.ReplaceAll(url.QueryEscape(value), "+", "%20")
		after, err := scan(longer)
		if last := len(after) - 1; err == nil && last == len(before) && after[last].name == name && after[last].value == value {
			return longer
		}
	}
	return text
}

// Secrets implements dialect.Completer.
func (Dialect) Secrets(address string) []string {
	var found []string
	spans, _ := scan(strings.TrimSpace(address))
	for _, s := range spans {
		if s.name == "password" || s.name == "sslpassword" {
			found = append(found, s.value)
		}
	}
	if c, err := ParseURL(address); err == nil {
		found = append(found, c.Password.Reveal())
		for _, h := range c.Hosts {
			found = append(found, h.password.Reveal())
		}
	}
	found = slices.DeleteFunc(found, func(s string) bool { return s == "" })
	slices.Sort(found)
	return slices.Compact(found)
}
