package cli

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/cli/settings"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flagVariable is the variable of the environment that stands for a flag:
// MIGRATE_LOCK_WAIT for --lock-wait.
func flagVariable(flag string) string {
	return "MIGRATE_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// withoutVariable are flags that make no sense in an environment, and those
// that settings read themselves.
var withoutVariable = []string{"help", "version", "database-url", "env-file"}

// ownFlags are the flags of a command that are ours: those of an application
// into which we are mounted are not.
func (p *program) ownFlags(cmd *cobra.Command) []*pflag.Flag {
	var own []*pflag.Flag
	add := func(f *pflag.Flag) {
		if !f.Hidden && !slices.Contains(withoutVariable, f.Name) {
			own = append(own, f)
		}
	}
	p.root.PersistentFlags().VisitAll(add)
	if cmd != p.root {
		cmd.LocalNonPersistentFlags().VisitAll(add)
	}
	return own
}

// flagsFromEnvironment sets the flags that were not typed and whose variable is
// set, and remembers where each came from.
func (c *call) flagsFromEnvironment() error {
	for _, f := range c.ownFlags(c.cmd) {
		name := flagVariable(f.Name)
		if f.Changed {
			continue
		}
		v, ok := c.variable(name)
		if !ok {
			continue
		}
		if err := c.cmd.Flags().Set(f.Name, v.Text); err != nil {
			// The value is not told: it may have been meant for another variable.
			refused := misuse(name+" has a value that --"+f.Name+" does not take", name+" ("+v.From.String()+") stands for --"+f.Name)
			var invalid *pflag.InvalidValueError
			if errors.As(err, &invalid) {
				refused = misuse(name+" has a value that --"+f.Name+" does not take", "as the flag: "+valueAdvice(invalid))
			}
			return refused
		}
		if c.flagFrom == nil {
			c.flagFrom = map[string]settings.Provenance{}
		}
		c.flagFrom[f.Name] = v.From
	}
	return nil
}

// variable looks a variable up in the environment and the env files.
func (c *call) variable(name string) (settings.Value, bool) {
	s, _ := c.settings() // what is wrong with others is told where they are used
	return s.Lookup(name)
}

// envFiles are the files of --env-file, or else those of MIGRATE_ENV_FILE.
func (c *call) envFiles() []string {
	if len(c.shared.envFiles) > 0 {
		return c.shared.envFiles
	}
	return slices.DeleteFunc(filepath.SplitList(c.env("MIGRATE_ENV_FILE")), func(p string) bool { return p == "" })
}

// strayVariables are variables that are spelled like ours and stand for nothing,
// with what may have been meant.
func (p *program) strayVariables() map[string]string {
	known := []string{"MIGRATE_DATABASE_URL", "MIGRATE_DATABASE_URL_FILE", "MIGRATE_ENV_FILE", "MIGRATE_ON_START"}
	for _, cmd := range append(p.root.Commands(), p.root) {
		for _, f := range p.ownFlags(cmd) {
			known = append(known, flagVariable(f.Name))
		}
	}
	stray := map[string]string{}
	for _, e := range p.environ() {
		name, value, _ := strings.Cut(e, "=")
		if strings.HasPrefix(name, "MIGRATE_") && value != "" && !slices.Contains(known, name) {
			stray[name] = nearest(name, known)
		}
	}
	return stray
}
