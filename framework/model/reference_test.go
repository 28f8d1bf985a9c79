package model_test

import (
	"testing"

	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/model"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/leavendb/leaven/models"
	"github.com/uptrace/bun"
)

// The models of the reference app make the columns that bun makes of them. They
// may declare more than bun knows: only what both make is compared, and a role's
// column is left out, as its type is an enum, which bun does not make.
func TestReferenceAppHasTheColumnsOfBun(t *testing.T) {
	for _, open := range []func() *bun.DB{
		func() *bun.DB { db, _ := pgtest.New(t); return db },
		func() *bun.DB { db, _ := sqlitetest.New(t); return db },
	} {
		byBun, byUs := open(), open()
		d := dialectOf(t, byBun)
		s := load(t, d, model.Options{}, models.All()...)
		if d.Capabilities().Schemas {
			run(t, byBun, "CREATE TYPE user_role AS ENUM ('member', 'owner')")
			if s.Schema.Enum("", "user_role") == nil {
				run(t, byUs, "CREATE TYPE user_role AS ENUM ('member', 'owner')")
			}
		}
		fresh := bun.NewDB(byBun.DB, byBun.Dialect())
		fresh.RegisterModel((*models.ProjectMember)(nil))
		for _, m := range models.All() {
			if _, err := fresh.NewCreateTable().Model(m).Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		var keys []op.Op
		for _, e := range s.Schema.Enums {
			keys = append(keys, op.CreateEnum{Schema: e.Schema, Name: e.Name, Values: e.Values})
		}
		for _, table := range s.Schema.Tables {
			table = table.Clone()
			table.ForeignKeys, table.Checks, table.Uniques, table.Indexes, table.Exclusions = nil, nil, nil, nil, nil
			keys = append(keys, op.Creating(table)...)
		}
		if err := op.Run(t.Context(), byUs, keys...); err != nil {
			t.Fatal(err)
		}
		ours, theirs := inspect(t, d, byUs, nil), inspect(t, d, byBun, nil)
		if len(theirs.Tables) != len(models.All()) {
			t.Errorf("bun made %d tables of %d models", len(theirs.Tables), len(models.All()))
		}
		for _, found := range theirs.Tables {
			want := ours.Table("", found.Name)
			if want == nil {
				t.Errorf("we made no table %s", found.Name)
				continue
			}
			for _, c := range found.Columns {
				if found.Name == "users" && c.Name == "role" {
					continue
				}
				for _, line := range columnLines(found, want, c.Name) {
					t.Error("(found is bun's, want is ours)", line)
				}
			}
		}
	}
}

// columnLines compares a column as bun can make it: without a comment and
// without an expression.
func columnLines(found, want *schema.Table, name string) []string {
	c := want.Column(name)
	if c == nil || !c.Generated.IsZero() {
		return nil
	}
	c.Comment, c.Collation = "", ""
	return schema.ColumnDifferences(found, want, name)
}
