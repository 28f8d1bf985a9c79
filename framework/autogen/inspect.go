package autogen

import (
	"context"
	"slices"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// Inspect reads the connection's default schema and those that are named beside
// it, without the tables in own. Tables of the default schema name none, also in
// foreign keys of others; defaultSchema is its name, empty: "public".
func Inspect(ctx context.Context, d dialect.Dialect, db bun.IDB, own []op.Object, defaultSchema string, schemas ...string) (*schema.Schema, error) {
	s, err := inspectAll(schemas, defaultSchema, func(names ...string) (*schema.Schema, error) { return d.Inspect(ctx, db, names...) })
	if err != nil {
		return nil, err
	}
	for _, o := range own {
		s.Remove(o.Schema, o.Table)
	}
	return s, nil
}

// inspect reads what the models and the migrations are about.
func (c *comparison) inspect(ctx context.Context) (*schema.Schema, error) {
	schemas := slices.Clone(c.want.Schemas)
	for _, name := range c.fold.Schemas {
		if !slices.Contains(schemas, name) {
			schemas = append(schemas, name)
		}
	}
	return Inspect(ctx, c.Dialect, c.DB, c.Own, c.Model.DefaultSchema, schemas...)
}

func inspectAll(schemas []string, defaultSchema string, inspect func(...string) (*schema.Schema, error)) (*schema.Schema, error) {
	if defaultSchema == "" {
		defaultSchema = "public"
	}
	schemas = slices.DeleteFunc(slices.Clone(schemas), func(name string) bool { return name == "" || name == defaultSchema })
	s, err := inspect()
	if err != nil || len(schemas) == 0 {
		return s, err
	}
	more, err := inspect(schemas...)
	if err != nil {
		return nil, err
	}
	for _, t := range more.Tables {
		for i := range t.ForeignKeys {
			if t.ForeignKeys[i].RefSchema == defaultSchema {
				t.ForeignKeys[i].RefSchema = ""
			}
		}
	}
	s.Tables, s.Schemas = append(s.Tables, more.Tables...), append(s.Schemas, more.Schemas...)
	s.Enums, s.Sequences = append(s.Enums, more.Enums...), append(s.Sequences, more.Sequences...)
	s.Views, s.Triggers = append(s.Views, more.Views...), append(s.Triggers, more.Triggers...)
	for _, e := range more.Extensions {
		if s.Extension(e.Name) == nil {
			s.Extensions = append(s.Extensions, e)
		}
	}
	return s, nil
}
