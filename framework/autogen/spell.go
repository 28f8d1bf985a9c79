package autogen

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/diff"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// spell gives the live side the words of the authors. Only tables that do not
// look equal without a server are built on one.
func (c *comparison) spell(ctx context.Context) error {
	doubt, err := c.doubtful()
	if err != nil || len(doubt.Tables)+len(doubt.Views) == 0 {
		return err
	}
	sources, err := c.sources(ctx, doubt)
	if err != nil {
		return err
	}
	r := respelling{models: sources[0], migrations: sources[1], renames: c.renames}
	exact := r.schema(c.live)
	known := portable(c.Dialect.Name(), exact)
	for i, t := range c.now.Tables {
		if slices.ContainsFunc(r.of(c.live.Table(t.Schema, t.Name)), func(pair) bool { return true }) {
			c.now.Tables[i] = known.Table(t.Schema, t.Name)
		}
	}
	c.now.Views = known.Views
	return nil
}

// doubtful are the models' tables and views that differ as far as words tell.
func (c *comparison) doubtful() (*schema.Schema, error) {
	r, err := diff.Compare(c.now, c.want, c.options())
	if err != nil {
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
		if len(doubt.Views) > 0 || differs[[2]string{t.Schema, t.Name}] {
			doubt.Tables = append(doubt.Tables, t)
		}
	}
	return doubt, nil
}

// sources are the models and the migrations in both spellings, as far as they
// are in doubt.
func (c *comparison) sources(ctx context.Context, doubt *schema.Schema) ([]spelled, error) {
	made := &schema.Schema{Enums: c.fold.Enums, Schemas: c.fold.Schemas, Extensions: c.fold.Extensions}
	for _, t := range c.fold.Tables {
		wanted := doubt.Table(t.Schema, t.Name) != nil
		if wanted || c.want.Table(t.Schema, t.Name) == nil { // it goes, or gets another name
			made.Tables = append(made.Tables, t)
		}
	}
	var sources []spelled
	for _, author := range []*schema.Schema{doubt, made} {
		author = marked(author)
		server, err := c.built(ctx, author)
		if err != nil {
			return nil, err
		}
		sources = append(sources, spelled{author, server})
	}
	return sources, nil
}

// built is a schema as the database spells it.
func (c *comparison) built(ctx context.Context, s *schema.Schema) (_ *schema.Schema, err error) {
	if len(s.Tables) == 0 {
		return &schema.Schema{}, nil
	}
	scratcher, is := c.Dialect.(dialect.Scratcher)
	if !is {
		return c.normalized(ctx, s), nil
	}
	place, err := scratcher.Scratch(ctx, c.DB, dialect.ScratchOptions{Makes: s})
	if errors.Is(err, dialect.ErrNoScratch) {
		c.weaker(err.Error() + "; each table was spelled for itself")
		return c.normalized(ctx, s), nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, place.Close()) }()
	if why := place.Weaker(); why != "" {
		c.weaker(why)
	}
	if err = build(ctx, place, s); err != nil {
		return nil, fmt.Errorf("the database does not take what the models or the migrations say: %w", err)
	}
	return inspectAll(s.Schemas, c.Model.DefaultSchema, func(schemas ...string) (*schema.Schema, error) { return place.Inspect(ctx, schemas...) })
}

// build makes a schema in an empty place.
func build(ctx context.Context, place dialect.Scratch, s *schema.Schema) error {
	r, err := diff.Compare(&schema.Schema{}, place.Inside(s), diff.Options{})
	if err != nil {
		return err
	}
	return op.Run(ctx, place.DB(), r.Ops()...)
}

// normalized spells each table for itself. One that the database cannot spell
// yet, because a type is to be made first, is left out.
func (c *comparison) normalized(ctx context.Context, s *schema.Schema) *schema.Schema {
	found := &schema.Schema{}
	for _, t := range s.Tables {
		if n, err := c.Dialect.Normalize(ctx, c.DB, t); err == nil {
			found.Tables = append(found.Tables, n)
		}
	}
	return found
}

// weaker takes a sentence down, once.
func (c *comparison) weaker(text string) {
	if !slices.Contains(c.found.Weaker, text) {
		c.found.Weaker = append(c.found.Weaker, text)
	}
}
