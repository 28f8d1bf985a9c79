package postgres

import (
	"fmt"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Config is what a database URL says, with libpq's meaning and defaults. Its
// text form and its fields never show the password.
type Config struct {
	Hosts    []Host // in the order in which they are tried; at least one
	User     string
	Password Secret
	Database string

	SSLMode string // disable, allow, prefer, require, verify-ca, verify-full
	// ChannelBinding is channel_binding: disable, prefer (SCRAM-SHA-256-PLUS where
	// the server offers it), require.
	ChannelBinding string

	Target  string // target_session_attrs: any, read-write, read-only, primary, standby, prefer-standby
	Shuffle bool   // load_balance_hosts=random

	ConnectTimeout time.Duration // for each host, from the dialling to the end of the login; 0: none
	KeepAlive      net.KeepAliveConfig
	Application    string // application_name

	// Startup holds what is sent with the login besides: options and settings of
	// the server.
	Startup map[string]string

	tls tlsFiles
}

// Host is one server of a Config.
type Host struct {
	Name    string // as given; checked against the server's certificate
	Address string // where to dial: the same, an IP address (hostaddr), or a socket directory
	Port    int

	password Secret // from the password file
}

// Socket tells that the host is a directory with a Unix socket in it.
func (h Host) Socket() bool {
	return strings.HasPrefix(h.Address, "/") || strings.HasPrefix(h.Address, "@")
}

// String is how messages name the host: "db.example:5432", "/var/run/postgresql:5432".
func (h Host) String() string {
	if h.Socket() {
		return h.Address + ":" + strconv.Itoa(h.Port)
	}
	return net.JoinHostPort(h.Name, strconv.Itoa(h.Port))
}

// network returns what net.Dial takes.
func (h Host) network() (network, address string) {
	if h.Socket() {
		return "unix", h.Address + "/.s.PGSQL." + strconv.Itoa(h.Port)
	}
	return "tcp", net.JoinHostPort(h.Address, strconv.Itoa(h.Port))
}

// String tells where the connection goes and as whom, without the password.
func (c Config) String() string {
	hosts := make([]string, len(c.Hosts))
	for i, h := range c.Hosts {
		hosts[i] = h.String()
	}
	return fmt.Sprintf("database %s on %s as %s", c.Database, strings.Join(hosts, ","), c.User)
}

// The waits that hold when a URL says nothing. A connection whose peer is gone
// is noticed after a minute, not after two hours.
const (
	defaultConnectTimeout = 10 * time.Second
	defaultApplication    = "leaven"
)

var defaultKeepAlive = net.KeepAliveConfig{Enable: true, Idle: 30 * time.Second, Interval: 10 * time.Second, Count: 3}

// ParseURL reads a postgres:// or postgresql:// URL or a DSN of name=value pairs.
// The error is a *URLError. It reads files only where the URL or libpq's
// defaults name them (certificates, passwords, services), and no environment.
func ParseURL(url string) (Config, error) {
	if schemeLength(url) > 0 {
		url = strings.TrimSpace(url) // the newline of a file or variable
	}
	spans, err := scan(url)
	if err != nil {
		return Config{}, err
	}
	values := parameters{}
	for _, p := range spans {
		if err := check(p, strings.Contains(url, "@")); err != nil {
			return Config{}, err
		}
		values[p.name] = p.value
	}
	if err := values.fillFromService(); err != nil {
		return Config{}, err
	}
	return values.config()
}

// check refuses what is unknown or cannot be done. A name is told only where it
// is no piece of a password.
func check(p span, ambiguous bool) error {
	reason, keyword := keywords[p.name]
	switch {
	case p.name == "gssencmode" && p.value == "require":
		return &URLError{Parameter: p.name, Problem: "encryption by GSSAPI is not supported: use TLS"}
	case reason != "":
		return &URLError{Parameter: p.name, Problem: reason}
	case keyword || isKnown(p.name):
		return nil
	case p.unquotedPW:
		return problem("there is an unknown parameter after the password: " + quoteHelp)
	case !isName(p.name) || ambiguous && strings.Contains(p.value, "@"):
		return problem("there is an unknown parameter: " + percentHelp)
	}
	return &URLError{Parameter: p.name, Problem: "unknown parameter; a setting of the server is given with options=-c name=value"}
}

// parameters are a URL's values by name.
type parameters map[string]string

func (p parameters) get(name, otherwise string) string {
	if v := p[name]; v != "" {
		return v
	}
	return otherwise
}

// config makes a Config of p, defaults filled in.
func (p parameters) config() (c Config, err error) {
	if c.Hosts, err = p.hosts(); err != nil {
		return Config{}, err
	}
	if c.User = p["user"]; c.User == "" {
		if c.User = systemUser(); c.User == "" {
			return Config{}, &URLError{Parameter: "user", Problem: "not given, and the system does not tell who runs this program"}
		}
	}
	c.Password = Secret(p["password"])
	c.Database = p.get("dbname", c.User)
	c.Application = p.get("application_name", p.get("fallback_application_name", defaultApplication))
	c.Startup = p.startup()
	for _, read := range []func(*Config) error{p.ssl, p.target, p.waits, p.fillPasswords} {
		if err := read(&c); err != nil {
			return Config{}, err
		}
	}
	return c, nil
}

// oneOf reads a parameter that has a list of values.
func (p parameters) oneOf(name, otherwise string, values ...string) (string, error) {
	v := p.get(name, otherwise)
	if !slices.Contains(values, v) {
		return "", &URLError{Parameter: name, Problem: "must be one of " + strings.Join(values, ", ")}
	}
	return v, nil
}

func (p parameters) target(c *Config) (err error) {
	c.Target, err = p.oneOf("target_session_attrs", "any", "any", "read-write", "read-only", "primary", "standby", "prefer-standby")
	if err != nil {
		return err
	}
	balance, err := p.oneOf("load_balance_hosts", "disable", "disable", "random")
	c.Shuffle = balance == "random"
	return err
}

func (p parameters) waits(c *Config) error {
	c.ConnectTimeout, c.KeepAlive = defaultConnectTimeout, defaultKeepAlive
	on, err := p.oneOf("keepalives", "1", "0", "1")
	if err != nil {
		return err
	}
	c.KeepAlive.Enable = on == "1"
	for _, s := range []struct {
		name string
		to   func(n int)
	}{
		{"connect_timeout", func(n int) { c.ConnectTimeout = time.Duration(n) * time.Second }},
		{"keepalives_idle", func(n int) { c.KeepAlive.Idle = system(time.Duration(n) * time.Second) }},
		{"keepalives_interval", func(n int) { c.KeepAlive.Interval = system(time.Duration(n) * time.Second) }},
		{"keepalives_count", func(n int) { c.KeepAlive.Count = system(n) }},
	} {
		v := strings.TrimSpace(p[s.name])
		if v == "" {
			continue
		}
		n, err := strconv.Atoi(v)
		if err != nil || n > 1<<30 {
			return &URLError{Parameter: s.name, Problem: "must be a whole number"}
		}
		s.to(max(n, 0))
	}
	return nil
}

// system turns libpq's 0, the operating system's default, into Go's -1.
func system[N int | time.Duration](n N) N {
	if n == 0 {
		return -1
	}
	return n
}

// startup collects what travels with the login.
func (p parameters) startup() map[string]string {
	out := map[string]string{
		// pgdriver reads and writes texts and times in these forms only.
		"client_encoding":             "UTF8",
		"DateStyle":                   "ISO, MDY",
		"standard_conforming_strings": "on",
	}
	for name, value := range p {
		switch {
		case name == "options":
			out["options"] = value
		case strings.EqualFold(name, "datestyle"), strings.EqualFold(name, "standard_conforming_strings"):
		case isSetting(name):
			out[name] = value
		}
	}
	return out
}

func systemUser() string {
	u, err := user.Current()
	if err != nil {
		return ""
	}
	return u.Username[strings.LastIndexByte(u.Username, '\\')+1:]
}

// homeFile returns a file of libpq's directory in the user's home, empty if
// there is none.
func homeFile(name string) string {
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	path := filepath.Join(home, ".postgresql", name)
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}
