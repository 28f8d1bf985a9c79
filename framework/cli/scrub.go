package cli

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/internal/secret"
)

// scrub removes the secrets of the connection from a text: drivers and users'
// code put them into errors.
func (c *call) scrub(text string) string {
	for _, known := range c.secrets() {
		text = without(text, known)
	}
	return secret.Mask(text)
}

// shortSecret is the length below which a password is looked for as a word of its
// own only: one of a letter or two is in every text, and replacing it there makes
// the text unreadable and tells the password.
const shortSecret = 4

// without replaces a secret in a text.
func without(text, secret string) string {
	if secret == "" || len(secret) >= shortSecret {
		return strings.ReplaceAll(text, secret, "***")
	}
	var b strings.Builder
	for rest := text; ; {
		i := strings.Index(rest, secret)
		if i < 0 {
			return b.String() + rest
		}
		end := i + len(secret)
		done := text[:len(text)-len(rest)+i]
		if wordEnds(done) || wordBegins(rest[end:]) {
			b.WriteString(rest[:end])
		} else {
			b.WriteString(rest[:i] + "***")
		}
		rest = rest[end:]
	}
}

func wordEnds(text string) bool {
	r, _ := utf8.DecodeLastRuneInString(text)
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

func wordBegins(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

// secrets are those of every setting, and of the address that is used: an
// application's own code may put any of them into an error.
func (c *call) secrets() []string {
	if c.hidden != nil && c.hiddenOf == c.link.URL {
		return c.hidden
	}
	found := c.link.secrets()
	if c.resolved { // else it is what finds them that is speaking
		addresses, passwords := c.set.Secrets()
		for _, a := range append(addresses, c.shared.databaseURL) {
			found = append(found, link{URL: a}.secrets()...)
		}
		for _, p := range passwords {
			found = append(found, forms("", p)...)
		}
		slices.SortStableFunc(found, longerFirst)
		c.hidden, c.hiddenOf = append([]string{}, found...), c.link.URL
	}
	return found
}

// secrets returns the passwords of the URL as they are written, as they are
// meant, and encoded. It does not rely on the URL being well-formed.
func (l link) secrets() []string {
	if l.URL == "" {
		return nil
	}
	rest := l.URL
	if _, after, ok := strings.Cut(rest, "://"); ok {
		rest = after
	}
	var raw []string
	user := ""
	if at := strings.LastIndex(rest, "@"); at >= 0 {
		name, password, _ := strings.Cut(rest[:at], ":")
		user, raw = name, append(raw, password)
		if head, _, ok := strings.Cut(password, "@"); ok {
			raw = append(raw, head)
		}
	}
	raw = append(raw, secret.Parameters(rest)...)
	for _, d := range dialect.All() {
		if o, ok := d.(dialect.Completer); ok && o.Recognises(l.URL) {
			raw = append(raw, o.Secrets(l.URL)...)
		}
	}
	var found []string
	for _, r := range raw {
		found = append(found, forms(user, r)...)
	}
	slices.SortStableFunc(found, longerFirst)
	return found
}

// longerFirst puts a whole before its pieces.
func longerFirst(a, b string) int { return len(b) - len(a) }

// forms are the ways in which a secret may stand in a text. One that is said
// anyway has none: removing it would make the text unreadable.
func forms(user, secret string) []string {
	meant, err := url.QueryUnescape(strings.ReplaceAll(secret, "+", "%2B"))
	if err != nil {
		meant = secret
	}
	if meant == "" || meant == user || strings.Contains("postgresql sqlite localhost", meant) {
		return nil
	}
	found := []string{
		secret, meant, url.QueryEscape(meant), url.PathEscape(meant), url.UserPassword("", meant).String()[1:],
		strings.ReplaceAll(meant, "'", "''"), strings.ReplaceAll(meant, "'", `\'`), strings.Trim(strconv.Quote(meant), `"`), // in SQL, in pairs, in Go
	}
	slices.Sort(found)
	return slices.Compact(found)
}
