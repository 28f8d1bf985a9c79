package op_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

func TestConcurrentlyIsRefusedInATransactionBeforeAnythingRan(t *testing.T) {
	db, _ := pgtest.New(t)
	ops := []op.Op{
		op.CreateTable{Name: "images", Columns: []schema.Column{{Name: "id", Type: schema.BigInt}}},
		op.CreateIndex{Table: "images", Concurrently: true, Index: schema.Index{Name: "images_id", Parts: schema.Columns("id")}},
	}
	refused := func(err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), "create index images_id on images: this cannot run inside a transaction; set NoTx: true") {
			t.Errorf("got %v", err)
		}
	}
	ctx, _ := watched(t, &op.Env{InTx: true})
	refused(op.Run(ctx, db, ops...))
	err := db.RunInTx(t.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
		refused(op.Run(ctx, tx, ops...))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, "SELECT count(*) FROM pg_class WHERE relname = 'images'"); n != 0 {
		t.Error("the table was made")
	}
}

func TestConcurrentIndexesHealThemselves(t *testing.T) {
	create := op.CreateIndex{Table: "images", Concurrently: true, Index: schema.Index{
		Name: "images_key", Unique: true, Parts: []schema.Part{{Expr: schema.Expr("lower(key)")}}, Where: schema.Expr("size>0")}}
	setup := func(t *testing.T) *bun.DB {
		db, _ := pgtest.New(t)
		exec(t, db, `CREATE TABLE images (key text, size bigint); INSERT INTO images VALUES ('a', 1), ('A', 2)`)
		return db
	}
	valid := `SELECT count(*) FROM pg_index WHERE indexrelid = 'images_key'::regclass AND indisvalid`

	t.Run("an invalid rest is built again", func(t *testing.T) {
		db := setup(t)
		if err := op.Run(t.Context(), db, create); err == nil {
			t.Fatal("duplicates were taken")
		}
		if n := count(t, db, valid); n != 0 {
			t.Fatal("the index is valid already")
		}
		exec(t, db, "DELETE FROM images WHERE size = 2")
		ctx, events := watched(t, &op.Env{})
		if err := op.Run(ctx, db, create); err != nil {
			t.Fatal(err)
		}
		want := []string{`DROP INDEX CONCURRENTLY IF EXISTS "images_key"`,
			`CREATE UNIQUE INDEX CONCURRENTLY "images_key" ON "images" ((lower(key))) WHERE size>0`}
		if d := cmp.Diff(want, (*events)[0].Statements); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
		if n := count(t, db, valid); n != 1 {
			t.Error("the index is not valid")
		}
		if err := op.Run(ctx, db, create); err != nil {
			t.Fatal(err)
		}
		if e := (*events)[1]; e.Outcome != op.Ran || len(e.Statements) != 0 {
			t.Errorf("a finished index: %s %q", e.Outcome, e.Statements)
		}
		commented := create
		commented.Index.Comment = "one of each"
		for _, want := range [][]string{{`COMMENT ON INDEX "images_key" IS 'one of each'`}, nil} {
			*events = nil
			if err := op.Run(ctx, db, commented); err != nil || !slices.Equal((*events)[0].Statements, want) {
				t.Errorf("an index that only lacks its comment: %+v %v", *events, err)
			}
		}
		drop, _ := create.Reversed()
		for range 2 { // an interrupted drop may be run again
			if err := op.Run(ctx, db, drop); err != nil {
				t.Fatal(err)
			}
		}
	})
	t.Run("an invalid rest where it need not be concurrent", func(t *testing.T) {
		db := setup(t)
		_ = op.Run(t.Context(), db, create)
		exec(t, db, "DELETE FROM images WHERE size = 2")
		plain := create
		plain.Concurrently, plain.IfNotExists = false, true
		if err := op.Run(t.Context(), db, plain); err != nil {
			t.Fatal(err)
		}
		if n := count(t, db, valid); n != 1 {
			t.Error("the index is not valid")
		}
	})
	for name, c := range map[string]struct{ sql, want string }{
		"another definition": {`CREATE INDEX images_key ON images (key)`, "index images_key: found (key), want unique ((lower(key))) where (size > 0)"},
		"another method":     {`CREATE INDEX images_key ON images USING hash (key)`, "index images_key: found using hash (key), want unique"},
		"another table":      {`CREATE TABLE other (key text); CREATE INDEX images_key ON other (key)`, "index images_key: found it on other, want it on images"},
		"another thing":      {`CREATE VIEW images_key AS SELECT 1`, "found something of this name that is no index, want it on images"},
		"a constraint's":     {`ALTER TABLE images ADD CONSTRAINT images_key UNIQUE (key)`, "found one that backs a constraint"},
	} {
		t.Run(name, func(t *testing.T) {
			db := setup(t)
			exec(t, db, c.sql)
			err := op.Run(t.Context(), db, create)
			var differs *op.DifferenceError
			if !errors.As(err, &differs) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}
