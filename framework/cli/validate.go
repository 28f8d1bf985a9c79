package cli

import (
	"errors"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/scaffold"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (p *program) validateCommand() *cobra.Command {
	var offline bool
	return p.verb(leaf{
		use: "validate", group: groupLook, codes: lookCodes,
		short:   "Check the migrations themselves; with a database also against its history",
		long:    "Checks IDs, file names, order and parents, and what can be rerun. Where a database is\nreachable it also compares the files with what was applied. It writes nothing.",
		example: "  {migrate} validate\n  {migrate} validate --offline",
		flags: func(fs *pflag.FlagSet) {
			fs.BoolVar(&offline, "offline", false, "do not look at a database")
		},
		do: func(c *call) (view, error) {
			return c.look(func() (view, error) { return c.validate(offline) })
		},
	})
}

func (c *call) validate(offline bool) (view, error) {
	if offline {
		return c.validateOffline()
	}
	m, err := c.migrator()
	if err != nil {
		return nil, err
	}
	findings, err := m.Validate(c.ctx)
	if errors.Is(err, migrate.ErrUnreachable) && c.signal == 0 {
		c.note("the database is not reachable, so the history was not looked at: " + c.link.Shown)
		return c.validateOffline()
	}
	if err != nil {
		return nil, err
	}
	return c.newValidateView(findings, true), nil
}

func (c *call) validateOffline() (view, error) {
	o, err := c.options()
	if err != nil {
		return nil, err
	}
	return c.newValidateView(migrate.ValidateOffline(o), false), nil
}

type validateView struct {
	Valid    bool          `json:"valid"`
	Database bool          `json:"database"` // whether the history was looked at
	Findings []findingView `json:"findings"`
	code     int
	count    int
}

type findingView struct {
	Level   string `json:"level"` // error, warning
	ID      string `json:"id,omitempty"`
	Message string `json:"message"`
	Where   string `json:"where,omitempty"`
	Next    string `json:"next,omitempty"`
	label   string // the ID, where the message does not name it
}

func (c *call) newValidateView(findings []migrate.Finding, database bool) *validateView {
	v := &validateView{Valid: true, Database: database, Findings: []findingView{}, count: len(c.known())}
	for _, f := range findings {
		level := "error"
		if f.Warning {
			level = "warning"
		} else {
			v.Valid = false
			v.code = codeHistory
		}
		next := c.qualify(f.Next)
		if errors.Is(f.Err, migrate.ErrTwoHeads) && !slices.Contains(c.commandNames(), "rebase") {
			next = strings.Join(afterTwoHeads(heads(c.known()), f.Next), "; ")
		}
		id := f.ID
		if strings.Contains(f.Message, id) {
			id = "" // each fact stands once
		}
		v.Findings = append(v.Findings, findingView{Level: level, ID: f.ID, Message: f.Message, label: id, Where: c.inDir(f.Where), Next: c.self(next)})
	}
	return v
}

// heads are the migrations that no other comes after.
func heads(known []migrate.Migration) []string {
	var f scaffold.Folder
	for _, m := range known {
		f.Add(scaffold.Node{ID: m.ID, After: m.After})
	}
	return f.Heads()
}

func (v *validateView) exitCode() int { return v.code }

func (v *validateView) show(c *call) {
	v.showFindings(c)
	what := "The migrations are valid"
	if !v.Valid {
		what = "The migrations have faults"
	}
	c.out.line(what + " (" + migrations(v.count) + looked(v.Database) + ").")
}

func (v *validateView) showFindings(c *call) {
	for _, f := range v.Findings {
		label := c.out.red("error")
		if f.Level == "warning" {
			label = c.out.yellow("warning")
		}
		text := label + ": "
		if f.label != "" {
			text += f.label + " "
			if !strings.HasPrefix(f.Message, "is ") {
				text = strings.TrimSuffix(text, " ") + ": "
			}
		}
		c.out.line(text + f.Message)
		if f.Where != "" {
			c.out.line("  " + f.Where)
		}
		if f.Next != "" {
			c.out.line("  " + f.Next)
		}
	}
}

func looked(database bool) string {
	if database {
		return ", compared with the database's history"
	}
	return "; no database was looked at"
}
