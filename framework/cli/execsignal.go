package cli

import (
	"os"
	"os/signal"
	"syscall"
)

// watchForStop notices signals from now on, beside the watch of a run, so that none
// is lost between its end and the moment in which another program takes over: PID 1
// of a container would not even notice. What it returns is asked once, last, and
// tells the exit code of the first signal; 0: there was none.
func watchForStop() func() int {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	return func() int {
		select {
		case s := <-signals:
			if s == syscall.SIGTERM {
				return codeTerminated
			}
			return codeInterrupted
		default:
			return codeOK
		}
	}
}
