package postgres

import (
	"fmt"
	"strings"
)

// ConnectError says that no connection could be made, and how each server that
// was tried answered. It holds no password.
type ConnectError struct {
	Tried []HostError
}

// HostError is one server's answer to a connection attempt.
type HostError struct {
	Host string // as in Host.String
	Err  error
}

func (e *ConnectError) Error() string {
	lines := make([]string, len(e.Tried))
	for i, t := range e.Tried {
		lines[i] = fmt.Sprintf("cannot connect to %s: %v", t.Host, t.Err)
	}
	return strings.Join(lines, "; ")
}

// Unwrap returns the servers' answers, the last one first: it is the one that
// ended the search.
func (e *ConnectError) Unwrap() []error {
	all := make([]error, 0, len(e.Tried))
	for i := range e.Tried {
		all = append(all, e.Tried[len(e.Tried)-1-i].Err)
	}
	return all
}

// timeoutError says that an attempt has ended because its time was over.
type timeoutError struct {
	text   string
	causes []error // what ended it, and what failed then
}

func (e *timeoutError) Error() string { return e.text }

// Unwrap is for errors.Is and errors.As.
func (e *timeoutError) Unwrap() []error { return e.causes }

// wrongServersError says that a server answered but is not of the wanted kind.
type wrongServersError struct {
	wanted string // of target_session_attrs
	is     string // what the server is instead
}

func (e *wrongServersError) Error() string {
	return fmt.Sprintf("the server is %s, but target_session_attrs=%s", e.is, e.wanted)
}

// noTLSError says that the server does not speak TLS while we insist on it.
type noTLSError struct{ mode string }

func (e *noTLSError) Error() string {
	return fmt.Sprintf("the server does not offer TLS, but sslmode=%s: switch ssl on in the server, or use sslmode=disable on a network that you trust", e.mode)
}
