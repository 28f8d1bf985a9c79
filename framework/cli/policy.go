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

// question is put before something that cannot be taken back.
type question struct {
	todo string // revert 2 migrations, and lose data
	why  string // why it is asked
	word string // the answer that agrees; empty: y
	flag string // what agrees without being asked
}

// ask puts a question; where nobody can answer it refuses.
func (c *call) ask(q question) error {
	if !c.canAsk() {
		return &refusal{code: codeUsage, what: "nobody has agreed to " + q.todo, why: []string{q.why + ", and " + c.nobodyAnswers()},
			next: []string{"to agree, add: " + q.flag}}
	}
	hint := "[y/N]"
	if q.word != "" {
		hint = "To agree, type " + q.word + ":"
	}
	_, _ = fmt.Fprint(c.err.w, c.err.yellow("Really "+q.todo+"?")+" "+hint+" ")
	line, _ := bufio.NewReader(c.in).ReadString('\n')
	answer := strings.TrimSpace(line)
	if q.word == "" && (strings.EqualFold(answer, "y") || strings.EqualFold(answer, "yes")) || q.word != "" && answer == q.word {
		return nil
	}
	return &refusal{code: codeUsage, what: "not agreed, so nothing was done", next: []string{"to agree without being asked, add: " + q.flag}}
}

// canAsk reports whether questions reach a person: standard input and standard
// error are both terminals, and CI, where terminals have nobody before them, is
// not set.
func (c *call) canAsk() bool {
	f, ok := c.in.(*os.File)
	return ok && isatty.IsTerminal(f.Fd()) && c.err.terminal && !c.inCI()
}

func (c *call) inCI() bool {
	s, _ := c.settings()
	return s.CI
}

// nobodyAnswers says why a question cannot be put.
func (c *call) nobodyAnswers() string {
	if c.inCI() {
		return "where CI is set nothing is asked"
	}
	return "nobody is here to answer"
}
