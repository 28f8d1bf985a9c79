package cli

import (
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/history"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/record"
	"github.com/spf13/pflag"
)

// rehearsal is a run that does not happen: its steps and what they would send.
type rehearsal struct {
	dialect   dialect.Dialect
	store     *history.Store
	offline   *migrate.Offline
	direction migrate.Direction
	steps     []migrate.Step
	recorded  []record.Migration
	create    bool  // the history's tables are missing
	batch     int64 // of what would be applied; 0: not known
	oneTx     bool  // all steps in one transaction
	role      string
}

// orderFlags are those flags of a run on which its plan depends.
func (f *runFlags) defineOrder(fs *pflag.FlagSet) {
	f.outOfOrder = choice{of: []string{"refuse", "allow"}, is: "refuse"}
	fs.Var(&f.outOfOrder, "out-of-order", "what becomes of a late migration without applied parents: refuse, allow")
	fs.BoolVar(&f.strict, "strict", false, "also refuse a database that is newer than this program")
	fs.StringVar(&f.role, "role", "", "as up --role")
}

// rehearse looks at the connected database and records what a run would do, oneTx:
// one in a single transaction. Nothing is written.
func (c *call) rehearse(f *runFlags, d migrate.Direction, t migrate.Target, oneTx bool) (*rehearsal, error) {
	m, err := c.migrator(f.apply)
	if err != nil {
		return nil, err
	}
	steps, err := m.Plan(c.ctx, d, t)
	if err != nil {
		return nil, err
	}
	records, current, err := m.Records(c.ctx)
	if err != nil {
		return nil, err
	}
	r := &rehearsal{dialect: m.Dialect(), store: m.Store(), direction: d, steps: steps, create: !current && d == migrate.Up, oneTx: oneTx}
	if oneTx {
		if err := migrate.OneTx(steps); err != nil {
			return nil, err
		}
	}
	r.batch, r.role = nextBatch(records, steps), f.role
	return r, c.record(r, records, f.apply)
}

// nextBatch is the number that the runner would give.
func nextBatch(records []history.Record, steps []migrate.Step) int64 {
	if len(records) == 0 || len(steps) == 0 {
		return 1
	}
	last := slices.MaxFunc(records, func(a, b history.Record) int { return int(max(-1, min(1, a.Seq-b.Seq))) })
	if last.Target == steps[len(steps)-1].ID {
		return last.Batch
	}
	return last.Batch + 1
}

// record records the steps behind what is applied.
func (c *call) record(r *rehearsal, applied []history.Record, more func(*migrate.Options) error) error {
	if r.offline == nil {
		var err error
		if r.offline, err = c.offline(more); err != nil {
			return err
		}
	}
	var before, then []record.Step
	for _, h := range applied {
		if k := r.offline.Find(h.ID); k != nil {
			before = append(before, record.Step{Known: k, Direction: migrate.Up})
		}
	}
	for _, s := range r.steps {
		step := record.Step{Known: r.offline.Find(s.ID), Direction: s.Direction}
		if s.Record != nil {
			step.Found = s.Record.Found
		}
		then = append(then, step)
	}
	o := record.Options{Context: c.app.Context}
	_, state, err := record.Run(c.ctx, r.dialect, record.State{}, before, o)
	if o.OneTx = r.oneTx; err == nil {
		r.recorded, _, err = record.Run(c.ctx, r.dialect, state, then, o)
	}
	for i := range r.recorded { // a reason may hold the text of any error
		r.recorded[i].Tainted = c.scrub(r.recorded[i].Tainted)
	}
	return err
}

// offline is what the migrations tell without a database.
func (c *call) offline(more ...func(*migrate.Options) error) (*migrate.Offline, error) {
	o, err := c.options(more...)
	if err != nil {
		return nil, err
	}
	return migrate.NewOffline(o)
}

// script is the SQL of a rehearsal.
func (c *call) script(r *rehearsal) (*record.Script, error) {
	interrupted := map[string]history.State{}
	for _, s := range r.steps {
		if s.Record != nil && s.Record.State != history.Applied {
			interrupted[s.ID] = s.Record.State
		}
	}
	return record.NewScript(c.ctx, record.Plan{
		Dialect: r.dialect, Store: r.store, Offline: r.offline, Migrations: r.recorded,
		Create: r.create && len(r.recorded) > 0, Batch: r.batch, Name: c.self("{migrate}"),
		Role: r.role, Interrupted: interrupted, OneTx: r.oneTx,
	})
}

// scriptText is a script as it is printed; empty where there is nothing to run.
func scriptText(s *record.Script, steps int) string {
	var b strings.Builder
	if steps > 0 {
		_, _ = s.WriteTo(&b) // a Builder takes everything
	}
	return b.String()
}

// sayTainted names on standard error what cannot be shown.
func (c *call) sayTainted(recorded []record.Migration) (n int) {
	for _, m := range recorded {
		if m.Tainted != "" {
			n++
			c.note(m.ID + " " + m.Tainted)
		}
	}
	return n
}

// sqlView is one step with its statements.
type sqlView struct {
	ID         string   `json:"id"`
	Direction  string   `json:"direction"`
	NoTx       bool     `json:"no_tx"`
	Tainted    string   `json:"tainted,omitempty"` // why there are no statements
	Statements []string `json:"statements"`
}

func (c *call) sqlOf(m record.Migration) sqlView {
	v := sqlView{ID: m.ID, Direction: m.Direction.String(), NoTx: m.NoTx, Tainted: m.Tainted, Statements: []string{}}
	if m.Tainted == "" {
		for _, s := range m.Statements {
			v.Statements = append(v.Statements, s.SQL)
		}
	}
	return v
}

// sqlAt is what the Up of one migration sends behind what comes before it; nil
// where that cannot be told.
func (c *call) sqlAt(id string) *sqlView {
	offline, err := c.offline()
	if err != nil || offline.Find(id) == nil {
		return nil
	}
	have, err := offline.At(migrate.To(id))
	if err != nil || len(have) == 0 {
		return nil
	}
	r := &rehearsal{dialect: c.conn.dialect, offline: offline,
		steps: []migrate.Step{{ID: have[len(have)-1].ID, Direction: migrate.Up}}}
	if err := c.record(r, have[:len(have)-1], nil); err != nil || len(r.recorded) == 0 {
		return nil
	}
	v := c.sqlOf(r.recorded[0])
	return &v
}

// text is the step's SQL under its ID.
func (v *sqlView) text() string {
	p := record.Part{Lines: []record.Line{{Comment: v.ID + " (" + v.Direction + ")"}}}
	if v.Tainted != "" {
		p.Lines = append(p.Lines, record.Line{Comment: v.Tainted})
	}
	for _, sql := range v.Statements {
		p.Lines = append(p.Lines, record.Line{SQL: sql})
	}
	return strings.TrimRight(p.Text(), "\n")
}
