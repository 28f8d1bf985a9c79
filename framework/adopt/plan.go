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
// zeros aside, or with the same numbers, for 1.2.1; else the only one whose ID has
// the version after the number, or the words in which the tool describes it. It
// names no files: those of a tool may have been renamed, as long as their numbers
// stayed.
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
