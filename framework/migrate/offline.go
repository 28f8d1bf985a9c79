package migrate

import (
	"context"
	"slices"

	"github.com/leavendb/leaven/framework/history"
)

// Offline is what the registered migrations tell without a database: their order,
// their functions, the plan from one revision to another, and the rows that a run
// would write. Package record shows SQL with it.
type Offline struct {
	o     Options
	known []Known
}

// NewOffline looks at the migrations of the options (Registry, Sources; the
// policies hold for Plan). The error is a *RegistryError or a *ConfigError.
func NewOffline(o Options) (*Offline, error) {
	o = o.withDefaults()
	m := &Migrator{o: o}
	m.files.found, m.files.err = newSources(o.Sources)
	known, err := m.known()
	if err != nil {
		return nil, err
	}
	return &Offline{o: o, known: known}, nil
}

// Known returns the migrations in run order.
func (f *Offline) Known() []Known { return slices.Clone(f.known) }

// Find returns a migration by its ID; nil: there is none.
func (f *Offline) Find(id string) *Known {
	for i := range f.known {
		if f.known[i].ID == id {
			return &f.known[i]
		}
	}
	return nil
}

// At returns the history as an Up of an empty database to the target leaves it.
func (f *Offline) At(t Target) ([]history.Record, error) {
	if t.kind == targetBase {
		return nil, nil
	}
	steps, err := f.Plan(nil, Up, t)
	if err != nil {
		return nil, err
	}
	records := make([]history.Record, len(steps))
	for i, s := range steps {
		records[i] = f.Record(s.ID)
		records[i].Seq, records[i].State, records[i].Batch = int64(i+1), history.Applied, 1
	}
	return records, nil
}

// Plan is Migrator.Plan for a history that the caller has.
func (f *Offline) Plan(applied []history.Record, d Direction, t Target) ([]Step, error) {
	steps, _, err := plan(f.known, applied, d, t, f.o.OutOfOrder, f.o.Strict)
	return steps, err
}

// Record starts the history row of a known migration: its checksums, and the
// versions of the program. Attempt, batch, target and who applied it are the
// caller's to say.
func (f *Offline) Record(id string) history.Record {
	k := f.Find(id)
	if k == nil {
		return history.Record{ID: id}
	}
	r := whoAmI(f.o).record(k, "")
	r.AppliedBy = ""
	return r
}

// Records reads the history, in applied order. It is one statement, takes no
// lock and writes nothing. current tells that its tables exist in today's format.
func (m *Migrator) Records(ctx context.Context) (records []history.Record, current bool, err error) {
	v, err := m.view(ctx)
	return v.Records, v.Current, err
}

// Store is the version table of the migrator.
func (m *Migrator) Store() *history.Store { return m.store }
