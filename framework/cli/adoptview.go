package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/adopt"
)

// adoptView is a plan of adopt, and what became of it.
type adoptView struct {
	Tool    string      `json:"tool"`
	Table   string      `json:"table"`
	Matched []matchView `json:"matched"`
	Mark    []string    `json:"mark"`    // to be recorded
	Already []string    `json:"already"` // recorded before
	Unknown []string    `json:"unknown"` // versions
	Pending []string    `json:"pending"` // not applied there
	Done    []string    `json:"done"`    // recorded now
	To      string      `json:"to,omitempty"`

	plan  adopt.Plan
	shown bool // the plan was, with the question
}

type matchView struct {
	Version string `json:"version"`
	ID      string `json:"id"`
}

func newAdoptView(p adopt.Plan) *adoptView {
	list := func(texts []string) []string { return append([]string{}, texts...) }
	v := &adoptView{Tool: p.History.Tool, Table: p.History.Table.String(), Matched: []matchView{}, Mark: list(p.Mark), Already: list(p.Already),
		Unknown: list(p.Unknown), Pending: list(p.Pending), Done: []string{}, plan: p}
	for _, m := range p.Matched {
		v.Matched = append(v.Matched, matchView(m))
	}
	return v
}

func (v *adoptView) show(c *call) {
	if !v.shown {
		v.showPlan(c, c.out)
	}
	switch {
	case len(v.Done) > 0:
		c.out.line("Recorded " + migrations(len(v.Done)) + ", and nothing was run. Now at " + orBase(v.To) + ".")
	case len(v.plan.History.Versions) == 0:
		c.out.line("Nothing to record: " + v.Tool + " has applied nothing.")
	case len(v.Mark) == 0 && len(v.Unknown) == 0:
		c.out.line("Nothing to record: all that " + v.Tool + " has applied is recorded already.")
	}
}

// showPlan shows what is known, one line for a migration or version.
func (v *adoptView) showPlan(c *call, o output) {
	o.line(fmt.Sprintf("The history of %s is in %s.", v.Tool, v.Table))
	versions := map[string]string{}
	for _, m := range v.Matched {
		versions[m.ID] = m.Version
	}
	g := grid{head: []string{"What", "Migration", "Version"}}
	for _, m := range c.known() {
		what := "pending"
		switch {
		case slices.Contains(v.Mark, m.ID):
			what = "record"
		case slices.Contains(v.Already, m.ID):
			what = "recorded"
		case slices.Contains(v.plan.Gaps, m.ID):
			what = "gap"
		case !slices.Contains(v.Pending, m.ID):
			what = "ours"
		}
		g.rows = append(g.rows, []string{what, m.ID, versions[m.ID]})
	}
	for _, u := range v.Unknown {
		g.rows = append(g.rows, []string{"unknown", "", u})
	}
	if len(g.rows) > 0 {
		g.show(o)
	}
}

// byHand reads --map: which migration a version is.
func (c *call) byHand(words, ids []string) (map[string]string, error) {
	found := map[string]string{}
	for _, word := range words {
		lines := []string{word}
		if name, ok := strings.CutPrefix(word, "@"); ok {
			content, err := os.ReadFile(name)
			if err != nil {
				return nil, misuse("the file of --map cannot be read: "+err.Error(), "write it as --map @FILE, with VERSION=ID in each line")
			}
			lines = strings.Split(string(content), "\n")
		}
		for n, line := range lines {
			line = strings.TrimSpace(line)
			if line == "" || line[0] == '#' {
				continue
			}
			version, id, ok := strings.Cut(line, "=")
			version, id = strings.TrimSpace(version), strings.TrimSpace(id)
			if !ok || version == "" || !slices.Contains(ids, id) {
				return nil, misuse(fmt.Sprintf("--map: line %d, %q, is not VERSION=ID with the ID of a migration", n+1, line), "to see the IDs, run: {migrate} status")
			}
			found[version] = id
		}
	}
	return found, nil
}
