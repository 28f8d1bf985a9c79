package postgres

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/leavendb/leaven/framework/dialect"
)

var _ dialect.Prober = Dialect{}

// Parameters implements dialect.Prober.
func (Dialect) Parameters(address string) ([]dialect.Parameter, error) {
	c, err := ParseURL(address)
	if err != nil {
		return nil, err
	}
	hosts := make([]string, len(c.Hosts))
	fromFile := false
	for i, h := range c.Hosts {
		hosts[i] = h.String()
		fromFile = fromFile || h.password != ""
	}
	password := dialect.Parameter{Name: "password", Value: "none"}
	switch {
	case c.Password != "":
		password.Value = "given"
	case fromFile:
		password.Value, password.From = "given", "the password file"
	}
	all := []dialect.Parameter{
		{Name: "host", Value: strings.Join(hosts, ", ")}, {Name: "database", Value: c.Database},
		{Name: "user", Value: c.User}, password, {Name: "sslmode", Value: c.SSLMode},
	}
	if len(c.Hosts) > 1 || c.Target != "any" {
		all = append(all, dialect.Parameter{Name: "target", Value: c.Target})
	}
	return all, nil
}

// ProbeAddress implements dialect.Prober. Of several hosts one has to let us in;
// what is wrong with others is a warning then.
func (Dialect) ProbeAddress(ctx context.Context, address string) []dialect.Check {
	c, err := ParseURL(address)
	if err != nil {
		return []dialect.Check{{Name: "address", Err: err}}
	}
	var all []dialect.Check
	in := false
	for _, h := range c.Hosts {
		checks, ok := c.probeHost(ctx, h)
		in = in || ok
		for _, check := range checks {
			if len(c.Hosts) > 1 {
				check.Detail = strings.TrimSpace(h.String() + " " + check.Detail)
			}
			all = append(all, check)
		}
	}
	for i := range all {
		if in && all[i].Err != nil {
			all[i].Warning, all[i].Err = all[i].Err.Error(), nil
		}
	}
	return all
}

// probeHost goes the way of a connection to one host, step by step.
func (c Config) probeHost(ctx context.Context, h Host) (checks []dialect.Check, ok bool) {
	if c.ConnectTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.ConnectTimeout)
		defer cancel()
	}
	target := c.Target
	if target == "prefer-standby" {
		target = "any"
	}
	for _, step := range []func() dialect.Check{
		func() dialect.Check { return c.probeName(ctx, h) },
		func() dialect.Check { return c.probePort(ctx, h) },
		func() dialect.Check { return c.probeTLS(ctx, h) },
		func() dialect.Check {
			conn, err := newConnector(c).connect(ctx, h, target)
			if err != nil {
				return dialect.Check{Name: "login", Err: &ConnectError{Tried: []HostError{{Host: h.String(), Err: err}}}}
			}
			_ = conn.Close()
			return dialect.Check{Name: "login", Detail: "as " + c.User + " to database " + c.Database}
		},
	} {
		check := step()
		if checks = append(checks, check); check.Err != nil {
			return checks, false
		}
	}
	return checks, true
}

func (c Config) probeName(ctx context.Context, h Host) dialect.Check {
	check := dialect.Check{Name: "name"}
	switch {
	case h.Socket():
		network, path := h.network()
		check.Detail = network + " socket " + path
		if _, err := os.Stat(path); err != nil && strings.HasPrefix(path, "/") {
			check.Err, check.Class = fmt.Errorf("there is no socket %s: %s", path, reason(err)), dialect.Unavailable
		}
	case net.ParseIP(h.Address) != nil:
		check.Detail = "an address, nothing to look up"
	default:
		found, err := net.DefaultResolver.LookupHost(ctx, h.Address)
		check.Detail, check.Err = h.Address+" is "+strings.Join(found, ", "), err
	}
	return check
}

func (c Config) probePort(ctx context.Context, h Host) dialect.Check {
	network, address := h.network()
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return dialect.Check{Name: "port", Err: err}
	}
	_ = conn.Close()
	return dialect.Check{Name: "port", Detail: "something answers at " + h.String()}
}

func (c Config) probeTLS(ctx context.Context, h Host) dialect.Check {
	check := dialect.Check{Name: "TLS"}
	var conn net.Conn
	for _, e := range c.attempts(h) {
		if conn, check.Err = c.dial(ctx, h, e); check.Err == nil {
			break
		}
	}
	if check.Err != nil {
		return check
	}
	defer func() { _ = conn.Close() }()
	secure, encrypted := conn.(*tls.Conn)
	switch {
	case !encrypted && c.SSLMode == "allow":
		check.Detail = "only if the server insists (sslmode=allow)"
	case !encrypted && h.isLocal():
		check.Detail = "not encrypted, on this machine"
	case !encrypted:
		check.Detail = "sslmode=" + c.SSLMode
		check.Warning = "the connection is not encrypted: whoever is in between reads what is sent"
		check.Next = "where the server has TLS, add sslmode=require or verify-full to the address"
	default:
		check.Detail = tls.VersionName(secure.ConnectionState().Version) + ", certificate " + map[string]string{
			"verify-full": "and name verified", "verify-ca": "verified",
		}[c.SSLMode]
		if c.SSLMode != "verify-full" && c.SSLMode != "verify-ca" {
			check.Detail += "not verified (sslmode=" + c.SSLMode + ")"
		}
	}
	return check
}

// isLocal tells that what is sent to the host does not leave the machine.
func (h Host) isLocal() bool {
	ip := net.ParseIP(h.Address)
	return h.Socket() || h.Address == "localhost" || ip != nil && ip.IsLoopback()
}
