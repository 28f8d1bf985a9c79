package dialecttest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
)

// faults provokes faults and asks what they are.
func (g Target) faults(t *testing.T) {
	d := g.open(t)
	d.exec("CREATE TABLE parent (id int PRIMARY KEY)",
		"CREATE TABLE t (a int UNIQUE, b int NOT NULL, c int CHECK (c > 0), d int REFERENCES parent (id))",
		"CREATE INDEX t_b ON t (b)",
		"INSERT INTO t (a, b) VALUES (1, 1)")
	for _, c := range []struct {
		sql  string
		want dialect.Class
	}{
		{"SELECT * FROM nowhere", dialect.NoTable},
		{"DROP TABLE nowhere", dialect.NoTable},
		{"ALTER TABLE nowhere ADD COLUMN x int", dialect.NoTable},
		{"SELECT missing FROM t", dialect.NoColumn},
		{"INSERT INTO t (missing) VALUES (1)", dialect.NoColumn},
		{"CREATE TABLE t (a int)", dialect.Exists},
		{"ALTER TABLE t ADD COLUMN a int", dialect.Exists},
		{"CREATE INDEX t_b ON t (a)", dialect.Exists},
		{"INSERT INTO t (a, b) VALUES (1, 1)", dialect.Unique},
		{"INSERT INTO t (a) VALUES (2)", dialect.NotNull},
		{"INSERT INTO t (b, c) VALUES (2, 0)", dialect.Constraint},
		{"INSERT INTO t (b, d) VALUES (2, 5)", dialect.Constraint},
		{"SELEC 1", dialect.Other},
	} {
		_, err := d.db.ExecContext(t.Context(), c.sql)
		if err == nil {
			t.Errorf("%s: no error", c.sql)
			continue
		}
		f := d.dialect.Classify(fmt.Errorf("in a wrapping: %w", errors.Join(errors.New("beside"), err)))
		if f.Class != c.want || f.Code == "" || f.Message == "" || f.Retryable() {
			t.Errorf("%s: %+v, want %q (%v)", c.sql, f, c.want, err)
		}
	}
	for _, err := range []error{nil, errors.New("no such table: x"), context.Canceled, codeError{}} {
		if f := d.dialect.Classify(err); f != (dialect.Fault{}) {
			t.Errorf("%v is not this database's: %+v", err, f)
		}
	}
	g.blocked(t)
}

// codeError is a user's error that looks like a driver's.
type codeError struct{}

func (codeError) Error() string { return "busy" }
func (codeError) Code() int     { return 5 }

// blocked: a statement that gives up waiting for a lock may be retried.
func (g Target) blocked(t *testing.T) {
	d := g.open(t).history()
	d.exec("INSERT INTO history VALUES ('a', 'x')")
	_, err := d.begin().ExecContext(t.Context(), "UPDATE history SET state = 'y'")
	d.must(err)
	b := d.again()
	err = func() error {
		tx, err := b.db.BeginTx(t.Context(), b.dialect.TxOptions())
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }()
		if _, err := b.dialect.Claim(t.Context(), tx, dialect.Claim{Key: key, LockTimeout: 50 * time.Millisecond}); err != nil {
			return err
		}
		_, err = tx.ExecContext(t.Context(), "UPDATE history SET state = 'z'")
		return err
	}()
	f := b.dialect.Classify(err)
	if f.Class != dialect.Busy && f.Class != dialect.LockTimeout || !f.Retryable() {
		t.Errorf("a statement that waited for a lock: %+v (%v)", f, err)
	}
}
