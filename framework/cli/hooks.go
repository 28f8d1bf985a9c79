package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/history"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/spf13/pflag"
	"github.com/uptrace/bun"
)

// hookFlags say what happens around a run that changes something.
type hookFlags struct {
	before   string
	after    string
	required bool
	copies   int
}

func (h *hookFlags) define(fs *pflag.FlagSet) {
	fs.StringVar(&h.before, "before", "", "a `command` that is run once before the first change, such as a backup")
	fs.StringVar(&h.after, "after", "", "a `command` that is run once behind the last change, also when it failed")
	fs.BoolVar(&h.required, "require-before", false, "change nothing without --before")
	fs.IntVar(&h.copies, "copies", 3, "SQLite: keep this many copies of the file, made before it is changed; 0 makes none")
}

// hooks are the commands around one run.
type hooks struct {
	*call
	flags         *runFlags
	before, after []string
	say           func(string)
	store         *history.Store
	begun         bool
	asked         bool           // whether the database has a history
	steps         []migrate.Step // of the first plan
}

// newHooks reads the flags.
func (c *call) newHooks(f *runFlags) (*hooks, error) {
	h := &hooks{call: c, flags: f}
	var err error
	if h.before, err = hookWords("before", f.hooks.before); err == nil {
		h.after, err = hookWords("after", f.hooks.after)
	}
	if err == nil && f.hooks.copies < 0 {
		err = misuse("--copies cannot be negative", "to make no copies: --copies 0")
	}
	return h, err
}

// sayOf is where a line of a run goes that is no event.
func (c *call) sayOf(show *progress) func(string) {
	switch {
	case c.logs():
		return func(line string) { c.logger().Info(strings.TrimSpace(line)) }
	case c.wantsJSON():
		return c.err.line
	}
	return show.say
}

// hookWords splits a command at spaces. No shell takes part; a word with a space in
// it is written as JSON, as in a Dockerfile.
func hookWords(flag, text string) ([]string, error) {
	if !strings.HasPrefix(strings.TrimSpace(text), "[") {
		return strings.Fields(text), nil
	}
	var words []string
	if err := json.Unmarshal([]byte(text), &words); err != nil || len(words) == 0 {
		return nil, misuse("--"+flag+" is no list of words in JSON", `write it as ["/bin/backup", "--to", "/backup/my shop"], or without brackets`)
	}
	return words, nil
}

// first is migrate.Options.Before.
func (h *hooks) first(ctx context.Context, db bun.IDB, steps []migrate.Step) error {
	if h.begun { // redo runs twice
		return nil
	}
	if len(h.before) == 0 && h.flags.hooks.required {
		return &refusal{code: codeUsage, what: "nothing may be changed here without a command before it", why: []string{"--require-before is set, and --before names none"},
			next: []string{"name one, such as a backup: --before \"pg_dump -Fc -f /backup/shop.dump\""}}
	}
	if err := h.asksForHistory(ctx, db); err != nil {
		return err
	}
	h.begun, h.steps = true, steps
	if err := h.command(ctx, "before", h.before); err != nil {
		return &refusal{code: codeFailed, what: "the command before the run failed, so nothing was changed", why: []string{h.before[0] + ": " + err.Error()},
			next: []string{"correct it, then run it again"}}
	}
	return h.copyFirst(ctx, db)
}

// last runs the command behind a run that has begun to change something.
func (h *hooks) last(ctx context.Context, failed error) error {
	if !h.begun || len(h.after) == 0 {
		return failed
	}
	outcome := "done"
	if failed != nil {
		outcome = "failed"
	}
	err := h.command(context.WithoutCancel(ctx), "after", h.after, "HOOK_OUTCOME="+outcome)
	if err == nil || failed != nil {
		return failed
	}
	return &refusal{code: codeFailed, what: "the command after the run failed", why: []string{h.after[0] + ": " + err.Error(), "the run itself is done"},
		next: []string{"see what was done: {migrate} status"}}
}

// command runs a command with what it needs in its environment, and shows what it
// says, without secrets, on standard error.
func (h *hooks) command(ctx context.Context, which string, words []string, more ...string) error {
	if len(words) == 0 {
		return nil
	}
	said := &sayer{say: func(line string) { h.say("  " + h.scrub(line)) }}
	defer said.end()
	h.say(fmt.Sprintf("  %-9s %s", which, h.scrub(strings.Join(words, " "))))
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Env = append(append(h.environ(), h.hookEnvironment(which)...), more...)
	cmd.Stdout, cmd.Stderr = said, said
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	return cmd.Run()
}

// hookEnvironment tells a command what is about to run and where the database is:
// its address, with its secrets, is nowhere on a command line.
func (h *hooks) hookEnvironment(which string) []string {
	ids := make([]string, len(h.steps))
	for i, s := range h.steps {
		ids[i] = s.ID
	}
	env := []string{"HOOK=" + which, "HOOK_COMMAND=" + h.name(), "HOOK_MIGRATIONS=" + strings.Join(ids, " ")}
	if len(h.steps) > 0 {
		env = append(env, "HOOK_DIRECTION="+h.steps[0].Direction.String())
	}
	if h.link.URL == "" { // only the application knows
		return env
	}
	if tools, ok := h.conn.dialect.(dialect.Environer); ok {
		env = append(env, tools.Environ(h.link.URL)...)
	}
	return append(env, "DATABASE_URL="+h.link.URL)
}

// sayer tells what is written to it line by line.
type sayer struct {
	mu   sync.Mutex
	say  func(string)
	rest []byte
}

func (s *sayer) Write(text []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rest = append(s.rest, text...)
	for {
		line, rest, ok := bytes.Cut(s.rest, []byte("\n"))
		if !ok {
			return len(text), nil
		}
		s.say(strings.TrimRight(string(line), "\r"))
		s.rest = rest
	}
}

// end tells a last line without an end.
func (s *sayer) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.rest) > 0 {
		s.say(string(s.rest))
		s.rest = nil
	}
}
