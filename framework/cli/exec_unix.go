//go:build unix

package cli

import (
	"os"
	"syscall"
)

// become replaces this process: the program has its number, its descriptors, its
// environment and its place as PID 1. It returns only where that is not possible.
func (c *call) become(program string) error {
	if err := syscall.Exec(program, c.args, os.Environ()); err != nil {
		return &refusal{code: codeUsage, what: "the program " + c.args[0] + " cannot be started", why: []string{err.Error()},
			next: []string{"look at the file: is it made for this system, and executable?"}}
	}
	return nil
}
