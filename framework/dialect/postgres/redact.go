package postgres

import (
	"errors"
	"strings"
)

// Redact implements dialect.Opener.
func (Dialect) Redact(url string) string { return Redact(url) }

// Redact returns a database URL or DSN in which no password can be read: the
// password and the values of unknown parameters are "xxxxx". It takes any text;
// of what it cannot read for certain it shows as little as it must.
func Redact(url string) string {
	spans, err := scan(url)
	if err != nil {
		return redactBroken(url)
	}
	var b strings.Builder
	at := 0
	for _, p := range spans {
		if isSuspect(p, strings.Contains(url, "@")) {
			return redactBroken(url)
		}
		if p.from < at || p.name != "password" && p.name != "sslpassword" && isKnown(p.name) || p.from == p.to {
			continue
		}
		b.WriteString(url[at:p.from])
		b.WriteString(masked)
		at = p.to
	}
	b.WriteString(url[at:])
	return b.String()
}

// isSuspect tells that a parameter may be a piece of a password which was not
// encoded or quoted.
func isSuspect(p span, ambiguous bool) bool {
	if p.name == "port" {
		return strings.Trim(p.value, "0123456789, ") != ""
	}
	err := (*URLError)(nil)
	return errors.As(check(p, ambiguous), &err) && err.Parameter == ""
}

// redactBroken shows of a text that is no valid URL its scheme and, where an "@"
// ends the user and password, the host and path after the last one.
func redactBroken(text string) string {
	scheme, rest, found := strings.Cut(text, "://")
	if !found || !isName(scheme) {
		return masked
	}
	i := strings.LastIndexByte(rest, '@')
	if i < 0 {
		return scheme + "://" + masked
	}
	tail := rest[i+1:]
	if end := strings.IndexFunc(tail, func(r rune) bool { return !strings.ContainsRune(hostRunes, r) }); end >= 0 {
		tail = tail[:end]
	}
	return scheme + "://" + masked + "@" + tail
}

const hostRunes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:,/[]"
