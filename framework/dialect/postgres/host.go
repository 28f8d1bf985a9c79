package postgres

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const defaultPort = 5432

// hosts pairs host, hostaddr and port. One port holds for all hosts.
func (p parameters) hosts() ([]Host, error) {
	names, addresses, ports := list(p["host"]), list(p["hostaddr"]), list(p["port"])
	if len(names) > 1 && len(addresses) > 1 && len(names) != len(addresses) {
		return nil, &URLError{Parameter: "hostaddr", Problem: "must name as many servers as host does"}
	}
	hosts := make([]Host, max(len(names), len(addresses)))
	if len(ports) > 1 && len(ports) != len(hosts) {
		return nil, &URLError{Parameter: "port", Problem: "must be one number, or as many as there are hosts"}
	}
	for i := range hosts {
		h := &hosts[i]
		h.Name, h.Address = strings.TrimSpace(at(names, i)), strings.TrimSpace(at(addresses, i))
		if h.Address != "" && net.ParseIP(h.Address) == nil {
			return nil, &URLError{Parameter: "hostaddr", Problem: "must be a numeric IP address"}
		}
		if h.Name == "" && h.Address == "" {
			h.Name = defaultHost()
		}
		if h.Name == "" {
			h.Name = h.Address
		}
		if h.Address == "" {
			h.Address = h.Name
		}
		var err error
		if h.Port, err = port(at(ports, min(i, len(ports)-1))); err != nil {
			return nil, err
		}
	}
	return hosts, nil
}

func list(s string) []string { return strings.Split(s, ",") }

func at(values []string, i int) string {
	if i < len(values) {
		return values[i]
	}
	return ""
}

// port does not quote what it cannot read: in "postgres://user:password", a URL
// without a host, it is the password.
func port(s string) (int, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return defaultPort, nil
	}
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n == 0 {
		return 0, &URLError{Parameter: "port", Problem: "must be a number from 1 to 65535; " + percentHelp}
	}
	return int(n), nil
}

// defaultHost is the directory of the server's socket where there is one, as
// libpq's builds for the system have it, and else localhost.
func defaultHost() string {
	for _, dir := range []string{"/var/run/postgresql", "/private/tmp", "/tmp"} {
		if found, _ := filepath.Glob(filepath.Join(dir, ".s.PGSQL.*")); len(found) > 0 {
			return dir
		}
	}
	for _, dir := range []string{"/var/run/postgresql"} {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return dir
		}
	}
	return "localhost"
}
