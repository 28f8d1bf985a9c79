package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/internal/pattern"
	"github.com/leavendb/leaven/framework/migrate"
)

// explain says what an error means and which exit code belongs to it. It is the
// one place where errors of the library become words of the command line.
func (c *call) explain(err error) *explained {
	e := c.explainCause(err)
	if c.signal != 0 {
		e.code = c.signal
	}
	e.What, e.State = c.scrub(c.self(e.What)), c.scrub(c.self(e.State))
	for i := range e.Why {
		e.Why[i] = c.scrub(e.Why[i])
	}
	for i := range e.Next {
		e.Next[i] = c.scrub(c.self(c.qualify(e.Next[i])))
	}
	return e
}

func (c *call) explainCause(err error) *explained {
	var (
		crash        *panicError
		refused      *refusal
		step         *migrate.StepError
		registry     *migrate.RegistryError
		revision     *migrate.RevisionError
		history      *migrate.HistoryError
		irreversible *migrate.IrreversibleError
		lock         *migrate.LockError
		database     *migrate.DatabaseError
		config       *migrate.ConfigError
		stopped      *migrate.StoppedError
	)
	switch {
	case errors.As(err, &crash):
		return c.explainCrash(crash)
	case errors.As(err, &refused):
		return &explained{Kind: kindOf(refused.code), What: refused.what, Why: refused.why, State: refused.state, Next: refused.next, code: refused.code}
	case errors.As(err, &stopped):
		return c.explainStopped(stopped)
	case errors.As(err, &step):
		return c.explainStep(step)
	case errors.As(err, &lock):
		return explainLock(lock)
	case errors.As(err, &database):
		return c.explainDatabase(database)
	case errors.As(err, &registry):
		return c.explainRegistry(registry)
	case errors.As(err, &revision):
		return c.explainRevision(revision)
	case errors.As(err, &history):
		return c.explainHistory(history)
	case errors.As(err, &irreversible):
		return &explained{
			Kind: "irreversible", What: "migration " + irreversible.ID + " cannot be reverted", Why: []string{irreversible.Why}, ID: irreversible.ID,
			State: "nothing was touched", Next: []string{"write a new migration that goes on from here: {migrate} new NAME", "or restore a backup"}, code: codePolicy,
		}
	case errors.As(err, &config):
		e := &explained{Kind: "configuration", What: config.What, State: "nothing was touched", Next: lines(config.Next), code: codeUsage}
		if config.Err != nil {
			e.Why = []string{config.Err.Error()}
			if f := c.classify(config.Err); f.Class == dialect.NoPrivilege {
				e.Why, e.Next, e.SQLState = []string{faultText(f, config.Err)}, hintFor(f, c.link).next, f.Code
			}
		}
		return e
	}
	return c.explainOther(err)
}

// kindOf names a refusal of ours for programs.
func kindOf(code int) string {
	switch code {
	case codePolicy:
		return "policy"
	case codeHistory:
		return "history"
	case codeDatabase:
		return "database"
	case codeDiffer:
		return "differ"
	case codeFailed:
		return "failed"
	}
	return "usage"
}

func (c *call) explainStep(e *migrate.StepError) *explained {
	what := "migration " + e.ID + " failed"
	if e.Direction == migrate.Down {
		what = "reverting migration " + e.ID + " failed"
	}
	if e.Statement > 0 {
		what += fmt.Sprintf(" at statement %d", e.Statement)
	}
	x := &explained{
		Kind: "step", What: what, ID: e.ID, SQLState: e.Fault.Code, Where: c.inDir(e.File), code: codeFailed,
		State: c.stillAt(e.State), Next: lines(e.Next),
	}
	if e.File != "" { // the same place, written the same way
		x.Next = lines(strings.ReplaceAll(c.corrected(e.Next), e.File, x.Where))
	}
	if e.SQL != "" {
		x.Why = append(x.Why, pointed(e.SQL, placeOf(e.SQL, e.Fault))...)
	}
	x.Why = append(x.Why, faultText(e.Fault, e.Err))
	h := hintFor(e.Fault, c.link)
	if h.why != "" {
		x.Why = append(x.Why, h.why)
	}
	if e.Fault.Hint != "" {
		x.Why = append(x.Why, "the server's hint: "+oneLine(e.Fault.Hint))
	} else if name := c.meant(e.Fault); name != "" {
		x.Why = append(x.Why, "did you mean "+name+"?")
	}
	if e.Fault.Class == dialect.Exists && strings.Contains(e.Next, "resolve") {
		h.next = h.next[:1] // an interrupted one is not stamped, but resolved
	} else if first := c.thereBefore(e); first != nil {
		h.next = slices.Concat(first, h.next[:1])
	}
	x.Next = append(fill(h.next, e.ID), x.Next...)
	if e.Direction == migrate.Down && c.neverRan(e.ID) {
		x.Why = append(x.Why, "it was recorded without being run by Leaven, so that what it makes may not be there")
		x.Next = append([]string{"when nothing of its work is there, take its record away with stamp --purge; how: {migrate} help stamp"}, x.Next...)
	}
	if c.shared.debug {
		x.Stack = e.Stack
	}
	return x
}

// stillAt adds to a state where the database stands, when a run told us.
func (c *call) stillAt(state string) string {
	if c.report == nil || strings.Contains(state, "Still at") {
		return state
	}
	return sentence(state) + " Still at " + orBase(c.report.To)
}

func explainLock(e *migrate.LockError) *explained {
	x := &explained{Kind: "locked", What: e.Error(), ID: e.ID, code: codeLocked, State: "nothing was changed"}
	for _, b := range e.Blockers {
		x.Why = append(x.Why, session(b))
	}
	if e.ID == "" {
		x.Next = []string{"when the other runner has ended, run: {migrate} up", "or wait longer: --lock-wait 30m"}
		return x
	}
	x.Next = []string{"end what holds the lock, or wait longer (--lock-wait 30m), then run: {migrate} up"}
	if len(e.Blockers) > 0 && e.Blockers[0].PID != 0 {
		x.Next = append(x.Next, fmt.Sprintf("to end it: SELECT pg_terminate_backend(%d)", e.Blockers[0].PID))
	}
	return x
}

// session describes who blocks.
func session(s dialect.Session) string {
	text := fmt.Sprintf("held by pid %d", s.PID)
	if s.Application != "" {
		text += " (" + s.Application + ")"
	}
	if s.User != "" {
		text += " of " + s.User
	}
	if s.State != "" {
		text += ", " + s.State
	}
	if s.Age > 0 {
		text += " for " + took(s.Age)
	}
	if s.Query != "" {
		text += ": " + s.Query
	}
	return text
}

func (c *call) explainStopped(e *migrate.StoppedError) *explained {
	x := &explained{Kind: "stopped", What: "stopped before the next migration", ID: e.ID, State: e.State, Next: advised(e.Next), code: codeInterrupted}
	if len(x.Next) == 0 {
		x.Next = []string{"to go on, run: {migrate} up"}
		if slices.Contains([]string{"down", "redo", "reset"}, c.cmd.Name()) { // a number would count anew
			x.Next = []string{"to see how far it came, run: {migrate} status"}
		}
	}
	if e.ID != "" {
		x.What = "migration " + e.ID + " was cancelled"
	}
	if c.signal == 0 && errors.Is(e.Err, context.DeadlineExceeded) {
		x.Why, x.code = []string{"the time that was given to it has passed"}, codeFailed
	}
	x.State = c.stillAt(x.State)
	return x
}

func (c *call) explainDatabase(e *migrate.DatabaseError) *explained {
	x := &explained{
		Kind: "database", What: c.databaseTrouble(e), SQLState: e.Fault.Code, code: codeDatabase,
		Why: []string{faultText(e.Fault, e.Err)},
	}
	h := hintForText(e.Err, c.link)
	trouble := c.link.trouble(c.ctx, e.Fault)
	switch {
	case trouble != nil:
		x.Why = []string{trouble.Error()}
	case e.Fault.Code == notSQLite: // said already
		x.Why = nil
	}
	if errors.Is(trouble, os.ErrPermission) {
		x.What, h = "this user may not open the database: "+c.link.Shown, hintForText(trouble, c.link)
	} else if e.Fault.Class != dialect.Other && !h.better {
		h = hintFor(e.Fault, c.link)
	}
	if h.why != "" {
		x.Why = append(x.Why, h.why)
	}
	x.Next = fill(h.next, "")
	if len(x.Next) == 0 {
		x.Next = []string{"see where the address comes from: {migrate} info"}
	}
	return x
}

func (c *call) databaseTrouble(e *migrate.DatabaseError) string {
	where := c.link.Shown
	if where == "" {
		where = "the database"
	}
	switch e.Fault.Class {
	case dialect.Auth:
		return "the server does not accept this user and password: " + where
	case dialect.NoDatabase:
		switch {
		case e.Fault.Code == notSQLite && c.link.file():
			return "the file is not a SQLite database: " + where
		case c.link.file():
			return "the database file cannot be opened: " + where
		}
		return "there is no such database: " + where
	case dialect.TLS:
		return "no agreement on TLS with the server: " + where
	case dialect.NoPrivilege:
		return "the user may not do this in the database: " + where
	}
	if errors.Is(e, migrate.ErrReadOnly) {
		return "the database takes no writes: " + where
	}
	return "the database cannot be reached: " + where
}

func (c *call) explainRegistry(e *migrate.RegistryError) *explained {
	x := &explained{Kind: "registry", What: "the registered migrations have faults", State: "nothing was touched", code: codeHistory}
	if len(e.Problems) == 1 {
		x.What, x.ID, x.Where = e.Problems[0].Message, e.Problems[0].ID, e.Problems[0].Where
		x.Next = []string{c.corrected("correct it, then run: {migrate} validate")}
		return x
	}
	for _, p := range e.Problems {
		x.Why = append(x.Why, p.String())
	}
	x.Next = []string{c.corrected("correct them, then run: {migrate} validate")}
	return x
}

func (c *call) explainRevision(e *migrate.RevisionError) *explained {
	x := &explained{Kind: "revision", What: fmt.Sprintf("no migration is called %q", e.Revision), code: codeUsage, Next: []string{"for all migrations, run: {migrate} status"}}
	if len(e.Matches) > 1 {
		x.What, x.Why, x.Next = fmt.Sprintf("%q is the beginning of several migrations", e.Revision), e.Matches, []string{"write more of the ID"}
	} else if near := cmp.Or(e.Nearest, c.containing(e.Revision)); near != "" {
		x.Next = append([]string{"did you mean: " + near}, x.Next...)
	}
	return x
}

// containing is the only known ID in which a word stands; else empty.
func (c *call) containing(word string) string {
	found := ""
	for _, m := range c.known() {
		if word == "" || !strings.Contains(m.ID, word) {
			continue
		}
		if found != "" {
			return ""
		}
		found = m.ID
	}
	return found
}

func (c *call) explainHistory(e *migrate.HistoryError) *explained {
	what := strings.Join(e.IDs, ", ")
	x := &explained{Kind: "history", State: cmp.Or(e.State, "nothing was touched"), code: codeHistory, Why: lines(e.Detail)}
	if len(e.IDs) == 1 {
		x.ID = e.IDs[0]
	}
	switch {
	case errors.Is(e, migrate.ErrTwoHeads):
		x.What = "the migrations have two heads: " + strings.Join(e.IDs, " and ")
		if !slices.Contains(c.commandNames(), "rebase") { // then we say how it is done by hand
			x.Next = afterTwoHeads(e.IDs, strings.Join(e.Next, "\n"))
			return x
		}
	case errors.Is(e, migrate.ErrUnknown):
		x.What = "applied, but not known to this program: " + what
		if len(x.Why) == 0 {
			x.Why = []string{"the database is newer than this program, or the file is gone"}
		}
	case errors.Is(e, migrate.ErrEdited):
		x.What = "edited after it was applied: " + what
	case errors.Is(e, migrate.ErrOutOfOrder):
		x.What = "out of order: " + what
	case errors.Is(e, migrate.ErrInterrupted):
		x.What = "interrupted, and nobody knows how far it came: " + what
	case errors.Is(e, migrate.ErrDeleted):
		x.What = "applied, but its row was removed from the history: " + what
	case errors.Is(e, migrate.ErrGap):
		x.What = "a migration is applied without its parent: " + what
	default:
		x.What = e.Error()
	}
	x.Next = advised(e.Next)
	if errors.Is(e, migrate.ErrUnknown) && slices.ContainsFunc(c.unbuilt(), func(id string) bool { return slices.Contains(e.IDs, id) }) {
		x.Next = []string{fmt.Sprintf("its file is in the folder %q: build this program again, then run the same command", c.app.Dir)}
	}
	return x
}

// advised are the commands that an error names, each with the case that it is for.
func advised(commands []string) []string {
	var next []string
	for _, n := range commands {
		next = append(next, whenTo(n)+"{migrate} "+n)
	}
	return next
}

// whenTo says in which case a command that the history's error names is the right
// one: none of them may be typed without a thought.
func whenTo(command string) string {
	for _, known := range []struct{ command, when string }{
		{"resolve --applied", "when all of its work is there: "},
		{"resolve --pending", "when it is to run again from the beginning: "},
		{"repair", "to accept the file as it is now: "},
		{"merge", "to join them with a migration that does nothing else: "},
		{"rebase", "or to put one after the other: "},
		{"history", "to see who applied it and when: "},
		{"stamp --purge", "when no program has it any more, to forget it: "},
	} {
		if strings.HasPrefix(command, known.command) {
			return known.when
		}
	}
	return "run: "
}

// afterTwoHeads says how the order of two heads is decided. advice names the one
// to move ("rebase ID"), which is not applied.
func afterTwoHeads(ids []string, advice string) []string {
	move := ids[len(ids)-1]
	if m := rebase().FindStringSubmatch(advice); m != nil {
		move = m[1]
	}
	other := ids[0]
	if other == move && len(ids) > 1 {
		other = ids[1]
	}
	return []string{
		fmt.Sprintf("to put one after the other, write After: []string{%q} into %s.go, if that is not applied anywhere", other, move),
		"or join both with an empty migration: {migrate} new \"join heads\"",
	}
}

var rebase = pattern.Lazy(`rebase (\S+)`)

// explainOther is for errors without a type of ours: of Open, of the file
// system, of a driver.
func (c *call) explainOther(err error) *explained {
	fault := c.classify(err)
	x := &explained{Kind: "failed", What: oneLine(err.Error()), SQLState: fault.Code, code: codeFailed}
	if errors.Is(err, context.Canceled) {
		x.Kind, x.What, x.code = "stopped", "stopped", codeInterrupted
		return x
	}
	switch fault.Class {
	case dialect.Other:
		if h := hintForText(err, c.link); len(h.next) > 0 {
			return c.explainDatabase(&migrate.DatabaseError{Kind: migrate.ErrUnreachable, Err: err})
		}
	case dialect.Unavailable, dialect.ConnectionLost, dialect.Auth, dialect.NoDatabase, dialect.TLS:
		return c.explainDatabase(&migrate.DatabaseError{Kind: migrate.ErrUnreachable, Fault: fault, Err: err})
	case dialect.ReadOnly:
		return c.explainDatabase(&migrate.DatabaseError{Kind: migrate.ErrReadOnly, Fault: fault, Err: err})
	}
	h := hintFor(fault, c.link)
	x.Why, x.Next = lines(h.why), fill(h.next, "")
	return x
}

func faultText(f dialect.Fault, err error) string {
	text := f.Message
	if text == "" && err != nil {
		return oneLine(err.Error())
	}
	if f.Code != "" && len(f.Code) == 5 {
		text += " (SQLSTATE " + f.Code + ")"
	}
	return text
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func lines(text string) []string {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	return strings.Split(strings.TrimSpace(text), "\n")
}

// fill puts a migration's ID where a hint needs one.
func fill(next []string, id string) []string {
	var out []string
	for _, n := range next {
		if id == "" && strings.Contains(n, "{id}") {
			continue
		}
		out = append(out, strings.ReplaceAll(n, "{id}", id))
	}
	return out
}
