package record

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/history"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// Script is SQL that does what a run does, with the rows of the history, so that
// a run afterwards finds what it would have left itself.
type Script struct {
	Head  []string // comments before everything
	Parts []Part
}

// Part is one migration of a script, or its preparation.
type Part struct {
	ID      string // empty: preparation
	Tainted string // why the work is not in its lines; empty: it is. They then only demand that it is done
	Lines   []Line
}

// Line is one statement, or one comment.
type Line struct {
	Comment string
	SQL     string
}

// Plan is what a script is made of.
type Plan struct {
	Dialect    dialect.Dialect
	Store      *history.Store
	Offline    *migrate.Offline
	Migrations []Migration

	Create bool   // make the tables of the history first
	Batch  int64  // of the rows; 0: not known
	Name   string // how the program is called, for advice; empty: migrate
	Role   string // runs everything, where there are roles; empty: the connected user
	OneTx  bool   // one transaction for all migrations, none of which may be NoTx

	// Interrupted are the states of rows that an interrupted run has left: those
	// migrations are taken up again.
	Interrupted map[string]history.State
}

// NewScript writes the script of a plan. The same plan gives the same text.
func NewScript(ctx context.Context, p Plan) (*Script, error) {
	offline, ok := p.Dialect.(dialect.Offline)
	if !ok {
		return nil, fmt.Errorf("the dialect %s cannot show SQL without a database", p.Dialect.Name())
	}
	if p.Name == "" {
		p.Name = "migrate"
	}
	w := scripting{Plan: p, shell: offline.Shell()}
	s := &Script{Head: []string{"SQL for " + p.Dialect.Name() + ", written by Leaven. To run it: " + w.shell.Run}}
	first, err := w.preparation(ctx)
	if err != nil {
		return nil, err
	}
	if len(first.Lines) > 0 {
		s.Parts = append(s.Parts, first)
	}
	if p.OneTx && len(p.Migrations) > 0 {
		s.Parts = append(s.Parts, w.together()...)
		return s, nil
	}
	for _, m := range p.Migrations {
		s.Parts = append(s.Parts, w.part(m))
	}
	return s, nil
}

// scripting is one NewScript.
type scripting struct {
	Plan
	shell dialect.Shell
}

func (w *scripting) preparation(ctx context.Context) (Part, error) {
	var p Part
	p.run(w.shell.Prepare...)
	if !w.Create {
		return p, nil
	}
	p.say("The tables of the history.")
	w.begin(&p)
	for _, o := range w.Store.Creating() {
		statements, err := w.Dialect.Render(ctx, o, op.Fold{Schema: &schema.Schema{}})
		if err != nil {
			return p, err
		}
		for _, s := range statements {
			p.run(s.SQL)
		}
	}
	p.run("COMMIT")
	return p, nil
}

// part writes one migration.
func (w *scripting) part(m Migration) Part {
	p := Part{ID: m.ID, Tainted: m.Tainted}
	p.say(m.ID + " (" + m.Direction.String() + ")")
	if m.Tainted != "" {
		p.say("NOT HERE: it " + m.Tainted + ".")
		p.say("Run what stands above, then: " + w.Name + " " + m.Direction.String() + " 1, then what stands below,")
		p.say("which fails at once as long as this is not done.")
		if m.Direction == migrate.Down {
			p.run(w.Store.Demand(m.ID, ""))
		} else {
			p.run(w.Store.Demand(m.ID, history.Applied))
		}
		return p
	}
	if m.NoTx {
		w.outside(&p, m)
		return p
	}
	w.open(&p, m.ForeignKeysOff)
	begin, end := w.writes(m)
	p.run(begin...)
	w.work(&p, m)
	w.check(&p, m.ForeignKeysOff)
	p.run(end...)
	w.close(&p, m.ForeignKeysOff)
	return p
}

// outside writes a migration that has no transaction.
func (w *scripting) outside(p *Part, m Migration) {
	begin, end := w.writes(m)
	p.say("Outside a transaction: if it is interrupted, the history says so.")
	if w.Role != "" {
		p.run("SET ROLE " + w.Dialect.Quote(w.Role))
	}
	p.run("BEGIN")
	p.run(begin...)
	p.run("COMMIT")
	w.work(p, m)
	p.run("BEGIN")
	p.run(end...)
	p.run("COMMIT")
	if w.Role != "" {
		p.run("RESET ROLE")
	}
}

// together writes all migrations in one transaction, between a part that begins
// and one that ends it.
func (w *scripting) together() []Part {
	off := slices.ContainsFunc(w.Migrations, func(m Migration) bool { return m.ForeignKeysOff })
	var first, last Part
	first.say("One transaction for all of them.")
	w.open(&first, off)
	parts := []Part{first}
	for _, m := range w.Migrations {
		p := Part{ID: m.ID, Tainted: m.Tainted}
		p.say(m.ID + " (" + m.Direction.String() + ")")
		if m.Tainted == "" {
			begin, end := w.writes(m)
			p.run(begin...)
			w.work(&p, m)
			p.run(end...)
		} else {
			p.say("NOT HERE: it " + m.Tainted + ". One transaction with the others is something that only a run can do: this fails.")
			p.run(w.Store.Demand(m.ID, history.Applied))
		}
		parts = append(parts, p)
	}
	w.check(&last, off)
	w.close(&last, off)
	return append(parts, last)
}

// open begins a transaction, with foreign keys off before it where that is
// needed; check looks at what they would have refused, and close commits.
func (w *scripting) open(p *Part, off bool) {
	if off {
		p.run(w.shell.ForeignKeysOff)
	}
	w.begin(p)
}

func (w *scripting) check(p *Part, off bool) {
	if off {
		p.say("Fails where rows refer to rows that do not exist.")
		p.run(w.Store.DemandNone(w.shell.Violations))
	}
}

func (w *scripting) close(p *Part, off bool) {
	p.run("COMMIT")
	if off {
		p.run(w.shell.ForeignKeysOn)
	}
}

// begin begins a transaction.
func (w *scripting) begin(p *Part) {
	p.run("BEGIN")
	if w.Role != "" {
		p.run("SET LOCAL ROLE " + w.Dialect.Quote(w.Role))
	}
}

func (w *scripting) work(p *Part, m Migration) {
	rest := 0 // statements of the operation that was begun
	for i, s := range m.Statements {
		if rest--; rest < 0 && s.Op != nil {
			rest = s.of - 1
			if s.IfAbsent {
				p.say("Skipped where " + s.Op.Object().String() + " exists already; a run would compare the two, and remember.")
			}
			if tables := makesAnew(s.Op, sqls(m.Statements[i:i+s.of])); len(tables) > 0 {
				p.say("Makes table " + strings.Join(tables, ", ") + " anew as the migrations know it. Indexes, triggers and columns made by hand would go; a run keeps them.")
			}
		}
		p.run(s.SQL)
	}
	for _, e := range m.Events {
		if e.Outcome == op.Kept {
			p.say(e.Op.Object().String() + " is kept: the migration had found it.")
		}
	}
}

func sqls(statements []Statement) []string {
	all := make([]string, len(statements))
	for i, s := range statements {
		all[i] = s.SQL
	}
	return all
}

// writes are the statements of the history before and after the work.
func (w *scripting) writes(m Migration) (begin, end []string) {
	// Nobody knows who runs a file, and when; the attempt only has to be its own.
	r := w.Offline.Record(m.ID)
	r.Attempt, r.AppliedBy, r.Batch = "sql:"+m.Direction.String()+":"+m.ID, "a script of SQL", w.Batch
	r.Target = w.target()
	e := history.LogEntry{ID: m.ID, Attempt: r.Attempt, Action: history.ActUp, Outcome: history.Done, Batch: w.Batch, AppliedBy: r.AppliedBy, Tool: r.Tool}
	was, interrupted := w.Interrupted[m.ID]
	// An UPDATE that hits nothing is no error: it must have hit the row.
	take := func(to history.State) []string {
		return []string{w.Store.SetState([]string{m.ID}, was, to, r.Attempt), w.Store.Demand(m.ID, to)}
	}
	if m.Direction == migrate.Down {
		e.Action = history.ActDown
		if !interrupted {
			was = history.Applied
		}
		begin, end = take(history.Reverting), []string{w.Store.DeleteReverting([]string{m.ID}, r.Attempt)}
	} else {
		records := []history.Record{r}
		begin, end = []string{w.Store.InsertRunning(records)}, []string{w.Store.SetApplied(records)}
		if interrupted {
			begin = take(history.Running)
		}
	}
	end = append(end, w.Store.Append([]history.LogEntry{e}))
	if e.Outcome = history.Begun; m.NoTx {
		begin = append(begin, w.Store.Append([]history.LogEntry{e}))
	}
	return begin, end
}

func (w *scripting) target() string {
	if n := len(w.Migrations); n > 0 {
		return w.Migrations[n-1].ID
	}
	return ""
}

func (p *Part) say(text string) {
	p.Lines = append(p.Lines, Line{Comment: strings.Join(strings.Fields(text), " ")})
}

func (p *Part) run(statements ...string) {
	for _, sql := range statements {
		p.Lines = append(p.Lines, Line{SQL: sql})
	}
}

// Statements returns the statements in order, without comments.
func (p Part) Statements() []string {
	var all []string
	for _, l := range p.Lines {
		if l.SQL != "" {
			all = append(all, l.SQL)
		}
	}
	return all
}

// Text is the part as it stands in a file.
func (p Part) Text() string {
	var b strings.Builder
	for _, l := range p.Lines {
		if l.SQL == "" {
			b.WriteString("-- " + l.Comment + "\n")
			continue
		}
		b.WriteString(terminated(l.SQL) + "\n")
	}
	return b.String()
}

// terminated ends a statement, behind a comment on its last line, too.
func terminated(sql string) string {
	sql = strings.TrimRight(strings.TrimSpace(sql), "; \t\n")
	if last := sql[strings.LastIndexByte(sql, '\n')+1:]; strings.Contains(last, "--") {
		sql += "\n"
	}
	return sql + ";"
}

// WriteTo writes the script as a file of SQL.
func (s *Script) WriteTo(w io.Writer) (int64, error) {
	var b strings.Builder
	for _, line := range s.Head {
		b.WriteString("-- " + line + "\n")
	}
	for _, p := range s.Parts {
		b.WriteString("\n" + p.Text())
	}
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}

// Tainted returns the parts that are not shown.
func (s *Script) Tainted() []Part {
	var all []Part
	for _, p := range s.Parts {
		if p.Tainted != "" {
			all = append(all, p)
		}
	}
	return all
}
