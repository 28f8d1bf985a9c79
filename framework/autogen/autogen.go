// Package autogen compares what models say with what there is, and writes the
// difference as the source of migrations. Generating and checking are the same
// computation.
//
// What lives here: [Compare], which brings both sides into one spelling and asks
// package diff for the operations; [Sources], which writes those as Go; names for
// what was found. What does not: reading models (package model) and databases (the
// dialects), matching and order (package diff), the frame of a migration's file
// (scaffold), files, questions and output (package cli).
//
// # Two spellings
//
// A database tells types, defaults and expressions in its own words, and a
// migration is to be written in those of its author, which hold on several
// databases. So what the models and the migrations say is built by the database,
// too, in a scratch place, and read back: where it then says the same as the live
// side, the live side gets the author's words. What differs after that differs
// indeed, and is written in the words of the models.
package autogen

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/diff"
	"github.com/leavendb/leaven/framework/model"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/record"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// Request is one comparison.
type Request struct {
	// Dialect is that of the database that is compared, or that the migrations are
	// folded for.
	Dialect dialect.Dialect
	// DB is the database that is compared with the models, and that spells both
	// sides. Nil: the fold is compared, in the words of the migrations.
	DB *bun.DB
	// Own are Leaven's own tables in DB, which are no part of the comparison.
	Own []op.Object

	// Models are bun models and values of *schema.Schema, as model.Load takes them.
	Models []any
	// Model says how they are read; its patterns hold for the whole comparison.
	// Also, where it is nil, are the other dialects that are linked.
	Model model.Options

	// Fold is what the migrations have made. What DB has, and neither this nor
	// the models, is a stranger's. Managed, where it is not nil, says that instead
	// of Fold: what they have made at any time, for a database that is behind them.
	Fold    record.State
	Managed *schema.Schema

	// Renames are the answers of a person.
	Renames []diff.Rename
}

// Comparison is what was found.
type Comparison struct {
	diff.Result
	Desired *model.Desired
	// Weaker says, each in a sentence, what this comparison could not tell.
	Weaker []string
	// Unseen are tables that SQL of the migrations' own mentions and that the fold
	// does not have, so that they were taken to be as the models say. Only where
	// there is no DB.
	Unseen []string
}

// Compare compares the models with what there is. The error is a *model.Error
// for what is wrong with the models, or tells what contradicts itself in Renames,
// or is the database's.
func Compare(ctx context.Context, r Request) (*Comparison, error) {
	if r.Model.Also == nil {
		r.Model.Also = others(r.Dialect)
	}
	desired, err := model.Load(r.Dialect, r.Models, r.Model)
	if err != nil {
		return nil, err
	}
	c := &comparison{Request: r, fold: r.Fold.Schema(), found: &Comparison{Desired: desired}}
	c.want = desired.Schema.Clone()
	c.renames = append(declared(desired), r.Renames...)
	if err := c.look(ctx); err != nil {
		return nil, err
	}
	c.sayAlike()
	c.survive()
	if r.DB != nil {
		if err := c.spell(ctx); err != nil {
			return nil, err
		}
	}
	c.found.Result, err = diff.Compare(c.now, c.want, c.options())
	if err != nil {
		return nil, err
	}
	c.elsewhere()
	return c.found, c.passedOver()
}

// comparison is one Compare at work.
type comparison struct {
	Request
	fold      *schema.Schema
	live      *schema.Schema // as DB tells it; nil: there is none
	now, want *schema.Schema
	renames   []diff.Rename
	found     *Comparison
}

// others are the linked dialects but d, which one set of migrations runs on, too.
func others(d dialect.Dialect) []dialect.Dialect {
	return slices.DeleteFunc(dialect.All(), func(o dialect.Dialect) bool { return o.Name() == d.Name() })
}

// declared are the former names that models tell.
func declared(d *model.Desired) []diff.Rename {
	var all []diff.Rename
	for _, r := range d.Renames {
		to := op.Object{Kind: "table", Schema: r.Table.Schema, Table: r.Table.Name}
		from := op.Object{Kind: "table", Schema: r.FromSchema, Table: r.From}
		if r.Column != "" {
			to.Kind, to.Name = "column", r.Column
			from = to
			from.Name = r.From
		}
		all = append(all, diff.Rename{From: from, To: to})
	}
	return all
}

// look reads the side that the models are compared with, in words of the authors
// as far as those are known without a server.
func (c *comparison) look(ctx context.Context) error {
	if c.DB != nil {
		live, err := c.inspect(ctx)
		if err != nil {
			return err
		}
		c.live, c.now = live, portable(c.Dialect.Name(), live)
		c.leaveOpen(c.now)
		return nil
	}
	c.now = c.offline()
	for _, t := range c.want.Tables {
		if c.now.Table(t.Schema, t.Name) == nil && c.Fold.Mentions(t.Name) != "" {
			c.found.Unseen = append(c.found.Unseen, qualified(t.Schema, t.Name))
			c.now.Tables = append(c.now.Tables, t.Clone())
		}
	}
	return nil
}

// leaveOpen takes the names of primary keys away that the database has chosen,
// where the models do not name them either.
func (c *comparison) leaveOpen(s *schema.Schema) {
	for _, t := range s.Tables {
		want := c.want.Table(t.Schema, t.Name)
		chosen := (&schema.Table{Name: t.Name}).KeyName()
		if t.PrimaryKeyName == chosen && (want == nil || want.PrimaryKeyName == "") {
			t.PrimaryKeyName = ""
		}
	}
}

// options are those of the comparison itself.
func (c *comparison) options() diff.Options {
	o := diff.Options{Renames: c.renames, Include: c.Model.Include, Exclude: c.Model.Exclude, Can: abilities(c.Dialect)}
	if c.DB != nil {
		o.Managed = c.ours()
	}
	return o
}

// abilities are the safe ways that one of the linked databases has: a set of
// migrations that is written beside SQLite runs on a server too.
func abilities(d dialect.Dialect) diff.Capabilities {
	var can diff.Capabilities
	for _, o := range append(others(d), d) {
		has := o.Capabilities()
		can.ConcurrentIndexes = can.ConcurrentIndexes || has.ConcurrentIndexes
		can.NotValid = can.NotValid || has.NotValid
		can.Casts = can.Casts || has.Casts
	}
	return can
}

// elsewhere makes conversions of types, which are in the words of the database
// that asks for them, hold on the linked databases that do not: there the values
// stay as they are.
func (c *comparison) elsewhere() {
	var strict []string
	all := append(others(c.Dialect), c.Dialect)
	for _, o := range all {
		if o.Capabilities().Casts {
			strict = append(strict, o.Name())
		}
	}
	if len(strict) == len(all) {
		return
	}
	kept := func(e schema.Expression, column string) schema.Expression {
		text, own := e.Spelling("")
		if !own {
			return e
		}
		e = schema.Expr(c.Dialect.Quote(column))
		for _, name := range strict {
			e = e.On(name, text)
		}
		return e
	}
	for i := range c.found.Parts {
		for j := range c.found.Parts[i].Steps {
			step := &c.found.Parts[i].Steps[j]
			if a, is := step.Op.(op.AlterColumn); is {
				a.Using, a.UsingBack = kept(a.Using, a.From.Name), kept(a.UsingBack, a.To.Name)
				step.Op = a
			}
		}
	}
}

// passedOver refuses renames that a person has asked for and that did nothing.
func (c *comparison) passedOver() error {
	for _, r := range c.Renames {
		if slices.Contains(c.found.PassedOver, r) {
			return &RenameError{r}
		}
	}
	return nil
}

// RenameError is a rename that was asked for and cannot be made.
type RenameError struct{ Rename diff.Rename }

// Error says which, and why.
func (e *RenameError) Error() string {
	return fmt.Sprintf("%s cannot be renamed to %s: either it is not there, or the new name is there already",
		e.Rename.From, strings.TrimPrefix(e.Rename.To.String(), e.Rename.To.Kind+" "))
}
