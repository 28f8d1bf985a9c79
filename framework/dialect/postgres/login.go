package postgres

import (
	"crypto/tls"
	"encoding/binary"
	"net"
	"slices"
	"strings"
)

// binding is what channel_binding of the address asks of a login.
type binding struct {
	mode     string // disable, prefer, require
	password string
	channel  []byte // of the TLS connection; nil: there is none to bind to
}

// bindingFor is the binding of a connection that stands; nil where pgdriver's own
// login is what is wanted.
func (c Config) bindingFor(conn net.Conn, password string) *binding {
	b := &binding{mode: c.ChannelBinding, password: password}
	if secure, ok := conn.(*tls.Conn); ok {
		b.channel = endPoint(secure.ConnectionState())
	}
	if b.mode == "disable" || b.mode != "require" && b.channel == nil {
		return nil
	}
	return b
}

// The kinds of authentication messages.
const (
	authOK           = 0
	authSASL         = 10
	authSASLContinue = 11
	authSASLFinal    = 12
)

// authenticate looks at an authentication message of the server. Where a login
// can be bound to its channel it is done here, and the driver sees only how it
// ended: AuthenticationOk or the server's error.
func (w *wire) authenticate(m []byte) ([]byte, error) {
	b := w.binding
	if len(m) < 9 {
		return m, nil
	}
	switch kind := binary.BigEndian.Uint32(m[5:]); {
	case kind == authSASL && b.channel != nil && slices.Contains(strings.Split(string(m[9:]), "\x00"), scramPlus):
		return w.bindLogin()
	case b.mode != "require":
		return m, nil
	case b.channel == nil:
		return nil, &noBindingError{why: "the connection is not encrypted"}
	case kind == authOK:
		return nil, &noBindingError{why: "the server lets us in without a password"}
	}
	return nil, &noBindingError{why: "the server, or a pooler before it, does not offer it"}
}

// bindLogin logs in and returns the message that ends it.
func (w *wire) bindLogin() ([]byte, error) {
	s, err := newScram(w.binding.password, w.binding.channel)
	if err != nil {
		return nil, err
	}
	first := s.first()
	body := append([]byte(scramPlus), 0)
	body = append(binary.BigEndian.AppendUint32(body, uint32(len(first))), first...)
	challenge, err := w.exchange(body, authSASLContinue)
	if challenge[0] == 'E' || err != nil {
		return challenge, err
	}
	final, err := s.final(string(challenge[9:]))
	if err != nil {
		return nil, err
	}
	outcome, err := w.exchange([]byte(final), authSASLFinal)
	if outcome[0] == 'E' || err != nil {
		return outcome, err
	}
	if err := s.verify(string(outcome[9:])); err != nil {
		return nil, err
	}
	_, size, err := w.peek()
	if err != nil {
		return nil, err
	}
	return w.pull(size)
}

// exchange sends a message of a login and returns the server's: an error, or one
// of the wanted kind. It is never empty.
func (w *wire) exchange(body []byte, wanted uint32) ([]byte, error) {
	none := []byte{0}
	if _, err := w.Conn.Write(message('p', body)); err != nil {
		return none, err
	}
	kind, size, err := w.peek()
	if err != nil {
		return none, err
	}
	m, err := w.pull(size)
	switch {
	case err != nil:
		return none, err
	case kind == 'E':
		return m, nil
	case kind != 'R' || len(m) < 9 || binary.BigEndian.Uint32(m[5:]) != wanted:
		return none, &noBindingError{why: "the server does not keep to SCRAM"}
	}
	return m, nil
}
