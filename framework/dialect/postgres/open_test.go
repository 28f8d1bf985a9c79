package postgres

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/internal/pgtest"
)

const canary = "C4nary@:/?%# pässword"

// opened opens a pool that the test closes.
func opened(t *testing.T, address string) *bun.DB {
	t.Helper()
	db, err := Dialect{}.Open(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// changed returns the URL after f has changed it.
func changed(t *testing.T, address string, f func(u *url.URL, q url.Values)) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	f(u, q)
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
	return u.String()
}

// silent listens and never answers; gone is an address where nobody listens.
func silent(t *testing.T) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().String()
}

// crowded takes no more connections and refuses none.
func crowded(t *testing.T) (address string) {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fd)
		t.Cleanup(func() { _ = syscall.Close(fd) })
		err = errors.Join(syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}), syscall.Listen(fd, 0))
	}
	if err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	address = fmt.Sprintf("127.0.0.1:%d", name.(*syscall.SockaddrInet4).Port)
	for refused := 0; refused < 2; { // once, this process may have been slow
		conn, err := net.DialTimeout("tcp", address, time.Second/2)
		if err != nil {
			refused++
			continue
		}
		refused = 0
		t.Cleanup(func() { _ = conn.Close() })
	}
	return address
}

func gone(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// speaking answers every connection's first bytes with its own and hangs up.
func speaking(t *testing.T, words string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 512))
			_, _ = io.WriteString(conn, words)
			_ = conn.Close()
		}
	}()
	return l.Addr().String()
}

func TestOpenTellsWhatIsWrong(t *testing.T) {
	_, good := pgtest.New(t)
	_, withPassword := pgtest.PasswordRole(t, good)
	secret := func(u *url.URL) { u.User = url.UserPassword(u.User.Username(), canary) }
	for _, tt := range []struct {
		name  string
		url   string
		class dialect.Class
	}{
		{"host", changed(t, good, func(u *url.URL, _ url.Values) { secret(u); u.Host = "no-such-host.invalid:5432" }), dialect.Unavailable},
		{"port", changed(t, good, func(u *url.URL, _ url.Values) { secret(u); u.Host = gone(t) }), dialect.Unavailable},
		{"socket", changed(t, good, func(u *url.URL, q url.Values) { secret(u); u.Host = ""; q.Set("host", t.TempDir()) }), dialect.Unavailable},
		{"silence", changed(t, good, func(u *url.URL, q url.Values) { secret(u); u.Host = silent(t); q.Set("connect_timeout", "1") }), dialect.Unavailable},
		{"silence before TLS", changed(t, good, func(u *url.URL, q url.Values) {
			secret(u)
			u.Host = silent(t)
			q.Set("connect_timeout", "1")
			q.Set("sslmode", "require")
		}), dialect.Unavailable},
		{"hangs up", changed(t, good, func(u *url.URL, _ url.Values) { secret(u); u.Host = speaking(t, "") }), dialect.Unavailable},
		{"no PostgreSQL", changed(t, good, func(u *url.URL, q url.Values) {
			secret(u)
			u.Host = speaking(t, "HTTP/1.1 400")
			q.Set("sslmode", "require")
		}), dialect.Other},
		{"TLS hangs up", changed(t, good, func(u *url.URL, q url.Values) { secret(u); u.Host = speaking(t, "S"); q.Set("sslmode", "require") }), dialect.Unavailable},
		{"cannot start a session", changed(t, good, func(u *url.URL, q url.Values) { secret(u); u.Host = speaking(t, "E"); q.Set("sslmode", "require") }), dialect.Unavailable},
		{"database", changed(t, good, func(u *url.URL, _ url.Values) { secret(u); u.Path = "/no_such_database" }), dialect.NoDatabase},
		{"user", changed(t, good, func(u *url.URL, _ url.Values) { u.User = url.UserPassword("no_such_role", canary) }), dialect.Auth},
		{"password", changed(t, withPassword, func(u *url.URL, _ url.Values) { secret(u) }), dialect.Auth},
		{"TLS that the server lacks", changed(t, good, func(u *url.URL, q url.Values) { secret(u); q.Set("sslmode", "require") }), dialect.TLS},
		{"setting", changed(t, good, func(u *url.URL, q url.Values) { secret(u); q.Set("lock_timeout", "nonsense") }), dialect.Other},
		{"option", changed(t, good, func(u *url.URL, q url.Values) { secret(u); q.Set("options", "-c no_such_setting=1") }), dialect.Other},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := opened(t, tt.url).Ping()
			f := Dialect{}.Classify(err)
			if err == nil || f.Class != tt.class {
				t.Fatalf("%v is %+v, want %q", err, f, tt.class)
			}
			shown := err.Error() + f.Message + f.Hint + Redact(tt.url)
			for _, secret := range []string{canary, url.QueryEscape(canary), url.UserPassword("", canary).String(), "C4nary"} {
				if strings.Contains(shown, secret) {
					t.Errorf("the password shows: %s", shown)
				}
			}
		})
	}
	t.Run("and what is right", func(t *testing.T) {
		for _, u := range []string{good, withPassword} {
			if err := opened(t, u).Ping(); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("bad URL", func(t *testing.T) {
		var e *URLError
		if _, err := (Dialect{}).Open(context.Background(), "postgres://u:"+canary+"@h"); !errors.As(err, &e) || strings.Contains(err.Error(), "C4nary") {
			t.Error(err)
		}
	})
}

// TestTimeoutTellsHowFarItCame: an address that is wrong and a server that is busy
// ask for different things.
func TestTimeoutTellsHowFarItCame(t *testing.T) {
	for _, tt := range []struct{ want, address, query string }{
		{": no answer within 1s (connect_timeout)", crowded(t), "sslmode=disable"},
		{": it takes connections, but gave no answer within 1s (connect_timeout)", silent(t), "sslmode=disable"},
		{": it takes connections, but gave no answer within 1s (connect_timeout)", silent(t), "sslmode=require"},
		{": it takes connections, but gave no answer within 1s (connect_timeout)", silent(t), "sslmode=require&sslnegotiation=direct"},
	} {
		db := opened(t, "postgres://u@"+tt.address+"/d?connect_timeout=1&"+tt.query)
		err := db.Ping()
		if f := (Dialect{}).Classify(err); f.Class != dialect.Unavailable || !strings.HasSuffix(err.Error(), tt.address+tt.want) {
			t.Errorf("%s: %v is %+v, want %q", tt.query, err, f, tt.want)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		err = db.PingContext(ctx)
		cancel()
		tt.want = strings.Replace(tt.want, "within 1s (connect_timeout)", "in time", 1)
		if f := (Dialect{}).Classify(err); f.Class != dialect.Unavailable || !errors.Is(err, context.DeadlineExceeded) || !strings.HasSuffix(err.Error(), tt.address+tt.want) {
			t.Errorf("%s, with a deadline: %v is %+v, want %q", tt.query, err, f, tt.want)
		}
	}
}

func TestOpenSendsWhatTheURLSays(t *testing.T) {
	_, good := pgtest.New(t)
	for name, tt := range map[string]struct {
		set  map[string]string
		show map[string]string
	}{
		"defaults": {nil, map[string]string{"application_name": "leaven", "client_encoding": "UTF8", "DateStyle": "ISO, MDY"}},
		"given": {
			map[string]string{"application_name": "a b", "options": "-c lock_timeout=7s", "statement_timeout": "8s", "search_path": `"we""ird", public`, "app.tenant": "x y"},
			map[string]string{"application_name": "a b", "lock_timeout": "7s", "statement_timeout": "8s", "search_path": `"we""ird", public`, "app.tenant": "x y"},
		},
		"prefer falls back": {map[string]string{"sslmode": "prefer"}, map[string]string{"ssl": "off"}},
		"allow":             {map[string]string{"sslmode": "allow"}, map[string]string{"ssl": "off"}},
	} {
		t.Run(name, func(t *testing.T) {
			db := opened(t, changed(t, good, func(_ *url.URL, q url.Values) {
				for k, v := range tt.set {
					q.Set(k, v)
				}
			}))
			for k, v := range tt.show {
				if err := want(db, "SELECT current_setting("+Dialect{}.Literal(k)+")", v); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestOpenOverASocket(t *testing.T) {
	admin, good := pgtest.New(t)
	var dirs string
	if err := admin.QueryRow("SELECT current_setting('unix_socket_directories')").Scan(&dirs); err != nil {
		t.Fatal(err)
	}
	dir, _, _ := strings.Cut(dirs, ",")
	if dir == "" {
		t.Log("the server has no socket: nothing to look at")
		return
	}
	address := changed(t, good, func(u *url.URL, q url.Values) {
		q.Set("host", strings.TrimSpace(dir))
		q.Set("port", u.Port())
		q.Set("sslmode", "require") // which does not apply to sockets
		u.Host = ""
	})
	if err := want(opened(t, address), "SELECT coalesce(inet_client_addr()::text, 'socket')", "socket"); err != nil {
		t.Error(err)
	}
}

func TestHostsInOrder(t *testing.T) {
	_, good := pgtest.New(t)
	u, _ := url.Parse(good)
	list := func(q string, hosts ...string) string {
		return fmt.Sprintf("postgres://%s@%s%s?sslmode=disable&%s", u.User.Username(), strings.Join(hosts, ","), u.Path, q)
	}
	t.Run("the first that answers", func(t *testing.T) {
		if err := opened(t, list("connect_timeout=1", gone(t), silent(t), u.Host)).Ping(); err != nil {
			t.Error(err)
		}
		if err := opened(t, list("load_balance_hosts=random", gone(t), u.Host)).Ping(); err != nil {
			t.Error(err)
		}
	})
	t.Run("none", func(t *testing.T) {
		a, b := gone(t), gone(t)
		err := opened(t, list("", a, b)).Ping()
		if f := (Dialect{}).Classify(err); f.Class != dialect.Unavailable || !strings.Contains(err.Error(), a) || !strings.Contains(err.Error(), b) {
			t.Errorf("%v %+v", err, f)
		}
	})
	t.Run("a refusal ends the search", func(t *testing.T) {
		err := opened(t, strings.Replace(list("", u.Host, gone(t)), u.Path, "/no_such_database", 1)).Ping()
		var e *ConnectError
		if !errors.As(err, &e) || len(e.Tried) != 1 || (Dialect{}).Classify(err).Class != dialect.NoDatabase {
			t.Error(err)
		}
	})
	t.Run("the caller's context", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		err := opened(t, list("connect_timeout=30", silent(t))).PingContext(ctx)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

func TestTargetSessionAttrs(t *testing.T) {
	primary, standby := pgtest.Standby(t)
	p, _ := url.Parse(primary)
	s, _ := url.Parse(standby)
	both := func(target string) string {
		return changed(t, primary, func(u *url.URL, q url.Values) {
			u.Host = s.Host + "," + p.Host
			q.Set("target_session_attrs", target)
		})
	}
	for target, recovery := range map[string]string{
		"any": "true", "read-write": "false", "primary": "false", "read-only": "true", "standby": "true", "prefer-standby": "true",
	} {
		t.Run(target, func(t *testing.T) {
			if err := want(opened(t, both(target)), "SELECT pg_is_in_recovery()::text", recovery); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("no such server", func(t *testing.T) {
		for target, address := range map[string]string{"read-write": standby, "standby": primary, "read-only": primary} {
			err := opened(t, changed(t, address, func(_ *url.URL, q url.Values) { q.Set("target_session_attrs", target) })).Ping()
			if f := (Dialect{}).Classify(err); f.Class != dialect.Unavailable || !strings.Contains(err.Error(), "target_session_attrs="+target) {
				t.Errorf("%s: %v %+v", target, err, f)
			}
		}
	})
	t.Run("a standby if there is one", func(t *testing.T) {
		err := want(opened(t, changed(t, primary, func(_ *url.URL, q url.Values) { q.Set("target_session_attrs", "prefer-standby") })), "SELECT pg_is_in_recovery()::text", "false")
		if err != nil {
			t.Error(err)
		}
	})
	t.Run("a primary that is set read-only", func(t *testing.T) {
		err := opened(t, changed(t, primary, func(_ *url.URL, q url.Values) {
			q.Set("target_session_attrs", "read-write")
			q.Set("default_transaction_read_only", "on")
		})).Ping()
		if err == nil || !strings.Contains(err.Error(), "set read-only") {
			t.Error(err)
		}
	})
	t.Run("writing to a standby", func(t *testing.T) {
		_, err := opened(t, standby).Exec("CREATE TABLE t ()")
		compare(t, err, dialect.Fault{Class: dialect.ReadOnly, Code: "25006"})
	})
}

// withTLS puts TLS in front of a server, as the server itself would speak it: an
// answer to SSLRequest, the handshake, and then its own protocol.
func withTLS(t *testing.T, server string, cert tls.Certificate, direct bool) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	serve := func(conn net.Conn) {
		defer conn.Close()
		if !direct {
			request := make([]byte, 8)
			if _, err := io.ReadFull(conn, request); err != nil || string(request) != string(sslRequest) {
				return
			}
			if _, err := conn.Write([]byte("S")); err != nil {
				return
			}
		}
		secure := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: []string{"postgresql"}, ClientAuth: tls.RequestClientCert})
		if err := secure.Handshake(); err != nil {
			return
		}
		behind, err := net.Dial("tcp", server)
		if err != nil {
			return
		}
		defer behind.Close()
		go func() { _, _ = io.Copy(behind, secure); _ = behind.Close() }()
		_, _ = io.Copy(secure, behind)
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go serve(conn)
		}
	}()
	return l.Addr().String()
}

// certificate makes a certificate for a name, signed by itself, and writes it and
// its key into files.
func certificate(t *testing.T, name string) (cert tls.Certificate, certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
	certFile, keyFile = write(t, "cert.pem", certPEM), write(t, "key.pem", keyPEM)
	if cert, err = tls.X509KeyPair(certPEM, keyPEM); err != nil {
		t.Fatal(err)
	}
	return cert, certFile, keyFile
}

func write(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTLS(t *testing.T) {
	_, good := pgtest.New(t)
	u, _ := url.Parse(good)
	local, root, key := certificate(t, "localhost")
	_, strangers, _ := certificate(t, "localhost")
	other, otherRoot, _ := certificate(t, "db.example")
	negotiated, direct := withTLS(t, u.Host, local, false), withTLS(t, u.Host, local, true)
	elsewhere := withTLS(t, u.Host, other, false)
	// A certificate is for a name, so the name is given beside the address.
	at := func(address string, pairs ...string) string {
		return changed(t, good, func(u *url.URL, q url.Values) {
			host, port, _ := net.SplitHostPort(address)
			u.Host = ""
			q.Set("host", "localhost")
			q.Set("hostaddr", host)
			q.Set("port", port)
			for i := 0; i < len(pairs); i += 2 {
				q.Set(pairs[i], pairs[i+1])
			}
		})
	}
	for _, tt := range []struct {
		name  string
		url   string
		class dialect.Class // Other: it works
	}{
		{"prefer", at(negotiated, "sslmode", "prefer"), dialect.Other},
		{"require", at(negotiated, "sslmode", "require"), dialect.Other},
		{"require with a root is verify-ca", at(negotiated, "sslmode", "require", "sslrootcert", strangers), dialect.TLS},
		{"verify-ca", at(negotiated, "sslmode", "verify-ca", "sslrootcert", root), dialect.Other},
		{"verify-ca, wrong root", at(negotiated, "sslmode", "verify-ca", "sslrootcert", strangers), dialect.TLS},
		{"verify-ca, other name", at(elsewhere, "sslmode", "verify-ca", "sslrootcert", otherRoot), dialect.Other},
		{"verify-full", at(negotiated, "sslmode", "verify-full", "sslrootcert", root), dialect.Other},
		{"verify-full, wrong root", at(negotiated, "sslmode", "verify-full", "sslrootcert", strangers), dialect.TLS},
		{"verify-full, other name", at(elsewhere, "sslmode", "verify-full", "sslrootcert", otherRoot), dialect.TLS},
		{"verify-full, without the name in clear", at(negotiated, "sslmode", "verify-full", "sslrootcert", root, "sslsni", "0"), dialect.Other},
		{"verify-full, the same, other name", at(elsewhere, "sslmode", "verify-full", "sslrootcert", otherRoot, "sslsni", "0"), dialect.TLS},
		{"verify-full, the same, wrong root", at(negotiated, "sslmode", "verify-full", "sslrootcert", strangers, "sslsni", "0"), dialect.TLS},
		{"the system's roots", at(negotiated, "sslrootcert", "system", "sslmode", "verify-full"), dialect.TLS},
		{"a client certificate", at(negotiated, "sslmode", "require", "sslcert", root, "sslkey", key), dialect.Other},
		{"direct", at(direct, "sslmode", "require", "sslnegotiation", "direct"), dialect.Other},
		{"versions", at(negotiated, "sslmode", "require", "ssl_min_protocol_version", "TLSv1.2", "ssl_max_protocol_version", "TLSv1.2"), dialect.Other},
		{"a server that speaks nothing else", at(negotiated, "sslmode", "disable"), dialect.Unavailable},
		{"a server without TLS", at(u.Host, "sslmode", "verify-full", "sslrootcert", root), dialect.TLS},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := opened(t, tt.url).Ping()
			if f := (Dialect{}).Classify(err); f.Class != tt.class || tt.class == dialect.Other && err != nil {
				t.Errorf("%v is %+v, want %q", err, f, tt.class)
			}
		})
	}
}

func TestPasswordFileAndService(t *testing.T) {
	_, good := pgtest.New(t)
	_, login := pgtest.PasswordRole(t, good)
	u, _ := url.Parse(login)
	password, _ := u.User.Password()
	line := fmt.Sprintf("*:*:*:%s:%s\n", u.User.Username(), password)
	private := write(t, "pass", []byte(line))
	services := write(t, "services", fmt.Appendf(nil, "[mine]\nhost=%s\nport=%s\nuser=%s\ndbname=%s\nsslmode=disable\npassword=%s\n"+
		"[typo]\nhots=x\n[loop]\nservice=mine\n", u.Hostname(), u.Port(), u.User.Username(), u.Path[1:], password))
	without := changed(t, login, func(u *url.URL, q url.Values) {
		u.User = url.User(u.User.Username())
		q.Set("passfile", private)
	})
	for name, address := range map[string]string{
		"password file": without,
		"service":       "postgres:///?service=mine&servicefile=" + services,
		"service, dsn":  "service=mine servicefile=" + services,
	} {
		t.Run(name, func(t *testing.T) {
			if err := opened(t, address).Ping(); err != nil {
				t.Error(err)
			}
		})
	}
	public := write(t, "pass", []byte(line))
	if err := os.Chmod(public, 0o644); err != nil {
		t.Fatal(err)
	}
	for address, says := range map[string]string{
		"postgres://u@h/?passfile=" + public:                        "chmod 600",
		"postgres://u@h/?service=x&servicefile=/nowhere":            "cannot be read: no such file",
		"postgres://u@h/?service=x&servicefile=" + services:         "no such service",
		"postgres://u@h/?service=typo&servicefile=" + services:      "hots: unknown",
		"postgres://u@h/?service=loop&servicefile=" + services:      "cannot name another",
		"postgres://u@h/?service=x&servicefile=" + private:          "not in the form",
		"postgres://u@h/?passfile=" + filepath.Join(private, "x/y"): "not a directory",
	} {
		if _, err := ParseURL(address); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), password) {
			t.Errorf("%s: %v, want %s", address, err, says)
		}
	}
	if c, err := ParseURL("postgres://u@h/?passfile=/nowhere"); err != nil || c.Password != "" {
		t.Error(c, err)
	}
}
