package cli

import (
	"fmt"
	"runtime/debug"
)

// panicError is a panic outside of a migration: of the application's functions
// (Open, Context), or of ours. Go would print its value, and in it perhaps an
// address with its password.
type panicError struct {
	value any
	stack string
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// safely runs a verb so that a panic is shown like any other error.
func (c *call) safely(do verb) (v view, err error) {
	defer func() {
		if value := recover(); value != nil {
			v, err = nil, &panicError{value: value, stack: string(debug.Stack())}
		}
	}()
	return do(c)
}

func (c *call) explainCrash(e *panicError) *explained {
	x := &explained{Kind: "failed", What: oneLine(e.Error()), code: codeFailed}
	if c.shared.debug {
		x.Stack = e.stack
		return x
	}
	x.Next = []string{"this is a fault in the program; to see where, add: --debug"}
	return x
}
