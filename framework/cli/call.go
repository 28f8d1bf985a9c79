package cli

import (
	"context"
	"io"
	"strings"

	"github.com/leavendb/leaven/framework/cli/settings"
	"github.com/spf13/cobra"
)

// call is one run of one command.
type call struct {
	*program
	ctx  context.Context
	cmd  *cobra.Command
	args []string
	in   io.Reader
	out  output // results
	err  output // header, progress, notes, errors

	set      settings.Settings
	setErr   error
	resolved bool     // set and setErr hold
	hidden   []string // what scrub takes out, for hiddenOf
	hiddenOf string
	flagFrom map[string]settings.Provenance // flags that were set by a variable
	link     link                           // where the database is; set by locate
	conn     *connection
	notes    []string
	reading  bool       // the command only looks
	headed   bool       // the header was shown
	report   *runReport // of a run that was begun; nil: none was
	signal   int        // exit code of the first signal; 0: none
}

// perform runs a verb and shows its outcome.
func (p *program) perform(cmd *cobra.Command, args []string, do verb) error {
	ctx := cmd.Context()
	if ctx == nil {
		ctx = context.Background()
	}
	c := &call{
		program: p, ctx: ctx, cmd: cmd, args: args, in: cmd.InOrStdin(),
		out: p.output(cmd.OutOrStdout()), err: p.output(cmd.ErrOrStderr()),
	}
	defer c.close()
	if err := c.flagsFromEnvironment(); err != nil {
		return c.finish(nil, err)
	}
	v, err := c.safely(do)
	return c.finish(v, err)
}

// finish shows a view and an error, as text or as one JSON document, and returns
// what carries the exit code.
func (c *call) finish(v view, err error) error {
	code := codeOK
	var e *explained
	if err != nil {
		e = c.explain(err)
		code = e.code
	} else if s, ok := v.(exiting); ok {
		code = s.exitCode()
	}
	d := document{Command: c.name(), Code: code, View: v, Notes: c.notes, Error: e}
	switch {
	case c.wantsEvents():
		d.writeLine(c.out)
	case c.wantsJSON():
		d.write(c.out)
	case v != nil:
		v.show(c)
	}
	switch {
	case c.logs():
		c.logOutcome(v, e, code)
	case e != nil:
		e.write(c.err)
	}
	if code == codeOK {
		return nil
	}
	return &exitError{code: code, err: err}
}

// name is the command's name in documents, also when an alias was called.
func (c *call) name() string {
	if c.cmd == c.root {
		return "status"
	}
	return c.cmd.Name()
}

// word returns the i-th word after the command, or an empty string.
func (c *call) word(i int) string {
	if i < len(c.args) {
		return c.args[i]
	}
	return ""
}

// qualify writes commands in advice of the library ("run: status") as they are
// called here.
func (c *call) qualify(text string) string {
	for _, name := range c.commandNames() {
		for _, before := range []string{"run: ", "or: "} {
			for _, after := range []string{" ", ",", ";"} {
				text = strings.ReplaceAll(text+" ", before+name+after, before+"{migrate} "+name+after)
				text = strings.TrimSuffix(text, " ")
			}
		}
	}
	return text
}

// note tells the operator something that is not an error.
func (c *call) note(text string) {
	c.notes = append(c.notes, text)
	switch {
	case c.wantsJSON():
	case c.logs():
		c.logger().Info(text)
	default:
		c.err.line(c.err.dim("Note:  ") + text)
	}
}
