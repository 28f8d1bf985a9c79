// Package witness lets a test hear what a check says when it fails, for checks that
// report to a test: they have to be seen failing, too.
//
// What is checked, and when it must fail, is the matter of who calls.
package witness

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// Of returns what check says of failures, a line each; empty: nothing failed. It
// ends when check does, which runs in a goroutine of its own, so that FailNow and
// its like end nothing else. All but failing is the given test's own.
func Of(tb testing.TB, check func(testing.TB)) string {
	w := &witness{TB: tb}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		check(w)
	}()
	<-ended
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.said.String()
}

type witness struct {
	testing.TB
	mu   sync.Mutex
	said strings.Builder
}

func (w *witness) hear(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said.WriteString(text + "\n")
}

// Errorf implements testing.TB.
func (w *witness) Errorf(format string, args ...any) { w.hear(fmt.Sprintf(format, args...)) }

// Error implements testing.TB.
func (w *witness) Error(args ...any) { w.hear(fmt.Sprint(args...)) }

// Fatalf implements testing.TB.
func (w *witness) Fatalf(format string, args ...any) {
	w.Errorf(format, args...)
	runtime.Goexit()
}

// Fatal implements testing.TB.
func (w *witness) Fatal(args ...any) {
	w.Error(args...)
	runtime.Goexit()
}
