package op

import (
	"context"

	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// HasTable reports whether there is a table, for a migration that must decide.
// An empty schemaName is the connection's default schema.
func HasTable(ctx context.Context, db bun.IDB, schemaName, name string) (bool, error) {
	t, err := tableNow(ctx, db, schemaName, name)
	return answer(ctx, Object{Kind: "table", Schema: schemaName, Table: name}, t != nil), err
}

// HasColumn reports whether there is a table with this column.
func HasColumn(ctx context.Context, db bun.IDB, schemaName, table, name string) (bool, error) {
	t, err := tableNow(ctx, db, schemaName, table)
	return answer(ctx, Object{Kind: "column", Schema: schemaName, Table: table, Name: name}, t != nil && t.Column(name) != nil), err
}

// HasIndex reports whether there is a table with this index.
func HasIndex(ctx context.Context, db bun.IDB, schemaName, table, name string) (bool, error) {
	t, err := tableNow(ctx, db, schemaName, table)
	return answer(ctx, Object{Kind: "index", Schema: schemaName, Table: table, Name: name}, t != nil && t.Index(name) != nil), err
}

// answer tells the environment what was asked.
func answer(ctx context.Context, o Object, has bool) bool {
	if asked := envOf(ctx).Asked; asked != nil {
		asked(o, has)
	}
	return has
}

// tableNow is the table as it is now; nil: there is none.
func tableNow(ctx context.Context, db bun.IDB, schemaName, name string) (*schema.Table, error) {
	renderer, err := RendererFor(db)
	if err != nil {
		return nil, err
	}
	return run{db: db, renderer: renderer, env: envOf(ctx)}.state().Table(ctx, schemaName, name)
}
