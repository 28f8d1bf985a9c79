package cli

import (
	"io"
	"os"
)

// terminationLog is where Kubernetes reads why a container has ended.
const terminationLog = "/dev/termination-log"

// terminationLimit is how much of it Kubernetes keeps.
const terminationLimit = 4096

// tellTerminationLog lets what is told from now on, which is the error, go into a
// file too. The usual place is used where it exists; one that somebody has named is
// made.
func (c *call) tellTerminationLog(path string) {
	if path == "" {
		return
	}
	how := os.O_WRONLY | os.O_TRUNC
	if path != terminationLog {
		how |= os.O_CREATE
	}
	file, err := os.OpenFile(path, how, 0o644)
	switch {
	case err == nil: // it is closed when the process ends, which is at once
		c.err.w = io.MultiWriter(c.err.w, &beginning{file, terminationLimit})
	case path != terminationLog:
		c.note("the termination log cannot be written: " + err.Error())
	}
}

// beginning passes on the first left bytes, and what cannot be written is lost: it
// stands on standard error too.
type beginning struct {
	io.Writer
	left int
}

func (b *beginning) Write(text []byte) (int, error) {
	n := min(len(text), b.left)
	b.left -= n
	_, _ = b.Writer.Write(text[:n])
	return len(text), nil
}
