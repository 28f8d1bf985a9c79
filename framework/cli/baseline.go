package cli

import (
	"github.com/leavendb/leaven/framework/autogen"
	"github.com/leavendb/leaven/framework/history"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/record"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (p *program) baselineCommand() *cobra.Command {
	var o migrate.StampOptions
	var dry, write, from bool
	dir, models := p.app.Dir, "models"
	return p.verb(leaf{
		use: "baseline", group: groupRecord, codes: append([]int{codeDiffer, codePolicy}, recordCodes...),
		short: "Find out which migrations a database has without knowing it, and record them",
		long: "For a database that was there before its migrations: finds the newest migration whose\n" +
			"schema the database has, records everything up to it as applied, and leaves the rest\n" +
			"pending. Nothing is run. Where none fits it refuses, with what differs from the newest;\n" +
			"--write then writes a migration that adds what is missing, and does nothing on databases\n" +
			"that have it, and records all before it.\n\n" +
			"For an application that has no models yet, --from-db writes them and a first migration.",
		example: "  {migrate} baseline --dry-run\n  {migrate} baseline --write\n  {migrate} baseline --reason \"made by create-all\"",
		flags: func(fs *pflag.FlagSet) {
			fs.BoolVar(&dry, "dry-run", false, "say which migration fits, and record nothing")
			fs.BoolVar(&write, "write", false, "where none fits, write the migration that adds what is missing")
			fs.BoolVar(&from, "from-db", false, "write bun models and a first migration of what the database has")
			fs.StringVar(&models, "models", models, "the folder in which --from-db writes the models")
			fs.StringVar(&dir, "dir", dir, "the folder of the migrations")
			fs.StringVar(&o.Reason, "reason", "", "why, for the log")
		},
		do: func(c *call) (view, error) {
			c.reading = dry
			if write || from {
				if err := c.writesSource(); err != nil {
					return nil, err
				}
			}
			return c.untilSignal(func() (view, error) {
				if from {
					c.reading = true
					return c.fromDatabase(dir, models)
				}
				if !write {
					dir = ""
				}
				return c.baseline(o, dry, dir)
			})
		},
	})
}

// baselineView is what baseline found.
type baselineView struct {
	Fits    string       `json:"fits"` // the newest migration whose schema the database has; empty: none
	Done    []string     `json:"done"`
	Pending []string     `json:"pending"`
	Changes []changeView `json:"changes"` // where none fits: what the newest has, and the database has not
	Objects []string     `json:"strangers"`
	Files   []newView    `json:"files"` // that --write wrote; Done is then all before them
	dry     bool
	found   *autogen.Comparison // with the newest
	closest *closest            // of those that do not fit; nil: all do
	unseen  []string            // of those up to Fits, what a schema does not show
	weaker  []string            // what the comparison with Fits could not tell
}

func (v *baselineView) exitCode() int {
	if v.Fits == "" && len(v.Files) == 0 {
		return codeDiffer
	}
	return codeOK
}

func (v *baselineView) show(c *call) {
	if v.Fits == "" {
		c.out.line("No migration has the schema of this database. To make it what the newest has:")
		showChanges(c, v.Changes)
		showStrangers(c, v.Objects)
		for _, f := range v.Files {
			c.out.line("Wrote " + f.File)
		}
		if len(v.Files) > 0 {
			c.out.line("Recorded all before it, and nothing was run.")
			c.err.line(c.self("Read it, " + c.again() + "then run: {migrate} up"))
			return
		}
		c.err.line(c.self("Nothing was recorded. Where the database is empty, run: {migrate} up; else make it equal, and then run: {migrate} baseline"))
		return
	}
	c.out.line("The database has the schema of " + v.Fits + ".")
	showStrangers(c, v.Objects)
	for _, id := range v.Done {
		c.out.line("  recorded  " + id)
	}
	if v.dry {
		c.err.line(c.self("Nothing was recorded. To record it, run: {migrate} baseline"))
	}
	if len(v.Pending) > 0 {
		c.out.line(sentence(are(len(v.Pending)) + " pending: " + enumerate(v.Pending)))
		c.err.line(c.self("To apply, run: {migrate} up"))
	}
}

// baseline records what fits. dir is where a closing migration is written; empty:
// none is.
func (c *call) baseline(o migrate.StampOptions, dry bool, dir string) (view, error) {
	m, err := c.migrator()
	if err != nil {
		return nil, err
	}
	applied, _, err := m.Records(c.ctx)
	if err != nil {
		return nil, err
	}
	if len(applied) > 0 {
		return nil, &refusal{code: codeUsage, what: "this database knows its migrations: " + are(len(applied)) + " recorded",
			next: []string{"to see them, run: {migrate} status", "to record others, run: {migrate} stamp REVISION"}}
	}
	f, err := c.newFitting(m)
	if err != nil {
		return nil, err
	}
	if len(f.recorded) == 0 {
		return nil, misuse("there is no migration that the database could have", `to write the first one from the models, run: {migrate} new`, "to write models of the database, and a first migration, run: {migrate} baseline --from-db")
	}
	v, err := c.fit(f)
	if err != nil {
		return nil, err
	}
	to := migrate.To(v.Fits)
	switch {
	case v.Fits == "" && dir != "" && !dry:
		gap, err := c.gap(f, v)
		if err != nil {
			return nil, err
		}
		if v.Files, err = c.writeClosing(dir, gap); err != nil {
			return nil, err
		}
		to = migrate.Head
	case v.Fits == "" || dry:
		v.dry = dry
		c.noteTrust(v)
		return v, nil
	}
	r, err := m.Stamp(c.ctx, to, o)
	if err != nil {
		return nil, err
	}
	for _, s := range r.Steps {
		v.Done = append(v.Done, s.ID)
	}
	c.noteTrust(v)
	return v, nil
}

// writeClosing writes what makes the database what the newest migration has.
func (c *call) writeClosing(dir string, found *autogen.Comparison) ([]newView, error) {
	folder, err := c.folder(dir)
	if err == nil {
		err = c.upToDate(dir)
	}
	if err != nil {
		return nil, err
	}
	closing, err := autogen.Closing(found.Result)
	if err != nil {
		return nil, &refusal{code: codePolicy, what: "the difference cannot be closed by a migration that other databases may run, too", why: []string{err.Error()},
			next: []string{"make this database equal by hand, and then run: {migrate} baseline"}}
	}
	v := &generatedView{Files: []newView{}, found: &autogen.Comparison{Result: closing}}
	err = c.writeGenerated(&newFlags{dir: dir}, folder, "close the gap", v)
	return v.Files, err
}

// foldOf is what the applied migrations have made, as far as they are known.
func (c *call) foldOf(offline *migrate.Offline, applied []history.Record) (record.State, error) {
	var steps []record.Step
	for _, h := range applied {
		if k := offline.Find(h.ID); k != nil {
			steps = append(steps, record.Step{Known: k, Direction: migrate.Up})
		}
	}
	_, state, err := record.Run(c.ctx, c.conn.dialect, record.State{}, steps, record.Options{Context: c.app.Context})
	return state, err
}
