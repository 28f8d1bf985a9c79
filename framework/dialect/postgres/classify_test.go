package postgres

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/leavendb/leaven/framework/dialect"
)

func TestClassifyCodes(t *testing.T) {
	for code, class := range map[string]dialect.Class{
		"55P03": dialect.LockTimeout, "40P01": dialect.Deadlock, "40001": dialect.Serialization,
		"57014": dialect.Cancelled, "25P04": dialect.Cancelled,
		"57P01": dialect.ConnectionLost, "57P02": dialect.ConnectionLost, "40003": dialect.ConnectionLost,
		"08000": dialect.ConnectionLost, "08003": dialect.ConnectionLost, "08006": dialect.ConnectionLost, "08007": dialect.ConnectionLost,
		"57P03": dialect.Unavailable, "53300": dialect.Unavailable, "08001": dialect.Unavailable, "08004": dialect.Unavailable,
		"25P03": dialect.IdleTimeout, "57P05": dialect.IdleTimeout, "25P02": dialect.Aborted, "25006": dialect.ReadOnly,
		"42P01": dialect.NoTable, "42703": dialect.NoColumn, "42501": dialect.NoPrivilege,
		"28000": dialect.Auth, "28P01": dialect.Auth, "3D000": dialect.NoDatabase, "57P04": dialect.NoDatabase,
		"53100": dialect.Full, "55P04": dialect.EnumUncommitted,
		"42P04": dialect.Exists, "42P06": dialect.Exists, "42P07": dialect.Exists, "42701": dialect.Exists, "42710": dialect.Exists, "42723": dialect.Exists,
		"23502": dialect.NotNull, "23505": dialect.Unique,
		"23000": dialect.Constraint, "23001": dialect.Constraint, "23503": dialect.Constraint, "23514": dialect.Constraint, "23P01": dialect.Constraint,
		"40002": dialect.Constraint, "44000": dialect.Constraint,
		"42601": dialect.Other, "22012": dialect.Other, "0A000": dialect.Other, "XX000": dialect.Other, "P0001": dialect.Other, "53200": dialect.Other,
	} {
		err := fmt.Errorf("wrapped: %w", &pgconn.PgError{Code: code, Message: "m", Hint: "h", Detail: "row value", Position: 3, TableName: "t", ColumnName: "c", ConstraintName: "n"})
		want := dialect.Fault{Class: class, Code: code, Message: "m", Hint: "h", Position: 3, Table: "t", Column: "c", Constraint: "n"}
		if got := (Dialect{}).Classify(err); got != want {
			t.Errorf("%s:\n got %+v\nwant %+v", code, got, want)
		}
	}
}

func TestClassifyWhatAPoolerSays(t *testing.T) {
	for message, class := range map[string]dialect.Class{
		"no such database: shop":             dialect.NoDatabase,
		"no such user: app":                  dialect.Auth,
		"password authentication failed":     dialect.Auth,
		"auth failed":                        dialect.Auth,
		"unsupported startup parameter: x":   dialect.Other,
		"SSL required":                       dialect.TLS,
		"no more connections allowed":        dialect.Unavailable,
		"pgbouncer cannot connect to server": dialect.Unavailable,
		"server login has been failing, try again later (server_login_retry)": dialect.Unavailable,
		"query_wait_timeout":                     dialect.Unavailable,
		"server conn crashed?":                   dialect.ConnectionLost,
		"terminating connection due to shutdown": dialect.ConnectionLost,
	} {
		if got := (Dialect{}).Classify(&pgconn.PgError{Code: "08P01", Message: message}); got.Class != class {
			t.Errorf("%s: %q, want %q", message, got.Class, class)
		}
	}
}

// oldError is an error of a driver that tells its code alone.
type oldError struct{}

func (oldError) Error() string    { return "all in one" }
func (oldError) SQLState() string { return "42P01" }

type codeError int

func (codeError) Error() string    { return "a number" }
func (codeError) SQLState() string { return "42703" }

func TestClassifyTransport(t *testing.T) {
	dial := &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	for _, tt := range []struct {
		err   error
		class dialect.Class
	}{
		{nil, dialect.Other},
		{errors.New("mine"), dialect.Other},
		{context.Canceled, dialect.Other},
		{context.DeadlineExceeded, dialect.Other},
		{sql.ErrNoRows, dialect.Other},
		{sql.ErrTxDone, dialect.Other},
		{oldError{}, dialect.NoTable},
		{codeError(7), dialect.NoColumn},
		{dial, dialect.Unavailable},
		{syscall.ECONNREFUSED, dialect.Unavailable},
		{&net.OpError{Op: "dial", Net: "unix", Err: syscall.ENOENT}, dialect.Unavailable},
		{&net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Name: "h"}}, dialect.Unavailable},
		{&net.DNSError{Name: "h", IsTimeout: true}, dialect.Unavailable},
		{io.EOF, dialect.ConnectionLost},
		{fmt.Errorf("reading: %w", io.ErrUnexpectedEOF), dialect.ConnectionLost},
		{driver.ErrBadConn, dialect.ConnectionLost},
		{sql.ErrConnDone, dialect.ConnectionLost},
		{net.ErrClosed, dialect.ConnectionLost},
		{&net.OpError{Op: "read", Err: syscall.ECONNRESET}, dialect.ConnectionLost},
		{&net.OpError{Op: "write", Err: syscall.EPIPE}, dialect.ConnectionLost},
		{&net.OpError{Op: "read", Err: syscall.ETIMEDOUT}, dialect.ConnectionLost},
		{&net.OpError{Op: "read", Err: errors.New("unheard of")}, dialect.ConnectionLost},
		{&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, dialect.ReadTimeout},
		{errors.New("conn closed"), dialect.ConnectionLost},
		{errors.New("pgdriver: SSL is not enabled on the server"), dialect.TLS},
		{errors.New("server refused TLS connection"), dialect.TLS},
		{errors.New("pgdriver: TLS handshake failed: tls: no"), dialect.TLS},
		{fmt.Errorf("pgdriver: TLS handshake failed: %w", io.EOF), dialect.ConnectionLost},
		{&net.OpError{Op: "remote error", Err: errors.New("tls: bad certificate")}, dialect.TLS},
		{&tls.CertificateVerificationError{Err: errors.New("x")}, dialect.TLS},
		{tls.RecordHeaderError{}, dialect.TLS},
		{x509.UnknownAuthorityError{}, dialect.TLS},
		{x509.HostnameError{Certificate: &x509.Certificate{}, Host: "h"}, dialect.TLS},
		{x509.CertificateInvalidError{}, dialect.TLS},
		{&noTLSError{mode: "require"}, dialect.TLS},
		{&wrongServersError{wanted: "primary", is: "a standby"}, dialect.Unavailable},
		{&ConnectError{Tried: []HostError{{"h:1", io.EOF}}}, dialect.Unavailable},
		{&ConnectError{Tried: []HostError{{"h:1", os.ErrDeadlineExceeded}}}, dialect.Unavailable},
		{&ConnectError{Tried: []HostError{{"h:1", dial}, {"h:2", &pgconn.PgError{Code: "28P01"}}}}, dialect.Auth},
		{&ConnectError{Tried: []HostError{{"h:1", context.Canceled}}}, dialect.Other},
	} {
		got := Dialect{}.Classify(tt.err)
		if got.Class != tt.class || tt.class != dialect.Other && got.Message == "" && got.Code != "28P01" {
			t.Errorf("%v is %+v, want %q", tt.err, got, tt.class)
		}
	}
}

func TestOpenerTellsWhatItIs(t *testing.T) {
	if s := (Dialect{}).Schemes(); len(s) != 2 || s[0] != "postgres" || s[1] != "postgresql" {
		t.Error(s)
	}
	if got := (Dialect{}).Redact("postgres://u:p@h/d"); got != "postgres://u:xxxxx@h/d" {
		t.Error(got)
	}
	db := opened(t, "postgres://u@h/d")
	if b, ok := (Dialect{}).Bind(db).(Dialect); !ok || !b.packs {
		t.Error("our pool is pgdriver's to whoever asks its driver")
	}
}
