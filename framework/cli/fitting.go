package cli

import (
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/adopt"
	"github.com/leavendb/leaven/framework/autogen"
	"github.com/leavendb/leaven/framework/diff"
	"github.com/leavendb/leaven/framework/internal/pattern"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/record"
	"github.com/leavendb/leaven/framework/schema"
)

// fitting is a database beside the migrations, of which it may have some without
// knowing it.
type fitting struct {
	own      []op.Object
	recorded []record.Migration // all, in order
	head     record.State
	ever     *schema.Schema // what they make at any time
	schemas  []string       // that they name
	live     *schema.Schema // without the tables of histories
}

// closest is the migration whose schema is the most like that of the database.
type closest struct {
	id      string
	changes []changeView // what would make the database equal
	weaker  []string     // what the comparison could not tell
}

// newFitting looks at the database, and at what the migrations make.
func (c *call) newFitting(m *migrate.Migrator) (*fitting, error) {
	offline, err := c.offline()
	if err != nil {
		return nil, err
	}
	f := &fitting{own: ownTables(m), ever: &schema.Schema{}}
	if f.recorded, f.head, err = c.recordAll(c.conn.dialect, offline.Known()); err != nil {
		return nil, err
	}
	for _, r := range f.recorded {
		autogen.Gather(f.ever, r.After.Schema())
	}
	_, f.schemas = namespaces(f.recorded)
	f.live, err = autogen.Inspect(c.ctx, c.conn.dialect, c.conn.db, f.own, "", f.schemas...)
	return f, err
}

// fit finds the newest migration whose schema the database has. What a later one
// makes, or an earlier one made and another dropped, must not be there. It is asked of
// the migrations themselves, run in a scratch database, or where that cannot be, of
// what their operations say.
func (c *call) fit(f *fitting) (*baselineView, error) {
	stages, why, err := c.replayStages(f)
	if err != nil {
		return nil, err
	}
	if why == "" {
		return c.fitStages(f, stages)
	}
	v, err := c.fitOperations(f)
	if err == nil {
		v.weaker = append([]string{why}, v.weaker...)
		if v.closest != nil {
			v.closest.weaker = append([]string{why}, v.closest.weaker...)
		}
	}
	return v, err
}

func newFit() *baselineView {
	return &baselineView{Done: []string{}, Pending: []string{}, Changes: []changeView{}, Objects: []string{}, Files: []newView{}}
}

// fits takes up that the database has the schema of the ith migration.
func (v *baselineView) fits(f *fitting, i int, found *autogen.Comparison) {
	v.Fits, v.Changes, v.Objects = f.recorded[i].ID, []changeView{}, f.strangers(found)
	v.weaker, v.unseen = found.Weaker, unseen(f.recorded[:i+1])
	for _, later := range f.recorded[i+1:] {
		v.Pending = append(v.Pending, later.ID)
	}
}

// strangers are those of a comparison, without the tables of other migration tools.
func (f *fitting) strangers(found *autogen.Comparison) []string {
	ours := f.live.Clone()
	adopt.LeaveOut(ours, f.ever)
	kept := *found
	kept.Strangers = slices.DeleteFunc(slices.Clone(found.Strangers), func(o op.Object) bool {
		return o.Kind == "table" && ours.Table(o.Schema, o.Table) == nil
	})
	return strangersOf(&kept)
}

// fitOperations compares closely only with migrations whose tables are those of the
// database, by name, and with the newest.
func (c *call) fitOperations(f *fitting) (*baselineView, error) {
	v := newFit()
	near, least := -1, 0 // the nearest by the names of its tables
	for i, r := range slices.Backward(f.recorded) {
		apart, newest := f.apart(r.After.Schema()), i == len(f.recorded)-1
		if near < 0 || apart < least {
			near, least = i, apart
		}
		if apart > 0 && !newest {
			continue
		}
		found, changes, err := c.against(f, i)
		if err != nil {
			return v, err
		}
		if newest {
			v.Changes, v.Objects, v.found, v.weaker = changes, f.strangers(found), found, found.Weaker
		}
		switch {
		case len(changes) == 0 && len(r.After.Schema().Tables) > 0:
			v.fits(f, i, found)
			return v, nil
		case apart == 0 && len(changes) > 0 && (v.closest == nil || len(changes) < len(v.closest.changes)):
			v.closest = &closest{id: r.ID, changes: changes, weaker: found.Weaker}
		}
	}
	if v.closest != nil || near < 0 {
		return v, nil
	}
	found, changes, err := c.against(f, near)
	if err == nil {
		v.closest = &closest{id: f.recorded[near].ID, changes: changes, weaker: found.Weaker}
	}
	return v, err
}

// against compares the database closely with what the migrations make up to one.
func (c *call) against(f *fitting, i int) (*autogen.Comparison, []changeView, error) {
	made := f.recorded[i].After.Schema()
	others := append(f.others(made), f.rawTables(f.recorded[:i+1])...)
	made.Triggers, made.Sequences, made.Extensions = nil, nil, nil // by name, see others
	found, err := autogen.Compare(c.ctx, autogen.Request{Dialect: c.conn.dialect, DB: c.conn.db, Own: f.own, Models: []any{made}, Fold: f.head, Managed: f.ever})
	if err != nil {
		return nil, nil, err
	}
	return found, append(mattering(found.Result), others...), nil
}

// apart is how many tables of a schema the database lacks, and how many it has that
// other migrations make.
func (f *fitting) apart(made *schema.Schema) int {
	n := 0
	for _, t := range union(made.Tables, f.ever.Tables, tableKey) {
		if (made.Table(t.Schema, t.Name) != nil) != (f.live.Table(t.Schema, t.Name) != nil) {
			n++
		}
	}
	return n
}

// mattering are the changes but those of comments alone: code that creates all tables
// writes none, and SQLite has none.
func mattering(r diff.Result) []changeView {
	more := map[int]bool{}
	for _, part := range r.Parts {
		for _, step := range part.Steps {
			_, comment := step.Op.(op.SetComment)
			more[step.Change] = more[step.Change] || !comment
		}
	}
	var changes []changeView
	for i, view := range newChangeViews(r.Changes) {
		if more[i] {
			changes = append(changes, view)
		}
	}
	return changes
}

// rawStructure is SQL that does nothing to rows, as far as its first word tells.
var rawStructure = pattern.Lazy(`(?i)^\s*(CREATE|ALTER|DROP|COMMENT|GRANT|REVOKE|SET|PRAGMA|ANALYZE|REINDEX|VACUUM)\b`)

// unseen are those migrations that do more than change the structure: a schema does
// not show whether it was done.
func unseen(recorded []record.Migration) []string {
	var ids []string
	for _, m := range recorded {
		if m.Tainted != "" || slices.ContainsFunc(m.Statements, func(s record.Statement) bool { return ownSQL(s) && !rawStructure().MatchString(s.SQL) }) {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// noteTrust says what is recorded on trust.
func (c *call) noteTrust(v *baselineView) {
	for _, w := range v.weaker {
		c.note("the comparison is a weaker one: " + c.scrub(w))
	}
	if len(v.unseen) > 0 {
		c.note(map[bool]string{true: "to be recorded", false: "recorded"}[v.dry] + " with the others, although a schema does not show whether their work on rows was done: " + enumerate(v.unseen))
	}
}

// there are the tables of the database that a migration makes at some time. takes
// reports whether all of them are made by something that takes what exists, so that
// the migrations can be run over them.
func (f *fitting) there() (names []string, takes bool) {
	first := map[string]bool{} // whether what makes it first takes what exists
	seen := func(at, name string, taken bool) {
		if f.live.Table(at, name) == nil {
			return
		}
		key := op.Object{Kind: "table", Schema: at, Table: name}.String()
		if _, known := first[key]; !known {
			first[key], names = taken, append(names, name)
		}
	}
	for _, m := range f.recorded {
		for _, e := range m.Events {
			if t, is := e.Op.(op.CreateTable); is {
				seen(t.Schema, t.Name, t.IfNotExists)
			}
		}
		for _, s := range m.Statements {
			if name := rawCreate().FindStringSubmatch(s.SQL); name != nil && ownSQL(s) {
				seen("", name[2], name[1] != "")
			}
		}
		for _, t := range m.After.Schema().Tables {
			seen(t.Schema, t.Name, false)
		}
	}
	takes = true
	for _, taken := range first {
		takes = takes && taken
	}
	return names, takes
}

var rawCreate = pattern.Lazy("(?i)^\\s*CREATE\\s+TABLE\\s+(IF\\s+NOT\\s+EXISTS\\s+)?[\"`]?(\\w+)[\"`]?\\s*\\(")

// rawTables are the tables that SQL of the migrations' own makes and that are not
// there: the fold does not know them.
func (f *fitting) rawTables(recorded []record.Migration) []changeView {
	var missing []changeView
	for _, m := range recorded {
		for _, s := range m.Statements {
			if !ownSQL(s) {
				continue
			}
			if name := rawCreate().FindStringSubmatch(s.SQL); name != nil && f.live.Table("", name[2]) == nil && f.live.Table("", strings.ToLower(name[2])) == nil {
				missing = append(missing, changeTo("add table "+name[2]))
			}
		}
	}
	return missing
}

// others compares by their names what each database spells in a way of its own:
// triggers, sequences and extensions. What only later migrations make must not be
// there.
func (f *fitting) others(made *schema.Schema) []changeView {
	var changes []changeView
	compare := func(what string, wanted, there bool) {
		if wanted && !there {
			changes = append(changes, changeTo("add "+what))
		} else if there && !wanted {
			changes = append(changes, changeTo("drop "+what))
		}
	}
	head := f.head.Schema()
	for _, g := range union(made.Triggers, head.Triggers, func(g schema.Trigger) string { return g.Schema + "." + g.Table + "." + g.Name }) {
		compare("trigger "+g.Name+" on "+g.Table, made.Trigger(g.Schema, g.Table, g.Name) != nil, f.live.Trigger(g.Schema, g.Table, g.Name) != nil)
	}
	for _, q := range union(made.Sequences, head.Sequences, func(q *schema.Sequence) string { return q.Schema + "." + q.Name }) {
		compare("sequence "+q.Name, made.Sequence(q.Schema, q.Name) != nil, f.live.Sequence(q.Schema, q.Name) != nil)
	}
	for _, e := range made.Extensions { // others may have been there before
		compare("extension "+e.Name, true, f.live.Extension(e.Name) != nil)
	}
	return changes
}

func tableKey(t *schema.Table) string { return t.Schema + "." + t.Name }

func changeTo(title string) changeView { return changeView{Title: title, Remarks: []remarkView{}} }

// union is what either has, in that order.
func union[T any](a, b []T, key func(T) string) []T {
	all := slices.Clone(a)
	for _, x := range b {
		if !slices.ContainsFunc(all, func(y T) bool { return key(x) == key(y) }) {
			all = append(all, x)
		}
	}
	return all
}
