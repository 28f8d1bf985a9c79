package diff

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// plan is one comparison at work. now begins as from and follows every
// operation; want is to, with what is to stay as it is put into it. Each step
// looks at what now still lacks, so what one step took away another brings back.
type plan struct {
	Options
	from, now, want *schema.Schema
	managed         *schema.Schema     // with the renames of this comparison
	alike           map[tablePair]bool // found equal, and not touched since
	tables          []tablePair        // on both sides and different, in order
	created         map[*schema.Table]bool
	remade          map[[3]string]string // columns dropped and added again: the title of their change
	detached        map[op.Object]string // what was dropped to be made again: the title of its change
	titles          map[[3]string]string // of the columns that are altered

	steps   []staged
	changes []Change
	found   Result
	err     error
}

// stage says in which transaction a step happens.
type stage int

const (
	enumStage stage = iota
	mainStage
	indexStage // each index has a transaction of its own
	referStage // foreign keys that need those indexes
	validStage
	finishStage
	shrinkStage
)

var stageTitles = map[stage]string{
	enumStage: "add enum values", indexStage: "build an index", referStage: "add foreign keys to new indexes",
	validStage: "validate constraints", finishStage: "finish not null", shrinkStage: "drop enum values",
}

type staged struct {
	stage stage
	Step
}

type tablePair struct{ now, want *schema.Table }

func newPlan(from, to *schema.Schema, o Options) (*plan, error) {
	if from == nil || to == nil {
		return nil, fmt.Errorf("comparing schemas: one of them is nil; an empty schema is &schema.Schema{}")
	}
	p := &plan{
		Options: o, from: from, now: required(from), want: required(to), managed: o.Managed,
		alike: map[tablePair]bool{}, created: map[*schema.Table]bool{}, remade: map[[3]string]string{}, detached: map[op.Object]string{}, titles: map[[3]string]string{},
	}
	if p.managed == nil {
		p.managed = from
	}
	if len(o.Renames) > 0 {
		p.managed = p.managed.Clone()
	}
	return p, p.checkPatterns()
}

// required returns a copy in which columns of primary keys are NOT NULL, as they
// are whether or not somebody said so.
func required(s *schema.Schema) *schema.Schema {
	s = s.Clone()
	for _, t := range s.Tables {
		for _, name := range t.PrimaryKey {
			if c := t.Column(name); c != nil {
				c.NotNull = true
			}
		}
	}
	return s
}

// do adds an operation to the change of that title.
func (p *plan) do(title string, o op.Op, remarks ...Remark) { p.at(mainStage, title, o, remarks...) }

func (p *plan) at(s stage, title string, o op.Op, remarks ...Remark) {
	if p.err != nil {
		return
	}
	if err := op.Validate(o); err != nil {
		p.err = fmt.Errorf("comparing schemas: %w", err)
		return
	}
	if err := o.Apply(p.now); err != nil {
		p.err = fmt.Errorf("comparing schemas: %w; this is a fault of Leaven, please report it", err)
		return
	}
	clear(p.alike)
	i := slices.IndexFunc(p.changes, func(c Change) bool { return c.Title == title })
	if i < 0 {
		i = len(p.changes)
		p.changes = append(p.changes, Change{Title: title})
	}
	p.remark(i, remarks...)
	p.steps = append(p.steps, staged{s, Step{Op: o, Change: i, Remarks: remarks}})
}

// remark gives a change the remarks that it does not have yet.
func (p *plan) remark(change int, remarks ...Remark) {
	c := &p.changes[change]
	for _, m := range remarks {
		if !slices.Contains(c.Remarks, m) {
			c.Remarks = append(c.Remarks, m)
		}
	}
}

// result cuts the steps into parts.
func (p *plan) result() Result {
	p.separateEnumValues()
	slices.SortStableFunc(p.steps, func(a, b staged) int { return cmp.Compare(a.stage, b.stage) })
	r := p.found
	last := stage(-1)
	for _, s := range p.steps {
		if s.stage != last || s.stage == indexStage {
			r.Parts = append(r.Parts, Part{Title: stageTitles[s.stage], NoTx: s.stage == indexStage})
			last = s.stage
		}
		part := &r.Parts[len(r.Parts)-1]
		part.Steps = append(part.Steps, s.Step)
		if part.NoTx {
			part.Title = s.Op.String()
		}
	}
	r.Changes = p.changes
	slices.SortFunc(r.Strangers, func(a, b op.Object) int { return strings.Compare(a.String(), b.String()) })
	return r
}

// careful reports whether the rows of a table that exists must not be read
// under a lock.
func (p *plan) careful(t *schema.Table) bool {
	return !p.created[t] && (p.Small == nil || !p.Small(t.Schema, t.Name))
}
