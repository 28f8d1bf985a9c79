package postgres

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
)

// encryption is what one login attempt does about TLS.
type encryption uint8

const (
	plain    encryption = iota + 1
	offered             // TLS if the server has it
	required            // TLS or nothing
)

// attempts returns what sslmode means for a host: a second attempt follows when
// the server refuses the first for the sake of its encryption.
func (c Config) attempts(h Host) []encryption {
	switch {
	case h.Socket(), c.SSLMode == "disable":
		return []encryption{plain}
	case c.SSLMode == "allow":
		return []encryption{plain, required}
	case c.SSLMode == "prefer":
		return []encryption{offered, plain}
	}
	return []encryption{required}
}

// sslRequest asks a server for TLS, before anything else is said.
var sslRequest = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 8), 80877103)

// dial connects to a host and agrees on encryption. The connection is closed
// when that fails.
func (c Config) dial(ctx context.Context, h Host, e encryption) (net.Conn, error) {
	d := net.Dialer{KeepAliveConfig: c.KeepAlive, KeepAlive: -1}
	network, address := h.network()
	conn, err := d.DialContext(ctx, network, address)
	if err != nil || e == plain {
		return conn, err
	}
	// What follows waits for the server without looking at ctx.
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	secure, err := c.encrypt(ctx, conn, h, e)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return secure, nil
}

// encrypt returns conn with TLS on it, or conn itself where the server has none
// and that is allowed.
func (c Config) encrypt(ctx context.Context, conn net.Conn, h Host, e encryption) (net.Conn, error) {
	if !c.tls.direct {
		yes, err := askTLS(conn)
		if err != nil {
			return nil, err
		}
		if !yes && e == offered {
			return conn, nil
		}
		if !yes {
			return nil, &noTLSError{mode: c.SSLMode}
		}
	}
	secure := tls.Client(conn, c.clientConfig(h))
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, fmt.Errorf("TLS handshake: %w", err)
	}
	return secure, nil
}

// askTLS reads exactly the one byte of the answer: more would be what somebody
// in between has slipped in before the encryption starts.
func askTLS(conn net.Conn) (bool, error) {
	if _, err := conn.Write(sslRequest); err != nil {
		return false, err
	}
	var answer [1]byte
	if _, err := io.ReadFull(conn, answer[:]); err != nil {
		return false, err
	}
	switch answer[0] {
	case 'S':
		return true, nil
	case 'N':
		return false, nil
	case 'E': // it cannot even start a session; its words are not authenticated
		return false, fmt.Errorf("the server could not start a session: %w", io.ErrUnexpectedEOF)
	}
	return false, errors.New("what answers there is not PostgreSQL: check host and port")
}
