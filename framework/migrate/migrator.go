package migrate

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/history"
	"github.com/uptrace/bun"
)

// Migrator brings one database to a version. It is safe for concurrent use, as
// far as its runs take turns like those of different processes do; it needs one
// connection of the pool, and one more for cancelling statements where it may
// have one.
type Migrator struct {
	db    *bun.DB // the caller's pool, with our hook
	d     dialect.Dialect
	store *history.Store
	o     Options
	files struct {
		found sources
		err   error
	}
}

// New returns a migrator for db. It reads nothing. The error is a *ConfigError:
// no dialect was imported for this kind of database.
func New(db *bun.DB, o Options) (*Migrator, error) {
	if db == nil {
		return nil, &ConfigError{What: "there is no database", Next: "pass a *bun.DB to migrate.New"}
	}
	d, err := dialect.For(db)
	if err != nil {
		return nil, &ConfigError{What: "this kind of database is not supported", Next: "import its dialect", Err: err}
	}
	if o.Role != "" && !d.Capabilities().Roles {
		return nil, &ConfigError{What: fmt.Sprintf("%s has no roles, so the role %q cannot be used", d.Name(), o.Role), Next: "leave the role out"}
	}
	if o.HistorySchema != "" && !d.Capabilities().Schemas {
		return nil, &ConfigError{What: fmt.Sprintf("%s has no schemas, so the history cannot be in %q", d.Name(), o.HistorySchema), Next: "leave --history-schema out"}
	}
	o = o.withDefaults()
	m := &Migrator{
		db: db.WithQueryHook(&hook{}), d: d, o: o,
		store: history.NewStore(d, o.HistorySchema, o.HistoryTable),
	}
	m.files.found, m.files.err = newSources(o.Sources)
	return m, nil
}

// Up applies pending migrations up to the target. Nothing pending is a success
// that costs one read. The report is complete also beside an error, which is one
// of the types of this package.
func (m *Migrator) Up(ctx context.Context, t Target) (*Report, error) { return m.run(ctx, Up, t) }

// Down reverts applied migrations in reverse applied order: those after To, the
// last Steps, the LastBatch, or all of them (Base). It refuses with an
// *IrreversibleError before anything is touched where one of them cannot be
// reverted.
func (m *Migrator) Down(ctx context.Context, t Target) (*Report, error) { return m.run(ctx, Down, t) }

// To brings the database to a revision, by Down if it is applied and by Up
// otherwise.
func (m *Migrator) To(ctx context.Context, revision string) (*Report, error) {
	known, err := m.known()
	if err != nil {
		return &Report{}, err
	}
	v, err := m.view(ctx)
	if err != nil {
		return &Report{}, err
	}
	t, err := newPlanner(known, v.Records).resolve(To(revision))
	switch {
	case err != nil:
		return &Report{}, err
	case t.kind == targetBase, t.kind == targetID && v.has(t.id):
		return m.Down(ctx, t)
	}
	return m.Up(ctx, t)
}

// Redo reverts the last n migrations and applies the same ones again.
func (m *Migrator) Redo(ctx context.Context, n int) (*Report, error) {
	report, err := m.Down(ctx, Steps(n))
	if err != nil {
		return report, err
	}
	again, err := m.run(ctx, Up, only(report.IDs()))
	again.Steps = append(report.Steps, again.Steps...)
	again.Notes = append(report.Notes, again.Notes...)
	again.From, again.Elapsed = report.From, report.Elapsed+again.Elapsed
	return again, err
}

// Plan tells what Up or Down would do now; it takes no lock and writes nothing.
// Its errors are those with which they would refuse.
func (m *Migrator) Plan(ctx context.Context, d Direction, t Target) ([]Step, error) {
	known, err := m.known()
	if err != nil {
		return nil, err
	}
	v, err := m.view(ctx)
	if err != nil {
		return nil, err
	}
	steps, _, err := m.planOn(known, v, d, t)
	return steps, err
}

// planOn is plan for one view of the history, and with what the log knows better.
func (m *Migrator) planOn(known []Known, v view, d Direction, t Target) ([]Step, []string, error) {
	return m.planBy(newPlanner(known, v.Records), v, d, t)
}

func (m *Migrator) planBy(p *planner, v view, d Direction, t Target) ([]Step, []string, error) {
	if err := checkDeleted(p.known, v.Deleted); err != nil {
		return nil, nil, err
	}
	return p.plan(d, t, m.o.OutOfOrder, m.o.Strict)
}

// Describe asks the server what it is. The error is a *DatabaseError.
func (m *Migrator) Describe(ctx context.Context) (dialect.Server, error) {
	s, err := m.d.Describe(ctx, m.db)
	return s, m.databaseError("asking the server for its version", err)
}

// Dialect is the dialect of the database.
func (m *Migrator) Dialect() dialect.Dialect { return m.d }

// HistoryName is the version table's name, for people.
func (m *Migrator) HistoryName() string { return m.store.Name() }

// known returns the migrations with their sources, or a *RegistryError.
func (m *Migrator) known() ([]Known, error) {
	if problems := m.o.Registry.Problems(); len(problems) > 0 {
		return nil, &RegistryError{Problems: problems}
	}
	if m.files.err != nil {
		return nil, &ConfigError{What: "the sources of the migrations cannot be read", Next: "check Options.Sources", Err: m.files.err}
	}
	return m.files.found.attach(m.o.Registry.known()), nil
}

// view is what the history tells at one moment.
type view struct{ history.Snapshot }

func (v view) has(id string) bool {
	return slices.ContainsFunc(v.Records, func(h history.Record) bool { return h.ID == id })
}

// token is the value of Store.TokenQuery for the view.
func (v view) token() string {
	if n := len(v.Records); n > 0 {
		return history.Token(&v.Records[n-1], v.Change)
	}
	return history.Token(nil, v.Change)
}

// view reads the whole history in one statement.
func (m *Migrator) view(ctx context.Context) (view, error) { return m.viewOn(ctx, m.db) }

// viewOn is view on a connection, or in a transaction.
func (m *Migrator) viewOn(ctx context.Context, db bun.IDB) (view, error) {
	return m.read(ctx, db, m.store.Read)
}

func (m *Migrator) read(ctx context.Context, db bun.IDB, read func(context.Context, bun.IDB) (history.Snapshot, error)) (v view, err error) {
	err = m.asRole(ctx, db, func(db bun.IDB) (err error) {
		v.Snapshot, err = read(ctx, db)
		return err
	})
	return v, m.databaseError("reading the history", err)
}

// databaseError says whether the database could not be used at all; other errors
// it returns as they are.
func (m *Migrator) databaseError(doing string, err error) error {
	if err == nil {
		return nil
	}
	f := m.d.Classify(err)
	switch f.Class {
	case dialect.Unavailable, dialect.ConnectionLost, dialect.ReadTimeout, dialect.Auth, dialect.NoDatabase, dialect.TLS, dialect.Full:
		return &DatabaseError{Kind: ErrUnreachable, Fault: f, Doing: doing, Err: err}
	case dialect.ReadOnly:
		return &DatabaseError{Kind: ErrReadOnly, Fault: f, Doing: doing, Err: err}
	case dialect.NoSchema:
		return &ConfigError{What: "there is no schema for the history table " + m.store.Name(),
			Next: "create it, or name another one with --history-schema", Err: err}
	case dialect.NoPrivilege:
		return &ConfigError{What: "the connected user lacks a right for " + doing,
			Next: "grant it, or name another place or owner with --history-schema or --role", Err: err}
	}
	var config *ConfigError
	if errors.As(err, &config) {
		return err
	}
	return fmt.Errorf("%s: %w", doing, err)
}
