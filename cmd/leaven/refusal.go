package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/mattn/go-isatty"
)

// The exit codes are those of the migration program that have a meaning here.
const (
	codeOK     = 0
	codeFailed = 1 // unexpected
	codeUsage  = 2 // usage, configuration, consent missing
	codeDouble = 7 // two migrations have the same ID
	codePolicy = 9 // refused by policy: production
)

// refusal is something that is not done: what happened, why, what is true now,
// and what to do next. Its texts are whole lines for people; {leaven} in them is
// what to type to call the program.
type refusal struct {
	code  int
	what  string   // one clause, lower case, without a full stop
	why   []string // may be empty
	state string   // one clause; may be empty
	next  []string // commands or advice
}

func (r *refusal) Error() string { return r.what }

// misuse refuses because of how the program was called.
func misuse(what string, next ...string) error {
	return &refusal{code: codeUsage, what: what, next: next}
}

// show writes an error in its four parts, and returns its exit code.
func (g *generator) show(err error) int {
	var r *refusal
	if !errors.As(err, &r) {
		r = &refusal{code: codeFailed, what: err.Error()}
	}
	var b strings.Builder
	b.WriteString(g.paint("1;31", "Error:") + " " + sentence(r.what) + "\n")
	for _, w := range r.why {
		b.WriteString("  " + strings.ReplaceAll(strings.TrimRight(w, "\n"), "\n", "\n  ") + "\n")
	}
	if r.state != "" {
		b.WriteString(g.paint("1", "State:") + " " + sentence(r.state) + "\n")
	}
	label := g.paint("1", "Next:") + "  "
	for _, n := range r.next {
		b.WriteString(label + n + "\n")
		label = "       "
	}
	_, _ = fmt.Fprint(g.err, strings.ReplaceAll(b.String(), "{leaven}", called()))
	return r.code
}

// note tells something that is not an error.
func (g *generator) note(text string) {
	_, _ = fmt.Fprintln(g.err, g.paint("2", "Note:  ")+strings.ReplaceAll(text, "{leaven}", called()))
}

// say writes a line of the result.
func (g *generator) say(text string) { _, _ = fmt.Fprintln(g.out, text) }

// sentence ends a clause with a full stop.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if strings.HasSuffix(text, ".") || strings.HasSuffix(text, "?") {
		return text
	}
	return text + "."
}

// paint colours text on a terminal whose owner did not say NO_COLOR.
func (g *generator) paint(code, text string) string {
	if !onTerminal(g.err) || g.env("NO_COLOR") != "" || g.env("TERM") == "dumb" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// onTerminal reports whether a person is at the other end.
func onTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}
