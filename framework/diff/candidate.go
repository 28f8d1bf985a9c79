package diff

import (
	"cmp"
	"slices"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// ask finds what may have been renamed: something of the same kind that is
// dropped here and added there. It changes nothing by that.
func (p *plan) ask() {
	p.askTables()
	there := byPlace(p.now)
	for _, want := range p.want.Tables {
		if now := there[placeOf(want)]; now != nil {
			p.askColumns(now, want)
		}
	}
	p.askValues()
}

// scored is a candidate with how much speaks for it.
type scored struct {
	rename Rename
	score  int
}

func (p *plan) candidates(found []scored) {
	slices.SortStableFunc(found, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	for _, s := range found {
		p.found.Candidates = append(p.found.Candidates, s.rename)
	}
}

// askTables pairs tables of which at least half of the columns of the larger one
// are the same.
func (p *plan) askTables() {
	var found []scored
	for _, gone := range p.ending() {
		for _, fresh := range p.want.Tables {
			if p.now.Table(fresh.Schema, fresh.Name) != nil {
				continue
			}
			alike := 0
			for _, c := range fresh.Columns {
				if old := gone.Column(c.Name); old != nil && old.Type.Equal(c.Type) {
					alike++
				}
			}
			if columns := max(len(gone.Columns), len(fresh.Columns)); 2*alike >= columns {
				found = append(found, scored{Rename{
					op.Object{Kind: "table", Schema: gone.Schema, Table: gone.Name},
					op.Object{Kind: "table", Schema: fresh.Schema, Table: fresh.Name},
				}, 100 * alike / columns})
			}
		}
	}
	p.candidates(found)
}

func (p *plan) askColumns(now, want *schema.Table) {
	var found []scored
	for _, old := range now.Columns {
		if want.Column(old.Name) != nil {
			continue
		}
		for _, fresh := range want.Columns {
			if now.Column(fresh.Name) != nil || !old.Type.Equal(fresh.Type) {
				continue
			}
			at := op.Object{Kind: "column", Schema: want.Schema, Table: want.Name}
			from, to := at, at
			from.Name, to.Name = old.Name, fresh.Name
			score := 0
			if old.Required() == fresh.Required() {
				score++
			}
			if old.Default.Equal(fresh.Default) {
				score++
			}
			found = append(found, scored{Rename{from, to}, score})
		}
	}
	p.candidates(found)
}

// askValues pairs values of an enum that stand in the same place.
func (p *plan) askValues() {
	for _, want := range p.want.Enums {
		now := p.now.Enum(want.Schema, want.Name)
		if now == nil || len(now.Values) != len(want.Values) {
			continue
		}
		for i, value := range now.Values {
			if slices.Contains(want.Values, value) || slices.Contains(now.Values, want.Values[i]) {
				continue
			}
			at := op.Object{Kind: "enum value", Schema: want.Schema, Table: want.Name}
			from, to := at, at
			from.Name, to.Name = value, want.Values[i]
			p.found.Candidates = append(p.found.Candidates, Rename{from, to})
		}
	}
}
