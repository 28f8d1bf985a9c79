package dialecttest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/record"
	"github.com/uptrace/bun"
)

// recorded: the SQL of each operation that is told without a database makes, by
// hand, what the operation makes.
func (g Target) recorded(t *testing.T) {
	run, shown := g.Open(t), g.Open(t)
	for _, c := range slices.Concat(operations(), vocabulary(), optional()) {
		if slices.Contains(g.Refused, c.name) {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			live, by := on(t, g, run), on(t, g, shown)
			if slices.ContainsFunc(optional(), func(o operation) bool { return o.name == c.name }) {
				live, by = g.open(t), g.open(t) // what empty does not know
			}
			live.empty()
			by.empty()
			ops := append(slices.Clone(c.prepare), c.do)
			live.run(ops...)
			for _, m := range by.record(ops) {
				if m.Tainted != "" {
					t.Fatalf("%v: %s", ops, m.Tainted)
				}
				by.byHand(m)
			}
			by.equal("by hand", by.schema(), live.schema())
		})
	}
}

// record records each operation as a migration.
func (d *database) record(ops []op.Op) []record.Migration {
	d.Helper()
	r := migrate.NewRegistry()
	for i, o := range ops {
		r.Register(migrate.Migration{
			ID: fmt.Sprintf("%04d", i+1), Irreversible: "nobody asks",
			Up: func(ctx context.Context, db bun.IDB) error { return op.Run(ctx, db, o) },
		})
	}
	offline, err := migrate.NewOffline(migrate.Options{Registry: r})
	d.must(err)
	var steps []record.Step
	for _, k := range offline.Known() {
		steps = append(steps, record.Step{Known: &k, Direction: migrate.Up})
	}
	recorded, _, err := record.Run(d.Context(), d.dialect, record.State{}, steps, record.Options{})
	d.must(err)
	return recorded
}

// byHand runs what was recorded.
func (d *database) byHand(m record.Migration) {
	d.Helper()
	shell := d.dialect.(dialect.Offline).Shell()
	var all []string
	if m.ForeignKeysOff {
		all = append(all, shell.ForeignKeysOff)
	}
	all = append(all, "BEGIN")
	for _, s := range m.Statements {
		all = append(all, s.SQL)
	}
	all = append(all, "COMMIT")
	if m.ForeignKeysOff {
		all = append(all, shell.ForeignKeysOn)
	}
	conn, err := d.db.Conn(d.Context())
	d.must(err)
	defer conn.Close()
	for _, sql := range all {
		if _, err := conn.ExecContext(d.Context(), sql); err != nil {
			_, _ = conn.ExecContext(context.WithoutCancel(d.Context()), "ROLLBACK")
			d.Fatalf("%s: %v", sql, err)
		}
	}
}
