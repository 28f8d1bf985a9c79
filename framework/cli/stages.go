package cli

import (
	"errors"
	"fmt"
	"slices"

	"github.com/leavendb/leaven/framework/autogen"
	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/diff"
	"github.com/leavendb/leaven/framework/internal/pattern"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/record"
	"github.com/leavendb/leaven/framework/schema"
)

// stage is what a database has on which the migrations were run up to one of them,
// beside the live one. Only the newest stage keeps its schema, and the nearest.
type stage struct {
	schema  *schema.Schema
	empty   bool         // there are no tables yet
	lacks   []changeView // what the live database lacks
	besides []op.Object  // what it has besides
}

// stages are those of all migrations.
type stages struct {
	of      []stage
	nearest int
	likely  *schema.Schema // of the nearest
}

// beyond is SQL whose effect is not inside one database: of roles, of the server,
// of other files. It is not run only to look.
var beyond = pattern.Lazy(`(?i)\b(?:CREATE|ALTER|DROP)\s+(?:ROLE|USER|GROUP|DATABASE|TABLESPACE|SUBSCRIPTION|SYSTEM)\b|\b(?:REASSIGN|DROP)\s+OWNED\b|\b(?:TO|FROM)\s+PROGRAM\b|\bdblink|^\s*(?:ATTACH|VACUUM\s+INTO)\b`)

// replayStages runs the migrations one after the other in a database of their own: so
// what SQL of their own makes counts too, and the server spells both sides. why says
// what does not let them run.
func (c *call) replayStages(f *fitting) (all stages, why string, err error) {
	for _, m := range f.recorded {
		if slices.ContainsFunc(m.Statements, func(s record.Statement) bool { return ownSQL(s) && beyond().MatchString(s.SQL) }) {
			return all, m.ID + " reaches beyond its database, so the migrations were not run to compare with what they make, but by what their operations say", nil
		}
	}
	made, _ := namespaces(f.recorded)
	err = c.apart(c.conn.dialect, made, func(place dialect.Scratch, m *migrate.Migrator) error {
		for _, r := range f.recorded {
			if _, err := m.Up(c.ctx, migrate.Steps(1)); err != nil {
				if c.ctx.Err() == nil {
					why, err = fmt.Sprintf("%s could not be run in a scratch database (%v), so the database was compared with what operations say", r.ID, err), nil
				}
				return err
			}
			if err := c.addStage(&all, f, r, place); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, dialect.ErrNoScratch) {
		return all, err.Error() + "; the database was compared with what the operations of the migrations say", nil
	}
	return all, why, err
}

// addStage compares the live database with the scratch one. A migration that did
// nothing to the structure leaves it as it was.
func (c *call) addStage(all *stages, f *fitting, r record.Migration, place dialect.Scratch) error {
	s := stage{schema: &schema.Schema{}, empty: true}
	if n := len(all.of); n > 0 {
		s, all.of[n-1].schema = all.of[n-1], nil
	}
	if r.Tainted != "" || len(r.Events)+len(r.Statements) > 0 {
		told, err := autogen.Inspect(c.ctx, c.conn.dialect, place.Pool(), f.own, "", f.schemas...)
		if err != nil {
			return err
		}
		autogen.Gather(f.ever, told)
		found, err := autogen.Told(c.conn.dialect, f.live, told, told)
		if err != nil {
			return err
		}
		s = stage{schema: told, empty: len(told.Tables) == 0, lacks: mattering(found), besides: found.Strangers}
	}
	all.of = append(all.of, s)
	if all.likely == nil || s.distance() <= all.of[all.nearest].distance() {
		all.nearest, all.likely = len(all.of)-1, s.schema
	}
	return nil
}

func (s stage) distance() int { return len(s.lacks) + len(s.besides) }

// fitStages finds the newest stage of which the live database lacks nothing, and
// beside which it has nothing that a migration makes at another time. An extension may
// have been there before.
func (c *call) fitStages(f *fitting, all stages) (*baselineView, error) {
	v := newFit()
	for i, s := range slices.Backward(all.of) {
		ours := slices.ContainsFunc(s.besides, func(o op.Object) bool { return o.Kind != "extension" && autogen.Has(f.ever, o) })
		if len(s.lacks) == 0 && !ours && !s.empty {
			v.fits(f, i, &autogen.Comparison{Result: diff.Result{Strangers: s.besides}})
			return v, nil
		}
		if i == len(all.of)-1 {
			found, err := autogen.Told(c.conn.dialect, f.live, s.schema, f.ever)
			if err != nil {
				return nil, err
			}
			v.found = &autogen.Comparison{Result: found}
			v.Changes, v.Objects = mattering(found), f.strangers(v.found)
		}
	}
	if all.likely == nil {
		return v, nil
	}
	found, err := autogen.Told(c.conn.dialect, f.live, all.likely, f.ever)
	v.closest = &closest{id: f.recorded[all.nearest].ID, changes: mattering(found)}
	return v, err
}

// gap is what the database lacks of the newest migration: in the words of its author,
// which hold on other databases too, where operations say all of it.
func (c *call) gap(f *fitting, v *baselineView) (*autogen.Comparison, error) {
	if f.head.Incomplete() != "" {
		return v.found, nil
	}
	found, _, err := c.against(f, len(f.recorded)-1)
	if err == nil && found.Empty() {
		return v.found, nil
	}
	return found, err
}
