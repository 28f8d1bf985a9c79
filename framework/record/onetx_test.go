package record_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/history"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/record"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// The script of one transaction does what a run in one transaction does, also
// where SQLite makes a table anew; and where it stops, nothing was done.
func TestOneTransaction(t *testing.T) {
	members := op.CreateTable{Name: "members", Columns: []schema.Column{{Name: "user_id", Type: schema.BigInt}},
		ForeignKeys: []schema.ForeignKey{{Name: "members_user", Columns: []string{"user_id"}, RefTable: "users", RefColumns: []string{"id"}, OnDelete: schema.Cascade}}}
	eachDialect(t, func(t *testing.T, d dialect.Dialect) {
		open := func() *bun.DB {
			db, _ := pgtest.New(t)
			if d.Name() == "sqlite" {
				db, _ = sqlitetest.New(t)
			}
			return db
		}
		r := migrate.NewRegistry()
		r.Register(migrate.Migration{ID: "0001", Change: migrate.Reversible(users(), members)})
		r.Register(migrate.Migration{ID: "0002", Change: migrate.Reversible(nickname, notEmpty)})
		f := must[*migrate.Offline](t)(migrate.NewOffline(migrate.Options{Registry: r}))
		recorded, _, err := record.Run(t.Context(), d, record.State{}, ups(f), record.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if off := recorded[1].ForeignKeysOff; off != (d.Name() == "sqlite") {
			t.Errorf("foreign keys off: %t", off)
		}
		store := history.NewStore(d, "", "")
		s := must[*record.Script](t)(record.NewScript(t.Context(), record.Plan{
			Dialect: d, Store: store, Offline: f, Migrations: recorded, Create: true, Batch: 1, OneTx: true}))
		golden(t, d.Name()+"_one_transaction.sql", text(t, s))

		by, up := open(), open()
		m := must[*migrate.Migrator](t)(migrate.New(up, migrate.Options{Registry: r, Tx: migrate.TxAll}))
		must[*migrate.Report](t)(m.Up(t.Context(), migrate.Head))
		if err := send(t, by, s.Parts[:2]...); err != nil { // cut off before the end
			t.Fatal(err)
		}
		if got := must[*schema.Schema](t)(d.Inspect(t.Context(), by)); got.Table("", "users") != nil {
			t.Error("a transaction that was cut off has made its table")
		}
		if err := send(t, by, s.Parts...); err != nil {
			t.Fatal(err)
		}
		got, want := must[*schema.Schema](t)(d.Inspect(t.Context(), by)), must[*schema.Schema](t)(d.Inspect(t.Context(), up))
		if diff := cmp.Diff(want, got, cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
			t.Error(diff)
		}
		records, _, err := m.Records(t.Context())
		if err != nil || len(records) != 2 || records[0].Attempt != records[1].Attempt {
			t.Errorf("the run wrote %+v, %v", records, err)
		}
	})
}

// What cannot be shown cannot be part of one transaction by hand: it stops there,
// and nothing is committed.
func TestOneTransactionWithoutOneOfThem(t *testing.T) {
	reads := by(func(ctx context.Context, db bun.IDB) error {
		_, err := db.NewSelect().Table("users").Count(ctx)
		return err
	})
	f := offline(t, ops(users()), reads, ops(nickname))
	eachDialect(t, func(t *testing.T, d dialect.Dialect) {
		recorded, _, err := record.Run(t.Context(), d, record.State{}, ups(f), record.Options{})
		if err != nil {
			t.Fatal(err)
		}
		s := must[*record.Script](t)(record.NewScript(t.Context(), record.Plan{
			Dialect: d, Store: history.NewStore(d, "", ""), Offline: f, Migrations: recorded, Create: true, OneTx: true}))
		if bad := s.Tainted(); len(bad) != 1 || !strings.Contains(bad[0].Text(), "only a run can do") {
			t.Errorf("%+v", bad)
		}
		db, _ := pgtest.New(t)
		if d.Name() == "sqlite" {
			db, _ = sqlitetest.New(t)
		}
		if err := send(t, db, s.Parts...); err == nil {
			t.Error("it went through")
		}
		if got := must[*schema.Schema](t)(d.Inspect(t.Context(), db)); got.Table("", "users") != nil {
			t.Error("it was committed")
		}
	})
}

// A migration outside a transaction is refused with what the run refuses it.
func TestOneTransactionRefusesNoTx(t *testing.T) {
	r := migrate.NewRegistry()
	r.Register(migrate.Migration{ID: "0001", Change: migrate.Reversible(users())})
	r.Register(migrate.Migration{ID: "0002", NoTx: true, Change: migrate.Reversible(nickname)})
	db, _ := sqlitetest.New(t)
	m := must[*migrate.Migrator](t)(migrate.New(db, migrate.Options{Registry: r, Tx: migrate.TxAll}))
	planned := migrate.OneTx(must[[]migrate.Step](t)(m.Plan(t.Context(), migrate.Up, migrate.Head)))
	_, ran := m.Up(t.Context(), migrate.Head)
	var refused *migrate.ConfigError
	if !errors.As(planned, &refused) || !errors.As(ran, &refused) || !strings.Contains(ran.Error(), planned.Error()) || !strings.Contains(planned.Error(), "0002 is NoTx") {
		t.Errorf("planned: %v\nran: %v", planned, ran)
	}
}

// A value that one migration adds to an enum and another uses is refused by the
// run and by its rehearsal alike, with both names; where the database lets a
// transaction use it, both go through.
func TestOneTransactionThatUsesANewEnumValue(t *testing.T) {
	mood := schema.EnumType("", "mood")
	r := migrate.NewRegistry()
	for _, m := range []migrate.Migration{
		{ID: "0001", Change: migrate.Reversible(users(), op.CreateEnum{Name: "mood", Values: []string{"sad"}})},
		{ID: "0002", Change: migrate.Reversible(op.AddEnumValue{Name: "mood", Value: "glad"})},
		{ID: "0003", Change: migrate.Reversible(op.AddColumn{Table: "users", Column: schema.Column{Name: "mood", Type: mood, NotNull: true, Default: schema.Literal("glad")}})},
		{ID: "0004", Change: migrate.Reversible(op.CreateEnum{Name: "own", Values: []string{"a"}}, op.AddEnumValue{Name: "own", Value: "b"})},
	} {
		r.Register(m)
	}
	f := must[*migrate.Offline](t)(migrate.NewOffline(migrate.Options{Registry: r}))
	eachDialect(t, func(t *testing.T, d dialect.Dialect) {
		db, _ := pgtest.New(t)
		if d.Name() == "sqlite" {
			db, _ = sqlitetest.New(t)
		}
		m := must[*migrate.Migrator](t)(migrate.New(db, migrate.Options{Registry: r, Tx: migrate.TxAll}))
		must[*migrate.Report](t)(m.Up(t.Context(), migrate.Steps(1)))
		steps := ups(f)
		_, state, err := record.Run(t.Context(), d, record.State{}, steps[:1], record.Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, _, rehearsed := record.Run(t.Context(), d, state, steps[1:], record.Options{OneTx: true})
		if _, _, err := record.Run(t.Context(), d, state, steps[1:], record.Options{}); err != nil {
			t.Errorf("one by one: %v", err)
		}
		_, ran := m.Up(t.Context(), migrate.Head)
		if d.Name() == "sqlite" {
			if rehearsed != nil || ran != nil {
				t.Errorf("rehearsed: %v\nran: %v", rehearsed, ran)
			}
			return
		}
		for _, err := range []error{rehearsed, ran} {
			var refused *migrate.ConfigError
			if !errors.As(err, &refused) || !strings.HasPrefix(refused.What, "0003 ") || !strings.Contains(refused.What, `the value "glad" of enum mood, which 0002 adds`) || !strings.Contains(refused.Next, "0002 first") {
				t.Fatalf("rehearsed: %v\nran: %v", rehearsed, ran)
			}
		}
		if rehearsed.Error() != ran.Error() {
			t.Errorf("rehearsed: %v\nran: %v", rehearsed, ran)
		}
		found := must[*schema.Schema](t)(d.Inspect(t.Context(), db))
		records, _, err := m.Records(t.Context())
		if err != nil || len(records) != 1 || len(found.Enum("", "mood").Values) != 1 {
			t.Errorf("something remains: %+v, %+v, %v", records, found.Enums, err)
		}
		must[*migrate.Report](t)(m.Up(t.Context(), migrate.To("0002")))
		must[*migrate.Report](t)(m.Up(t.Context(), migrate.Head))
	})
}

// A function that goes on after its limit has its own notes of what is not
// committed.
func TestTheNextMigrationKnowsNothingOfOneThatWasAbandoned(t *testing.T) {
	left := make(chan struct{})
	f := offline(t, by(func(ctx context.Context, db bun.IDB) error {
		defer close(left)
		<-ctx.Done()
		return op.Run(ctx, db, op.CreateEnum{Name: "late", Values: []string{"a"}})
	}), ops(op.CreateEnum{Name: "mood", Values: []string{"a"}}))
	_, _, err := record.Run(t.Context(), dialects[0], record.State{}, ups(f), record.Options{OneTx: true, Limit: time.Millisecond})
	<-left
	if err != nil {
		t.Error(err)
	}
}

// send runs parts on a connection of their own, which is then closed.
func send(t *testing.T, db *bun.DB, parts ...record.Part) error {
	t.Helper()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	defer func() { _, _ = conn.ExecContext(t.Context(), "ROLLBACK") }()
	for _, p := range parts {
		for _, sql := range p.Statements() {
			if _, err := conn.ExecContext(t.Context(), sql); err != nil {
				return err
			}
		}
	}
	return nil
}
