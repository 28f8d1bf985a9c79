package bench

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"
)

// counter stands between client and server and counts what passes.
type counter struct {
	mu sync.Mutex
	count
}

// count is what was counted. A round trip is a message that the client waits
// for: a simple query, or the Sync that ends extended ones. A statement is what
// the server has completed, BEGIN and COMMIT among them.
type count struct{ trips, statements, logins int }

func (c count) minus(other count) count {
	return count{c.trips - other.trips, c.statements - other.statements, c.logins - other.logins}
}

func (c *counter) now() count {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.count
}

// spent is what f needs.
func (c *counter) spent(f func()) count {
	before := c.now()
	f()
	return c.now().minus(before)
}

// counting returns the URL through which c counts what goes to the server at to.
func counting(tb testing.TB, to string) (*counter, string) {
	tb.Helper()
	c := &counter{}
	return c, through(tb, to, c.connect)
}

// through is the URL of a way to the server of another one; connect is given each
// client, and the server's address.
func through(tb testing.TB, to string, connect func(client net.Conn, server string)) string {
	tb.Helper()
	u, err := url.Parse(to)
	if err != nil {
		tb.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = listener.Close() })
	server := u.Host
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go connect(client, server)
		}
	}()
	u.Host = listener.Addr().String()
	q := u.Query()
	q.Set("sslmode", "disable") // so that messages can be read
	u.RawQuery = q.Encode()
	return u.String()
}

// far is the URL of a server that a message takes so long to reach, and its answer as
// long to come back from.
func far(tb testing.TB, to string, away time.Duration) string {
	tb.Helper()
	return through(tb, to, func(client net.Conn, server string) {
		defer client.Close()
		there, err := net.Dial("tcp", server)
		if err != nil {
			return
		}
		defer there.Close()
		carry := func(to, from net.Conn) {
			defer to.Close()
			chunk := make([]byte, 64<<10)
			for {
				n, err := from.Read(chunk)
				if err != nil {
					return
				}
				time.Sleep(away)
				if _, err := to.Write(chunk[:n]); err != nil {
					return
				}
			}
		}
		go carry(there, client)
		carry(client, there)
	})
}

func (c *counter) connect(client net.Conn, to string) {
	defer client.Close()
	server, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		defer server.Close()
		_ = c.pass(server, client, true, c.asked)
	}()
	_ = c.pass(client, server, false, c.answered)
}

func (c *counter) asked(kind byte) {
	switch kind {
	case 0:
		c.logins++
	case 'Q', 'S':
		c.trips++
	}
}

func (c *counter) answered(kind byte) {
	if kind == 'C' {
		c.statements++
	}
}

// pass copies messages and tells their kinds; the client's first has none. A
// message is counted before it is passed on, so that who has its answer finds it
// counted.
func (c *counter) pass(to io.Writer, from io.Reader, client bool, tell func(kind byte)) error {
	for first := client; ; first = false {
		kind, m, err := next(from, first)
		if err != nil {
			return err
		}
		c.mu.Lock()
		tell(kind)
		c.mu.Unlock()
		if _, err := to.Write(m); err != nil {
			return err
		}
	}
}

func next(from io.Reader, untyped bool) (kind byte, message []byte, err error) {
	head := make([]byte, 5)
	if untyped {
		head = head[:4]
	}
	if _, err := io.ReadFull(from, head); err != nil {
		return 0, nil, err
	}
	if !untyped {
		kind = head[0]
	}
	size := int(binary.BigEndian.Uint32(head[len(head)-4:])) - 4
	if size < 0 {
		return 0, nil, errors.New("a message of impossible length")
	}
	message = slices.Concat(head, make([]byte, size))
	_, err = io.ReadFull(from, message[len(head):])
	return kind, message, err
}
