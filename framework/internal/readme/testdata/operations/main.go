// The program runs the examples of framework/docs/operations.md and prints what
// came of each as JSON: on an empty database of each kind, in order, and then back
// from the last to the first. The test writes the examples beside it.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/dialect/postgres"
	"github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/record"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// example is one block of the page.
type example struct {
	Of  string // the operation whose section it stands in
	Ops []op.Op
}

// outcome is what is known of an example.
type outcome struct {
	Of      string
	Has     bool              // it has an operation of that kind
	Reverse []string          // of that operation
	Refused map[string]string // by dialect: why
	Failed  map[string]string // by dialect: up or down has gone wrong
	Way     string            // on SQLite: direct, rebuild, nothing
	Locks   []string          // on PostgreSQL, of that operation
}

func main() {
	ctx := context.Background()
	outcomes := make([]outcome, len(examples))
	for i, e := range examples {
		outcomes[i] = outcome{Of: e.Of, Refused: map[string]string{}, Failed: map[string]string{}}
		for _, o := range e.Ops {
			if kind(o) == e.Of && !outcomes[i].Has {
				outcomes[i].Has, outcomes[i].Reverse = true, reverse(o)
			}
		}
	}
	for i, d := range []dialect.Dialect{postgres.Dialect{}, sqlite.Dialect{}} {
		db, err := d.(interface {
			Open(context.Context, string) (*bun.DB, error)
		}).Open(ctx, os.Args[i+1])
		if err != nil {
			panic(err)
		}
		run(ctx, d, db, outcomes)
		_ = db.Close()
	}
	if err := json.NewEncoder(os.Stdout).Encode(outcomes); err != nil {
		panic(err)
	}
}

func kind(o op.Op) string { return fmt.Sprintf("%T", o)[len("op."):] }

func reverse(o op.Op) []string {
	back, err := op.Reverse(o)
	if err != nil {
		return []string{err.Error()}
	}
	kinds := []string{}
	for _, b := range back {
		kinds = append(kinds, kind(b))
	}
	return kinds
}

// run makes a migration of each example that the database does not refuse.
func run(ctx context.Context, d dialect.Dialect, db *bun.DB, outcomes []outcome) {
	registry := migrate.NewRegistry()
	at := map[string]*outcome{}
	fold := &schema.Schema{}
	for i, e := range examples {
		if refuses(ctx, d, fold, e.Ops) {
			outcomes[i].Refused[d.Name()] = "not at all"
			if err := op.Run(ctx, db, e.Ops...); err != nil {
				outcomes[i].Refused[d.Name()] = err.Error()
			}
			continue
		}
		m := migrate.Migration{ID: fmt.Sprintf("%d_%s", 20260101000000+i, strings.ToLower(e.Of)), Change: migrate.Reversible(e.Ops...)}
		m.NoTx = slices.ContainsFunc(e.Ops, func(o op.Op) bool {
			x, ok := o.(op.CreateIndex)
			return ok && x.Concurrently
		})
		registry.Register(m)
		at[m.ID] = &outcomes[i]
	}
	look(ctx, d, registry, at)
	m, err := migrate.New(db, migrate.Options{Registry: registry})
	if err != nil {
		panic(err)
	}
	report, err := m.Up(ctx, migrate.Head)
	blame(d, at, len(report.Steps), err)
	if err == nil {
		report, err = m.Down(ctx, migrate.Base)
		blame(d, at, len(at)-1-len(report.Steps), err)
	}
}

// refuses reports whether the dialect has no SQL for one of the operations, and
// else takes them up into the fold.
func refuses(ctx context.Context, d dialect.Dialect, fold *schema.Schema, ops []op.Op) bool {
	for _, o := range ops {
		if _, err := d.Render(ctx, o, op.Fold{Schema: fold}); err != nil {
			return true
		}
		if err := o.Apply(fold); err != nil {
			panic(err)
		}
	}
	return false
}

// blame notes an error at the example that it happened in: number n of those that
// ran.
func blame(d dialect.Dialect, at map[string]*outcome, n int, err error) {
	if err == nil {
		return
	}
	var ids []string
	for id := range at {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	at[ids[max(0, min(n, len(ids)-1))]].Failed[d.Name()] = err.Error()
}

// look records what the examples send.
func look(ctx context.Context, d dialect.Dialect, r *migrate.Registry, at map[string]*outcome) {
	offline, err := migrate.NewOffline(migrate.Options{Registry: r})
	if err != nil {
		panic(err)
	}
	var steps []record.Step
	for _, k := range offline.Known() {
		steps = append(steps, record.Step{Known: &k, Direction: migrate.Up})
	}
	recorded, _, err := record.Run(ctx, d, record.State{}, steps, record.Options{})
	if err != nil {
		panic(err)
	}
	for _, m := range recorded {
		o := at[m.ID]
		if m.Tainted != "" {
			o.Failed[d.Name()] = m.Tainted
		}
		way := "nothing"
		for _, s := range m.Statements {
			if s.Op == nil || kind(s.Op) != o.Of {
				continue
			}
			if strings.Contains(s.SQL, "leaven_new_") {
				way = "rebuild"
			} else if way == "nothing" {
				way = "direct"
			}
			if d.Name() == "postgres" && s.Lock != "" && !slices.Contains(o.Locks, s.Lock) {
				o.Locks = append(o.Locks, s.Lock)
			}
		}
		if d.Name() == "sqlite" {
			o.Way = way
		}
	}
}
