package migrate_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/leavendb/leaven/framework/migrate"
)

// pooler is a connection pooler in transaction mode, as small as one can be: all
// clients share one session of the server, each for one transaction at a time.
type pooler struct {
	mu     sync.Mutex // whose transaction it is
	server net.Conn
}

// pooled starts a pooler before the site's server, and returns its URL.
func (s *site) pooled() string {
	s.Helper()
	u, err := url.Parse(s.url)
	if err != nil {
		s.Fatal(err)
	}
	p := &pooler{}
	if p.server, err = net.Dial("tcp", u.Host); err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { p.server.Close() })
	login := binary.BigEndian.AppendUint32(nil, 3<<16)
	login = append(login, "user\x00"+u.User.Username()+"\x00database\x00"+strings.Trim(u.Path, "/")+"\x00\x00"...)
	if _, err := p.server.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(login)+4)), login...)); err != nil {
		s.Fatal(err)
	}
	if _, err := p.answer(io.Discard); err != nil {
		s.Fatal(err)
	}
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { listen.Close() })
	go func() {
		for {
			client, err := listen.Accept()
			if err != nil {
				return
			}
			go p.serve(client)
		}
	}()
	u.Host = listen.Addr().String()
	return u.String()
}

// serve passes a client's queries on.
func (p *pooler) serve(client net.Conn) {
	defer client.Close()
	if _, _, err := readMessage(client, true); err != nil {
		return
	}
	// It is welcome, and no transaction is open.
	if _, err := client.Write([]byte("R\x00\x00\x00\x08\x00\x00\x00\x00Z\x00\x00\x00\x05I")); err != nil {
		return
	}
	mine := false
	defer func() {
		if mine {
			_, _ = p.server.Write([]byte("Q\x00\x00\x00\x0dROLLBACK\x00"))
			_, _ = p.answer(io.Discard)
			p.mu.Unlock()
		}
	}()
	for {
		m, raw, err := readMessage(client, false)
		if err != nil || m.kind != 'Q' {
			return
		}
		if !mine {
			p.mu.Lock()
			mine = true
		}
		if _, err := p.server.Write(raw); err != nil {
			return
		}
		status, err := p.answer(client)
		if err != nil {
			return
		}
		if status == 'I' {
			mine = false
			p.mu.Unlock()
		}
	}
}

// answer passes the server's answer on, and returns its state after it.
func (p *pooler) answer(to io.Writer) (status byte, err error) {
	for {
		m, raw, err := readMessage(p.server, false)
		if err != nil {
			return 0, err
		}
		if _, err := to.Write(raw); err != nil {
			return 0, err
		}
		if m.kind == 'Z' {
			return raw[len(raw)-1], nil
		}
	}
}

// Behind a pooler that hands out sessions by transaction, a NoTx migration is
// refused before anything runs: its lock would be everybody's.
func TestPoolerIsRefusedForNoTx(t *testing.T) {
	t.Parallel()
	s := pgSite(t).play("notx")
	_, err := s.migratorOn(s.pool(s.pooled())).Up(t.Context(), migrate.Head)
	var config *migrate.ConfigError
	if !errors.As(err, &config) || !strings.Contains(config.What, "0003_effect") || !strings.Contains(config.Next, "DIRECT_DATABASE_URL") {
		t.Fatalf("up says %v", err)
	}
	var tables int
	if err := s.db.QueryRow("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").Scan(&tables); err != nil || tables > 0 {
		t.Errorf("%d tables were made: %v", tables, err)
	}
	s.again()
	s.sound(5)
	s.quiet()
}

// Migrations in transactions race behind it as they do without.
func TestRaceBehindAPooler(t *testing.T) {
	t.Parallel()
	s := pgSite(t).play("tx")
	url := s.pooled()
	var all sync.WaitGroup
	for range 6 {
		m := s.migratorOn(s.pool(url))
		all.Go(func() {
			if _, err := m.Up(context.Background(), migrate.Head); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	s.sound(5)
	s.quiet()
}
