// Package dialecttest is the suite that every dialect of Leaven must pass: the
// real contract of package dialect, told by what happens on a real database.
//
// What lives here: tests of operations, inspection, the fence and the classes of
// faults, that hold for every database. What does not: drivers and databases
// (the dialect's own test opens them), and what only one dialect has.
package dialecttest

import (
	"context"
	"errors"
	"testing"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// Target is the dialect under test, by its databases.
type Target struct {
	// Open makes a fresh, empty database for the test and returns a pool on it.
	// It is closed and removed when the test ends.
	Open func(t testing.TB) *bun.DB

	// Again opens one more pool on db's database, as another process would. Its
	// connections should not wait long for locks where that is a setting of theirs.
	Again func(t testing.TB, db *bun.DB) *bun.DB

	// ErrorAborts says that a statement which fails makes the rest of its
	// transaction worthless, so that swallowing the error must not go unnoticed.
	ErrorAborts bool

	// Refused names the operations of the suite (subtests of "optional operations")
	// that the database does not have.
	Refused []string
}

// Run runs the suite.
func Run(t *testing.T, target Target) {
	t.Run("operations", target.operations)
	t.Run("optional operations", target.optional)
	t.Run("operations without a database", target.recorded)
	t.Run("if not exists", target.ifNotExists)
	t.Run("concurrent indexes", target.concurrent)
	t.Run("constraints without names", target.unnamed)
	t.Run("hostile names", target.names)
	t.Run("hostile names everywhere", target.namesEverywhere)
	t.Run("literals", target.literals)
	t.Run("rows survive", target.rowsSurvive)
	t.Run("claim", target.claim)
	t.Run("settle", target.settle)
	t.Run("session lock", target.sessionLock)
	t.Run("faults", target.faults)
	t.Run("inspect", target.inspect)
	t.Run("scratch", target.scratch)
	t.Run("describe", target.describe)
	t.Run("random operations", target.random)
}

// database is a database under test.
type database struct {
	testing.TB
	target  Target
	db      *bun.DB
	dialect dialect.Dialect
}

func (g Target) open(t testing.TB) *database {
	t.Helper()
	return on(t, g, g.Open(t))
}

// again is another client of the same database.
func (d *database) again() *database {
	d.Helper()
	return on(d.TB, d.target, d.target.Again(d.TB, d.db))
}

func on(t testing.TB, g Target, db *bun.DB) *database {
	t.Helper()
	dl, err := dialect.For(db)
	if err != nil {
		t.Fatal(err)
	}
	return &database{TB: t, target: g, db: db, dialect: dl}
}

// must fails the test on an error.
func (d *database) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

func (d *database) exec(statements ...string) {
	d.Helper()
	for _, sql := range statements {
		if _, err := d.db.ExecContext(d.Context(), sql); err != nil {
			d.Fatalf("%s: %v", sql, err)
		}
	}
}

// text runs a SELECT of one value.
func (d *database) text(sql string) string {
	d.Helper()
	var v string
	if err := d.db.QueryRowContext(d.Context(), sql).Scan(&v); err != nil {
		d.Fatalf("%s: %v", sql, err)
	}
	return v
}

// schema inspects the database.
func (d *database) schema() *schema.Schema {
	d.Helper()
	s, err := d.dialect.Inspect(d.Context(), d.db)
	d.must(err)
	return s
}

// run runs each operation in a transaction of its own, as a runner does, and
// returns what was told of them.
func (d *database) run(ops ...op.Op) []op.Event {
	d.Helper()
	var events []op.Event
	for _, o := range ops {
		told, err := d.try(o)
		if err != nil {
			d.Fatal(err)
		}
		events = append(events, told...)
	}
	return events
}

// try runs the operations in one transaction; a second time with foreign keys
// off, where they want that.
func (d *database) try(ops ...op.Op) ([]op.Event, error) {
	conn, err := d.db.Conn(d.Context())
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	events, err := d.once(conn, &op.Env{}, ops)
	if !errors.Is(err, op.ErrForeignKeysOn) {
		return events, err
	}
	was, err := d.dialect.ForeignKeys(d.Context(), conn, false)
	if err != nil {
		return nil, err
	}
	defer func() { _, _ = d.dialect.ForeignKeys(context.WithoutCancel(d.Context()), conn, was) }()
	return d.once(conn, &op.Env{ForeignKeysOff: true}, ops)
}

func (d *database) once(conn bun.Conn, env *op.Env, ops []op.Op) (events []op.Event, err error) {
	env.InTx = true
	env.Sink = func(e op.Event) { events = append(events, e) }
	tx, err := conn.BeginTx(d.Context(), d.dialect.TxOptions())
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }()
	if err := op.Run(op.WithEnv(d.Context(), env), tx, ops...); err != nil {
		return events, err
	}
	if env.ForeignKeysOff {
		lines, err := d.dialect.CheckForeignKeys(d.Context(), tx)
		if err != nil {
			return nil, err
		}
		for _, line := range lines {
			d.Error(line)
		}
	}
	return events, tx.Commit()
}
