package autogen

import (
	"context"
	"slices"

	"github.com/leavendb/leaven/framework/adopt"
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

// inspect reads what the models and the migrations are about: so not the tables in
// which other migration tools keep their history.
func (c *comparison) inspect(ctx context.Context) (*schema.Schema, error) {
	schemas := slices.Clone(c.want.Schemas)
	for _, name := range c.fold.Schemas {
		if !slices.Contains(schemas, name) {
			schemas = append(schemas, name)
		}
	}
	s, err := Inspect(ctx, c.Dialect, c.DB, c.Own, c.Model.DefaultSchema, schemas...)
	if err == nil {
		adopt.LeaveOut(s, c.want, c.fold)
	}
	return s, err
}

// inspectAll names the default schema "" and the others, and makes foreign keys
// of others that name it do so too.
func inspectAll(schemas []string, defaultSchema string, inspect func(...string) (*schema.Schema, error)) (*schema.Schema, error) {
	if defaultSchema == "" {
		defaultSchema = "public"
	}
	schemas = slices.DeleteFunc(slices.Clone(schemas), func(name string) bool { return name == "" || name == defaultSchema })
	if len(schemas) == 0 {
		return inspect()
	}
	return inspect(append([]string{""}, schemas...)...)
}
