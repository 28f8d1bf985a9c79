package diff_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/dialect/postgres"
	"github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/diff"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/rowtest"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// Every scenario that a server would show is made for real, with rows, once by
// each server: what was compared is what the server says of both sides.

func TestScenariosOnPostgres(t *testing.T) {
	t.Parallel()
	const lanes = 2 // at once, each in a database of its own
	for lane := range lanes {
		t.Run(fmt.Sprint(lane), func(t *testing.T) {
			t.Parallel()
			db, _ := pgtest.New(t)
			for i, s := range scenarios() {
				if i%lanes == lane && i/lanes%everyNth == 0 && (s.on == both || s.on == postgresOnly) {
					t.Run(s.name, func(t *testing.T) { server{t, db, postgres.Dialect{}, can}.walk(s) })
				}
			}
		})
	}
}

func TestScenariosOnSQLite(t *testing.T) {
	t.Parallel()
	db, _ := sqlitetest.New(t)
	for _, s := range scenarios() {
		if s.on == both || s.on == sqliteOnly {
			t.Run(s.name, func(t *testing.T) { server{t, db, sqlite.Dialect{}, diff.Capabilities{}}.walk(s) })
		}
	}
}

// server is a database in which one scenario is walked through.
type server struct {
	*testing.T
	db *bun.DB
	dialect.Dialect
	can diff.Capabilities
}

func (g server) must(err error, doing string, args ...any) {
	g.Helper()
	if err != nil {
		g.Fatalf("%s: %v", fmt.Sprintf(doing, args...), err)
	}
}

// walk makes a scenario's change and undoes it: nothing is left to do, and rows are
// kept. It says how many rows there were.
func (g server) walk(s scenario) int {
	g.Helper()
	from, to, o := g.sides(s)
	r, err := diff.Compare(from, to, o)
	g.must(err, "comparing")
	rows, err := rowtest.Fill(g.Context(), g.db, g.Dialect, s.from, s.to, r, rowtest.Both)
	g.must(err, "filling")
	filled := rows.Len()
	if filled == 0 && len(s.from.Tables) > 0 && !s.empty {
		g.Error("no table has rows")
	}
	g.apply(r)
	g.equal("after applying\n"+describe(r), g.inspect(), to, after(o, r))
	g.kept("after applying\n"+describe(r), rows.Forward)
	if r.Has(diff.WayBack) { // its rows forbid it
		g.clear()
		rows = &rowtest.Rows{}
	}
	g.undo(r)
	g.equal("after undoing\n"+describe(r), g.inspect(), from, diff.Options{Can: g.can})
	g.kept("after undoing\n"+describe(r), rows.Back)
	return filled
}

func (g server) apply(r diff.Result) {
	g.Helper()
	for _, part := range r.Parts {
		g.must(g.run(part.NoTx, part.Ops()...), "applying\n%s", describe(r))
	}
}

func (g server) undo(r diff.Result) {
	g.Helper()
	for _, part := range slices.Backward(r.Parts) {
		back, err := part.Reverse()
		g.must(err, "undoing")
		g.must(g.run(part.NoTx, back...), "undoing\n%s", describe(r))
	}
}

// sides are what the server says of both schemas, of which it has from in the end.
func (g server) sides(s scenario) (from, to *schema.Schema, o diff.Options) {
	g.Helper()
	g.empty()
	g.build(s.to)
	to = g.inspect()
	g.empty()
	g.build(s.from)
	o = s.options
	o.Can = g.can
	return g.inspect(), to, o
}

// after are the options of a second comparison: the renames were made (two that
// changed places would do so again), and what was made is managed.
func after(o diff.Options, r diff.Result) diff.Options {
	o.Renames = nil
	if o.Managed != nil {
		o.Managed = o.Managed.Clone()
		for _, change := range r.Ops() {
			_ = change.Apply(o.Managed)
		}
	}
	return o
}

// kept fails the test unless all rows are there that should be.
func (g server) kept(when string, lost func(context.Context, bun.IDB) (string, error)) {
	g.Helper()
	text, err := lost(g.Context(), g.db)
	g.must(err, "reading rows %s", when)
	if text != "" {
		g.Errorf("%s\n%s", when, text)
	}
}

func (g server) equal(when string, got, want *schema.Schema, o diff.Options) {
	g.Helper()
	left, err := diff.Compare(got, want, o)
	g.must(err, "comparing again %s", when)
	if !left.Empty() {
		g.Errorf("%s\nthere is left\n%s", when, describe(left))
	}
}

// build makes a schema as a first comparison with nothing does.
func (g server) build(s *schema.Schema) {
	g.Helper()
	r, err := diff.Compare(&schema.Schema{}, s, diff.Options{})
	g.must(err, "comparing with nothing")
	for _, part := range r.Parts {
		g.must(g.run(part.NoTx, part.Ops()...), "building\n%s", describe(r))
	}
}

// run does what a runner does with one migration.
func (g server) run(noTx bool, ops ...op.Op) error {
	ctx := g.Context()
	conn, err := g.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if noTx {
		return op.Run(ctx, conn, ops...)
	}
	inTx := func(env *op.Env) error {
		return conn.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			if err := op.Run(op.WithEnv(ctx, env), tx, ops...); err != nil || !env.ForeignKeysOff {
				return err
			}
			broken, err := g.CheckForeignKeys(ctx, tx)
			if len(broken) > 0 {
				return errors.New(strings.Join(broken, "; "))
			}
			return err
		})
	}
	if err = inTx(&op.Env{InTx: true}); !errors.Is(err, op.ErrForeignKeysOn) {
		return err
	}
	was, err := g.ForeignKeys(ctx, conn, false)
	if err != nil {
		return err
	}
	defer func() { _, _ = g.ForeignKeys(ctx, conn, was) }()
	return inTx(&op.Env{InTx: true, ForeignKeysOff: true})
}

// elsewhere are the schemas that scenarios use beside the default one.
var elsewhere = []string{"app", "a", "audit"}

// inspect reads the default schema and those elsewhere.
func (g server) inspect() *schema.Schema {
	g.Helper()
	var schemas []string
	if g.Capabilities().Schemas {
		schemas = append([]string{""}, elsewhere...)
	}
	s, err := g.Inspect(g.Context(), g.db, schemas...)
	g.must(err, "inspecting")
	return s
}

func (g server) exec(sql string) {
	g.Helper()
	_, err := g.db.ExecContext(g.Context(), sql)
	g.must(err, "%s", sql)
}

// empty drops everything.
func (g server) empty() {
	g.Helper()
	if g.Dialect.Name() == "postgres" {
		g.exec("DROP SCHEMA IF EXISTS public, " + strings.Join(elsewhere, ", ") + " CASCADE; CREATE SCHEMA public")
		return
	}
	r, err := diff.Compare(g.inspect(), &schema.Schema{}, diff.Options{})
	g.must(err, "comparing with nothing")
	for _, part := range r.Parts {
		g.must(g.run(part.NoTx, part.Ops()...), "dropping\n%s", describe(r))
	}
}

// clear deletes all rows.
func (g server) clear() {
	g.Helper()
	r, err := diff.Compare(g.inspect(), &schema.Schema{}, diff.Options{})
	g.must(err, "comparing with nothing")
	for _, o := range r.Ops() {
		if d, is := o.(op.DropTable); is {
			g.exec("DELETE FROM " + g.Quote(d.Name))
		}
	}
}
