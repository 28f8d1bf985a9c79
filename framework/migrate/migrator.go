package migrate

import (
	"context"
	"errors"

	"github.com/leavendb/leaven/framework/history"
	"github.com/uptrace/bun"
)

// The API that the runner implements; bodies follow.

// Migrator brings one database to a version.
type Migrator struct{}

var errNotYet = errors.New("being written")

// Registry holds a set of migrations.
type Registry struct{}

var defaultRegistry = NewRegistry()

// NewRegistry returns an empty registry.
func NewRegistry() *Registry { return &Registry{} }

// Register adds to the default registry.
func Register(m Migration) { defaultRegistry.Register(m) }

// Register adds a migration. It never fails: problems are collected.
func (r *Registry) Register(m Migration) {}

// Problems lists the faults of what is registered.
func (r *Registry) Problems() []Problem { return nil }

// Known is one registered migration in order, with where it was registered.
func (r *Registry) Migrations() []Migration { return nil }

// New returns a migrator for db. It reads nothing.
func New(db *bun.DB, o Options) (*Migrator, error) { return nil, errNotYet }

func (m *Migrator) Up(ctx context.Context, t Target) (*Report, error)   { return nil, errNotYet }
func (m *Migrator) Down(ctx context.Context, t Target) (*Report, error) { return nil, errNotYet }

// To goes up or down to the revision.
func (m *Migrator) To(ctx context.Context, revision string) (*Report, error) { return nil, errNotYet }

// Redo reverts the last n and applies them again.
func (m *Migrator) Redo(ctx context.Context, n int) (*Report, error) { return nil, errNotYet }

func (m *Migrator) Status(ctx context.Context) (*Status, error) { return nil, errNotYet }

// History returns the newest limit entries of the log (0: all), newest first.
func (m *Migrator) History(ctx context.Context, limit int) ([]history.LogEntry, error) {
	return nil, errNotYet
}
func (m *Migrator) Plan(ctx context.Context, d Direction, t Target) ([]Step, error) {
	return nil, errNotYet
}

// Stamp records without running: everything up to t is applied; with purge, rows beyond t and unknown rows are removed.
func (m *Migrator) Stamp(ctx context.Context, t Target, s StampOptions) (*Report, error) {
	return nil, errNotYet
}

type StampOptions struct {
	Purge  bool
	Reason string
}

// Resolve decides what an interrupted migration is: as is Applied or Pending.
func (m *Migrator) Resolve(ctx context.Context, id string, as State, reason string) error {
	return errNotYet
}

// Repair accepts the present source of an applied migration: records its checksums anew.
func (m *Migrator) Repair(ctx context.Context, id string, reason string) error { return errNotYet }

// Validate checks the registry and the sources; with a database (connected true) also the history. Warnings are findings that do not fail.
func (m *Migrator) Validate(ctx context.Context) ([]Finding, error) { return nil, errNotYet }

// ValidateOffline is Validate without a database.
func ValidateOffline(o Options) []Finding { return nil }

type Finding struct {
	ID      string
	Where   string
	Message string
	Next    string
	Warning bool
	Err     error // what it is an instance of: ErrRegistry, ErrEdited, ErrTwoHeads, …
}

// ReportProgress tells the runner how far a migration's own work is.
func ReportProgress(ctx context.Context, done, total int64) {}

// AfterCommit runs fn at most once, after the migration's transaction was committed.
func AfterCommit(ctx context.Context, fn func(context.Context) error) {}
