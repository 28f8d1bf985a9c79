package op_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/driver/pgdriver"
)

func TestStrongLocksAreWaitedForShortly(t *testing.T) {
	db, _ := pgtest.New(t)
	exec(t, db, `CREATE TABLE images (id bigint)`)
	add := op.AddColumn{Table: "images", Column: schema.Column{Name: "alt", Type: schema.Text}}

	reader, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	exec(t, reader, "SELECT FROM images")
	ctx, _ := watched(t, &op.Env{LockTry: 20 * time.Millisecond, InTx: true})
	err = op.Run(ctx, db, add)
	var failed *op.Error
	if !errors.As(err, &failed) || failed.Statement != 1 || failed.SQL != `ALTER TABLE "images" ADD COLUMN "alt" text` {
		t.Fatalf("got %#v", err)
	}
	var refused pgdriver.Error
	if !errors.As(err, &refused) || refused.Field('C') != "55P03" {
		t.Errorf("got %v", err)
	}
	if err := reader.Rollback(); err != nil {
		t.Fatal(err)
	}

	err = db.RunInTx(t.Context(), nil, func(_ context.Context, tx bun.Tx) error {
		ctx, _ := watched(t, &op.Env{LockTry: 20 * time.Millisecond, LockAfter: 7 * time.Second, InTx: true})
		if err := op.Run(ctx, tx, add); err != nil {
			return err
		}
		var after string
		if err := tx.QueryRowContext(ctx, "SHOW lock_timeout").Scan(&after); err != nil || after != "7s" {
			t.Errorf("lock_timeout %q, %v", after, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Outside a transaction the limit ends with its message.
func TestTheLimitDoesNotStayOnAConnection(t *testing.T) {
	db, _ := pgtest.New(t)
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	exec(t, conn, "CREATE TABLE images (id bigint); SET lock_timeout = '9s'")
	ctx, _ := watched(t, &op.Env{LockTry: time.Second})
	if err := op.Run(ctx, conn, op.DropTable{Name: "images"}); err != nil {
		t.Fatal(err)
	}
	var after string
	if err := conn.QueryRowContext(t.Context(), "SHOW lock_timeout").Scan(&after); err != nil || after != "9s" {
		t.Errorf("lock_timeout %q, %v", after, err)
	}
}

// A server counts the position of an error in the whole message.
func TestAnErrorKnowsWhereItsStatementBegan(t *testing.T) {
	db, _ := pgtest.New(t)
	exec(t, db, `CREATE TABLE images (id bigint)`)
	ctx, _ := watched(t, &op.Env{LockTry: time.Second})
	err := op.Run(ctx, db, op.AddColumn{Table: "images", Column: schema.Column{Name: "c", Type: schema.Raw("nowhere")}})
	var failed *op.Error
	var refused pgdriver.Error
	if !errors.As(err, &failed) || !errors.As(err, &refused) {
		t.Fatalf("got %v", err)
	}
	if !strings.HasPrefix(err.Error(), "add column images.c: ERROR: type \"nowhere\" does not exist") {
		t.Errorf("got %v", err)
	}
	want := strings.Index(failed.SQL, "nowhere") + 1
	if got := atoi(t, refused.Field('P')) - failed.Offset; got != want {
		t.Errorf("position %d, want %d", got, want)
	}
}

func TestARefusedStatementIsSentAgainWhereTheRunnerSaysSo(t *testing.T) {
	db, _ := pgtest.New(t)
	exec(t, db, `CREATE TABLE images (key text); INSERT INTO images VALUES ('a'), ('a')`)
	asked := 0
	again := func(context.Context, error) bool { asked++; return asked < 3 }
	unique := op.CreateIndex{Table: "images", Index: schema.Index{Name: "images_key", Unique: true, Parts: schema.Columns("key")}}
	for _, c := range []struct{ concurrently, inTx bool }{{false, false}, {true, false}, {false, true}} {
		asked = 0
		unique.Concurrently = c.concurrently
		ctx, _ := watched(t, &op.Env{Again: again, InTx: c.inTx})
		err := op.Run(ctx, db, unique)
		var refused pgdriver.Error
		if !errors.As(err, &refused) || refused.Field('C') != "23505" {
			t.Errorf("got %v", err)
		}
		want := 3
		if c.concurrently || c.inTx {
			want = 0
		}
		if asked != want {
			t.Errorf("%+v: asked %d times, want %d", c, asked, want)
		}
		exec(t, db, "DROP INDEX IF EXISTS images_key")
	}
}
