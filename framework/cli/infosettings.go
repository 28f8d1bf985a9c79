package cli

import (
	"slices"

	"github.com/leavendb/leaven/framework/cli/settings"
	"github.com/leavendb/leaven/framework/dialect"
)

// settingView is a value that somebody has set, and where.
type settingView struct {
	Name  string `json:"name"`  // of the flag or variable: "--lock-wait", "LOG_LEVEL"
	Value string `json:"value"` // "xxxxx" for a secret
	From  string `json:"from"`  // the variable or file; "command line" for a flag
	label string
}

// chosen are all values that are not defaults, but the database and APP_ENV,
// which are shown by themselves.
func (c *call) chosen() []settingView {
	var all []settingView
	add := func(name, value string, from settings.Provenance) {
		if from.Name != "" {
			all = append(all, settingView{Name: name, Value: value, From: origin(from), label: from.String()})
		}
	}
	add("LOG_LEVEL", c.set.LogLevel.Text, c.set.LogLevel.From)
	add("LOG_FORMAT", c.set.LogFormat.Text, c.set.LogFormat.From)
	for _, name := range []string{"NO_COLOR", "CI"} {
		v, _ := c.variable(name)
		add(name, v.Text, v.From)
	}
	for _, f := range c.ownFlags(c.cmd) {
		if from, ok := c.flagFrom[f.Name]; ok {
			add("--"+f.Name, f.Value.String(), from)
		}
	}
	// The flags of other commands: what they would take from the environment.
	for _, cmd := range c.root.Commands() {
		for _, f := range c.ownFlags(cmd) {
			known := slices.ContainsFunc(all, func(s settingView) bool { return s.Name == "--"+f.Name })
			if v, ok := c.variable(flagVariable(f.Name)); ok && !known {
				add("--"+f.Name, v.Text, v.From)
			}
		}
	}
	return all
}

// overridden are the settings that name a database too, and did not win.
func (c *call) overridden() []string {
	var names []string
	for _, from := range c.set.Database.Overridden {
		names = append(names, origin(from))
	}
	return names
}

// address is what the database's address means; nil where nobody can tell.
func (c *call) address() []dialect.Parameter {
	_, opener, err := openerFor(c.link)
	prober, ok := opener.(dialect.Prober)
	if err != nil || !ok {
		return nil
	}
	parameters, _ := prober.Parameters(c.link.URL)
	return parameters
}
