package cli

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/mattn/go-isatty"
)

// free are the words for APP_ENV under which nothing asks and nothing is
// refused. Every other word guards, so that a typo never switches guards off.
var free = []string{"", "development", "dev", "local", "test", "testing", "ci"}

// guarded reports whether APP_ENV names a place where data matters.
func (c *call) guarded() bool {
	return !slices.Contains(free, strings.ToLower(strings.TrimSpace(c.env("APP_ENV"))))
}

// writesSource refuses where source files are not to be written.
func (c *call) writesSource() error {
	if c.guarded() {
		return forbidden(fmt.Sprintf("%s writes source files, which is refused here", c.cmd.Name()),
			fmt.Sprintf("APP_ENV is %q: sources are written where they are developed", c.env("APP_ENV")),
			"run it on a development machine, and commit the file")
	}
	return nil
}

// consent asks before something that cannot be taken back; where nobody can
// answer it refuses.
func (c *call) consent(todo string) error {
	if !c.canAsk() {
		return &refusal{code: codeUsage, what: "nobody has agreed to " + todo, why: []string{fmt.Sprintf("APP_ENV is %q, so it is asked, and nobody is here to answer", c.env("APP_ENV"))},
			next: []string{"to agree, add: --yes"}}
	}
	_, _ = fmt.Fprint(c.err.w, c.err.yellow("Really "+todo+"?")+" [y/N] ")
	answer, _ := bufio.NewReader(c.in).ReadString('\n')
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return &refusal{code: codeUsage, what: "not agreed: nothing was done", next: []string{"to agree without being asked, add: --yes"}}
}

// canAsk reports whether questions reach a person: standard input and standard
// error are both terminals.
func (c *call) canAsk() bool {
	f, ok := c.in.(*os.File)
	return ok && isatty.IsTerminal(f.Fd()) && c.err.terminal
}
