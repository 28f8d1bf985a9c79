package postgres

import (
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"os"
	"reflect"
	"strconv"
	"strings"
	"syscall"

	"github.com/leavendb/leaven/framework/dialect"
)

// Classify says what kind of fault err is. It knows the server's answers as
// pgdriver, pgx and lib/pq carry them, and the errors of the network and of TLS.
// DETAIL is never kept: it holds row values. An error of a context is Other: the
// caller knows why it ended.
func (Dialect) Classify(err error) dialect.Fault {
	if err == nil {
		return dialect.Fault{}
	}
	if f, ok := answer(err); ok {
		if forgotten := (*forgottenError)(nil); errors.As(err, &forgotten) {
			f.Class = dialect.Serialization
		}
		return f
	}
	c := transport(err)
	if c == dialect.Other {
		return dialect.Fault{}
	}
	// While a connection is being made nothing has been sent that could have
	// happened.
	if connecting := (*ConnectError)(nil); errors.As(err, &connecting) {
		if c == dialect.ConnectionLost || c == dialect.ReadTimeout {
			c = dialect.Unavailable
		}
	}
	return dialect.Fault{Class: c, Message: err.Error()}
}

// answer reads what the server itself has said.
func answer(err error) (dialect.Fault, bool) {
	// pgdriver.Error; older drivers of that family have the same method.
	if e := (interface{ Field(byte) string })(nil); errors.As(err, &e) {
		position, _ := strconv.Atoi(e.Field('P'))
		return fault(dialect.Fault{
			Code: e.Field('C'), Message: e.Field('M'), Hint: e.Field('H'), Position: position,
			Table: e.Field('t'), Column: e.Field('c'), Constraint: e.Field('n'),
		}), true
	}
	// pgx's *pgconn.PgError and lib/pq's *pq.Error agree on the method and keep
	// the rest in fields. Reading these by name spares users who link neither
	// driver the import.
	if e := (interface {
		error
		SQLState() string
	})(nil); errors.As(err, &e) {
		v := reflect.Indirect(reflect.ValueOf(e))
		position, _ := strconv.Atoi(field(v, "Position"))
		f := dialect.Fault{
			Code: e.SQLState(), Message: field(v, "Message"), Hint: field(v, "Hint"), Position: position,
			Table: field(v, "TableName", "Table"), Column: field(v, "ColumnName", "Column"),
			Constraint: field(v, "ConstraintName", "Constraint"),
		}
		if f.Message == "" {
			f.Message = e.Error()
		}
		return fault(f), true
	}
	return dialect.Fault{}, false
}

func fault(f dialect.Fault) dialect.Fault {
	f.Class = class(f.Code, f.Message)
	return f
}

// field returns the first of the named fields that v has, as text.
func field(v reflect.Value, names ...string) string {
	if v.Kind() != reflect.Struct {
		return ""
	}
	for _, name := range names {
		f := v.FieldByName(name)
		switch {
		case !f.IsValid():
		case f.CanInt():
			return strconv.FormatInt(f.Int(), 10)
		case f.Kind() == reflect.String:
			return f.String()
		}
	}
	return ""
}

// transport classifies what went wrong between us and the server.
func transport(err error) dialect.Class {
	if isTLS(err) {
		return dialect.TLS
	}
	if wrong := (*wrongServersError)(nil); errors.As(err, &wrong) {
		return dialect.Unavailable
	}
	if late := (*timeoutError)(nil); errors.As(err, &late) {
		return dialect.Unavailable
	}
	if dns := (*net.DNSError)(nil); errors.As(err, &dns) {
		return dialect.Unavailable
	}
	op := (*net.OpError)(nil)
	if errors.As(err, &op) && op.Op == "dial" {
		return dialect.Unavailable
	}
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return dialect.ReadTimeout
	case errors.Is(err, syscall.ECONNREFUSED):
		return dialect.Unavailable
	}
	for _, lost := range []error{
		driver.ErrBadConn, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed,
		syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED, syscall.ETIMEDOUT,
		syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.ENETDOWN,
	} {
		if errors.Is(err, lost) {
			return dialect.ConnectionLost
		}
	}
	switch text := err.Error(); {
	case op != nil,
		// pgx gives this one no type: a connection that it found closed.
		strings.HasSuffix(text, "conn closed"):
		return dialect.ConnectionLost
	case strings.Contains(text, "TLS handshake failed"), strings.Contains(text, "tls: "):
		return dialect.TLS
	}
	return dialect.Other
}

// isTLS tells that the two sides did not agree on encryption.
func isTLS(err error) bool {
	var (
		refused   *noTLSError
		unbound   *noBindingError
		verify    *tls.CertificateVerificationError
		record    tls.RecordHeaderError
		alert     tls.AlertError
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
		op        *net.OpError
	)
	if errors.As(err, &refused) || errors.As(err, &unbound) || errors.As(err, &verify) || errors.As(err, &record) || errors.As(err, &alert) ||
		errors.As(err, &authority) || errors.As(err, &host) || errors.As(err, &invalid) {
		return true
	}
	// An alert, ours or theirs, has no exported type.
	if errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error") {
		return true
	}
	// Nor has the server's "no": pgdriver's, lib/pq's and pgx's words for it.
	text := err.Error()
	return strings.Contains(text, "SSL is not enabled on the server") || strings.Contains(text, "server refused TLS connection")
}
