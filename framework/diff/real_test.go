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
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// Every scenario that a server would show is made for real, with rows, once by
// each server: what was compared is what the server says of both sides.

func TestScenariosOnPostgres(t *testing.T) {
	t.Parallel()
	db, _ := pgtest.New(t)
	for i, s := range scenarios() {
		if (s.on == both || s.on == postgresOnly) && i%everyNth == 0 {
			t.Run(s.name, func(t *testing.T) { server{t, db, postgres.Dialect{}, can}.walk(s, withRows) })
		}
	}
}

func TestScenariosOnSQLite(t *testing.T) {
	t.Parallel()
	db, _ := sqlitetest.New(t)
	for _, s := range scenarios() {
		if s.on == both || s.on == sqliteOnly {
			t.Run(s.name, func(t *testing.T) { server{t, db, sqlite.Dialect{}, diff.Capabilities{}}.walk(s, withRows) })
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

// rowsOrNot says whether tables get a row.
type rowsOrNot bool

const (
	withRows    rowsOrNot = true
	withoutRows rowsOrNot = false
)

func (g server) walk(s scenario, filled rowsOrNot) {
	g.Helper()
	g.empty()
	g.build(s.to)
	to := g.inspect()
	g.empty()
	g.build(s.from)
	var rows []*schema.Table
	if filled {
		rows = g.fill(s.from)
	}
	from := g.inspect()

	o := s.options
	o.Can = g.can
	r, err := diff.Compare(from, to, o)
	g.must(err, "comparing")
	for _, part := range r.Parts {
		g.must(g.run(part.NoTx, part.Ops()...), "applying\n%s", describe(r))
	}
	o.Renames = nil
	g.equal("after applying\n"+describe(r), g.inspect(), to, o)
	if r.Has(diff.WayBack) { // its rows forbid it
		g.clear()
		rows = nil
	}
	for _, part := range slices.Backward(r.Parts) {
		back, err := part.Reverse()
		g.must(err, "undoing")
		g.must(g.run(part.NoTx, back...), "undoing\n%s", describe(r))
	}
	g.equal("after undoing\n"+describe(r), g.inspect(), from, diff.Options{Can: g.can})
	g.countRows(rows, r)
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
			return op.Run(op.WithEnv(ctx, env), tx, ops...)
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

// inspect reads the default schema and those that scenarios use beside it.
func (g server) inspect() *schema.Schema {
	g.Helper()
	s, err := g.Inspect(g.Context(), g.db)
	g.must(err, "inspecting")
	if g.Dialect.Name() != "postgres" {
		return s
	}
	more, err := g.Inspect(g.Context(), g.db, "app", "a")
	g.must(err, "inspecting")
	s.Tables, s.Schemas = append(s.Tables, more.Tables...), append(s.Schemas, more.Schemas...)
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
		g.exec("DROP SCHEMA IF EXISTS app CASCADE; DROP SCHEMA IF EXISTS a CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public")
		return
	}
	r, err := diff.Compare(g.inspect(), &schema.Schema{}, diff.Options{})
	g.must(err, "comparing with nothing")
	for _, part := range r.Parts {
		g.must(g.run(part.NoTx, part.Ops()...), "dropping\n%s", describe(r))
	}
}

// fill puts one row into every table, with a value in every column, and says
// which tables got one.
func (g server) fill(s *schema.Schema) []*schema.Table {
	g.Helper()
	empty, err := diff.Compare(&schema.Schema{}, s, diff.Options{})
	g.must(err, "comparing with nothing")
	var filled []*schema.Table
	for _, o := range empty.Ops() { // in the order in which they refer to one another
		if made, is := o.(op.CreateTable); is {
			t := s.Table(made.Schema, made.Name)
			g.insert(s, t)
			filled = append(filled, t)
		}
	}
	return filled
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

func (g server) insert(s *schema.Schema, t *schema.Table) {
	g.Helper()
	var names, values []string
	for _, c := range t.Columns {
		circular := slices.ContainsFunc(t.ForeignKeys, func(f schema.ForeignKey) bool { return slices.Contains(f.Columns, c.Name) && !c.Required() })
		if c.Counts() || !c.Generated.IsZero() || circular {
			continue
		}
		names = append(names, g.Quote(c.Name))
		values = append(values, g.sample(s, c.Type))
	}
	table := g.nameOf(t)
	if len(names) == 0 {
		g.exec("INSERT INTO " + table + " DEFAULT VALUES")
		return
	}
	g.exec("INSERT INTO " + table + " (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(values, ", ") + ")")
}

// nameOf is the table's name as SQL has it.
func (g server) nameOf(t *schema.Table) string {
	if t.Schema == "" {
		return g.Quote(t.Name)
	}
	return g.Quote(t.Schema) + "." + g.Quote(t.Name)
}

// sample is a value of the type.
func (g server) sample(s *schema.Schema, typ schema.Type) string {
	switch typ.Kind {
	case schema.KindSmallInt, schema.KindInteger, schema.KindBigInt, schema.KindReal, schema.KindDouble, schema.KindNumeric:
		return "1"
	case schema.KindBoolean:
		return "true"
	case schema.KindDate:
		return "'2026-01-02'"
	case schema.KindTime:
		return "'03:04:05'"
	case schema.KindTimestamp, schema.KindTimestamptz:
		return "'2026-01-02 03:04:05'"
	case schema.KindUUID:
		return "'6ba7b810-9dad-11d1-80b4-00c04fd430c8'"
	case schema.KindArray, schema.KindJSON, schema.KindJSONB:
		return "'{}'"
	case schema.KindEnum:
		return g.Literal(s.Enum(typ.Schema, typ.Name).Values[0])
	case schema.KindRaw:
		return "'10.0.0.0'" // inet
	}
	return "'x'"
}

// countRows checks that the rows of tables that were not dropped are there.
func (g server) countRows(tables []*schema.Table, r diff.Result) {
	g.Helper()
	for _, t := range tables {
		dropped := slices.ContainsFunc(r.Ops(), func(o op.Op) bool {
			d, is := o.(op.DropTable)
			return is && d.Schema == t.Schema && d.Name == t.Name
		})
		name := g.nameOf(t)
		var n int
		g.must(g.db.QueryRowContext(g.Context(), "SELECT count(*) FROM "+name).Scan(&n), "counting")
		if want := map[bool]int{true: 0, false: 1}[dropped]; n != want {
			g.Errorf("%d rows in %s, want %d", n, name, want)
		}
	}
}
