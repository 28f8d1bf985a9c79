package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

func (p *program) infoCommand() *cobra.Command {
	return p.verb(leaf{
		use: "info", group: groupAbout,
		short:   "Show where we connect, which setting says so, and what is there",
		long:    "Works when the database, a setting or a migration is broken: then it says what is.",
		example: "  {migrate} info\n  {migrate} info --json",
		do: func(c *call) (view, error) {
			return c.look(func() (view, error) { return c.info(), nil })
		},
	})
}

// infoView is what info shows. Trouble is set where a part could not be found
// out; the others are shown all the same.
type infoView struct {
	Database   string        `json:"database"`
	From       string        `json:"from"`
	Overridden []string      `json:"overridden,omitempty"` // settings that name a database too
	Address    []parameter   `json:"address,omitempty"`
	Reachable  bool          `json:"reachable"`
	Server     *serverView   `json:"server,omitempty"`
	History    string        `json:"history"`
	AppEnv     string        `json:"app_env"`
	Guarded    bool          `json:"guarded"`
	Settings   []settingView `json:"settings,omitempty"` // that are not defaults
	Migrations int           `json:"migrations"`
	Faults     []string      `json:"faults,omitempty"` // of the registered migrations
	Version    versionView   `json:"version"`
	Trouble    *explained    `json:"trouble,omitempty"`
}

// parameter is one thing that the address says or leaves to a default.
type parameter struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	From  string `json:"from,omitempty"` // a file that the address names
}

type serverView struct {
	Product  string `json:"product"`
	Version  string `json:"version"`
	Database string `json:"database,omitempty"`
	User     string `json:"user,omitempty"`
	ReadOnly bool   `json:"read_only"`
}

func (c *call) info() *infoView {
	v := &infoView{AppEnv: c.appEnv(), Guarded: c.guarded(), Migrations: len(c.known()), Version: c.version(), History: c.historyName()}
	for _, p := range c.problems() {
		v.Faults = append(v.Faults, c.scrub(p.String()))
	}
	v.Settings, v.Overridden = c.chosen(), c.overridden()
	if err := c.locate(); err != nil {
		v.Trouble = c.explain(err)
		return v
	}
	v.Database, v.From = c.link.Shown, c.link.origin()
	for _, p := range c.address() {
		v.Address = append(v.Address, parameter(p))
	}
	c.headed = true // the first row says the same
	if m, err := c.migrator(); err == nil {
		v.History = m.HistoryName() // with the schema, where the database has them
	}
	s, err := c.reachable(c.ctx, 5*time.Second)
	if err != nil {
		v.Trouble = c.explain(err)
		return v
	}
	v.Reachable = true
	v.Server = &serverView{Product: s.Product, Version: s.Version, Database: s.Database, User: s.User, ReadOnly: s.ReadOnly}
	return v
}

// origin names the setting in a document.
func (l link) origin() string {
	switch {
	case l.Embedded:
		return "default"
	case l.URL == "":
		return "application"
	}
	return l.From
}

const defaultHistoryTable = "leaven_history"

func (c *call) historyName() string {
	name := c.shared.historyTable
	if name == "" {
		name = defaultHistoryTable
	}
	if c.shared.historySchema != "" {
		name = c.shared.historySchema + "." + name
	}
	return name
}

func (v *infoView) show(c *call) {
	row := func(label, text string) {
		for i, l := range folded(text, c.out.width-12) {
			c.out.line(c.out.dim(pad(map[bool]string{true: label}[i == 0], 12)) + l)
		}
	}
	if v.Database != "" {
		row("Database", c.scrub(c.link.describe()))
	}
	for _, name := range v.Overridden {
		row("", "not used: "+name+", because "+c.link.stronger())
	}
	if len(v.Address) > 0 {
		row("Address", c.scrub(written(c.address())))
	}
	if v.Server != nil {
		row("Server", v.Server.describe())
	}
	row("History", v.History)
	row("Migrations", fmt.Sprintf("%d registered", v.Migrations))
	for _, f := range v.Faults {
		row("", c.out.red("fault: ")+f)
	}
	env := v.AppEnv
	switch {
	case env == "":
		env = "not set (development)"
	case v.Guarded:
		env += " (guarded: down asks, new is refused)"
	}
	row("APP_ENV", env)
	label := "Settings"
	for _, s := range v.Settings {
		row(label, c.scrub(s.Name+" "+s.Value+" ("+s.label+")"))
		label = ""
	}
	row("Version", v.Version.describe())
	if v.Trouble != nil {
		c.out.line("")
		v.Trouble.write(c.out)
	}
}

func (s *serverView) describe() string {
	text := s.Product + " " + s.Version
	if s.Database != "" {
		text += ", database " + s.Database
	}
	if s.User != "" {
		text += ", user " + s.User
	}
	if s.ReadOnly {
		text += ", read-only"
	}
	return text
}

func pad(text string, width int) string {
	for len(text) < width {
		text += " "
	}
	return text
}
