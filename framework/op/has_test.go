package op_test

import (
	"context"
	"testing"

	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

func TestHas(t *testing.T) {
	pg, _ := pgtest.New(t)
	lite, _ := sqlitetest.New(t)
	for name, db := range map[string]*bun.DB{"postgres": pg, "sqlite": lite} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			err := op.Run(ctx, db,
				op.CreateTable{Name: `we"ird`, Columns: []schema.Column{{Name: "Ä b", Type: schema.Integer}}},
				op.CreateIndex{Table: `we"ird`, Index: schema.Index{Name: "weird idx", Parts: schema.Columns("Ä b")}})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range []struct {
				what string
				has  func() (bool, error)
				want bool
			}{
				{"table", func() (bool, error) { return op.HasTable(ctx, db, "", `we"ird`) }, true},
				{"no table", func() (bool, error) { return op.HasTable(ctx, db, "", "weird") }, false},
				{"column", func() (bool, error) { return op.HasColumn(ctx, db, "", `we"ird`, "Ä b") }, true},
				{"no column", func() (bool, error) { return op.HasColumn(ctx, db, "", `we"ird`, "b") }, false},
				{"column of no table", func() (bool, error) { return op.HasColumn(ctx, db, "", "weird", "b") }, false},
				{"index", func() (bool, error) { return op.HasIndex(ctx, db, "", `we"ird`, "weird idx") }, true},
				{"no index", func() (bool, error) { return op.HasIndex(ctx, db, "", `we"ird`, "x") }, false},
			} {
				if got, err := c.has(); err != nil || got != c.want {
					t.Errorf("%s: %v %v", c.what, got, err)
				}
			}
			// What is told offline is the fold.
			ctx = op.WithEnv(ctx, &op.Env{State: op.Fold{Schema: &schema.Schema{Tables: []*schema.Table{{Name: "later"}}}}})
			if got, err := op.HasTable(ctx, db, "", "later"); err != nil || !got {
				t.Errorf("fold: %v %v", got, err)
			}
		})
	}
}
