package reference

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// billing are migrations of a product that runs on PostgreSQL alone: what the
// reference application, which runs on both, cannot use.
func billing() [][]op.Op {
	column := func(name string, t schema.Type) schema.Column {
		return schema.Column{Name: name, Type: t, NotNull: true}
	}
	number := column("number", schema.BigInt)
	number.Default = schema.Expr("nextval('invoice_numbers')")
	return [][]op.Op{
		{
			op.CreateExtension{Name: "plpgsql", IfNotExists: true}, // any server has it
			op.CreateSchema{Name: "billing"},
		},
		{
			op.CreateSequence{Sequence: schema.Sequence{Name: "invoice_numbers", Start: 1000}},
			op.CreateTable{Name: "invoices", Columns: []schema.Column{number, column("total", schema.Numeric(12, 2))}, PrimaryKey: []string{"number"}},
			op.SetSchema{Table: "invoices", To: "billing"},
		},
		{
			op.CreateTable{Schema: "billing", Name: "rates", Columns: []schema.Column{
				column("user_id", schema.BigInt), column("during", schema.Raw("daterange")), column("rate", schema.Numeric(12, 2))}},
			op.AddExclusion{Schema: "billing", Table: "rates", Exclusion: schema.Exclusion{Name: "one_rate_at_a_time", Method: "gist", Elements: []schema.ExclusionElement{
				{Part: schema.Part{Expr: schema.Expr("int8range(user_id, user_id, '[]')")}, Operator: "&&"},
				{Part: schema.Part{Column: "during"}, Operator: "&&"},
			}}},
		},
	}
}

// billingOn is a migrator of them.
func billingOn(t *testing.T, db *bun.DB) *migrate.Migrator {
	t.Helper()
	r := migrate.NewRegistry()
	ids := []string{"20260101000000_schema", "20260102000000_invoices", "20260103000000_rates"}
	for i, ops := range billing() {
		m := migrate.Migration{ID: ids[i], Change: migrate.Reversible(ops...)}
		if i > 0 {
			m.After = ids[i-1 : i]
		}
		r.Register(m)
	}
	return must[*migrate.Migrator](t)(migrate.New(db, migrate.Options{Registry: r}))
}

func TestBillingOnPostgres(t *testing.T) {
	db, _ := pgtest.New(t)
	m := billingOn(t, db)
	report := must[*migrate.Report](t)
	before := inspect(t, db)
	report(m.Up(t.Context(), migrate.Head))
	for _, sql := range []string{
		"INSERT INTO billing.invoices (total) VALUES (99.5)",
		"INSERT INTO billing.rates VALUES (1, '[2026-01-01,2026-02-01)', 80), (2, '[2026-01-01,2026-02-01)', 80)",
	} {
		if _, err := db.ExecContext(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.ExecContext(t.Context(), "INSERT INTO billing.rates VALUES (1, '[2026-01-31,2026-03-01)', 90)"); err == nil {
		t.Error("two rates at a time")
	}
	if n := must[int64](t)(db.NewSelect().Table("billing.invoices").Where("number = 1000").Count(t.Context())); n != 1 {
		t.Error("the sequence does not number the invoices")
	}
	first := everywhere(t, db)
	report(m.Down(t.Context(), migrate.Base))
	if diff := cmp.Diff(before, inspect(t, db), shown); diff != "" {
		t.Errorf("down left %s", diff)
	}
	report(m.Up(t.Context(), migrate.Head))
	if diff := cmp.Diff(first, everywhere(t, db), shown); diff != "" {
		t.Error(diff)
	}
}

func everywhere(t *testing.T, db *bun.DB) *schema.Schema {
	t.Helper()
	s := must[*schema.Schema](t)(dialectOf(t, db).Inspect(t.Context(), db, "public", "billing"))
	s.Remove("public", "leaven_history")
	s.Remove("public", "leaven_history_log")
	return s
}

// SQLite refuses the first of each with its name, before anything ran.
func TestBillingOnSQLite(t *testing.T) {
	for _, ops := range billing() {
		for _, o := range ops {
			if _, ordinary := o.(op.CreateTable); ordinary {
				continue
			}
			db, _ := sqlitetest.New(t)
			ran := 0
			ctx := op.WithEnv(t.Context(), &op.Env{Sink: func(op.Event) { ran++ }})
			var refused *op.Error
			err := op.Run(context.WithoutCancel(ctx), db, op.CreateTable{Name: "t", Columns: []schema.Column{{Name: "a", Type: schema.Integer}}}, o)
			if !errors.As(err, &refused) || ran > 0 || !strings.Contains(err.Error(), o.String()) || !strings.Contains(err.Error(), "SQLite") {
				t.Errorf("%s: %v, after %d operations", o, err, ran)
			}
		}
	}
}
