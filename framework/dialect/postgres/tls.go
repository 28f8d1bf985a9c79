package postgres

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"slices"
)

// tlsFiles are the parameters of TLS, read and ready.
type tlsFiles struct {
	roots    *x509.CertPool // nil: the system's
	certs    []tls.Certificate
	noSNI    bool
	direct   bool // sslnegotiation=direct: TLS from the first byte
	min, max uint16
}

// sslModes are in the order of what they demand.
var sslModes = []string{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}

func (p parameters) ssl(c *Config) (err error) {
	root := p["sslrootcert"]
	mode := "prefer"
	if root == "system" {
		mode = "verify-full"
	}
	if c.SSLMode, err = p.oneOf("sslmode", mode, sslModes...); err != nil {
		return err
	}
	if root == "system" && c.SSLMode != "verify-full" {
		return &URLError{Parameter: "sslmode", Problem: "must be verify-full with sslrootcert=system"}
	}
	if c.ChannelBinding, err = p.oneOf("channel_binding", "prefer", "disable", "prefer", "require"); err != nil {
		return err
	}
	if c.SSLMode == "disable" {
		return p.unencrypted()
	}
	negotiation, err := p.oneOf("sslnegotiation", "postgres", "postgres", "direct")
	if err != nil {
		return err
	}
	c.tls.direct = negotiation == "direct"
	if c.tls.direct && slices.Index(sslModes, c.SSLMode) < slices.Index(sslModes, "require") {
		return &URLError{Parameter: "sslnegotiation", Problem: "direct needs sslmode=require or stronger"}
	}
	// With a root certificate at hand, require has always meant verify-ca.
	if c.SSLMode == "require" && root != "" {
		c.SSLMode = "verify-ca"
	}
	sni, err := p.oneOf("sslsni", "1", "0", "1")
	if err != nil {
		return err
	}
	c.tls.noSNI = sni == "0"
	if err := p.versions(&c.tls); err != nil {
		return err
	}
	if err := c.tls.loadRoots(root, c.SSLMode); err != nil {
		return err
	}
	return c.tls.loadCertificate(p)
}

// unencrypted refuses what cannot be had without TLS.
func (p parameters) unencrypted() error {
	if p["channel_binding"] == "require" {
		return &URLError{Parameter: "channel_binding", Problem: "require needs TLS, but sslmode is disable"}
	}
	return nil
}

func (p parameters) versions(t *tlsFiles) error {
	numbers := map[string]uint16{"TLSv1": tls.VersionTLS10, "TLSv1.1": tls.VersionTLS11, "TLSv1.2": tls.VersionTLS12, "TLSv1.3": tls.VersionTLS13}
	for _, bound := range []struct {
		name string
		to   *uint16
	}{{"ssl_min_protocol_version", &t.min}, {"ssl_max_protocol_version", &t.max}} {
		if v := p[bound.name]; v != "" {
			if *bound.to = numbers[v]; *bound.to == 0 {
				return &URLError{Parameter: bound.name, Problem: "must be one of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3"}
			}
		}
	}
	return nil
}

// loadRoots reads the certificates that servers are checked against, where they
// are checked at all.
func (t *tlsFiles) loadRoots(file, mode string) error {
	if file == "system" || mode != "verify-ca" && mode != "verify-full" {
		return nil
	}
	if file == "" {
		if file = homeFile("root.crt"); file == "" {
			return nil // the system's
		}
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return &URLError{Parameter: "sslrootcert", Problem: "the file cannot be read: " + reason(err)}
	}
	t.roots = x509.NewCertPool()
	if !t.roots.AppendCertsFromPEM(pem) {
		return &URLError{Parameter: "sslrootcert", Problem: "the file holds no PEM certificate"}
	}
	return nil
}

func (t *tlsFiles) loadCertificate(p parameters) error {
	cert := p.get("sslcert", homeFile("postgresql.crt"))
	key := p.get("sslkey", homeFile("postgresql.key"))
	if cert == "" {
		return nil
	}
	if key == "" {
		return &URLError{Parameter: "sslkey", Problem: "missing: sslcert needs its key"}
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return &URLError{Parameter: "sslcert", Problem: "certificate and key (sslkey) cannot be used: " + reason(err)}
	}
	t.certs = []tls.Certificate{pair}
	return nil
}

// reason is an error without the path in it, which came from the URL.
func reason(err error) string {
	if path := (*os.PathError)(nil); errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

// clientConfig returns the configuration of TLS for one host.
func (c Config) clientConfig(h Host) *tls.Config {
	t := &tls.Config{
		RootCAs: c.tls.roots, Certificates: c.tls.certs,
		MinVersion: c.tls.min, MaxVersion: c.tls.max,
		ServerName:         h.Name,
		InsecureSkipVerify: c.SSLMode != "verify-full",
	}
	if c.tls.direct {
		t.NextProtos = []string{"postgresql"}
	}
	if c.SSLMode == "verify-ca" {
		t.VerifyConnection = func(s tls.ConnectionState) error { return verifyChain(s, c.tls.roots) }
	}
	// An IP address is never sent as a name, by the package tls itself.
	if c.tls.noSNI && net.ParseIP(h.Name) == nil {
		t.ServerName, t.InsecureSkipVerify = "", true
		if c.SSLMode == "verify-full" {
			t.VerifyConnection = func(s tls.ConnectionState) error {
				if err := verifyChain(s, c.tls.roots); err != nil {
					return err
				}
				return s.PeerCertificates[0].VerifyHostname(h.Name)
			}
		}
	}
	return t
}

// verifyChain checks who has signed the server's certificate, but not its name.
func verifyChain(s tls.ConnectionState, roots *x509.CertPool) error {
	between := x509.NewCertPool()
	for _, cert := range s.PeerCertificates[1:] {
		between.AddCert(cert)
	}
	_, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between})
	if err != nil {
		return &tls.CertificateVerificationError{UnverifiedCertificates: s.PeerCertificates, Err: err}
	}
	return nil
}
