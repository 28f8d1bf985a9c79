// Package pattern compiles regular expressions when they are first used.
//
// A program that links the framework runs the init of each of its packages at
// every start, and most runs need none of their patterns. Nothing else lives
// here: what a pattern means stands beside who uses it.
package pattern

import (
	"regexp"
	"sync"
)

// Lazy returns a function that compiles expr at its first call, and returns the
// same expression at each. It panics there where expr is no regular expression;
// a test of the house compiles all that are written in the source.
func Lazy(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
