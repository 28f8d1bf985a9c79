package autogen

import (
	"math"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// ours is what migrations have made.
func (c *comparison) ours() *schema.Schema {
	if c.Managed != nil {
		return c.Managed
	}
	return c.fold
}

// survive leaves alone what models cannot say, unless they do: views, triggers,
// sequences and extensions that migrations made are compared when the list of models
// has a *schema.Schema with one of that kind. So are tables that are opted out. What
// no migration made is a stranger's in any case, which the comparison lists.
func (c *comparison) survive() {
	want, now := c.want, c.now.Clone()
	made := func(kind, schemaName, table, name, word string) bool {
		return c.DB == nil || Has(c.ours(), op.Object{Kind: kind, Schema: schemaName, Table: table, Name: name}) || c.Fold.Mentions(word) != ""
	}
	if len(want.Views) == 0 {
		for _, v := range now.Views {
			if made("view", v.Schema, "", v.Name, v.Name) {
				want.Views = append(want.Views, v)
			}
		}
	}
	if len(want.Triggers) == 0 {
		for _, g := range now.Triggers {
			if (want.Table(g.Schema, g.Table) != nil || want.View(g.Schema, g.Table) != nil) && made("trigger", g.Schema, g.Table, g.Name, g.Name) {
				want.Triggers = append(want.Triggers, g)
			}
		}
	}
	if len(want.Sequences) == 0 {
		for _, q := range now.Sequences {
			if made("sequence", q.Schema, "", q.Name, q.Name) {
				want.Sequences = append(want.Sequences, q)
			}
		}
	}
	if len(want.Extensions) == 0 {
		for _, e := range now.Extensions {
			if made("extension", "", "", e.Name, e.Name) {
				want.Extensions = append(want.Extensions, e)
			}
		}
	}
	for _, u := range c.found.Desired.Unmanaged {
		if t := now.Table(u.Schema, u.Name); t != nil && want.Table(u.Schema, u.Name) == nil {
			want.Tables = append(want.Tables, t)
		}
	}
}

// sayAlike gives the triggers and sequences of the live side the words of their
// authors. No scratch place spells a trigger, as it has none of the functions that
// it calls: so where a database tells it in words of its own, it is what the
// migrations say, or else the models.
func (c *comparison) sayAlike() {
	for i, g := range c.now.Triggers {
		author := c.want.Trigger(g.Schema, g.Table, g.Name)
		if author == nil || !respells[c.Dialect.Name()] {
			continue
		}
		if made := c.fold.Trigger(g.Schema, g.Table, g.Name); made != nil {
			author = made
		}
		c.now.Triggers[i] = *author
	}
	for i, q := range c.now.Sequences {
		if want := c.want.Sequence(q.Schema, q.Name); want != nil && sameNumbers(q, want) {
			c.now.Sequences[i] = want.Clone()
		}
	}
}

// respells has the databases that tell a trigger in other words than it was made in.
var respells = map[string]bool{"postgres": true}

// sameNumbers reports whether two sequences count alike, with the defaults that a
// database puts in place of what is left open.
func sameNumbers(a, b *schema.Sequence) bool {
	x, y := numbered(a), numbered(b)
	return x.Type.Equal(y.Type) && x.Start == y.Start && x.Increment == y.Increment && *x.Min == *y.Min && *x.Max == *y.Max && x.Cache == y.Cache && x.Cycle == y.Cycle
}

// numbered is a copy that leaves nothing open.
func numbered(q *schema.Sequence) *schema.Sequence {
	q = q.Clone()
	if q.Type.Equal(schema.Type{}) {
		q.Type = schema.BigInt
	}
	if q.Type.Kind == schema.KindRaw {
		q.Type = portableType("postgres", &schema.Schema{}, q.Type)
	}
	q.Increment, q.Cache = orElse(q.Increment, 1), orElse(q.Cache, 1)
	low, high := int64(math.MinInt64), int64(math.MaxInt64)
	switch q.Type.Kind {
	case schema.KindSmallInt:
		low, high = math.MinInt16, math.MaxInt16
	case schema.KindInteger:
		low, high = math.MinInt32, math.MaxInt32
	}
	if q.Increment > 0 {
		low = 1
	} else {
		high = -1
	}
	if q.Min == nil {
		q.Min = &low
	}
	if q.Max == nil {
		q.Max = &high
	}
	if q.Increment > 0 {
		q.Start = orElse(q.Start, *q.Min)
	} else {
		q.Start = orElse(q.Start, *q.Max)
	}
	return q
}

func orElse(n, otherwise int64) int64 {
	if n == 0 {
		return otherwise
	}
	return n
}
