package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/history"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (p *program) sqlCommand() *cobra.Command {
	f := sqlFlags{dialect: choice{of: dialectNames()}}
	return p.verb(leaf{
		use: "sql [FROM:TO]", group: groupLook, max: 1, codes: lookCodes, words: rangeWords,
		short: "Print the SQL of migrations, for running it by hand",
		long: "Prints SQL that psql or sqlite3 can run: what is pending on the connected database,\n" +
			"with a transaction for each migration and the rows of the history, so that `up`\n" +
			"afterwards finds nothing to do. With FROM:TO (revisions; base:head is everything) or\n" +
			"--dialect no database is asked. A TO before FROM reverts.\n\n" +
			"A migration that reads data cannot be shown without the data: it is named, the SQL\n" +
			"behind it refuses to run before that migration is applied, and the exit code is 1\n" +
			"(--partial: 0).",
		example: "  {migrate} sql\n  {migrate} sql base:head --dialect postgres > schema.sql\n  {migrate} sql 20261121090000_add_invoices:head\n  {migrate} sql head:base",
		flags: func(fs *pflag.FlagSet) {
			fs.Var(&f.dialect, "dialect", "print for this database without asking one: "+strings.Join(f.dialect.of, ", "))
			fs.BoolVar(&f.partial, "partial", false, "exit with 0 also where a migration cannot be shown")
			f.order.defineOrder(fs)
		},
		do: func(c *call) (view, error) { return c.sql(&f) },
	})
}

type sqlFlags struct {
	dialect choice
	partial bool
	order   runFlags
}

func dialectNames() []string {
	var names []string
	for _, d := range dialect.All() {
		names = append(names, d.Name())
	}
	return names
}

func (c *call) sql(f *sqlFlags) (view, error) {
	r, err := c.rehearseSQL(f)
	if err != nil {
		return nil, err
	}
	s, err := c.script(r)
	if err != nil {
		return nil, err
	}
	v := &scriptView{Dialect: r.dialect.Name(), SQL: scriptText(s, len(r.recorded)), Migrations: []sqlView{}}
	for _, m := range r.recorded {
		v.Migrations = append(v.Migrations, c.sqlOf(m))
	}
	if c.sayTainted(r.recorded) > 0 && !f.partial {
		v.code = codeFailed
	}
	return v, nil
}

// rehearseSQL finds out which migrations are meant, and for which database.
func (c *call) rehearseSQL(f *sqlFlags) (*rehearsal, error) {
	word := c.word(0)
	if word == "" && f.dialect.is == "" {
		c.reading = true
		r, err := c.rehearse(&f.order, migrate.Up, migrate.Head, false)
		if err == nil || !errors.Is(err, migrate.ErrUnreachable) || c.conn == nil {
			return r, err
		}
		c.note(c.scrub(fmt.Sprintf("%v; this is the SQL of everything, base:head, for an empty database", err)))
	}
	if word == "" {
		word = "base:head"
	}
	from, to, ok := strings.Cut(word, ":")
	if !ok {
		return nil, misuse(fmt.Sprintf("%q does not say from where to where", word), "write FROM:TO, as in: {migrate} sql base:head")
	}
	d, err := c.dialectFor(f.dialect.is)
	if err != nil {
		return nil, err
	}
	return c.rehearseRange(&f.order, d, from, to)
}

// dialectFor is the dialect that was named, or that of the configured database.
func (c *call) dialectFor(name string) (dialect.Dialect, error) {
	for _, d := range dialect.All() {
		if d.Name() == name {
			return d, nil
		}
	}
	c.reading = true
	conn, err := c.open()
	if err != nil {
		return nil, err
	}
	return conn.dialect, nil
}

// rehearseRange records the way from one revision to another, without a database.
func (c *call) rehearseRange(f *runFlags, d dialect.Dialect, from, to string) (*rehearsal, error) {
	if f.role != "" && !d.Capabilities().Roles {
		return nil, misuse(fmt.Sprintf("%s has no roles", d.Name()), "leave --role out")
	}
	offline, err := c.offline(f.apply)
	if err != nil {
		return nil, err
	}
	have, err := offline.At(rangeTarget(from, migrate.Base))
	if err != nil {
		return nil, err
	}
	want, err := offline.At(rangeTarget(to, migrate.Head))
	if err != nil {
		return nil, err
	}
	r := &rehearsal{dialect: d, store: history.NewStore(d, c.shared.historySchema, c.shared.historyTable), offline: offline,
		direction: migrate.Up, create: len(have) == 0}
	switch {
	case len(have) == 0:
		r.batch = 1
		r.steps, err = offline.Plan(nil, migrate.Up, rangeTarget(to, migrate.Head))
		if len(want) == 0 {
			r.steps, err = nil, nil
		}
	case covers(have, want):
		r.direction = migrate.Down
		t := migrate.Base
		if len(want) > 0 {
			t = migrate.To(want[len(want)-1].ID)
		}
		r.steps, err = offline.Plan(have, migrate.Down, t)
	default:
		r.steps, err = offline.Plan(have, migrate.Up, rangeTarget(to, migrate.Head))
	}
	if err != nil {
		return nil, err
	}
	r.role = f.role
	return r, c.record(r, have, f.apply)
}

func rangeTarget(word string, empty migrate.Target) migrate.Target {
	switch word {
	case "":
		return empty
	case "head", "heads":
		return migrate.Head
	case "base":
		return migrate.Base
	}
	return migrate.To(word)
}

// covers reports whether all of b is in a.
func covers(a, b []history.Record) bool {
	return !slices.ContainsFunc(b, func(r history.Record) bool {
		return !slices.ContainsFunc(a, func(o history.Record) bool { return o.ID == r.ID })
	})
}

// scriptView is SQL to be run by hand.
type scriptView struct {
	Dialect    string    `json:"dialect"`
	Migrations []sqlView `json:"migrations"`
	SQL        string    `json:"sql"` // all of it, with the rows of the history
	code       int
}

func (v *scriptView) exitCode() int { return v.code }

func (v *scriptView) show(c *call) {
	if len(v.Migrations) == 0 {
		c.err.line("There is nothing to run.")
		return
	}
	c.out.line(strings.TrimRight(v.SQL, "\n"))
}
