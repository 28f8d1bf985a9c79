package record

import (
	"regexp"
	"sync"
)

// onDemand is a pattern that is compiled when it is first used: every program
// links this package, and few of its runs record anything.
func onDemand(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
