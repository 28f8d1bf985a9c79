package postgres

import (
	"context"
	"slices"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// scratchTable is the temporary table that Normalize makes. It is gone before
// anybody else could see it: it is rolled back.
const scratchTable = "leaven_scratch"

// Normalize implements op.Renderer. It makes t as a temporary table, reads it
// back and rolls that back, to a savepoint if db is in a transaction. Foreign
// keys are not made (a temporary table may not have them) but carried over, with
// the default schema spelled as "". Constraints without a name stay so.
func (d Dialect) Normalize(ctx context.Context, db bun.IDB, t *schema.Table) (_ *schema.Table, err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer func() {
		// A savepoint that cannot be rolled back would leave the table behind.
		if undo := tx.Rollback(); undo != nil && err == nil {
			err = undo
		}
	}()

	scratch := t.Clone()
	scratch.Schema, scratch.Name, scratch.ForeignKeys = "pg_temp", scratchTable, nil
	if err := d.create(ctx, tx, scratch); err != nil {
		return nil, err
	}
	found, err := inspect(ctx, tx, scope{where: "n.oid = pg_my_temp_schema() AND c.relname = '" + scratchTable + "'", plain: true})
	if err != nil {
		return nil, err
	}
	n := found.Tables[0]
	n.Schema, n.Name = t.Schema, t.Name
	forgetNames(n, t)
	n.ForeignKeys = t.Clone().ForeignKeys
	return n, d.plainReferences(ctx, tx, n)
}

func (d Dialect) create(ctx context.Context, db bun.IDB, t *schema.Table) error {
	for _, o := range op.Creating(t) {
		statements, err := d.statements(o)
		if err != nil {
			return err
		}
		for _, s := range statements {
			if _, err := db.ExecContext(ctx, s.SQL); err != nil {
				return err
			}
		}
	}
	return nil
}

// forgetNames empties the names that the server chose for the scratch table.
func forgetNames(n, given *schema.Table) {
	n.PrimaryKeyName = given.PrimaryKeyName
	for i, u := range n.Uniques {
		if !slices.ContainsFunc(given.Uniques, func(g schema.Unique) bool { return g.Name == u.Name }) {
			n.Uniques[i].Name = ""
		}
	}
	for i, c := range n.Checks {
		if !slices.ContainsFunc(given.Checks, func(g schema.Check) bool { return g.Name == c.Name }) {
			n.Checks[i].Name = ""
		}
	}
	for i, e := range n.Exclusions {
		if !slices.ContainsFunc(given.Exclusions, func(g schema.Exclusion) bool { return g.Name == e.Name }) {
			n.Exclusions[i].Name = ""
		}
	}
}

// plainReferences spells the default schema as "", as inspection does.
func (Dialect) plainReferences(ctx context.Context, db bun.IDB, t *schema.Table) error {
	if !slices.ContainsFunc(t.ForeignKeys, func(f schema.ForeignKey) bool { return f.RefSchema != "" }) {
		return nil
	}
	var current string
	if err := db.QueryRowContext(ctx, "SELECT coalesce(current_schema(), '')").Scan(&current); err != nil {
		return err
	}
	for i := range t.ForeignKeys {
		if t.ForeignKeys[i].RefSchema == current {
			t.ForeignKeys[i].RefSchema = ""
		}
	}
	return nil
}
