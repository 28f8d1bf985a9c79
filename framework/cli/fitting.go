package cli

import (
	"slices"
	"strings"

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
	known := offline.Known()
	steps := make([]record.Step, len(known))
	for i := range known {
		steps[i] = record.Step{Known: &known[i], Direction: migrate.Up}
	}
	f := &fitting{own: ownTables(m)}
	f.recorded, f.head, err = record.Run(c.ctx, c.conn.dialect, record.State{}, steps, record.Options{Context: c.app.Context})
	if err != nil {
		return nil, err
	}
	f.live, err = autogen.Inspect(c.ctx, c.conn.dialect, c.conn.db, f.own, "", f.head.Schema().Schemas...)
	return f, err
}

// fit finds the newest migration whose schema the database has. What a later one
// makes must not be there.
func (c *call) fit(f *fitting) (*baselineView, error) {
	v := &baselineView{Done: []string{}, Pending: []string{}, Changes: []changeView{}, Objects: []string{}, Files: []newView{}}
	for i, r := range slices.Backward(f.recorded) {
		made := r.After.Schema()
		made.Views, made.Triggers, made.Sequences, made.Extensions = nil, nil, nil, nil
		found, err := autogen.Compare(c.ctx, autogen.Request{Dialect: c.conn.dialect, DB: c.conn.db, Own: f.own, Models: []any{made}, Fold: f.head})
		if err != nil {
			return v, err
		}
		changes := mattering(found.Result)
		if i == len(f.recorded)-1 {
			v.Changes, v.Objects, v.found = newChangeViews(found.Changes), strangersOf(found), found
		}
		if len(changes) == 0 && len(made.Tables) > 0 && rawTablesThere(f.recorded[:i+1], f.live) {
			v.Fits, v.Changes, v.Objects = r.ID, []changeView{}, strangersOf(found)
			v.weaker, v.unseen = found.Weaker, unseen(f.recorded[:i+1])
			for _, later := range f.recorded[i+1:] {
				v.Pending = append(v.Pending, later.ID)
			}
			return v, nil
		}
		if len(changes) > 0 && (v.closest == nil || len(changes) < len(v.closest.changes)) {
			v.closest = &closest{id: r.ID, changes: changes, weaker: found.Weaker}
		}
	}
	return v, nil
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

// unseen are those migrations that do more than operations tell: a schema does not
// show whether it was done.
func unseen(recorded []record.Migration) []string {
	var ids []string
	for _, m := range recorded {
		if m.Tainted != "" || slices.ContainsFunc(m.Statements, func(s record.Statement) bool { return s.Op == nil && rawCreate().FindString(s.SQL) == "" }) {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// noteTrust says what was recorded on trust.
func (c *call) noteTrust(v *baselineView) {
	for _, w := range v.weaker {
		c.note("the comparison is a weaker one: " + c.scrub(w))
	}
	if len(v.unseen) > 0 {
		c.note("recorded with the others, although a schema does not show whether their work on rows was done: " + enumerate(v.unseen))
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
			if name := rawCreate().FindStringSubmatch(s.SQL); name != nil && s.Op == nil {
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

// rawTablesThere reports whether the tables that SQL of the migrations' own makes
// are there: the fold does not know them.
func rawTablesThere(recorded []record.Migration, live *schema.Schema) bool {
	for _, m := range recorded {
		for _, s := range m.Statements {
			if s.Op != nil {
				continue
			}
			if name := rawCreate().FindStringSubmatch(s.SQL); name != nil && live.Table("", name[2]) == nil && live.Table("", strings.ToLower(name[2])) == nil {
				return false
			}
		}
	}
	return true
}
