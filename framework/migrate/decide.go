package migrate

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/leavendb/leaven/framework/history"
	"github.com/uptrace/bun"
)

// StampOptions go with Stamp.
type StampOptions struct {
	// Purge also removes the rows of migrations beyond the target, and of those
	// that this program does not know.
	Purge bool
	// Reason is written into the log.
	Reason string
	// Check is asked inside the transaction, under the lock, before anything is
	// written. Its error is returned as it is, and then nothing was written. Nil:
	// there is nothing to ask.
	Check func(ctx context.Context, db bun.IDB) error
}

// Stamp records without running: the target and everything that it needs become
// applied (Head: everything; Base, with Purge: nothing). Rows that are there stay
// as they are. The report's steps are the rows that were added (Up) and, with
// Purge, removed (Down). Stamping what is stamped changes nothing.
func (m *Migrator) Stamp(ctx context.Context, t Target, o StampOptions) (*Report, error) {
	known, err := m.known()
	if err != nil {
		return &Report{}, err
	}
	r := &run{m: m, ctx: ctx, known: known, report: &Report{}, begun: time.Now()}
	defer r.close()
	err = r.deciding(ctx, "stamping", func(ctx context.Context, tx bun.Tx) error {
		r.report = &Report{From: current(r.view.Records)}
		return r.stamp(ctx, tx, t, o)
	})
	r.finish()
	r.report.Elapsed = time.Since(r.begun)
	return r.report, err
}

// StampOnly is Stamp for exactly these migrations, in one transaction, whatever
// they need: for a database whose history was kept by somebody else. An ID that is
// not registered is a *RevisionError. Purge is refused.
func (m *Migrator) StampOnly(ctx context.Context, ids []string, o StampOptions) (*Report, error) {
	if o.Purge {
		return &Report{}, &ConfigError{What: "recording some migrations removes no others", Next: "leave Purge out"}
	}
	return m.Stamp(ctx, only(ids), o)
}

func (r *run) stamp(ctx context.Context, tx bun.Tx, t Target, o StampOptions) error {
	if o.Check != nil {
		if err := o.Check(ctx, tx); err != nil {
			return err
		}
	}
	p := newPlanner(r.known, r.view.Records)
	t, err := p.resolve(t)
	if err != nil {
		return err
	}
	within := map[string]bool{}
	switch t.kind {
	case targetHead:
		for i := range r.known {
			within[r.known[i].ID] = true
		}
	case targetID:
		if _, ok := p.position[t.id]; !ok {
			return &RevisionError{Revision: t.id}
		}
		within = p.ancestors(t.id)
	case targetOnly:
		for _, id := range t.ids {
			if _, ok := p.position[id]; !ok {
				return &RevisionError{Revision: id}
			}
			within[id] = true
		}
	case targetBase:
	default:
		return &ConfigError{What: "only a revision can be stamped, not " + t.String(), Next: "name a revision, head or base"}
	}
	if t.kind == targetBase && !o.Purge {
		return &ConfigError{What: "stamping base means forgetting every migration", Next: "run: stamp base --purge"}
	}
	for i := range r.known {
		if k := &r.known[i]; within[k.ID] && p.row[k.ID] == nil {
			r.head = k.ID
		}
	}
	r.nextBatch()
	attempt := newAttempt()
	var rows []history.Record
	var entries []history.LogEntry
	entry := func(id string, act history.Action) {
		entries = append(entries, history.LogEntry{
			ID: id, Attempt: attempt, Action: act, Outcome: history.Done, Reason: o.Reason,
			Batch: r.batch, AppliedBy: r.m.identity().by, Tool: r.m.identity().tool,
		})
	}
	for i := range r.known {
		if k := &r.known[i]; within[k.ID] && p.row[k.ID] == nil {
			h := r.m.identity().record(k, attempt)
			h.Batch, h.Target = r.batch, r.head
			rows = append(rows, h)
			entry(k.ID, history.ActStamp)
			r.report.Steps = append(r.report.Steps, StepReport{ID: k.ID, Direction: Up, Attempts: 1})
		}
	}
	var gone []string
	if o.Purge {
		for i := range slices.Backward(p.rows) {
			if id := p.rows[i].ID; !within[id] {
				gone = append(gone, id)
				entry(id, history.ActUnstamp)
				r.report.Steps = append(r.report.Steps, StepReport{ID: id, Direction: Down, Attempts: 1})
			}
		}
	}
	var writes []string
	if len(gone) > 0 {
		writes = append(writes, r.m.store.Delete(gone))
	}
	if len(rows) > 0 {
		r.report.Batch = r.batch
		writes = append(writes, r.m.store.InsertApplied(rows))
	}
	return r.write(ctx, tx, entries, writes...)
}

// Resolve decides what an interrupted migration is, or one whose row was removed
// from the history: as Applied (its work is in the database) or as Pending (it is
// not). Any other migration is refused with a *ConfigError.
func (m *Migrator) Resolve(ctx context.Context, id string, as State, reason string) error {
	if as != Applied && as != Pending {
		return &ConfigError{What: fmt.Sprintf("a migration cannot be resolved as %q", as), Next: "resolve it as applied or as pending"}
	}
	return m.decide(ctx, id, history.ActResolve, strings.TrimSpace(reason+" "+history.Resolved(string(as))), func(h *history.Record, _ *Known) (string, error) {
		switch {
		case h.State == "" && as == Applied:
			return m.store.InsertApplied([]history.Record{*h}), nil
		case h.State == "":
			return "", nil // that it is said, in the log, is all
		case h.State == history.Applied:
			return "", &ConfigError{What: h.ID + " is applied, and was not interrupted", Next: "run: status"}
		case as == Applied:
			return m.store.SetState([]string{h.ID}, h.State, history.Applied, newAttempt()), nil
		}
		return m.store.Delete([]string{h.ID}), nil
	})
}

// Repair accepts the present code of an applied migration: its checksums are
// recorded anew. It changes nothing else.
func (m *Migrator) Repair(ctx context.Context, id, reason string) error {
	return m.decide(ctx, id, history.ActRepair, reason, func(h *history.Record, k *Known) (string, error) {
		switch {
		case k == nil:
			return "", &HistoryError{Kind: ErrUnknown, IDs: []string{h.ID}, Detail: "there is no code to record", Next: []string{"status"}}
		case k.Source == nil || k.Source.Raw() == "":
			return "", &ConfigError{What: "the source of " + h.ID + " is not embedded, so there is no checksum to record", Next: "embed *.go beside the migrations and pass it as Sources"}
		case h.State != history.Applied:
			return "", &ConfigError{What: h.ID + " is not applied", Next: "run: status"}
		}
		return m.store.SetChecksums(h.ID, k.Source.Raw(), k.Source.Tokens()), nil
	})
}

// decide changes one row under the lock. revision names it among what is known
// and recorded.
func (m *Migrator) decide(ctx context.Context, revision string, act history.Action, reason string, write func(*history.Record, *Known) (string, error)) error {
	known, err := m.known()
	if err != nil {
		return err
	}
	r := &run{m: m, ctx: ctx, known: known, report: &Report{}, begun: time.Now()}
	defer r.close()
	return r.deciding(ctx, "writing the history", func(ctx context.Context, tx bun.Tx) error {
		p := newPlanner(known, r.view.Records)
		t, err := p.resolve(To(revision))
		if err != nil {
			return err
		}
		h := p.row[t.id]
		if h == nil && act == history.ActResolve {
			h = r.deleted(t.id)
		}
		if h == nil {
			return &ConfigError{What: revision + " has no row in the history: it is pending", Next: "to record it without running it, run: stamp " + revision}
		}
		sql, err := write(h, p.of(h))
		if err != nil {
			return err
		}
		return r.write(ctx, tx, []history.LogEntry{{
			ID: h.ID, Attempt: newAttempt(), Action: act, Outcome: history.Done, Reason: reason,
			Batch: h.Batch, AppliedBy: m.identity().by, Tool: m.identity().tool,
		}}, sql)
	})
}

// deleted is the row, without a state, of a known migration whose row was removed
// from the history; nil: it never had one.
func (r *run) deleted(id string) *history.Record {
	for i := range r.known {
		gone := slices.IndexFunc(r.view.Deleted, func(l history.LogEntry) bool { return l.ID == id })
		if r.known[i].ID == id && gone >= 0 {
			h := r.m.identity().record(&r.known[i], newAttempt())
			h.Batch, h.Target = r.view.Deleted[gone].Batch, id
			return &h
		}
	}
	return nil
}

// deciding runs fn under the lock, on a fresh view and with today's tables.
func (r *run) deciding(ctx context.Context, doing string, fn func(context.Context, bun.Tx) error) error {
	if err := r.open(ctx); err != nil {
		return err
	}
	// Outside the transaction, which a missing table would abort.
	v, err := r.m.viewOn(ctx, r.link)
	if err != nil {
		return err
	}
	if !v.Current {
		if _, err := r.ensure(ctx); err != nil {
			return err
		}
	}
	var refused error
	err = r.whenFree(ctx, doing, func(ctx context.Context, tx bun.Tx) error {
		if r.view, err = r.m.viewOn(ctx, tx); err != nil {
			return err
		}
		refused = fn(ctx, tx)
		return refused
	})
	if refused != nil {
		return refused // as it is: it is about the request, not the database
	}
	if err == nil {
		err = r.linked(ctx)
	}
	if err == nil {
		r.view, err = r.m.viewOn(ctx, r.link)
	}
	return err
}

// write sends the statements, and the log's entries with them.
func (r *run) write(ctx context.Context, tx bun.Tx, entries []history.LogEntry, statements ...string) error {
	if len(entries) == 0 {
		return nil
	}
	for _, sql := range append(statements, r.m.store.Append(entries)) {
		if sql == "" {
			continue
		}
		if _, err := tx.ExecContext(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}
