package migrate

import (
	"context"
	"slices"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/history"
	"github.com/uptrace/bun"
)

// aheadFor is how long a claim that was made ahead is used. Whoever is told of the
// step before may take their time, and the server ends a transaction that idles.
const aheadFor = time.Second

// A group's COMMIT may bring the claim of the next group with it, which saves a
// round trip for each. To the runner, nothing is different: it begins and claims as
// ever, and only has to know early what that will be.

// next is the claim that follows when group g has settled its attempt; nil where
// something comes in between, or nothing follows.
func (r *run) next(ctx context.Context, g *group, a *attempt) *dialect.Claim {
	switch {
	case r.link.loan == nil, len(r.behind) == 0, r.stopped(ctx) != nil,
		slices.ContainsFunc(g.ran, (*step).wantsConnection),
		g.dir == Up && slices.ContainsFunc(g.steps, func(s Step) bool { return s.Record != nil }):
		return nil
	}
	following := r.group(r.behind)
	if following.known[0].NoTx {
		return nil
	}
	following.tries = 1
	r.ahead = r.attempt(following)
	c := r.claim(following, r.ahead, r.tokenAfter(g, a))
	r.ahead.claim = &c
	return &c
}

// claiming is the claim of an attempt: what it was claimed with ahead, if the history
// is what was expected then.
func (r *run) claiming(g *group, a *attempt) dialect.Claim {
	want := r.view.token()
	if a.claim == nil || a.claim.Want != want {
		return r.claim(g, a, want)
	}
	c := *a.claim
	c.Session, c.Known = r.link.session, r.link.known // it may be another one by now
	return c
}

// tokenAfter is the history's token when an attempt has succeeded.
func (r *run) tokenAfter(g *group, a *attempt) string {
	change := history.Change(a.id, history.Done)
	if g.dir == Up {
		return history.Token(&history.Record{Attempt: a.id, State: history.Applied}, change)
	}
	for i := range slices.Backward(r.view.Records) {
		if !slices.Contains(g.ids(), r.view.Records[i].ID) {
			return history.Token(&r.view.Records[i], change)
		}
	}
	return history.Token(nil, change)
}

// attemptFor is the attempt with which g was claimed ahead, or else a new one.
func (r *run) attemptFor(g *group) *attempt {
	a := r.ahead
	r.ahead = nil
	_, idle := g.timeouts(r.m.o)
	if idle == 0 {
		idle = 2 * aheadFor
	}
	if a != nil && g.tries == 1 && time.Since(r.settled) < min(aheadFor, idle/2) && slices.EqualFunc(a.reports, g.steps, func(s StepReport, t Step) bool { return s.ID == t.ID }) {
		return a
	}
	return r.attempt(g)
}

// wantsConnection reports whether a step has asked for AfterCommit, which may need
// the pool's only connection.
func (s *step) wantsConnection() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.commit) > 0
}

// refused ends a try whose last message the server has refused in part: the log
// tells whether the COMMIT was in front of that. If so, the claim comes again, and
// is refused again, in a message of its own.
func (r *run) refused(ctx context.Context, tx bun.Tx, g *group, a *attempt, f *failure) (verdict, *failure) {
	r.undo(ctx, tx, f)
	if r.link == nil {
		f.doubt = true
		return 0, f
	}
	var committed bool
	err := r.m.asRole(ctx, r.link, func(db bun.IDB) (err error) {
		committed, err = r.m.store.Committed(ctx, db, a.id)
		return err
	})
	switch {
	case err != nil:
		r.refresh(false)
		f.doubt = true
	case committed:
		r.noteRestored(f.known, f.restored)
		r.committed(g, a)
		return done, nil
	}
	return 0, f
}
