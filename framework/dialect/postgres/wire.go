package postgres

import (
	"bufio"
	"bytes"
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

// wire is the network connection below a pgdriver connection. It adds our
// parameters to the login, and it holds a BEGIN back until there is something to
// send with it: "BEGIN; statement" in one message saves a round trip for every
// transaction. To pgdriver it looks as if BEGIN had been answered at once.
//
// What is kept true:
//   - a statement never runs outside the transaction because BEGIN had failed:
//     they travel in one message, which the server stops at its first error;
//   - after a first statement that does not even parse, the transaction is open
//     and aborted, as it would have been (see abort);
//   - positions in errors count from the start of the statement;
//   - a transaction in which nothing was said sends nothing;
//   - a COMMIT that came with the last query, and was done, is not sent again;
//   - a login is bound to its TLS channel where both sides can, which pgdriver
//     cannot (see authenticate);
//   - the last words of a server that ends the session are heard: pgdriver waits
//     for ReadyForQuery, and would report the end of the connection and not its
//     reason, so a ReadyForQuery of ours follows them.
//
// Prepared statements cannot share a message with BEGIN: it is sent before them.
type wire struct {
	net.Conn
	r       *bufio.Reader
	from    *connector        // that made it
	startup map[string]string // sent with the login; nil afterwards

	out    []byte // for pgdriver to read, before anything else
	room   []byte // what out begins in, when there is nothing in it
	rest   int    // of the message that is being passed on
	status byte   // of the last ReadyForQuery: I, T, E; 0 during the login
	// binding is for a login that is bound to its TLS channel; nil: the driver's.
	binding *binding
	begin   string // held back
	reply   *reply // being read
	commits bool   // the last query has brought a COMMIT at its end
}

// reply is the answer to a message that we have put a BEGIN in front of.
type reply struct {
	prefix int  // characters
	hidden int  // answers of commands in the prefix still to come
	begun  bool // BEGIN was answered
	failed bool // before BEGIN was answered
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
	query, isQuery := queryText(p)
	if isQuery || w.begin != "" {
		if err := w.completeRest(); err != nil {
			return 0, err
		}
	}
	switch {
	case w.begin != "" && isQuery && isEnd(query):
		w.begin = ""
		w.answer(string(query), 'I')
	case w.commits && w.status == 'I' && isQuery && string(query) == commit:
		w.commits = false
		w.answer(commit, 'I')
	case w.begin != "" && isQuery:
		return w.writeBegun(p, query)
	case w.begin != "" && len(p) > 0 && p[0] != 'X':
		return w.writeAfterBegin(p)
	case w.status == 'I' && isQuery && beginnings[string(query)] > 0:
		w.begin = string(query)
		w.answer("BEGIN", 'T')
	default:
		w.commits = isQuery && bytes.HasSuffix(query, []byte(andCommit))
		return w.send(p, len(p))
	}
	return len(p), nil
}

// send writes a message, or several, in place of the n bytes that pgdriver has
// given. When nothing could be sent because the server has ended the session, its
// last words are still there to be read: they become the answer. Otherwise
// database/sql shall take another connection. pgdriver would see to that itself
// if it were told that nothing was written, and print to standard error.
func (w *wire) send(m []byte, n int) (int, error) {
	sent, err := w.Conn.Write(m)
	switch {
	case err == nil:
		return n, nil
	case sent > 0 || w.status == 0:
		return min(sent, n), err
	case errors.Is(err, os.ErrDeadlineExceeded):
		return n, err
	}
	_ = w.SetReadDeadline(time.Now().Add(time.Second)) // the socket is closed: it does not take long
	if kind, _, peekErr := w.peek(); peekErr == nil && kind == 'E' {
		w.reply = nil
		return n, nil
	}
	return n, driver.ErrBadConn
}

// completeRest fetches the rest of a message of which pgdriver has read the
// first part, so that what we say comes between messages. Only a message that
// the server sent unasked can be cut like that.
func (w *wire) completeRest() error {
	m, err := w.pull(w.rest)
	if err == nil {
		w.out, w.rest = append(w.out, m...), 0
	}
	return err
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
		if w.reply == nil && kind != 'Z' && kind != 'E' && (kind != 'R' || w.binding == nil) {
			w.rest = size
			continue
		}
		if err := w.take(size); err != nil {
			return 0, err
		}
	}
	n := copy(p, w.out)
	if w.out = w.out[n:]; len(w.out) == 0 {
		w.out = w.room
	}
	return n, nil
}

// peek tells kind and size of the next message.
func (w *wire) peek() (kind byte, size int, err error) {
	head, err := w.r.Peek(5)
	if err != nil {
		return 0, 0, err
	}
	if size = int(binary.BigEndian.Uint32(head[1:])) + 1; size < 5 || head[0] == 'Z' && size != 6 {
		return 0, 0, fmt.Errorf("the server sent a message of impossible length: %w", io.ErrUnexpectedEOF)
	}
	return head[0], size, nil
}

// pull reads size bytes.
func (w *wire) pull(size int) ([]byte, error) {
	m := make([]byte, size)
	_, err := io.ReadFull(w.r, m)
	return m, err
}

// take reads one message and puts into out what pgdriver shall see of it.
func (w *wire) take(size int) error {
	before := w.out
	w.out = slices.Grow(w.out, size)[:len(before)+size]
	if len(before) == 0 {
		w.room = w.out[:0]
	}
	m := w.out[len(before):]
	if _, err := io.ReadFull(w.r, m); err != nil {
		w.out = before
		return err
	}
	r := w.reply
	switch {
	case m[0] == 'R' && w.binding != nil:
		w.out = before
		m, err := w.authenticate(slices.Clone(m))
		if err != nil {
			return err
		}
		w.out = append(w.out, m...)
	case m[0] == 'Z':
		w.reply = nil
		if r != nil && r.failed && m[5] == 'I' {
			w.out = before
			ready, err := w.abort()
			if err != nil {
				return err
			}
			m, w.out = ready, append(w.out, ready...)
		}
		w.status = m[5]
	case m[0] == 'E' && w.status != 0 && isFatal(m):
		w.out, w.reply = append(w.out, message('Z', []byte{'I'})...), nil
	case r == nil:
	case m[0] == 'C' && r.hidden > 0:
		r.begun = true
		r.hidden--
		w.out = before
	case m[0] == 'E':
		r.failed = !r.begun
		moved := moveBack(m, r.prefix)
		w.out = append(w.out[:len(before)], moved...)
	}
	return nil
}

// answer lets pgdriver read that a command was done.
func (w *wire) answer(tag string, status byte) {
	w.out = append(w.out, message('C', append([]byte(tag), 0))...)
	w.out = append(w.out, message('Z', []byte{status})...)
	w.status = status
}

// writeBegun sends the BEGIN that was held back with the query behind it.
func (w *wire) writeBegun(p, query []byte) (int, error) {
	prefix := w.begin + "; "
	w.reply = &reply{prefix: len(prefix), hidden: beginnings[w.begin]}
	w.begin = ""
	w.commits = bytes.HasSuffix(query, []byte(andCommit))
	body := append([]byte(prefix), query...)
	return w.send(message('Q', append(body, 0)), len(p))
}

// writeAfterBegin sends the BEGIN that was held back, waits for it, and then
// sends p. If BEGIN fails, its error is the answer to p.
func (w *wire) writeAfterBegin(p []byte) (int, error) {
	begin := w.begin
	w.begin = ""
	replies, err := w.ask(begin)
	if err != nil {
		return len(p), err
	}
	for _, m := range replies {
		if m[0] == 'E' {
			w.out = append(append(w.out, m...), replies[len(replies)-1]...)
			w.status = 'I'
			return len(p), nil
		}
	}
	return w.send(p, len(p))
}

// abort makes what an error that came before BEGIN would have left otherwise: an
// open transaction that takes nothing but its end. It returns the ReadyForQuery.
func (w *wire) abort() ([]byte, error) {
	replies, err := w.ask("BEGIN; ROLLBACK TO SAVEPOINT leaven_aborted")
	if err != nil {
		return nil, err
	}
	ready := replies[len(replies)-1]
	if ready[5] != 'E' { // the server has ended the session meanwhile
		return nil, fmt.Errorf("the transaction could not be aborted: %w", net.ErrClosed)
	}
	return ready, nil
}

// ask sends a query of ours and returns the messages of its answer, the last
// being ReadyForQuery.
func (w *wire) ask(query string) ([][]byte, error) {
	if _, err := w.send(message('Q', append([]byte(query), 0)), 0); err != nil {
		return nil, err
	}
	var replies [][]byte
	for {
		kind, size, err := w.peek()
		if err != nil {
			return nil, err
		}
		m, err := w.pull(size)
		if err != nil {
			return nil, err
		}
		switch replies = append(replies, m); kind {
		case 'Z':
			return replies, nil
		case 'E':
			if isFatal(m) {
				return append(replies, message('Z', []byte{'I'})), nil
			}
		case 'A': // a notification, for whoever listens
			w.out = append(w.out, m...)
		}
	}
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
	return w.send(m, len(p))
}
