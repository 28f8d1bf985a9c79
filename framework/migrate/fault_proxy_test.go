package migrate_test

import (
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// message is one message of PostgreSQL's protocol, as a proxy sees it. The first
// one of a client has no kind.
type message struct {
	fromServer bool
	kind       byte
	text       string // of a Query, or the tag of a CommandComplete
	number     int    // among all of its direction, from 1
}

// says reports whether a query contains the words, or is the server's word that
// such a command is done.
func (m message) says(words string) bool { return strings.Contains(strings.ToUpper(m.text), words) }

// cancelRequest is the kind of a client's first message that asks to cancel the
// statement of another connection; it has none on the wire.
const cancelRequest = '!'

// fate is what becomes of a message.
type fate uint8

const (
	pass   fate = iota
	cut         // both sides lose their connection, and the message is lost
	passed      // it arrives, and then both sides lose their connection
)

// proxy stands between runners and the server, and can take the connection away
// at a message.
type proxy struct {
	testing.TB
	url    string // of the database, through the proxy
	target string
	listen net.Listener

	mu      sync.Mutex
	decide  func(message) fate
	down    bool
	refused int           // connections, while down
	until   chan struct{} // closed when so many were refused
	wanted  int
	kinds   [2]string // of the messages of each side
	queries []string
}

// through starts a proxy before the site's server; decide is asked about every
// message (nil: all pass).
func (s *site) through(decide func(message) fate) *proxy {
	s.Helper()
	u, err := url.Parse(s.url)
	if err != nil {
		s.Fatal(err)
	}
	p := &proxy{TB: s, target: u.Host, decide: decide}
	if p.listen, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		s.Fatal(err)
	}
	u.Host = p.listen.Addr().String()
	p.url = u.String()
	s.Cleanup(func() { p.listen.Close() })
	go p.serve()
	return p
}

func (p *proxy) serve() {
	for {
		client, err := p.listen.Accept()
		if err != nil {
			return
		}
		go p.join(client)
	}
}

// join connects one client with the server until one of them, or the proxy, ends
// it.
func (p *proxy) join(client net.Conn) {
	defer client.Close()
	if p.isDown() {
		return
	}
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer server.Close()
	var ends sync.WaitGroup
	both := func() { client.Close(); server.Close() }
	ends.Go(func() { defer both(); p.pump(client, server, false) })
	ends.Go(func() { defer both(); p.pump(server, client, true) })
	ends.Wait()
}

// pump passes messages on, one by one.
func (p *proxy) pump(from, to net.Conn, fromServer bool) {
	startup := !fromServer
	for {
		m, raw, err := readMessage(from, startup)
		if err != nil {
			return
		}
		startup = false
		m.fromServer = fromServer
		what := p.judge(m)
		if what == cut {
			return
		}
		if _, err := to.Write(raw); err != nil || what == passed {
			return
		}
	}
}

func readMessage(from io.Reader, startup bool) (m message, raw []byte, err error) {
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
		m.kind = head[0]
	} else if binary.BigEndian.Uint32(body) == 80877102 {
		m.kind = cancelRequest
	}
	if m.kind == 'Q' || m.kind == 'C' {
		m.text = strings.TrimSuffix(string(body), "\x00")
	}
	return m, slices.Concat(head, body), nil
}

func (p *proxy) judge(m message) fate {
	p.mu.Lock()
	side := 0
	if m.fromServer {
		side = 1
	}
	p.kinds[side] += string(rune(m.kind))
	m.number = len(p.kinds[side])
	if m.kind == 'Q' && !m.fromServer {
		p.queries = append(p.queries, m.text)
	}
	decide := p.decide
	p.mu.Unlock()
	if decide == nil {
		return pass
	}
	return decide(m)
}

// passed are the kinds of the messages that came from a side.
func (p *proxy) passed(fromServer bool) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if fromServer {
		return p.kinds[1]
	}
	return p.kinds[0]
}

// seen lists the queries.
func (p *proxy) seen() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.queries
}

// away makes the server unreachable; the result is closed when so many tries
// were turned away.
func (p *proxy) away(tries int) <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down, p.refused, p.wanted, p.until = true, 0, tries, make(chan struct{})
	return p.until
}

func (p *proxy) back() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = false
}

func (p *proxy) isDown() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down {
		if p.refused++; p.refused == p.wanted {
			close(p.until)
		}
	}
	return p.down
}
