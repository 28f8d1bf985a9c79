package cli

import (
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/scaffold"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (p *program) headsCommand() *cobra.Command {
	var verbose bool
	return p.verb(leaf{
		use: "heads", aliases: []string{"branches"}, group: groupLook, codes: append([]int{codeHistory}, offlineCodes...),
		short: "Print the migrations that no other comes after",
		long: "There is one head, unless migrations were written side by side: then `up` refuses,\n" +
			"and `merge` joins the heads, or `rebase` puts one behind the others. Where they part\n" +
			"is told on standard error. No database is needed.",
		example: "  {migrate} heads\n  {migrate} heads --verbose\n  {migrate} heads --json",
		flags:   func(fs *pflag.FlagSet) { verboseFlag(fs, &verbose, "also what each comes after") },
		do: func(c *call) (view, error) {
			offline, err := c.offline()
			if err != nil {
				return nil, err
			}
			return newHeadsView(offline.Known(), verbose), nil
		},
	})
}

// headsView is what no other migration comes after.
type headsView struct {
	Heads   []headView `json:"heads"`
	Parting []string   `json:"parting"` // what two or more of them come after, directly
	verbose bool
}

type headView struct {
	ID    string   `json:"id"`
	After []string `json:"after"`
}

func newHeadsView(known []migrate.Known, verbose bool) *headsView {
	v := &headsView{Heads: []headView{}, Parting: []string{}, verbose: verbose}
	var f scaffold.Folder
	parents := map[string][]string{}
	children := map[string]int{}
	for _, k := range known {
		f.Add(scaffold.Node{ID: k.ID, After: k.Parents})
		parents[k.ID] = append([]string{}, k.Parents...)
		for _, parent := range k.Parents {
			children[parent]++
		}
	}
	for _, id := range f.Heads() {
		v.Heads = append(v.Heads, headView{ID: id, After: parents[id]})
	}
	for id, n := range children {
		if n > 1 && len(v.Heads) > 1 {
			v.Parting = append(v.Parting, id)
		}
	}
	slices.Sort(v.Parting)
	return v
}

func (v *headsView) show(c *call) {
	for _, h := range v.Heads {
		text := h.ID
		if v.verbose && len(h.After) > 0 {
			text += "  after " + enumerate(h.After)
		}
		c.out.line(text)
	}
	switch {
	case len(v.Heads) == 0:
		c.err.line(c.self("There are no migrations yet. To write the first, run: {migrate} new NAME"))
	case len(v.Heads) > 1:
		if len(v.Parting) > 0 {
			c.note("they part after " + enumerate(v.Parting))
		}
		c.err.line(c.self("To join them, run: {migrate} merge; or to put one behind the others: {migrate} rebase " + strings.TrimSpace(v.Heads[len(v.Heads)-1].ID)))
	}
}

// verboseFlag is -v, --verbose of the commands that print IDs.
func verboseFlag(fs *pflag.FlagSet, to *bool, usage string) {
	fs.BoolVarP(to, "verbose", "v", false, usage)
}
