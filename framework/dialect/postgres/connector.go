package postgres

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/uptrace/bun/driver/pgdriver"
)

// connector makes pgdriver connections as a Config tells. The connections are
// *pgdriver.Conn themselves, so that pgdriver.CopyFrom works on them; what is
// ours lies below, on the wire: TLS and the login.
type connector struct {
	config Config
	// dial is Config.dial, which tests count through.
	dial func(ctx context.Context, h Host, e encryption) (net.Conn, error)
}

func newConnector(c Config) *connector { return &connector{config: c, dial: c.dial} }

// Driver implements driver.Connector with pgdriver's driver: everything that
// looks at a pool's driver sees the truth.
func (c *connector) Driver() driver.Driver { return pgdriver.NewDriver() }

// Connect implements driver.Connector: the first host that lets us in and is of
// the wanted kind. As in libpq, a host that knows us and says no ends the search.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	targets := []string{c.config.Target}
	if c.config.Target == "prefer-standby" {
		targets = []string{"standby", "any"}
	}
	failure := &ConnectError{}
	for _, target := range targets {
		for _, h := range c.order() {
			conn, err := c.connect(ctx, h, target)
			if err == nil {
				return conn, nil
			}
			failure.Tried = append(failure.Tried, HostError{Host: h.String(), Err: err})
			if ended(ctx) != nil || isFinal(err) {
				return nil, failure
			}
		}
	}
	return nil, failure
}

func (c *connector) order() []Host {
	hosts := slices.Clone(c.config.Hosts)
	if c.config.Shuffle {
		rand.Shuffle(len(hosts), func(i, j int) { hosts[i], hosts[j] = hosts[j], hosts[i] })
	}
	return hosts
}

func isFinal(err error) bool {
	switch (Dialect{}).Classify(err).Class {
	case dialect.Auth, dialect.NoDatabase, dialect.NoPrivilege:
		return true
	}
	return false
}

// connect logs in at one host within connect_timeout.
func (c *connector) connect(ctx context.Context, h Host, target string) (driver.Conn, error) {
	limited := ctx
	if c.config.ConnectTimeout > 0 {
		var cancel context.CancelFunc
		limited, cancel = context.WithTimeout(ctx, c.config.ConnectTimeout)
		defer cancel()
	}
	var first error
	for _, e := range c.config.attempts(h) {
		conn, err := c.login(limited, h, e, target)
		switch {
		case err == nil:
			return conn, nil
		case errors.Is(ended(ctx), context.DeadlineExceeded):
			return nil, &timeoutError{unanswered(err) + " in time", []error{ended(ctx), err}}
		case ended(ctx) != nil:
			return nil, fmt.Errorf("%w: %w", ended(ctx), err)
		case ended(limited) != nil:
			return nil, &timeoutError{fmt.Sprintf("%s within %s (connect_timeout)", unanswered(err), c.config.ConnectTimeout), []error{os.ErrDeadlineExceeded, err}}
		case first == nil:
			first = err
		}
		if !mindsEncryption(err) {
			break
		}
	}
	return nil, first
}

// unanswered tells what was not answered in time: a server that takes connections is
// there, but busy or stopped.
func unanswered(err error) string {
	if dns := (*net.DNSError)(nil); errors.As(err, &dns) {
		return "the host name was not resolved"
	}
	if op := (*net.OpError)(nil); errors.As(err, &op) && op.Op == "dial" {
		return "no answer"
	}
	return "it takes connections, but gave no answer"
}

// ended is why ctx is over, nil if it is not. A socket's deadline may strike a
// moment before that of the context which it came from.
func ended(ctx context.Context) error {
	if deadline, ok := ctx.Deadline(); ok && ctx.Err() == nil && !time.Now().Before(deadline) {
		return context.DeadlineExceeded
	}
	return context.Cause(ctx)
}

// mindsEncryption tells that the other kind of encryption may be welcome: TLS
// failed, or pg_hba.conf has no entry for us with this one.
func mindsEncryption(err error) bool {
	f := Dialect{}.Classify(err)
	return f.Class == dialect.TLS || f.Code == "28000"
}

// login makes one connection. pgdriver neither closes a connection whose login
// fails nor looks at ctx while it logs in; both are done here.
func (c *connector) login(ctx context.Context, h Host, e encryption, target string) (driver.Conn, error) {
	network, err := c.dial(ctx, h, e)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = network.Close() })
	conn, err := c.pgdriver(h, network).Connect(ctx)
	if err == nil {
		err = checkTarget(ctx, conn, target)
	}
	if !stop() && err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		_ = network.Close()
		return nil, err
	}
	return conn, nil
}

// pgdriver returns a connector for one login on a connection that stands.
func (c *connector) pgdriver(h Host, network net.Conn) *pgdriver.Connector {
	return pgdriver.NewConnector(func(p *pgdriver.Config) {
		p.Network, p.Addr = h.network() // for traces only
		p.User, p.Database = c.config.User, c.config.Database
		if p.Password = c.config.Password.Reveal(); p.Password == "" {
			p.Password = h.password.Reveal()
		}
		p.AppName = c.config.Application
		p.TLSConfig = nil // done
		// A read timeout gives up on the client alone: the statement goes on and
		// commits on the server.
		p.ReadTimeout, p.WriteTimeout = 0, 0
		password := p.Password
		p.Dialer = func(context.Context, string, string) (net.Conn, error) {
			w := newWire(network, c)
			w.binding = c.config.bindingFor(network, password)
			return w, nil
		}
	})
}

const kindQuery = "SELECT pg_is_in_recovery()::text, current_setting('transaction_read_only')"

// checkTarget compares the server with target_session_attrs.
func checkTarget(ctx context.Context, conn driver.Conn, target string) error {
	if target == "any" {
		return nil
	}
	rows, err := conn.(driver.QueryerContext).QueryContext(ctx, kindQuery, nil)
	if err != nil {
		return err
	}
	row := make([]driver.Value, 2)
	if err := rows.Next(row); err != nil {
		return errors.Join(err, rows.Close())
	}
	if err := rows.Close(); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	standby, readOnly := fmt.Sprint(row[0]) == "true", fmt.Sprint(row[1]) == "on"
	wanted := map[string]bool{"read-write": !readOnly, "read-only": readOnly, "primary": !standby, "standby": standby}
	if wanted[target] {
		return nil
	}
	is := "a primary that takes writes"
	switch {
	case standby:
		is = "a standby"
	case readOnly:
		is = "a primary that is set read-only"
	}
	return &wrongServersError{wanted: target, is: is}
}
