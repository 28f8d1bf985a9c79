package postgres

import (
	"context"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"io"
	"net"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/leavendb/leaven/framework/dialect"
)

// bindingServer speaks the login of a server with TLS that offers mechanisms, and
// then answers every query with no rows. Its own view of the channel is a
// certificate, which somebody in between would not have.
func bindingServer(t *testing.T, shown, own tls.Certificate, password string, mechanisms ...string) string {
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
			go func() {
				defer conn.Close()
				_, _ = io.ReadFull(conn, make([]byte, 8)) // SSLRequest
				_, _ = conn.Write([]byte("S"))
				secure := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{shown}})
				if secure.Handshake() == nil {
					serveLogin(pgproto3.NewBackend(secure, secure), own, password, mechanisms)
				}
			}()
		}
	}()
	return l.Addr().String()
}

func serveLogin(b *pgproto3.Backend, own tls.Certificate, password string, mechanisms []string) {
	if _, err := b.ReceiveStartupMessage(); err != nil {
		return
	}
	send := func(m ...pgproto3.BackendMessage) {
		for _, m := range m {
			b.Send(m)
		}
		_ = b.Flush()
	}
	if len(mechanisms) > 0 {
		send(&pgproto3.AuthenticationSASL{AuthMechanisms: mechanisms})
		if !serveSCRAM(b, send, own, password) {
			send(&pgproto3.ErrorResponse{Severity: "FATAL", SeverityUnlocalized: "FATAL", Code: "28P01", Message: "password authentication failed"})
			return
		}
	}
	send(&pgproto3.AuthenticationOk{}, &pgproto3.BackendKeyData{ProcessID: 1, SecretKey: []byte{0, 0, 0, 1}}, &pgproto3.ReadyForQuery{TxStatus: 'I'})
	for {
		if _, err := b.Receive(); err != nil {
			return
		}
		send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT 0")}, &pgproto3.ReadyForQuery{TxStatus: 'I'})
	}
}

// serveSCRAM is the server's side of RFC 5802, written from the RFC and not from
// the client's.
func serveSCRAM(b *pgproto3.Backend, send func(...pgproto3.BackendMessage), own tls.Certificate, password string) bool {
	_ = b.SetAuthType(pgproto3.AuthTypeSASL)
	m, err := b.Receive()
	initial, ok := m.(*pgproto3.SASLInitialResponse)
	if err != nil || !ok {
		return false
	}
	parts := strings.SplitN(string(initial.Data), ",", 3)
	header, bare := parts[0]+","+parts[1]+",", parts[2]
	var channel []byte
	if initial.AuthMechanism == scramPlus {
		sum := sha256.Sum256(own.Certificate[0])
		channel = sum[:]
	}
	_, nonce, _ := strings.Cut(bare, "r=")
	challenge := "r=" + nonce + "server,s=" + base64.StdEncoding.EncodeToString([]byte("salt")) + ",i=4096"
	send(&pgproto3.AuthenticationSASLContinue{Data: []byte(challenge)})
	_ = b.SetAuthType(pgproto3.AuthTypeSASLContinue)
	m, err = b.Receive()
	response, ok := m.(*pgproto3.SASLResponse)
	if err != nil || !ok {
		return false
	}
	without, proof, _ := strings.Cut(string(response.Data), ",p=")
	if without != "c="+base64.StdEncoding.EncodeToString(append([]byte(header), channel...))+",r="+nonce+"server" {
		return false
	}
	sign := func(key []byte, text string) []byte {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(text))
		return h.Sum(nil)
	}
	salted, _ := pbkdf2.Key(sha256.New, password, []byte("salt"), 4096, 32)
	message := bare + "," + challenge + "," + without
	clientKey := sign(salted, "Client Key")
	stored := sha256.Sum256(clientKey)
	want := sign(stored[:], message)
	for i := range want {
		want[i] ^= clientKey[i]
	}
	if proof != base64.StdEncoding.EncodeToString(want) {
		return false
	}
	send(&pgproto3.AuthenticationSASLFinal{Data: []byte("v=" + base64.StdEncoding.EncodeToString(sign(sign(salted, "Server Key"), message)))})
	return true
}

// channel_binding means what libpq and pgconn make of it.
func TestChannelBinding(t *testing.T) {
	cert, _, _ := certificate(t, "localhost")
	thief, _, _ := certificate(t, "localhost")
	const password = "C4nary"
	both := []string{scramPlus, "SCRAM-SHA-256"}
	binds := bindingServer(t, cert, cert, password, both...)
	plain := bindingServer(t, cert, cert, password, "SCRAM-SHA-256")
	open := bindingServer(t, cert, cert, password)
	between := bindingServer(t, thief, cert, password, both...)
	for _, tt := range []struct {
		name, at, mode, password string
		says                     string // empty: it works
		differs                  bool   // pgconn does otherwise
	}{
		{"bound", binds, "require", password, "", false},
		{"bound if possible", binds, "prefer", password, "", false},
		{"not bound", binds, "disable", password, "", false},
		{"wrong password", binds, "require", "wrong", "28P01", false},
		{"not offered", plain, "require", password, "does not offer it", false},
		{"not offered, nor needed", plain, "prefer", password, "", false},
		{"somebody in between", between, "require", password, "28P01", false},
		{"somebody in between, preferred", between, "prefer", password, "28P01", false},
		{"no password asked", open, "require", password, "without a password", true}, // libpq refuses it too
		{"no password asked, nor needed", open, "prefer", password, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			address := "postgres://u:" + tt.password + "@" + tt.at + "/d?sslmode=require&channel_binding=" + tt.mode
			err := opened(t, address).Ping()
			if (err == nil) != (tt.says == "") || err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v, want %q", err, tt.says)
			}
			if err != nil && strings.Contains(err.Error(), tt.password) {
				t.Errorf("the password shows: %v", err)
			}
			theirs, theirErr := pgconn.Connect(context.Background(), address)
			if theirErr == nil {
				_ = theirs.Close(context.Background())
			}
			if (theirErr == nil) != (err == nil) && !tt.differs {
				t.Errorf("pgconn: %v, we: %v", theirErr, err)
			}
		})
	}
	t.Run("not encrypted", func(t *testing.T) {
		l := silentPlain(t)
		err := opened(t, "postgres://u:p@"+l+"/d?sslmode=prefer&channel_binding=require").Ping()
		if err == nil || !strings.Contains(err.Error(), "the connection is not encrypted") {
			t.Error(err)
		}
		if f := (Dialect{}).Classify(err); f.Class != dialect.TLS {
			t.Errorf("%+v", f)
		}
		if _, err := ParseURL("postgres://u@h/d?" + url.Values{"channel_binding": {"require"}, "sslmode": {"disable"}}.Encode()); err == nil {
			t.Error("it needs TLS")
		}
	})
}

// silentPlain is a server without TLS that lets everybody in.
func silentPlain(t *testing.T) string {
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
			go func() {
				defer conn.Close()
				first := make([]byte, 8)
				if _, err := io.ReadFull(conn, first); err != nil || string(first) != string(sslRequest) {
					return
				}
				_, _ = conn.Write([]byte("N"))
				serveLogin(pgproto3.NewBackend(conn, conn), tls.Certificate{}, "", nil)
			}()
		}
	}()
	return l.Addr().String()
}

// A server that does not know the password cannot pretend that it does, nor make
// us work without end.
func TestSCRAMRefusesServersThatDoNotKnowThePassword(t *testing.T) {
	s, err := newScram("pw", []byte("channel"))
	if err != nil {
		t.Fatal(err)
	}
	if s.verify("v=AAAA") == nil {
		t.Error("nothing was proved")
	}
	for _, challenge := range []string{
		"", "r=other,s=c2FsdA==,i=4096", "r=" + s.nonce + ",s=c2FsdA==,i=4096", "r=" + s.nonce + "x,s=,i=4096",
		"r=" + s.nonce + "x,s=c2FsdA==,i=0", "r=" + s.nonce + "x,s=c2FsdA==,i=999999999", "m=x,r=" + s.nonce + "x,s=c2FsdA==,i=1",
	} {
		if final, err := s.final(challenge); err == nil {
			t.Errorf("%s was answered with %s", challenge, final)
		}
	}
	if _, err := s.final("r=" + s.nonce + "x,s=c2FsdA==,i=1"); err != nil {
		t.Fatal(err)
	}
	for _, outcome := range []string{"", "v=", "v=AAAA", "e=invalid-proof"} {
		if s.verify(outcome) == nil {
			t.Errorf("%q proves nothing", outcome)
		}
	}
}
