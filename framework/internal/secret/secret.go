// Package secret finds passwords in texts that nobody knows the form of: the
// errors of drivers, which repeat addresses, and of users' code.
//
// It knows how passwords are written, and none of them: whoever knows the secrets
// of a program takes those out besides.
package secret

import (
	"strings"

	"github.com/leavendb/leaven/framework/internal/pattern"
)

// userinfo finds a password in anything that looks like a URL.
// It takes more rather than less: up to the last @ of the word.
var userinfo = pattern.Lazy(`(://[^/@:\s"']*):\S*@`)

// bareUserinfo finds one where the scheme was forgotten.
var bareUserinfo = pattern.Lazy(`(^|[\s"'=(])([^\s:/"'=]+):[^/\s]\S*@`)

// parameter finds secrets in parameters and in key-value connection strings.
var parameter = pattern.Lazy(`(?i)\b(\w*(?:password|passwd|pwd|key|secret|token)\w*)=('[^']*'|[^&\s"']*)`)

// Mask returns the text with three stars in place of each password.
func Mask(text string) string {
	text = userinfo().ReplaceAllStringFunc(text, func(found string) string {
		if strings.HasSuffix(found, "://USER:PASSWORD@") {
			return found // ours, where we say how an address is written
		}
		return userinfo().ReplaceAllString(found, "$1:***@")
	})
	text = bareUserinfo().ReplaceAllString(text, "$1$2:***@")
	return parameter().ReplaceAllString(text, "$1=***")
}

// Parameters are the secrets in the parameters of an address, or in a connection
// string of keys and values, without their quotes.
func Parameters(text string) []string {
	var found []string
	for _, match := range parameter().FindAllStringSubmatch(text, -1) {
		found = append(found, strings.Trim(match[2], "'"))
	}
	return found
}
