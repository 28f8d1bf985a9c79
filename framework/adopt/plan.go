package adopt

import (
	"fmt"
	"slices"
	"strings"
)

// Match is a version of another tool and the migration that it is.
type Match struct{ Version, ID string }

// Plan is what adopting a history would record.
type Plan struct {
	History History
	Matched []Match  // in the order of the history
	Mark    []string // IDs to record as applied, in run order
	Already []string // IDs of Matched that are recorded already
	Unknown []string // versions that are no migration of this program
	Pending []string // IDs that will be pending then, in run order
	Gaps    []string // those of Pending that come before one that is applied
}

// NewPlan says what a history makes applied. ids are the program's migrations in
// run order, recorded those that our own history has; byHand says which migration
// a version is, where names and numbers do not.
//
// A version is the migration that byHand says; else the one of the same name
// (without .sql); else the only one whose ID begins with the same number, leading
// zeros aside; else, for a version without a number, the only one whose ID has it
// after the number. It names no files: those of a tool may have been renamed, as
// long as their numbers stayed.
func NewPlan(ids []string, recorded map[string]bool, h History, byHand map[string]string) Plan {
	p := Plan{History: h}
	index := newIndex(ids)
	applied := map[string]bool{}
	for _, v := range h.Versions {
		id := index.find(v, byHand)
		if id == "" {
			p.Unknown = append(p.Unknown, v.Text)
		} else {
			p.Matched = append(p.Matched, Match{v.Text, id})
			applied[id] = true
		}
		if v.Through {
			for _, below := range index.through(v, id) {
				applied[below] = true
			}
		}
	}
	last := -1
	for i, id := range ids {
		switch {
		case recorded[id]:
			last = i
			if applied[id] {
				p.Already = append(p.Already, id)
			}
		case applied[id]:
			last = i
			p.Mark = append(p.Mark, id)
		default:
			p.Pending = append(p.Pending, id)
		}
	}
	for _, id := range p.Pending {
		if slices.Index(ids, id) < last {
			p.Gaps = append(p.Gaps, id)
		}
	}
	return p
}

// Refusals are the reasons not to record it, without those that are allowed.
func (p *Plan) Refusals(allowed ...Refusal) []Fault {
	faults := slices.Clone(p.History.Faults)
	if len(p.Unknown) > 0 {
		faults = append(faults, Fault{Unknown, "no migration here is version " + strings.Join(p.Unknown, ", ")})
	}
	if len(p.Gaps) > 0 {
		faults = append(faults, Fault{Gaps, fmt.Sprintf("not applied there, although later ones are: %s", strings.Join(p.Gaps, ", "))})
	}
	return slices.DeleteFunc(faults, func(f Fault) bool { return slices.Contains(allowed, f.Kind) })
}

// index finds migrations by what other tools call them.
type index struct {
	ids     []string
	numbers map[string][]string
	words   map[string][]string
}

func newIndex(ids []string) index {
	x := index{ids: ids, numbers: map[string][]string{}, words: map[string][]string{}}
	for _, id := range ids {
		if n, ok := leadingNumber(id); ok {
			x.numbers[n] = append(x.numbers[n], id)
		}
		_, words, _ := strings.Cut(id, "_")
		x.words[words] = append(x.words[words], id)
	}
	return x
}

// find returns the migration that a version is; empty: none, or not one alone.
func (x index) find(v Version, byHand map[string]string) string {
	if id, ok := byHand[v.Text]; ok {
		return id
	}
	name := v.stem()
	if slices.Contains(x.ids, name) {
		return name
	}
	same := x.words[name]
	if n, ok := v.number(); ok {
		same = x.numbers[n]
	}
	if len(same) != 1 {
		return ""
	}
	return same[0]
}

// through returns what is applied together with a version: all that comes before
// the migration that it is, or if it is none, whose number is lower.
func (x index) through(v Version, id string) []string {
	if id != "" {
		return x.ids[:slices.Index(x.ids, id)+1]
	}
	var below []string
	if n, ok := v.number(); ok {
		for _, id := range x.ids {
			if m, ok := leadingNumber(id); ok && notAfter(m, n) {
				below = append(below, id)
			}
		}
	}
	return below
}
