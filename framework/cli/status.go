package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/history"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (p *program) statusCommand() *cobra.Command {
	var exitCode bool
	return p.verb(leaf{
		use: "status", group: groupLook, codes: append([]int{codePending}, lookCodes...),
		short:   "Show what is applied and what is pending",
		long:    "Shows every migration with its state, what `up` would refuse, and the last failed\nattempt. It writes nothing.",
		example: "  {migrate} status\n  {migrate} status --exit-code   # 3 when migrations are pending",
		flags: func(fs *pflag.FlagSet) {
			fs.BoolVar(&exitCode, "exit-code", false, "exit 3 when migrations are pending, 7 when the history needs a decision")
		},
		do: func(c *call) (view, error) {
			v, err := c.status()
			if err != nil {
				return nil, err
			}
			v.strict = exitCode
			return v, nil
		},
	})
}

// bare is the call without a command.
func (p *program) bare(c *call) (view, error) {
	if len(c.args) > 0 {
		return nil, p.unknownCommand(c.args[0])
	}
	v, err := c.status()
	if err != nil {
		return nil, err
	}
	v.guide = true
	return v, nil
}

// statusView is what status shows.
type statusView struct {
	Current    string      `json:"current"` // empty: base
	Head       string      `json:"head"`
	Applied    int         `json:"applied"`
	Pending    int         `json:"pending"`
	Migrations []entryView `json:"migrations"`
	Problem    *explained  `json:"problem,omitempty"` // what up would refuse
	strict     bool
	guide      bool
}

// entryView is one migration.
type entryView struct {
	ID           string       `json:"id"`
	Description  string       `json:"description,omitempty"`
	State        string       `json:"state"`
	AppliedAt    *string      `json:"applied_at,omitempty"`
	AppliedBy    string       `json:"applied_by,omitempty"`
	AppVersion   string       `json:"app_version,omitempty"`
	Batch        int64        `json:"batch,omitempty"`
	ElapsedMS    *int64       `json:"elapsed_ms,omitempty"`
	Source       string       `json:"source,omitempty"`
	File         string       `json:"file,omitempty"`
	Irreversible string       `json:"irreversible,omitempty"`
	Found        []string     `json:"found,omitempty"`
	Failure      *failureView `json:"failure,omitempty"`

	applied time.Time
	elapsed time.Duration
}

// failureView is the last attempt, when it failed.
type failureView struct {
	At      *string `json:"at"`
	Action  string  `json:"action"`
	Message string  `json:"message"`
	Code    string  `json:"code,omitempty"`
	By      string  `json:"by,omitempty"`

	at time.Time
}

func (c *call) status() (*statusView, error) {
	v, err := c.look(func() (view, error) {
		m, err := c.migrator()
		if err != nil {
			return nil, err
		}
		s, err := m.Status(c.ctx)
		if err != nil {
			return nil, err
		}
		for _, n := range s.Notes {
			c.note(n)
		}
		return c.newStatusView(s), nil
	})
	if err != nil {
		return nil, err
	}
	return v.(*statusView), nil
}

func (c *call) newStatusView(s *migrate.Status) *statusView {
	v := &statusView{Current: s.Current, Head: s.Head, Applied: s.Applied, Pending: s.Pending, Migrations: []entryView{}}
	for _, e := range s.Entries {
		v.Migrations = append(v.Migrations, c.newEntryView(e))
	}
	if s.Problem != nil {
		v.Problem = c.explain(s.Problem)
		v.Problem.State = "" // looking touches nothing: it need not be said
	}
	return v
}

func (c *call) newEntryView(e migrate.Entry) entryView {
	v := entryView{ID: e.ID, Description: e.Description, State: string(e.State), Source: string(e.Source), File: c.inDir(e.File), Irreversible: e.Irreversible}
	if r := e.Record; r != nil {
		ms := r.Elapsed.Milliseconds()
		v.AppliedAt, v.AppliedBy, v.AppVersion, v.Batch, v.ElapsedMS, v.Found = stamp(r.AppliedAt), r.AppliedBy, r.AppVersion, r.Batch, &ms, r.Found
		v.applied, v.elapsed = r.AppliedAt, r.Elapsed
	}
	if f := e.Failure; f != nil {
		v.Failure = &failureView{At: stamp(f.At), Action: string(f.Action), Message: c.scrub(f.Message), Code: f.Code, By: f.AppliedBy, at: f.At}
	}
	return v
}

func (v *statusView) exitCode() int {
	switch {
	case !v.strict:
		return codeOK
	case v.Problem != nil:
		return v.Problem.code
	case v.Pending > 0:
		return codePending
	}
	return codeOK
}

func (v *statusView) show(c *call) {
	if len(v.Migrations) > 0 {
		v.grid().show(c.out)
	}
	apart := true
	for _, e := range v.Migrations {
		if e.Failure != nil {
			if apart {
				c.out.line("")
			}
			apart = false
			c.out.line(c.out.red(e.Failure.label()) + e.ID + ", " + e.Failure.describe())
		}
	}
	if v.Problem != nil {
		c.out.line("")
		v.Problem.write(c.out)
	}
	if len(v.Migrations) > 0 {
		c.out.line("")
	}
	c.out.line(v.summary(c))
	if v.Pending == 0 && v.Problem == nil {
		c.noteUnbuilt()
	}
	if v.guide {
		c.out.line(c.self("For all commands, run: {migrate} help"))
	}
}

// label says which way the attempt went: a migration whose revert failed is
// still applied.
func (f *failureView) label() string {
	if f.Action == string(history.ActDown) {
		return "Last revert failed: "
	}
	return "Last attempt failed: "
}

func (f *failureView) describe() string {
	text := when(f.at)
	if f.By != "" {
		text += " by " + f.By
	}
	return text + ": " + faultText(dialect.Fault{Message: oneLine(f.Message), Code: f.Code}, nil)
}

// summary says where we are, and the next command.
func (v *statusView) summary(c *call) string {
	switch {
	case len(v.Migrations) == 0:
		return c.self("There are no migrations yet. To write the first, run: {migrate} new NAME")
	case v.Problem != nil:
		return fmt.Sprintf("%d applied, %d pending; up refuses until this is decided.", v.Applied, v.Pending)
	case v.Pending > 0:
		return c.self(fmt.Sprintf("%d applied, %d pending. To apply, run: {migrate} up", v.Applied, v.Pending))
	}
	return fmt.Sprintf("%d applied, nothing pending.", v.Applied)
}

func (v *statusView) grid() grid {
	g := grid{head: []string{"State", "Migration", "Applied", "Took", remarks}, spare: []string{"Took", "Applied"}}
	g.tint = func(row []string) string {
		switch migrate.State(row[0]) {
		case migrate.Applied:
			return "32"
		case migrate.Pending:
			return "33"
		}
		return "31"
	}
	for _, e := range v.Migrations {
		took := ""
		if e.AppliedAt != nil {
			took = tookOf(e)
		}
		g.rows = append(g.rows, []string{e.State, e.ID, when(e.applied), took, e.remarks()})
	}
	return g
}

func tookOf(e entryView) string { return took(e.elapsed) }

// remarks are what is unusual about a migration.
func (e entryView) remarks() string {
	text := ""
	add := func(s string) {
		if text != "" {
			text += ", "
		}
		text += s
	}
	switch migrate.SourceState(e.Source) {
	case migrate.Edited:
		add("edited")
	case migrate.Formatted:
		add("reformatted")
	}
	if len(e.Found) > 0 {
		add("found " + plural(len(e.Found), "object"))
	}
	if e.Failure != nil {
		add(strings.ToLower(strings.TrimSuffix(e.Failure.label(), ": ")))
	}
	if e.Irreversible != "" {
		add("irreversible")
	}
	return text
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
