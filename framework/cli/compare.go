package cli

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/autogen"
	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/diff"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/model"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/record"
	"github.com/spf13/pflag"
)

// sideFlags say what the models are compared with.
type sideFlags struct {
	replay, offline  bool
	include, exclude []string
}

func (f *sideFlags) define(fs *pflag.FlagSet) {
	fs.BoolVar(&f.replay, "replay", false, "compare with a scratch database in which all migrations are run")
	fs.BoolVar(&f.offline, "offline", false, "compare with what the operations of the migrations make; no database is asked")
	fs.StringSliceVar(&f.include, "include", nil, "only tables that one of these patterns matches (as audit_*)")
	fs.StringSliceVar(&f.exclude, "exclude", nil, "no table that one of these patterns matches")
}

// says is the other side in words.
func (f *sideFlags) says() string {
	switch {
	case f.offline:
		return "the migrations' operations (offline)"
	case f.replay:
		return "what the migrations make in a scratch database"
	}
	return "the database"
}

// differing compares the application's models with the side that was asked for.
// The fold is that of all migrations. use is called while the side is there.
func (c *call) differing(f *sideFlags, renames []diff.Rename, use func(*autogen.Comparison, autogen.Request) error) error {
	switch {
	case f.replay && f.offline:
		return misuse("--replay and --offline exclude one another", "give one of them")
	case len(c.app.Models) == 0:
		return misuse("this program lists no models", "pass them to cli.Main in cmd/migrate/main.go: Models: models.All()", "an empty migration needs none: {migrate} new NAME --empty")
	}
	for _, pattern := range slices.Concat(f.include, f.exclude) {
		if _, err := path.Match(pattern, ""); err != nil {
			return misuse(fmt.Sprintf("the pattern %q of tables cannot be read", pattern), "write one like audit_*; a [ needs its ]")
		}
	}
	offline, err := c.offline()
	if err != nil {
		return err
	}
	r := autogen.Request{Models: c.app.Models, Model: c.modelOptions(f), Renames: renames}
	if r.Dialect, err = c.dialectFor(""); err != nil {
		return err
	}
	if r.Fold, err = record.Fold(c.ctx, r.Dialect, offline.Known(), "", record.Options{Context: c.app.Context}); err != nil {
		return err
	}
	compare := func() error {
		found, err := autogen.Compare(c.ctx, r)
		if err != nil {
			return c.modelFaults(err)
		}
		return use(found, r)
	}
	switch {
	case f.offline:
		return compare()
	case f.replay:
		return c.replayed(r.Dialect, offline.Known(), func(s dialect.Scratch, m *migrate.Migrator) error {
			r.DB, r.Own = s.Pool(), ownTables(m)
			return compare()
		})
	}
	m, err := c.migrator()
	if err != nil {
		return err
	}
	r.DB, r.Own = c.conn.db, ownTables(m)
	return compare()
}

// modelOptions are how the application wants its models to be read, with the patterns
// of the command line.
func (c *call) modelOptions(f *sideFlags) model.Options {
	o := c.app.ModelOptions
	o.Include, o.Exclude = slices.Concat(o.Include, f.include), slices.Concat(o.Exclude, f.exclude)
	return o
}

// ownTables are those of the history, as inspection may name them.
func ownTables(m *migrate.Migrator) []op.Object {
	schemaName, table, named := strings.Cut(m.Store().Name(), ".")
	if !named {
		schemaName, table = "", m.Store().Name()
	}
	var own []op.Object
	for _, name := range []string{table, table + "_log"} {
		own = append(own, op.Object{Kind: "table", Schema: schemaName, Table: name}, op.Object{Kind: "table", Table: name})
	}
	return own
}

// modelFaults names all that is wrong with the models.
func (c *call) modelFaults(err error) error {
	var faults *model.Error
	if errors.As(err, &faults) {
		r := &refusal{code: codeUsage, what: "the models cannot be read", next: []string{"mend the models, and then run the same command"}}
		for _, f := range faults.Faults {
			r.why = append(r.why, f.String())
		}
		return r
	}
	var rename *autogen.RenameError
	if errors.As(err, &rename) {
		return misuse(err.Error(), "look at both names: --rename OLD:NEW, with the table before a column (users.nick:users.nickname)")
	}
	return err
}

// settled refuses to compare with a database that is not where the migrations
// are: what is pending would be written once more.
func (c *call) settled(ctx context.Context, m *migrate.Migrator) error {
	s, err := m.Status(ctx)
	if err != nil {
		return err
	}
	if s.Problem != nil {
		return s.Problem
	}
	if s.Pending > 0 {
		return &refusal{code: codePending, what: fmt.Sprintf("%s pending, so the database is not what the models are to be compared with", are(s.Pending)),
			next: []string{"apply first: {migrate} up", "or compare with what the migrations make: --replay, or --offline", "an empty migration needs no comparison: --empty"}}
	}
	return nil
}

// sayWeaker tells what a comparison could not.
func (c *call) sayWeaker(f *sideFlags, found *autogen.Comparison, fold record.State) {
	for _, why := range found.Weaker {
		c.note("the comparison is a weaker one: " + c.scrub(why))
	}
	for _, m := range found.Desired.Remarks {
		c.note(m.String())
	}
	if !f.offline {
		return
	}
	c.note("this compares words, without a server: what a database would spell in another way may show, and what others changed does not")
	if len(found.Unseen) > 0 {
		c.note("made by SQL of the migrations' own, and taken to be as the models say: " + enumerate(found.Unseen))
	}
	if why := fold.Incomplete(); why != "" && len(found.Unseen) == 0 {
		c.note(why)
	}
}
