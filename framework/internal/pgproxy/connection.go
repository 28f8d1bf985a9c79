package pgproxy

import (
	"io"
	"net"
	"sync/atomic"
)

// connection is one client's.
type connection struct {
	proxy          *Proxy
	client, server net.Conn
	hole           atomic.Bool // nothing comes through any more
}

// pump passes messages on, one by one.
func (c *connection) pump(from, to net.Conn, fromServer bool) {
	startup := !fromServer
	for {
		m, raw, err := Read(from, startup)
		switch {
		case err != nil && c.hole.Load() && fromServer:
			// The server has given the connection up; the client is not told.
			return
		case err != nil:
			c.close()
			return
		case c.hole.Load():
			_, _ = io.Copy(io.Discard, from)
			if !fromServer {
				c.close()
			}
			return
		}
		startup = false
		m.FromServer = fromServer
		what := c.proxy.judge(m)
		switch what {
		case Hole:
			c.hole.Store(true)
			continue
		case Cut:
			c.close()
			return
		}
		if _, err := to.Write(raw); err != nil || what == Passed {
			c.close()
			return
		}
	}
}

func (c *connection) close() {
	_ = c.client.Close()
	_ = c.server.Close()
}
