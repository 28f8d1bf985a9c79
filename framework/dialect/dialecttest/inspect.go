package dialecttest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// counter counts the statements of a pool.
type counter struct{ n atomic.Int64 }

func (c *counter) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context {
	c.n.Add(1)
	return ctx
}

func (c *counter) AfterQuery(context.Context, *bun.QueryEvent) {}

// inspect: the number of statements does not grow with the database, and
// normalizing a table leaves nothing behind.
func (g Target) inspect(t *testing.T) {
	d := g.open(t)
	d.equal("of an empty database", d.schema(), &schema.Schema{})
	var count counter
	counted := d.db.WithQueryHook(&count)
	statements := func() int64 {
		count.n.Store(0)
		_, err := d.dialect.Inspect(t.Context(), counted)
		d.must(err)
		return count.n.Load()
	}
	d.run(users(), posts())
	few := statements()
	for i := range 20 {
		table := users()
		table.Name = fmt.Sprint("users", i)
		table.Uniques = nil
		d.run(table)
	}
	if many := statements(); many != few || few == 0 {
		t.Errorf("%d statements for 2 tables, %d for 22", few, many)
	}
	before := d.schema()
	if len(before.Tables) != 22 {
		t.Errorf("%d tables, want 22", len(before.Tables))
	}
	for _, table := range []*schema.Table{everyType().Table(), users().Table(), posts().Table()} {
		once, err := d.dialect.Normalize(t.Context(), d.db, table)
		d.must(err)
		twice, err := d.dialect.Normalize(t.Context(), d.db, once)
		d.must(err)
		for _, line := range schema.Differences(twice, once) {
			t.Errorf("normalized twice: %s", line)
		}
		live, err := d.dialect.Live(d.db).Table(t.Context(), "", table.Name)
		d.must(err)
		if live != nil {
			for _, line := range schema.Differences(live, once) {
				t.Errorf("live: %s", line)
			}
		}
	}
	d.equal("after normalizing", d.schema(), before)
	if none, err := d.dialect.Live(d.db).Table(t.Context(), "", "nowhere"); none != nil || err != nil {
		t.Errorf("a table that is not there: %v, %v", none, err)
	}
}

// describe: the server names itself, and its clock can be read.
func (g Target) describe(t *testing.T) {
	d := g.open(t)
	s, err := d.dialect.Describe(t.Context(), d.db)
	d.must(err)
	if s.Product == "" || s.Version == "" || s.ReadOnly {
		t.Errorf("%+v", s)
	}
	if now := d.text("SELECT CAST(" + d.dialect.ServerTime() + " AS text)"); len(now) < len("2006-01-02 15:04:05") {
		t.Errorf("the server's clock says %q", now)
	}
	conn, err := d.db.Conn(t.Context())
	d.must(err)
	defer conn.Close()
	if pooled, err := d.dialect.Pooled(t.Context(), conn, bun.Conn{}); pooled || err != nil {
		t.Errorf("pooled: %t, %v", pooled, err)
	}
}
