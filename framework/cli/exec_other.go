//go:build !unix

package cli

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
)

// become runs the program as a child and ends with its exit code: a process cannot
// be replaced here. Ctrl-C reaches the child by itself.
func (c *call) become(program string) error {
	signal.Ignore(os.Interrupt)
	child := exec.Command(program, c.args[1:]...)
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := child.Run()
	var ended *exec.ExitError
	if err == nil || errors.As(err, &ended) {
		os.Exit(child.ProcessState.ExitCode())
	}
	return &refusal{code: codeUsage, what: "the program " + c.args[0] + " cannot be started", why: []string{err.Error()}}
}
