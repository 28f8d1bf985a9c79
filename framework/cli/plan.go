package cli

import (
	"fmt"
	"strings"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/record"
	"github.com/spf13/cobra"
)

func (p *program) planCommand() *cobra.Command {
	var f runFlags
	return p.verb(leaf{
		use: "plan [up|down] [N | REVISION]", group: groupLook, max: 2, codes: lookCodes, words: planWords,
		short: "Show what up or down would do, and what it risks",
		long: "For each migration that would run: its statements, whether it can be reverted, what\n" +
			"data goes, and which locks it takes on which tables. Nothing is written. A migration\n" +
			"that reads data cannot be shown without running it.",
		example: "  {migrate} plan\n  {migrate} plan up 2\n  {migrate} plan down --json",
		flags:   f.defineOrder,
		do: func(c *call) (view, error) {
			d, t, err := planTarget(c)
			if err != nil {
				return nil, err
			}
			n := 0
			if d == migrate.Down {
				n, _ = steps(c.word(1))
			}
			return c.plan(&f, d, t, n, false)
		},
	})
}

// planTarget reads a direction and how far.
func planTarget(c *call) (migrate.Direction, migrate.Target, error) {
	d, word := migrate.Up, c.word(1)
	var t migrate.Target
	var err error
	switch c.word(0) {
	case "", "up", "upgrade":
		t, err = upTarget(word)
	case "down", "downgrade":
		d = migrate.Down
		t, err = downTarget(word)
	default:
		if word != "" {
			return d, t, misuse(fmt.Sprintf("a plan goes up or down, not %q", c.word(0)), "give the direction first, as in: {migrate} plan down 2")
		}
		t, err = upTarget(c.word(0))
	}
	return d, t, err
}

// plan shows a rehearsal; dry is the same for a run that was asked for, with all
// of its SQL. Down is refused where fewer than n migrations are applied.
func (c *call) plan(f *runFlags, d migrate.Direction, t migrate.Target, n int, dry bool) (view, error) {
	c.reading = true
	r, err := c.rehearse(f, d, t, dry && d == migrate.Up && f.tx.is == "all")
	if err != nil {
		return nil, err
	}
	if d == migrate.Down {
		if err := tooFar(n, len(r.steps)); err != nil {
			return nil, err
		}
	}
	v := &planView{Direction: d.String(), Dialect: r.dialect.Name(), DryRun: dry, Steps: []stepPlan{}}
	for i, m := range r.recorded {
		s := stepPlan{sqlView: c.sqlOf(m), OutOfOrder: r.steps[i].OutOfOrder, Losses: []string{}, Locks: []lockView{}}
		s.Reversible, s.WhyNot = m.Reversible()
		if m.Tainted == "" {
			s.take(m)
		}
		v.Steps = append(v.Steps, s)
	}
	c.sayTainted(r.recorded)
	if dry {
		s, err := c.script(r)
		if err != nil {
			return nil, err
		}
		v.SQL, v.Done = scriptText(s, len(r.recorded)), &[]string{}
	}
	return v, nil
}

// planView is what would be done.
type planView struct {
	Direction string     `json:"direction"`
	Dialect   string     `json:"dialect"`
	DryRun    bool       `json:"dry_run,omitempty"`
	Done      *[]string  `json:"done,omitempty"` // of a dry run: nothing
	Steps     []stepPlan `json:"steps"`
	SQL       string     `json:"sql,omitempty"` // of a dry run: all of it, with the rows of the history
}

type stepPlan struct {
	sqlView
	OutOfOrder bool       `json:"out_of_order,omitempty"`
	Reversible bool       `json:"reversible"`
	WhyNot     string     `json:"irreversible,omitempty"`
	Losses     []string   `json:"data_loss"` // not told of a tainted one
	Locks      []lockView `json:"locks"`     // likewise
}

type lockView struct {
	Table string `json:"table,omitempty"` // empty: the migration's own SQL takes it
	Mode  string `json:"mode"`
	SQL   string `json:"statement"`
}

func (s *stepPlan) take(m record.Migration) {
	s.Losses = append(s.Losses, m.Losses()...)
	for _, l := range m.Locks() {
		s.Locks = append(s.Locks, lockView{Table: l.Table, Mode: l.Mode, SQL: l.SQL})
	}
}

func (v *planView) show(c *call) {
	if len(v.Steps) == 0 {
		c.out.line("There is nothing to do.")
		return
	}
	g := grid{head: []string{"Migration", "Direction", "Statements", "Transaction", "Reversible", "Data loss", "Locks"},
		spare: []string{"Statements", "Transaction", "Reversible"}}
	for _, s := range v.Steps {
		g.rows = append(g.rows, s.row())
	}
	g.show(c.out)
	c.out.line("")
	if v.SQL != "" {
		c.out.line(strings.TrimRight(v.SQL, "\n"))
		return
	}
	for i, s := range v.Steps {
		if i > 0 {
			c.out.line("")
		}
		c.out.line(s.text())
	}
}

func (s *stepPlan) row() []string {
	row := []string{s.ID, s.Direction, fmt.Sprint(len(s.Statements)), "yes", "yes", strings.Join(s.Losses, "; "), ""}
	if s.NoTx {
		row[3] = "no"
	}
	if !s.Reversible {
		row[4] = "no: " + s.WhyNot
	}
	if s.Tainted != "" {
		row[2], row[5], row[6] = "not known", "not known", "not known"
		return row
	}
	var locks []string
	for _, l := range s.Locks {
		if l.Table == "" {
			locks = append(locks, l.Mode)
		} else {
			locks = append(locks, l.Table+" "+l.Mode)
		}
	}
	row[6] = strings.Join(locks, "; ")
	return row
}
