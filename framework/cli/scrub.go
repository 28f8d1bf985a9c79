package cli

import (
	"net/url"
	"regexp"
	"strings"
)

// userinfo finds a password in anything that looks like a URL.
// It takes more rather than less: up to the last @ of the word.
var userinfo = regexp.MustCompile(`(://[^/@:\s"']*):\S*@`)

// bareUserinfo finds one where the scheme was forgotten.
var bareUserinfo = regexp.MustCompile(`(^|[\s"'=(])([^\s:/"'=]+):[^/\s]\S*@`)

// secretKey finds secrets in parameters and in key-value connection strings.
var secretKey = regexp.MustCompile(`(?i)\b(\w*(?:password|passwd|pwd|key|secret|token)\w*)=('[^']*'|[^&\s"']*)`)

// scrub removes the secrets of the connection from a text: drivers and users'
// code put them into errors.
func (c *call) scrub(text string) string {
	for _, secret := range c.link.secrets() {
		text = strings.ReplaceAll(text, secret, "***")
	}
	text = userinfo.ReplaceAllString(text, "$1:***@")
	text = bareUserinfo.ReplaceAllString(text, "$1$2:***@")
	return secretKey.ReplaceAllString(text, "$1=***")
}

// secrets returns the passwords of the URL as they are written, as they are
// meant, and encoded. It does not rely on the URL being well-formed.
func (l link) secrets() []string {
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
	for _, match := range secretKey.FindAllStringSubmatch(rest, -1) {
		raw = append(raw, strings.Trim(match[2], "'"))
	}
	var found []string
	for _, r := range raw {
		meant, err := url.QueryUnescape(strings.ReplaceAll(r, "+", "%2B"))
		if err != nil {
			meant = r
		}
		if meant == "" || meant == user || strings.Contains("postgresql sqlite localhost", meant) {
			continue // said anyway, and removing it would make the text unreadable
		}
		found = append(found, r, meant, url.QueryEscape(meant), url.PathEscape(meant), url.UserPassword("", meant).String()[1:])
	}
	return found
}
