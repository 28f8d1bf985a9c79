package migrate

import (
	"slices"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/history"
	"github.com/leavendb/leaven/framework/op"
)

// group is what one transaction does: one step, or with TxAll all of them.
type group struct {
	dir   Direction
	steps []Step
	known []*Known

	tries   int
	fkOff   bool    // foreign keys are off on the connection before BEGIN
	fkWas   bool    // they were on before that
	lock    *budget // since a strong lock was refused for the first time
	clash   *budget // since the first deadlock or the like
	clashes int
	losses  int

	blockers []dialect.Session // who was seen to hold the lock
	ran      []*step           // in the last try
}

func (r *run) group(steps []Step) *group {
	if r.m.o.Tx == TxEach || r.dir == Down {
		steps = steps[:1]
	}
	g := &group{dir: r.dir, steps: steps}
	for _, s := range steps {
		g.known = append(g.known, r.byID[s.ID])
	}
	return g
}

// goesOn takes over what the tries before a new plan have used up: a NoTx
// migration that failed is planned anew, as it has left its row.
func (g *group) goesOn(last *group) {
	if last == nil || !slices.EqualFunc(g.steps, last.steps, func(a, b Step) bool { return a.ID == b.ID }) {
		return
	}
	g.tries, g.lock, g.clash, g.clashes, g.losses, g.blockers = last.tries, last.lock, last.clash, last.clashes, last.losses, last.blockers
}

func (g *group) ids() []string {
	ids := make([]string, len(g.steps))
	for i, s := range g.steps {
		ids[i] = s.ID
	}
	return ids
}

// timeouts are the longest that a member asks for.
func (g *group) timeouts(o Options) (lock, idle time.Duration) {
	for _, k := range g.known {
		lock, idle = max(lock, k.LockTimeout), max(idle, k.IdleTimeout)
	}
	if idle == 0 {
		idle = max(o.IdleTimeout, 0)
	}
	return lock, idle
}

// attempt is one try of a group.
type attempt struct {
	id      string
	records []history.Record // what an Up writes
	reports []StepReport
	added   op.Uncommitted // by its migrations, in one transaction
	claim   *dialect.Claim // that was made ahead; nil: none
}

func (r *run) attempt(g *group) *attempt {
	a := &attempt{id: newAttempt()}
	for i, k := range g.known {
		a.reports = append(a.reports, StepReport{ID: k.ID, Direction: g.dir, Attempts: g.tries})
		if g.dir == Up {
			h := r.m.identity().record(k, a.id)
			h.Batch, h.Target = r.batch, r.head
			a.records = append(a.records, h)
		} else {
			a.records = append(a.records, *g.steps[i].Record)
		}
	}
	return a
}

// env is what op.Run is told in step i, and where it reports to.
func (r *run) env(g *group, a *attempt, i int) *op.Env {
	lock, _ := g.timeouts(r.m.o)
	report, record := &a.reports[i], &a.records[i]
	env := &op.Env{LockTry: max(r.m.o.LockTry, 0), LockAfter: lock, ForeignKeysOff: g.fkOff, InTx: !g.known[i].NoTx,
		Uncommitted: &a.added, Migration: g.known[i].ID}
	if g.known[i].NoTx {
		env.Again = r.lockAgain()
	}
	if g.dir == Down {
		env.Found = make(map[string]bool, len(record.Found))
		for _, object := range record.Found {
			env.Found[object] = true
		}
	}
	env.Sink = func(e op.Event) {
		report.Operations = append(report.Operations, e.Op.String())
		switch e.Outcome {
		case op.Found:
			report.Found = append(report.Found, e.Op.Object().String())
			record.Found = append(record.Found, e.Op.Object().String())
		case op.Kept:
			report.Kept = append(report.Kept, e.Op.Object().String())
		}
	}
	return env
}

// entries are the log's rows of an attempt.
func (r *run) entries(g *group, a *attempt, outcome history.Outcome) []history.LogEntry {
	entries := make([]history.LogEntry, len(g.known))
	for i, k := range g.known {
		entries[i] = history.LogEntry{
			ID: k.ID, Attempt: a.id, Action: history.ActUp, Outcome: outcome, Elapsed: a.reports[i].Elapsed,
			Batch: a.records[i].Batch, AppliedBy: r.m.identity().by, Tool: r.m.identity().tool,
		}
		if g.dir == Down {
			entries[i].Action = history.ActDown
		}
	}
	return entries
}

// claim is what an attempt writes before its work, if the history's token is want.
func (r *run) claim(g *group, a *attempt, want string) dialect.Claim {
	lock, idle := g.timeouts(r.m.o)
	c := dialect.Claim{
		Key: r.m.store.Key(), Role: r.m.o.Role, Session: r.link.session, Known: r.link.known,
		StatementTimeout: r.m.o.StatementTimeout, IdleTimeout: idle, LockTimeout: lock,
		Token: r.m.store.TokenQuery(), Want: want,
	}
	if g.dir == Up {
		c.Write = r.m.store.InsertRunning(a.records)
	} else {
		c.Write = r.m.store.SetState(g.ids(), g.steps[0].Record.State, history.Reverting, a.id)
	}
	return c
}

// settle is what it writes after its work.
func (r *run) settle(g *group, a *attempt) dialect.Settle {
	s := dialect.Settle{Log: r.m.store.Append(r.entries(g, a, history.Done)), CommitIf: int64(len(g.steps))}
	if g.dir == Up {
		s.Write = r.m.store.SetApplied(a.records)
	} else {
		s.Write = r.m.store.DeleteReverting(g.ids(), a.id)
	}
	return s
}

// committed brings report and view up to date.
func (r *run) committed(g *group, a *attempt) {
	r.report.Steps = append(r.report.Steps, a.reports...)
	r.view.Change = history.Change(a.id, history.Done)
	for i := range g.steps {
		at := r.place(g.steps[i])
		if g.dir == Down {
			if at >= 0 {
				r.view.Records = slices.Delete(r.view.Records, at, at+1)
			}
			continue
		}
		h := a.records[i]
		h.State = history.Applied
		if at >= 0 { // an interrupted row keeps its place
			h.Seq = r.view.Records[at].Seq
			r.view.Records[at] = h
			continue
		}
		if n := len(r.view.Records); n > 0 {
			h.Seq = r.view.Records[n-1].Seq + 1 // or later, which makes no difference to the order
		}
		r.view.Records = append(r.view.Records, h)
	}
}

// place is where the view has the row that a step began with; -1: nowhere. It is
// usually among the newest.
func (r *run) place(s Step) int {
	if s.Record == nil {
		return -1
	}
	for i := range slices.Backward(r.view.Records) {
		if r.view.Records[i].ID == s.ID {
			return i
		}
	}
	return -1
}
