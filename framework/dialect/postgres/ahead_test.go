package postgres

import (
	"database/sql"
	"errors"
	"testing"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/uptrace/bun"
)

// A claim that came with a COMMIT is taken by the claim that it was made for, and
// by nothing else.
func TestClaimedAhead(t *testing.T) {
	t.Parallel()
	_, url := pgtest.New(t)
	db, trips := countedJoined(t, url)
	ctx := t.Context()
	d, conn, claim := bracketing(t, db, 5)
	of := func(n string) dialect.Claim {
		c := claim
		c.Write = claimOf(n)
		return c
	}
	settled := func(tx bun.Tx, c dialect.Claimed, n string, next *dialect.Claim) {
		t.Helper()
		settle := settleOf(n)
		settle.Next = next
		s, err := d.Settle(ctx, tx, c, settle)
		if err != nil || !s.Ours || !s.Committed {
			t.Fatalf("settled %+v, %v", s, err)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	claimed := func(n string) (bun.Tx, dialect.Claimed) {
		t.Helper()
		tx, err := conn.BeginTx(ctx, d.TxOptions())
		if err != nil {
			t.Fatal(err)
		}
		c, err := d.Claim(ctx, tx, of(n))
		if err != nil || !c.Locked || c.Rows != 1 {
			t.Fatalf("claimed %+v, %v", c, err)
		}
		claim.Session = c.Session
		return tx, c
	}
	// ahead claims n behind the row before it.
	ahead := func(before, n string) {
		t.Helper()
		tx, c := claimed(before)
		next := of(n)
		settled(tx, c, before, &next)
	}
	rows := func(all string) {
		t.Helper()
		if err := want(conn, "SELECT coalesce(string_agg(id || ' ' || state, ', ' ORDER BY id COLLATE \"C\"), '') FROM rows", all); err != nil {
			t.Error(err)
		}
	}

	ahead("1", "2")
	before := trips.Load()
	tx, c := claimed("2")
	if spent := trips.Load() - before; spent != 0 {
		t.Errorf("a claim that was made cost %d round trips", spent)
	}
	settled(tx, c, "2", nil)
	if spent := trips.Load() - before; spent != 1 {
		t.Errorf("with its settling it cost %d round trips", spent)
	}
	rows("1 applied, 2 applied")

	tx, c = claimed("13")
	late, err := tx.Tx.PrepareContext(ctx, "DELETE FROM rows")
	if err != nil {
		t.Fatal(err)
	}
	settled13, err := d.Settle(ctx, tx, c, settleOf("13"))
	if err != nil || !settled13.Committed {
		t.Fatalf("%+v, %v", settled13, err)
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM rows"); !errors.Is(err, sql.ErrTxDone) {
		t.Errorf("behind the end of the transaction: %v", err)
	}
	if _, err := late.ExecContext(ctx); !errors.Is(err, sql.ErrTxDone) {
		t.Errorf("a prepared statement behind it: %v", err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(ctx, "DELETE FROM rows WHERE id = '13'"); err != nil {
		t.Fatal(err)
	}

	ahead("3", "4")
	tx, c = claimed("5") // another one
	settled(tx, c, "5", nil)
	rows("1 applied, 2 applied, 3 applied, 5 applied")

	ahead("6", "7")
	rows("1 applied, 2 applied, 3 applied, 5 applied, 6 applied") // a statement of its own

	ahead("8", "9")
	tx, err = conn.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := tx.PrepareContext(ctx, "INSERT INTO rows VALUES ('10', 'other')"); err != nil {
		t.Fatal(err)
	} else if _, err := s.Exec(); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	rows("1 applied, 10 other, 2 applied, 3 applied, 5 applied, 6 applied, 8 applied")

	ahead("11", "12")
	if err := conn.Raw(func(dc any) error { return dc.(*joined).Close() }); err != nil {
		t.Fatal(err)
	}
	rows("1 applied, 10 other, 11 applied, 2 applied, 3 applied, 5 applied, 6 applied, 8 applied")
	if err := want(pgtest.Open(t, url), "SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())", "0"); err != nil {
		t.Error(err)
	}
}
