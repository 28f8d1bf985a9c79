package postgres

import (
	"bufio"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"time"
)

// wire is the network connection below a pgdriver connection. It adds to what
// pgdriver does at its ends:
//   - the login carries our parameters;
//   - a login is bound to its TLS channel where both sides can (see authenticate);
//   - the last words of a server that ends the session are heard: pgdriver waits
//     for ReadyForQuery, and would report the end of the connection and not its
//     reason, so a ReadyForQuery of ours follows them.
type wire struct {
	net.Conn
	r       *bufio.Reader
	from    *connector        // that made it
	startup map[string]string // sent with the login; nil afterwards

	out   []byte // for pgdriver to read, before anything else
	rest  int    // of the messages that are being passed on
	ready bool   // the login is over
	// binding is for a login that is bound to its TLS channel; nil: the driver's.
	binding *binding
}

func newWire(conn net.Conn, from *connector) *wire {
	startup := from.config.Startup
	if startup == nil {
		startup = map[string]string{}
	}
	return &wire{Conn: conn, r: bufio.NewReader(conn), from: from, startup: startup}
}

// Write implements net.Conn. pgdriver writes whole messages.
func (w *wire) Write(p []byte) (int, error) {
	if w.startup != nil {
		return w.writeStartup(p)
	}
	return w.send(p)
}

// send writes a message. When nothing could be sent because the server has ended
// the session, its last words are still there to be read: they become the answer.
// Otherwise database/sql shall take another connection. pgdriver would see to that
// itself if it were told that nothing was written, and print to standard error.
func (w *wire) send(m []byte) (int, error) {
	sent, err := w.Conn.Write(m)
	switch {
	case err == nil:
		return len(m), nil
	case sent > 0 || !w.ready || w.rest > 0:
		return sent, err
	case errors.Is(err, os.ErrDeadlineExceeded):
		return len(m), err
	}
	_ = w.SetReadDeadline(time.Now().Add(time.Second)) // the socket is closed: it does not take long
	if kind, _, peekErr := w.peek(); peekErr == nil && kind == 'E' {
		return len(m), nil
	}
	return len(m), driver.ErrBadConn
}

// Read implements net.Conn.
func (w *wire) Read(p []byte) (int, error) {
	for len(w.out) == 0 {
		if w.rest > 0 {
			n, err := w.r.Read(p[:min(len(p), w.rest)])
			w.rest -= n
			return n, err
		}
		kind, size, err := w.peek()
		if err != nil {
			return 0, err
		}
		switch {
		case kind == 'R' && w.binding != nil:
			err = w.replace(size, w.authenticate)
		case kind == 'E' && w.ready:
			err = w.replace(size, endOf)
		default:
			w.ready = w.ready || kind == 'Z'
			w.rest = w.passing(size)
		}
		if err != nil {
			return 0, err
		}
	}
	n := copy(p, w.out)
	w.out = w.out[n:]
	return n, nil
}

// passing is the size of the messages that are passed on as they are: of the next
// one, and of those behind it that have come already. An answer is a dozen of them.
func (w *wire) passing(size int) int {
	come, _ := w.r.Peek(w.r.Buffered())
	for len(come)-size >= headSize {
		kind, more, err := head(come[size:])
		if err != nil || kind == 'E' || kind == 'R' {
			break
		}
		w.ready = w.ready || kind == 'Z'
		size += more
	}
	return size
}

// replace reads one message and lets pgdriver see what becomes of it.
func (w *wire) replace(size int, by func([]byte) ([]byte, error)) error {
	m, err := w.pull(size)
	if err == nil {
		w.out, err = by(m)
	}
	return err
}

// endOf is an error with what follows it where the session ends with it.
func endOf(m []byte) ([]byte, error) {
	if isFatal(m) {
		m = append(m, message('Z', []byte{'I'})...)
	}
	return m, nil
}

// peek tells kind and size of the next message.
func (w *wire) peek() (kind byte, size int, err error) {
	m, err := w.r.Peek(headSize)
	if err != nil {
		return 0, 0, err
	}
	return head(m)
}

// headSize is that of a message's kind and length.
const headSize = 5

// head tells kind and size of the message that m begins with.
func head(m []byte) (kind byte, size int, err error) {
	if size = int(binary.BigEndian.Uint32(m[1:])) + 1; size < headSize || m[0] == 'Z' && size != 6 {
		return 0, 0, fmt.Errorf("the server sent a message of impossible length: %w", io.ErrUnexpectedEOF)
	}
	return m[0], size, nil
}

// pull reads size bytes.
func (w *wire) pull(size int) ([]byte, error) {
	m := make([]byte, size)
	_, err := io.ReadFull(w.r, m)
	return m, err
}

// writeStartup adds our parameters to the first message of a login.
func (w *wire) writeStartup(p []byte) (int, error) {
	extra := w.startup
	w.startup = nil
	if len(p) < 9 || int(binary.BigEndian.Uint32(p)) != len(p) {
		return 0, fmt.Errorf("the driver does not begin with a login: %w", net.ErrClosed)
	}
	m := slices.Clone(p[:len(p)-1])
	for _, name := range sortedKeys(extra) {
		m = append(append(append(m, name...), 0), extra[name]...)
		m = append(m, 0)
	}
	m = append(m, 0)
	binary.BigEndian.PutUint32(m, uint32(len(m)))
	if n, err := w.send(m); err != nil {
		return min(n, len(p)), err
	}
	return len(p), nil
}
