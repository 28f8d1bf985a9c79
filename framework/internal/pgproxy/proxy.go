// Package pgproxy stands between a program and a PostgreSQL server, or a pooler,
// and takes the connection away at a message of the protocol that the test
// chooses: before the message, behind it, or without a word to either side. It
// also makes the server unreachable for a while and leads to another one.
//
// It understands where a message begins and ends and what a query says, and no
// more of the protocol; TLS it does not.
package pgproxy

import (
	"net"
	"net/url"
	"slices"
	"sync"
	"testing"
)

// Fate is what becomes of a message.
type Fate uint8

// The fates. Cut: both sides lose their connection, and the message is lost.
// Passed: it arrives, and then both sides lose their connection. Hole: it is lost,
// and so is everything after it in both directions, but nobody is told: a network
// without a route, or a node that vanished.
const (
	Pass Fate = iota
	Cut
	Passed
	Hole
)

// Proxy is one address that leads to a server.
type Proxy struct {
	URL string // of the database, through the proxy

	listen net.Listener

	mu      sync.Mutex
	decide  func(Message) Fate
	target  string
	down    bool
	refused int           // connections, while down
	until   chan struct{} // closed when so many were refused
	wanted  int
	kinds   [2]string // of the messages of each side
	queries []string
	conns   map[net.Conn]bool
}

// New starts a proxy before the server of url, until the test ends; decide is
// asked about every message, from several goroutines (nil: all pass).
func New(t testing.TB, raw string, decide func(Message) Fate) *Proxy {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal("pgproxy: the test gave something that is not a URL")
	}
	p := &Proxy{target: u.Host, decide: decide, conns: map[net.Conn]bool{}}
	if p.listen, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	u.Host = p.listen.Addr().String()
	p.URL = u.String()
	t.Cleanup(p.Close)
	go p.serve()
	return p
}

// Close ends it and every connection through it.
func (p *Proxy) Close() {
	_ = p.listen.Close()
	p.Cut()
}

// Cut ends the connections that there are, and takes new ones.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

// Away makes the server unreachable for new connections; the result is closed when
// so many tries were turned away.
func (p *Proxy) Away(tries int) <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down, p.refused, p.wanted, p.until = true, 0, tries, make(chan struct{})
	return p.until
}

// Decide sets who is asked about every message from now on; for a decision that
// needs the proxy itself.
func (p *Proxy) Decide(decide func(Message) Fate) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.decide = decide
}

// Back makes it reachable again.
func (p *Proxy) Back() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = false
}

// Lead takes new connections to the server of another URL.
func (p *Proxy) Lead(t testing.TB, raw string) {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal("pgproxy: the test gave something that is not a URL")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.target = u.Host
}

// Kinds are the kinds of the messages that came from a side, one letter each.
func (p *Proxy) Kinds(fromServer bool) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kinds[side(fromServer)]
}

// Queries lists what clients asked, in order.
func (p *Proxy) Queries() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.queries)
}

func side(fromServer bool) int {
	if fromServer {
		return 1
	}
	return 0
}

func (p *Proxy) serve() {
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
func (p *Proxy) join(client net.Conn) {
	defer func() { _ = client.Close() }()
	target, up := p.door()
	if !up {
		return
	}
	server, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	c := &connection{proxy: p, client: client, server: server}
	p.remember(true, client, server)
	defer p.remember(false, client, server)
	var ends sync.WaitGroup
	ends.Go(func() { c.pump(client, server, false) })
	ends.Go(func() { c.pump(server, client, true) })
	ends.Wait()
}

func (p *Proxy) remember(open bool, conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		if open {
			p.conns[c] = true
		} else {
			delete(p.conns, c)
		}
	}
}

func (p *Proxy) door() (target string, up bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down {
		if p.refused++; p.refused == p.wanted {
			close(p.until)
		}
	}
	return p.target, !p.down
}

func (p *Proxy) judge(m Message) Fate {
	p.mu.Lock()
	s := side(m.FromServer)
	p.kinds[s] += string(rune(m.Kind))
	m.Number = len(p.kinds[s])
	if m.Kind == 'Q' && !m.FromServer {
		p.queries = append(p.queries, m.Text)
	}
	decide := p.decide
	p.mu.Unlock()
	if decide == nil {
		return Pass
	}
	return decide(m)
}
