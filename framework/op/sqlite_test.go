package op_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	_ "github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// A rebuild of a table needs foreign keys off. Run does nothing of it and leaves
// word, also where the migration swallows the error.
func TestARebuildWaitsForForeignKeysToBeOff(t *testing.T) {
	db, _ := sqlitetest.New(t)
	exec(t, db, "CREATE TABLE users (id INTEGER PRIMARY KEY, age INTEGER, CONSTRAINT old CHECK (age < 200)); INSERT INTO users VALUES (1, 7); CREATE TABLE posts (user_id INTEGER REFERENCES users (id) ON DELETE CASCADE); INSERT INTO posts VALUES (1)")
	drop := op.DropConstraint{Table: "users", Name: "old"}

	env := &op.Env{InTx: true}
	ctx, events := watched(t, env)
	err := db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		err := op.Run(ctx, tx, drop)
		var failed *op.Error
		if !errors.Is(err, op.ErrForeignKeysOn) || !errors.As(err, &failed) || failed.Statement != 0 {
			t.Errorf("got %v", err)
		}
		return nil
	})
	if err != nil || !env.NeedForeignKeysOff || len(*events) != 0 {
		t.Fatalf("%v, need %v, %d events", err, env.NeedForeignKeysOff, len(*events))
	}

	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	exec(t, conn, "PRAGMA foreign_keys = OFF")
	ctx, events = watched(t, &op.Env{InTx: true, ForeignKeysOff: true})
	err = conn.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error { return op.Run(ctx, tx, drop) })
	if err != nil || len(*events) != 1 {
		t.Fatalf("%v, %d events", err, len(*events))
	}
	exec(t, conn, "INSERT INTO users VALUES (2, 300)")
	if n := count(t, conn, "SELECT count(*) FROM users JOIN posts ON user_id = id"); n != 1 {
		t.Errorf("%d rows, want 1", n)
	}
}

// Whether the state of a table is needed is found before anything runs, without
// asking: the first operation makes the table that the second looks at.
func TestOperationsThatLookAtWhatEarlierOnesMade(t *testing.T) {
	db, _ := sqlitetest.New(t)
	ctx, events := watched(t, &op.Env{ForeignKeysOff: true})
	ops := []op.Op{
		op.CreateTable{Name: "users", Columns: []schema.Column{{Name: "id", Type: schema.BigInt}, {Name: "age", Type: schema.Integer}}, PrimaryKey: []string{"id"}},
		op.AddCheck{Table: "users", Check: schema.Check{Name: "old", Expr: schema.Expr("age < 200")}},
		op.CreateTable{Name: "users", IfNotExists: true, Columns: []schema.Column{{Name: "id", Type: schema.BigInt}, {Name: "age", Type: schema.Integer}}, PrimaryKey: []string{"id"},
			Checks: []schema.Check{{Expr: schema.Expr("age < 200")}}},
		op.DropConstraint{Table: "users", Name: "old"},
	}
	err := db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error { return op.Run(ctx, tx, ops...) })
	if err != nil {
		t.Fatal(err)
	}
	var outcomes []string
	for _, e := range *events {
		outcomes = append(outcomes, string(e.Outcome))
	}
	if got := strings.Join(outcomes, " "); got != "ran ran found ran" {
		t.Errorf("outcomes: %s", got)
	}
}
