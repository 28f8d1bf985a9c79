package autogen

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/diff"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// spell gives the live side the words of the authors. Only tables that do not
// look equal without a server are built on one.
func (c *comparison) spell(ctx context.Context) error {
	doubt, err := c.doubtful()
	if err != nil || doubt == nil {
		return err
	}
	sources, err := c.sources(ctx, doubt)
	if err != nil {
		return err
	}
	r := respelling{models: sources[0], migrations: sources[1], renames: c.renames}
	exact := r.schema(c.live)
	known := portable(c.Dialect.Name(), exact)
	c.leaveOpen(known)
	var unspelled []string
	for i, t := range c.now.Tables {
		pairs := r.of(c.live.Table(t.Schema, t.Name))
		if len(pairs) > 0 {
			c.now.Tables[i] = known.Table(t.Schema, t.Name)
		}
		want := doubt.Table(t.Schema, t.Name)
		if want != nil && !slices.ContainsFunc(pairs, func(p pair) bool { return !p.migrated }) {
			unspelled = append(unspelled, qualified(t.Schema, t.Name))
			trust(c.now.Tables[i], want)
		}
	}
	if len(unspelled) > 0 {
		c.weaker("expressions of these tables were taken to be as the models say, as the server could not spell them: " + strings.Join(unspelled, ", "))
	}
	c.now.Views = known.Views
	return nil
}

// doubtful are the models' tables and views that differ as far as words tell; nil:
// nothing differs.
func (c *comparison) doubtful() (*schema.Schema, error) {
	r, err := diff.Compare(c.now, c.want, c.options())
	if err != nil || r.Empty() {
		return nil, err
	}
	doubt := &schema.Schema{Enums: c.want.Enums, Schemas: c.want.Schemas, Extensions: c.want.Extensions}
	differs := map[[2]string]bool{}
	for _, o := range r.Ops() {
		at := o.Object()
		differs[[2]string{at.Schema, at.Table}] = true
		if at.Kind == "view" {
			doubt.Views = c.want.Views
		}
		if t, is := o.(op.RenameTable); is {
			differs[[2]string{t.Schema, t.To}] = true
		}
		if t, is := o.(op.SetSchema); is {
			differs[[2]string{t.To, t.Table}] = true
		}
	}
	for _, t := range c.want.Tables {
		if len(doubt.Views) > 0 || differs[[2]string{t.Schema, t.Name}] && c.there(t) {
			doubt.Tables = append(doubt.Tables, t)
		}
	}
	return doubt, nil
}

// there reports whether the live side has a table, under whatever name.
func (c *comparison) there(t *schema.Table) bool {
	return c.live.Table(t.Schema, t.Name) != nil || slices.ContainsFunc(c.renames, func(r diff.Rename) bool {
		return r.To.Kind == "table" && r.To.Schema == t.Schema && r.To.Table == t.Name
	})
}

// sources are the models and the migrations in both spellings, as far as they
// are in doubt: tables that are there on one side only are not compared.
func (c *comparison) sources(ctx context.Context, doubt *schema.Schema) ([]spelled, error) {
	made := &schema.Schema{Enums: c.fold.Enums, Schemas: c.fold.Schemas, Extensions: c.fold.Extensions}
	for _, t := range c.fold.Tables {
		wanted := doubt.Table(t.Schema, t.Name) != nil
		if c.live.Table(t.Schema, t.Name) != nil && (wanted || c.want.Table(t.Schema, t.Name) == nil) { // it goes, or gets another name
			made.Tables = append(made.Tables, t)
		}
	}
	sources := []spelled{{author: marked(doubt)}, {author: marked(made)}}
	err := c.built(ctx, sources)
	return sources, err
}

// built fills in how the database spells the sources.
func (c *comparison) built(ctx context.Context, sources []spelled) (err error) {
	scratcher, is := c.Dialect.(dialect.Scratcher)
	if !is || len(sources[0].author.Tables)+len(sources[1].author.Tables) == 0 {
		c.normalized(ctx, sources)
		return nil
	}
	makes := &schema.Schema{}
	for _, s := range sources {
		makes.Schemas, makes.Extensions = append(makes.Schemas, s.author.Schemas...), append(makes.Extensions, s.author.Extensions...)
	}
	place, err := scratcher.Scratch(ctx, c.DB, dialect.ScratchOptions{Makes: makes})
	if errors.Is(err, dialect.ErrNoScratch) {
		c.weaker(err.Error() + "; each table was spelled for itself")
		c.normalized(ctx, sources)
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, place.Close()) }()
	if why := place.Weaker(); why != "" {
		c.weaker(why)
	}
	for i, s := range sources {
		if err := build(ctx, place, &schema.Schema{}, s.author); err != nil {
			if ctx.Err() != nil {
				return err
			}
			c.weaker(fmt.Sprintf("what the models or the migrations say could not be built in a scratch database (%v); each table was spelled for itself", err))
			c.normalized(ctx, sources)
			return nil
		}
		sources[i].server, err = inspectAll(s.author.Schemas, c.Model.DefaultSchema, func(schemas ...string) (*schema.Schema, error) { return place.Inspect(ctx, schemas...) })
		if err != nil {
			return err
		}
		if i < len(sources)-1 {
			if err := build(ctx, place, s.author, &schema.Schema{}); err != nil {
				return err
			}
		}
	}
	return nil
}

// build makes one schema into another, of which one is empty.
func build(ctx context.Context, place dialect.Scratch, from, to *schema.Schema) error {
	r, err := diff.Compare(place.Inside(from), place.Inside(to), diff.Options{})
	if err != nil {
		return err
	}
	return op.Run(ctx, place.DB(), r.Ops()...)
}

// normalized spells each table for itself. One that the database cannot spell
// yet, because a type is to be made first, is left out.
func (c *comparison) normalized(ctx context.Context, sources []spelled) {
	for i, s := range sources {
		sources[i].server = &schema.Schema{}
		for _, t := range s.author.Tables {
			if n, err := c.Dialect.Normalize(ctx, c.DB, t); err == nil {
				sources[i].server.Tables = append(sources[i].server.Tables, n)
			}
		}
	}
}

// weaker takes a sentence down, once.
func (c *comparison) weaker(text string) {
	if !slices.Contains(c.found.Weaker, text) {
		c.found.Weaker = append(c.found.Weaker, text)
	}
}
