package dialect_test

import (
	"testing"

	"github.com/leavendb/leaven/framework/dialect"
)

// Only what passes by itself is tried again.
func TestRetryable(t *testing.T) {
	for class, want := range map[dialect.Class]bool{
		dialect.Other: false, dialect.LockTimeout: true, dialect.Deadlock: true, dialect.Serialization: true, dialect.Busy: true,
		dialect.ConnectionLost: true, dialect.Unavailable: true, dialect.ReadTimeout: false, dialect.Cancelled: false,
		dialect.IdleTimeout: false, dialect.Aborted: false, dialect.NoTable: false, dialect.Unique: false, dialect.Auth: false,
		dialect.ReadOnly: false, dialect.Full: false, dialect.NoPrivilege: false,
	} {
		if got := (dialect.Fault{Class: class}).Retryable(); got != want {
			t.Errorf("%q: %v, want %v", class, got, want)
		}
	}
}
