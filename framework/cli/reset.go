package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// unnamed is --confirm without a name.
const unnamed = "\x00"

func (p *program) resetCommand() *cobra.Command {
	var f runFlags
	var confirm string
	return p.verb(leaf{
		use: "reset", group: groupRun, codes: downCodes,
		short: "Revert everything",
		long: "Reverts every applied migration, the newest first, and leaves the version table with\n" +
			"its log. What the migrations made is dropped, with its data. It wants --confirm; under\n" +
			"a guarded APP_ENV (see `help settings`) it is refused without the database's name,\n" +
			"--confirm=NAME: PostgreSQL's name for it, or the base name of SQLite's file.",
		example: "  {migrate} reset --confirm\n  {migrate} reset --confirm=shop\n  {migrate} reset --confirm && {migrate} up",
		flags: func(fs *pflag.FlagSet) {
			fs.StringVar(&confirm, "confirm", "", "agree; with the database's `NAME` under a guarded APP_ENV")
			fs.Lookup("confirm").NoOptDefVal = unnamed
			f.define(fs)
		},
		do: func(c *call) (view, error) {
			if err := c.confirmReset(confirm, f.apply); err != nil {
				return nil, err
			}
			v, err := c.run(&f, func(ctx context.Context, m *migrate.Migrator) (*migrate.Report, error) {
				return m.Down(ctx, migrate.Base)
			})
			return v, c.wayOut(err)
		},
	})
}

// confirmReset refuses unless the caller has agreed to lose this very database.
func (c *call) confirmReset(word string, more func(*migrate.Options) error) error {
	if word == unnamed && !c.guarded() {
		return nil
	}
	m, err := c.migrator(more)
	if err != nil {
		return err
	}
	name, err := c.databaseName()
	if err != nil {
		return err
	}
	switch {
	case word == name:
		return nil
	case word != "" && word != unnamed:
		return misuse(fmt.Sprintf("--confirm names %q, and this database is %q", word, name), "look at the line that begins with Database: is it the right one?")
	}
	records, _, err := m.Records(c.ctx)
	if err != nil || len(records) == 0 {
		return err
	}
	q := question{todo: fmt.Sprintf("revert all %s of %s, and lose the data in what they made", migrations(len(records)), name),
		why: "a reset is always asked for", flag: "--confirm"}
	switch {
	case c.guarded() && !c.canAsk():
		return forbidden("reset is refused here: it would "+q.todo, c.guardedWhy(), "if this is the right database, add: --confirm="+name)
	case c.guarded():
		q.why, q.word, q.flag = c.guardedWhy(), name, "--confirm="+name
	}
	return c.ask(q)
}

// databaseName is what the server calls the database; of a file, its base name.
func (c *call) databaseName() (string, error) {
	s, err := c.reachable(c.ctx, 10*time.Second)
	switch {
	case err != nil:
		return "", err
	case s.Database == "":
		return ":memory:", nil
	case c.conn.dialect.Capabilities().Schemas:
		return s.Database, nil
	}
	return filepath.Base(s.Database), nil
}

// wayOut says how to get rid of everything although a step cannot be reverted.
func (c *call) wayOut(err error) error {
	var e *migrate.IrreversibleError
	if !errors.As(err, &e) {
		return err
	}
	next := []string{"to revert what was applied after it, run: {migrate} down --to " + e.ID}
	if c.link.file() {
		next = append(next, "to begin anew, remove the file "+strings.TrimPrefix(c.link.Shown, "sqlite:")+", then run: {migrate} up")
	} else {
		next = append(next, "to begin anew, drop the database and create it again, then run: {migrate} up")
	}
	return &refusal{code: codePolicy, what: "migration " + e.ID + " cannot be reverted, so neither can all",
		why: []string{e.Why, "nothing was touched"}, next: next}
}
