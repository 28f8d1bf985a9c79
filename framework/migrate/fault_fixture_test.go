package migrate_test

import (
	"context"
	"fmt"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
)

// stage is where a fixture's migrations play: at is told of every point that
// they pass.
type stage struct{ at func(point string) }

// quietly is the stage of a run that nothing disturbs.
var quietly = stage{at: func(string) {}}

// fixtures are sets of migrations that a child registers as well as its test:
// mostly the table of effects and five migrations that write to it, of which the
// third differs.
var fixtures = map[string]func(*migrate.Registry, stage){
	"tx":         func(r *migrate.Registry, s stage) { s.five(r, s.effect(3)) },
	"rerunnable": func(r *migrate.Registry, s stage) { s.five(r, s.rerunnable(3)) },
	"released":   func(r *migrate.Registry, s stage) { s.five(r, s.released(3)) },
	"mixed": func(r *migrate.Registry, s stage) {
		s.five(r, s.rerunnable(3))
		r.Register(concurrentIndex("0006_index"))
		r.Register(newColumn("0007_column"))
	},
	"short": func(r *migrate.Registry, s stage) {
		for _, m := range []migrate.Migration{effectsTable(), s.effect(1), s.rerunnable(2), concurrentIndex("0003_index"), newColumn("0004_column")} {
			r.Register(m)
		}
	},
}

func concurrentIndex(id string) migrate.Migration {
	return migrate.Migration{ID: id, NoTx: true, Rerunnable: true, Change: migrate.Reversible(
		op.CreateIndex{Table: "effects", Index: schema.Index{Name: "effects_v", Parts: schema.Columns("v")}, Concurrently: true},
	)}
}

func newColumn(id string) migrate.Migration {
	return migrate.Migration{ID: id, Change: migrate.Reversible(
		op.AddColumn{Table: "effects", Column: schema.Column{Name: "note", Type: schema.Text}},
	)}
}

func (s stage) five(r *migrate.Registry, third migrate.Migration) {
	r.Register(effectsTable())
	for _, m := range []migrate.Migration{s.effect(1), s.effect(2), third, s.effect(4), s.effect(5)} {
		r.Register(m)
	}
}

// effect is the migration that effect makes, with points before and after its
// statement.
func (s stage) effect(i int) migrate.Migration {
	m := effect(i)
	m.Up = func(ctx context.Context, db bun.IDB) error {
		s.at(fmt.Sprint("before ", i))
		if err := write(ctx, db, i); err != nil {
			return err
		}
		s.at(fmt.Sprint("after ", i))
		return nil
	}
	return m
}

// released is effect with a point after its commit at which the runner holds
// nothing: neither a connection nor, with the claim of the next, the lock.
func (s stage) released(i int) migrate.Migration {
	m := s.effect(i)
	up := m.Up
	m.Up = func(ctx context.Context, db bun.IDB) error {
		migrate.AfterCommit(ctx, func(context.Context) error { s.at(fmt.Sprint("released ", i)); return nil })
		return up(ctx, db)
	}
	return m
}

// rerunnable is effect for a NoTx migration that may be run twice.
func (s stage) rerunnable(i int) migrate.Migration {
	m := s.effect(i)
	m.NoTx, m.Rerunnable = true, true
	m.Up = func(ctx context.Context, db bun.IDB) error {
		s.at(fmt.Sprint("before ", i))
		_, err := db.ExecContext(ctx, "INSERT INTO effects (v) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM effects WHERE v = ?)", i, i)
		s.at(fmt.Sprint("after ", i))
		return err
	}
	return m
}

func longStatement(db bun.IDB) string {
	if db.Dialect().Name() == dialect.PG {
		return "SELECT pg_sleep(60)"
	}
	return "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 100000000) SELECT count(*) FROM c"
}

// effectsTable is the migration that makes the table of effects.
func effectsTable() migrate.Migration {
	return migrate.Migration{ID: "0000_effects", Change: migrate.Reversible(op.CreateTable{
		Name: "effects", PrimaryKey: []string{"id"},
		Columns: []schema.Column{
			{Name: "id", Type: schema.BigInt, AutoIncrement: true, NotNull: true},
			{Name: "v", Type: schema.Integer, NotNull: true},
		},
	})}
}
