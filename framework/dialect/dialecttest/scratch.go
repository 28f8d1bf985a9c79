package dialecttest

import (
	"context"
	"testing"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// scratch: the place is empty, another one than db's database, spells things as
// that does, and nothing of it remains.
func (g Target) scratch(t *testing.T) {
	d := g.open(t)
	s, ok := d.dialect.(dialect.Scratcher)
	if !ok {
		t.Fatalf("%T is no dialect.Scratcher", d.dialect)
	}
	d.run(users())
	before := d.schema()
	want := &schema.Schema{Tables: []*schema.Table{users().Table(), posts().Table(), everyType().Table()}}
	place, err := s.Scratch(t.Context(), d.db, dialect.ScratchOptions{Makes: want})
	d.must(err)
	defer func() { d.must(place.Close()) }()
	if place.Pool() == nil || place.Weaker() != "" {
		t.Fatalf("not a database of its own: %s", place.Weaker())
	}
	empty, err := place.Inspect(t.Context())
	d.must(err)
	d.equal("the place at the beginning", empty, &schema.Schema{})
	build(d, place, want)
	built, err := place.Inspect(t.Context())
	d.must(err)
	d.equal("db's database", d.schema(), before)

	// A pool of the place is one like any other, for a migrator too.
	again, err := s.Scratch(t.Context(), place.Pool(), dialect.ScratchOptions{})
	d.must(err)
	d.must(again.Close())

	d.run(posts(), everyType())
	d.equal("what was built", built, d.schema())
	d.must(place.Close())
	d.must(place.Close())
	_, err = s.Sweep(t.Context(), d.db) // may find what other tests left
	d.must(err)
}

// build makes want inside of the place.
func build(d *database, place dialect.Scratch, want *schema.Schema) {
	d.Helper()
	d.must(place.DB().RunInTx(d.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
		for _, table := range place.Inside(want).Tables {
			if err := op.Run(ctx, tx, op.Creating(table)...); err != nil {
				return err
			}
		}
		return nil
	}))
}
