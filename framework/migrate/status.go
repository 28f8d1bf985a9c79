package migrate

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/history"
	"github.com/uptrace/bun"
)

// Status tells the state of every migration, known or recorded. It is one
// statement (one more where a row is running), takes no lock and writes nothing.
// What Up would refuse is Status.Problem, not an error. Faults of the registry
// are a *RegistryError.
func (m *Migrator) Status(ctx context.Context) (*Status, error) {
	known, err := m.known()
	if err != nil {
		return nil, err
	}
	v, err := m.read(ctx, m.db, m.store.ReadWithFailures)
	if err != nil {
		return nil, err
	}
	held := false
	if slices.ContainsFunc(v.Records, func(h history.Record) bool { return h.State != history.Applied }) {
		holders, err := m.d.Holders(ctx, m.db, m.store.Key())
		if err != nil {
			return nil, m.databaseError("looking for other runners", err)
		}
		held = len(holders) > 0
	}
	return m.status(known, v, held), nil
}

// status puts registry and history together; held: a runner is at work.
func (m *Migrator) status(known []Known, v view, held bool) *Status {
	failure := make(map[string]*history.LogEntry, len(v.Failures))
	for i := range v.Failures {
		failure[v.Failures[i].ID] = &v.Failures[i]
	}
	p := newPlanner(known, v.Records)
	s := &Status{Current: current(v.Records), Entries: make([]Entry, 0, max(len(v.Records), len(known)))}
	for i := range v.Records {
		h := &v.Records[i]
		e := Entry{ID: h.ID, Record: h, Failure: failure[h.ID], State: stateOf(h, held)}
		if k := p.of(h); k != nil {
			e.describe(k)
			e.Source = k.Source.compare(h)
		} else {
			e.State = Unknown
		}
		if h.State == history.Applied {
			s.Applied++
		}
		s.Entries = append(s.Entries, e)
	}
	for i := range known {
		if k := &known[i]; p.row[k.ID] == nil {
			e := Entry{ID: k.ID, State: Pending, Failure: failure[k.ID]}
			e.describe(k)
			s.Entries = append(s.Entries, e)
			s.Pending++
		}
	}
	if n := len(known); n > 0 {
		s.Head = known[n-1].ID
	}
	if !held {
		_, s.Notes, s.Problem = m.planBy(p, v, Up, Head)
	}
	return s
}

func stateOf(h *history.Record, held bool) State {
	switch {
	case h.State == history.Applied:
		return Applied
	case held:
		return Running
	}
	return Interrupted
}

// describe fills in what the registry knows.
func (e *Entry) describe(k *Known) {
	e.Known, e.Description, e.File = true, k.describe(), k.Where()
	if e.Irreversible = k.Irreversible; e.Irreversible == "" && k.Down == nil {
		e.Irreversible = k.NoDown
	}
}

// History returns the newest limit entries of the log (0: all), newest first. It
// is one statement and writes nothing.
func (m *Migrator) History(ctx context.Context, limit int) ([]history.LogEntry, error) {
	var entries []history.LogEntry
	err := m.asRole(ctx, m.db, func(db bun.IDB) (err error) {
		entries, err = m.store.Log(ctx, db, limit)
		return err
	})
	return entries, m.databaseError("reading the log", err)
}

// Validate checks what ValidateOffline checks, and the history: whether Up would
// refuse it, and whether a source was edited. The error is only for a database
// that cannot be read.
func (m *Migrator) Validate(ctx context.Context) ([]Finding, error) {
	found := ValidateOffline(m.o)
	v, err := m.view(ctx)
	if err != nil {
		return found, err
	}
	known, err := m.known()
	if err != nil {
		return found, nil //nolint:nilerr // the faults of the registry are among the findings
	}
	s := m.status(known, v, false)
	if s.Problem == nil || slices.ContainsFunc(found, func(f Finding) bool { return errors.Is(s.Problem, ErrTwoHeads) && errors.Is(f.Err, ErrTwoHeads) }) {
		return found, nil
	}
	return append([]Finding{findingOf(s.Problem)}, found...), nil
}

// findingOf is what Up would refuse, as a finding.
func findingOf(problem error) Finding {
	f := Finding{Message: problem.Error(), Err: problem}
	var h *HistoryError
	if errors.As(problem, &h) {
		f.ID, f.Err = h.IDs[0], h.Kind
		f.Next = "run: " + strings.Join(h.Next, ", or: ")
	}
	return f
}
