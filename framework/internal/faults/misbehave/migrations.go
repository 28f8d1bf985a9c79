package main

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"testing/fstest"

	"github.com/leavendb/leaven/framework/cli"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// shape registers a set of migrations: the table of effects, and then each writes
// its number into it, or on the way down the negative of it.
type shape struct {
	orders
	points *points
	app    *cli.App
}

func (s shape) register() {
	r := s.app.Registry
	r.Register(effectsTable())
	for i := 1; i <= s.Count; i++ {
		m := s.effect(i)
		if i == 3 {
			s.third(&m)
		}
		if i == 4 && s.Shape == "mixed" {
			s.rebuild(&m)
		}
		if s.Shape == "gap" && i == 2 {
			continue
		}
		if i == 3 && (s.Shape == "sources" || s.Shape == "edited") {
			s.fromFile(m)
			continue
		}
		r.Register(m)
	}
	switch s.Shape {
	case "index":
		r.Register(concurrentIndex())
	case "heads":
		r.Register(s.another("0006_ours"))
		r.Register(s.another("0007_theirs"))
	case "twice":
		r.Register(s.effect(3))
	}
}

// third makes the third migration what the shape wants.
func (s shape) third(m *migrate.Migration) {
	switch s.Shape {
	case "notx":
		m.NoTx = true
	case "rerunnable", "mixed":
		m.NoTx, m.Rerunnable = true, true
		m.Up, m.Down = s.once(3), s.once(-3)
	case "column":
		m.Up = s.and(m.Up, op.AddColumn{Table: "effects", Column: note})
		m.Down = s.and(m.Down, op.DropColumn{Table: "effects", Name: note.Name})
	case "rebuild":
		s.rebuild(m)
	case "final":
		m.Down, m.Irreversible = nil, "the old rows are gone"
	}
}

// rebuild changes the table in a way that is a rebuild on SQLite.
func (s shape) rebuild(m *migrate.Migration) {
	m.Up = s.and(m.Up, op.AlterColumn{Table: "effects", From: number(schema.Integer), To: number(schema.BigInt)})
	m.Down = s.and(m.Down, op.AlterColumn{Table: "effects", From: number(schema.BigInt), To: number(schema.Integer)})
}

func number(t schema.Type) schema.Column { return schema.Column{Name: "v", Type: t, NotNull: true} }

var note = schema.Column{Name: "note", Type: schema.Text}

// effect is a migration with points and, if it is the third, the deed.
func (s shape) effect(i int) migrate.Migration {
	return migrate.Migration{ID: id(i), IdleTimeout: s.Idle, Up: s.write(i, insert(i)), Down: s.write(-i, insert(-i))}
}

func id(i int) string { return fmt.Sprintf("%04d_effect", i) }

func insert(v int) string { return fmt.Sprintf("INSERT INTO effects (v) VALUES (%d)", v) }

// once writes an effect that may be there already.
func (s shape) once(v int) migrate.Func {
	there := 0
	if v < 0 {
		there = 1
	}
	return s.write(v, fmt.Sprintf("INSERT INTO effects (v) SELECT %d WHERE (SELECT coalesce(sum(sign(v)), 0) FROM effects WHERE abs(v) = %d) = %d", v, max(v, -v), there))
}

func (s shape) write(v int, statement string) migrate.Func {
	return func(ctx context.Context, db bun.IDB) error {
		s.points.pass(fmt.Sprint("before ", v))
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return err
		}
		if v == 3 || v == -3 {
			if err := s.deed(ctx, db); err != nil {
				return err
			}
		}
		s.points.pass(fmt.Sprint("after ", v))
		migrate.AfterCommit(ctx, func(context.Context) error {
			s.points.pass(fmt.Sprint("between ", v))
			return nil
		})
		return nil
	}
}

// and is a function with an operation behind it.
func (s shape) and(fn migrate.Func, o op.Op) migrate.Func {
	return func(ctx context.Context, db bun.IDB) error {
		if err := fn(ctx, db); err != nil {
			return err
		}
		return op.Run(ctx, db, o)
	}
}

func (s shape) another(name string) migrate.Migration {
	nothing := func(context.Context, bun.IDB) error { return nil }
	return migrate.Migration{ID: name, After: []string{id(5)}, Up: nothing, Down: nothing}
}

// fromFile registers a migration with the text of its file, which somebody may
// have edited.
func (s shape) fromFile(m migrate.Migration) {
	text := "package migrations\n"
	if s.Shape == "edited" {
		text += "var edited = true\n"
	}
	s.app.Sources = []fs.FS{fstest.MapFS{"0003_effect.go": &fstest.MapFile{Data: []byte(text)}}}
	register(s.app.Registry, m)
}

func effectsTable() migrate.Migration {
	return migrate.Migration{ID: "0000_effects", Change: migrate.Reversible(op.CreateTable{
		Name: "effects", PrimaryKey: []string{"id"},
		Columns: []schema.Column{
			{Name: "id", Type: schema.BigInt, AutoIncrement: true, NotNull: true},
			{Name: "v", Type: schema.Integer, NotNull: true},
		},
	})}
}

func concurrentIndex() migrate.Migration {
	return migrate.Migration{ID: "0006_index", NoTx: true, Rerunnable: true, Change: migrate.Reversible(
		op.CreateIndex{Table: "effects", Index: schema.Index{Name: "effects_v", Parts: schema.Columns("v")}, Concurrently: true},
	)}
}

// known lists the deeds that there are.
var known = []string{
	"", "sleep", "fail", "panic", "goroutine", "exit", "commit", "rollback", "search_path", "role", "gucs", "itself", "rows", "long",
	"deadlock", "deadlocks", "secret", "large",
}

func mustKnow(deed string) {
	if !slices.Contains(known, deed) {
		panic("no such deed: " + deed)
	}
}

// register registers from a place of the migration's name.
func register(r *migrate.Registry, m migrate.Migration) {
//line 0003_effect.go:10
	r.Register(m)
}
