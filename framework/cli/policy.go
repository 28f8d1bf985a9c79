package cli

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"github.com/mattn/go-isatty"
)

// writesSource refuses where source files are not to be written.
func (c *call) writesSource() error {
	if c.guarded() {
		return forbidden(fmt.Sprintf("%s writes source files, which is refused here", c.cmd.Name()),
			fmt.Sprintf("APP_ENV is %q: sources are written where they are developed", c.appEnv()),
			"run it on a development machine, and commit the file")
	}
	return nil
}

// consent asks before something that cannot be taken back; where nobody can
// answer it refuses.
func (c *call) consent(todo string) error {
	if !c.canAsk() {
		return &refusal{code: codeUsage, what: "nobody has agreed to " + todo, why: []string{fmt.Sprintf("APP_ENV is %q, so it is asked, and nobody is here to answer", c.appEnv())},
			next: []string{"to agree, add: --yes"}}
	}
	_, _ = fmt.Fprint(c.err.w, c.err.yellow("Really "+todo+"?")+" [y/N] ")
	answer, _ := bufio.NewReader(c.in).ReadString('\n')
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return &refusal{code: codeUsage, what: "not agreed, so nothing was done", next: []string{"to agree without being asked, add: --yes"}}
}

// canAsk reports whether questions reach a person: standard input and standard
// error are both terminals.
func (c *call) canAsk() bool {
	f, ok := c.in.(*os.File)
	return ok && isatty.IsTerminal(f.Fd()) && c.err.terminal
}
