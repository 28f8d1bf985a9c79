package pgproxy

import (
	"encoding/binary"
	"io"
	"slices"
	"strings"
)

// Message is one message of the protocol. The first one of a client has no kind.
type Message struct {
	FromServer bool
	Kind       byte
	Text       string // of a Query, or the tag of a CommandComplete
	Number     int    // among all of its direction that the proxy has seen, from 1
}

// CancelRequest is the Kind of a client's first message that asks to cancel the
// statement of another connection; it has none on the wire.
const CancelRequest = '!'

// Says reports whether a query contains the words, given in capitals, or is the
// server's word that such a command is done.
func (m Message) Says(words string) bool { return strings.Contains(strings.ToUpper(m.Text), words) }

// Read reads one message; startup: a client's first. The second result is all of
// its bytes.
func Read(from io.Reader, startup bool) (m Message, raw []byte, err error) {
	head := make([]byte, 5)
	if startup {
		head = head[:4]
	}
	if _, err := io.ReadFull(from, head); err != nil {
		return m, nil, err
	}
	size := head[len(head)-4:]
	body := make([]byte, binary.BigEndian.Uint32(size)-4)
	if _, err := io.ReadFull(from, body); err != nil {
		return m, nil, err
	}
	if !startup {
		m.Kind = head[0]
	} else if binary.BigEndian.Uint32(body) == 80877102 {
		m.Kind = CancelRequest
	}
	if m.Kind == 'Q' || m.Kind == 'C' {
		m.Text = strings.TrimSuffix(string(body), "\x00")
	}
	return m, slices.Concat(head, body), nil
}
