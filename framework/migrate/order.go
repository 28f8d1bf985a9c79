package migrate

import (
	"container/heap"
	"slices"
	"strings"
)

// The order of migrations is a graph: an edge leads from each parent to its
// child.
//
//   - After names the parents. A migration with an empty After has one parent:
//     the previous ID among all that are registered, compared as strings. The
//     first ID has none.
//   - Migrations run parents first; among those whose parents have run, the
//     smallest ID is next.
//   - A head is a migration that is nobody's parent. As an empty After gives
//     each migration at most one child, there are two heads only where two
//     migrations have the same parent and at least one of them names it.

// resolved is what follows from the entries of a registry.
type resolved struct {
	known    []Known // in run order
	heads    []string
	problems []Problem
}

// graph is the migrations by rank: their place among the sorted IDs.
type graph struct {
	entries  []*entry
	rank     map[string]int
	parents  [][]int
	children [][]int
	faults   faults
}

// resolve computes order and problems. The same entries give the same result,
// however they are shuffled, except that of two migrations with one ID the one
// that was registered first counts.
func resolve(entries []entry) *resolved {
	g := newGraph(entries)
	g.connect()
	order := g.sort()
	for _, n := range order {
		g.faults.check(g.entries[n])
	}
	known := make([]Known, len(order))
	for i, n := range order {
		known[i] = g.known(n)
	}
	return &resolved{known: known, heads: headsOf(known), problems: g.faults.sorted()}
}

// newGraph keeps the entries that have an ID of their own, sorted.
func newGraph(entries []entry) *graph {
	g := &graph{rank: make(map[string]int, len(entries))}
	first := make(map[string]*entry, len(entries))
	for i := range entries {
		e := &entries[i]
		if e.ID == "" {
			g.faults.check(e)
			continue
		}
		if other := first[e.ID]; other != nil {
			g.faults.add(e, "the ID %s is registered twice: also at %v", e.ID, other.place)
			continue
		}
		first[e.ID] = e
		g.entries = append(g.entries, e)
	}
	slices.SortFunc(g.entries, func(a, b *entry) int { return strings.Compare(a.ID, b.ID) })
	for n, e := range g.entries {
		g.rank[e.ID] = n
	}
	return g
}

// connect makes the edges; what cannot be one is a fault.
func (g *graph) connect() {
	g.parents = make([][]int, len(g.entries))
	g.children = make([][]int, len(g.entries))
	for n, e := range g.entries {
		if len(e.After) > 0 {
			g.parents[n] = g.named(n)
		} else if n > 0 {
			g.parents[n] = []int{n - 1}
		}
		for _, p := range g.parents[n] {
			g.children[p] = append(g.children[p], n)
		}
	}
}

func (g *graph) named(n int) []int {
	e := g.entries[n]
	var parents []int
	for i, id := range e.After {
		p, ok := g.rank[id]
		switch {
		case id == e.ID:
			g.faults.add(e, "%s names itself in After", e.ID)
		case slices.Contains(e.After[:i], id):
			g.faults.add(e, "%s names its parent %s twice in After", e.ID, id)
		case !ok:
			g.faults.add(e, "%s names the parent %q, which is not registered", e.ID, id)
		default:
			parents = append(parents, p)
		}
	}
	slices.Sort(parents)
	return parents
}

// sort returns the ranks in run order. What is part of a cycle, or behind one,
// comes last, in order of IDs, and the cycles are faults.
func (g *graph) sort() []int {
	waiting := make([]int, len(g.entries)) // number of parents that have not run
	var ready ranks
	for n := range g.entries {
		if waiting[n] = len(g.parents[n]); waiting[n] == 0 {
			ready = append(ready, n) // ascending, so a heap already
		}
	}
	order := make([]int, 0, len(g.entries))
	for len(ready) > 0 {
		n := heap.Pop(&ready).(int)
		order = append(order, n)
		for _, c := range g.children[n] {
			if waiting[c]--; waiting[c] == 0 {
				heap.Push(&ready, c)
			}
		}
	}
	if len(order) < len(g.entries) {
		order = append(order, g.cycles(waiting)...)
	}
	return order
}

// cycles reports cycles among the migrations that still wait, and returns those
// migrations. Each of them waits for another one, so that going from parent to
// parent ends in a cycle; who is met for the first time in that walk closes it.
func (g *graph) cycles(waiting []int) []int {
	var stuck []int
	walk := make([]int, len(g.entries)) // number of the walk that met it
	for n := range g.entries {
		if waiting[n] == 0 {
			continue
		}
		stuck = append(stuck, n)
		at := n
		for walk[at] == 0 {
			walk[at] = n + 1
			at = g.waitingParent(at, waiting)
		}
		if walk[at] == n+1 {
			g.reportCycle(at, waiting)
		}
	}
	return stuck
}

func (g *graph) waitingParent(n int, waiting []int) int {
	for _, p := range g.parents[n] {
		if waiting[p] > 0 {
			return p
		}
	}
	return n // does not happen: it waits for somebody
}

func (g *graph) reportCycle(start int, waiting []int) {
	members := []int{start}
	for at := g.waitingParent(start, waiting); at != start; at = g.waitingParent(at, waiting) {
		members = append(members, at)
	}
	smallest := slices.Index(members, slices.Min(members))
	members = append(members[smallest:], members[:smallest]...)
	var chain []string
	for _, n := range append(members, members[0]) {
		id := g.entries[n].ID
		if len(g.entries[n].After) == 0 {
			id += " (no After: the previous ID)"
		}
		chain = append(chain, id)
	}
	g.faults.add(g.entries[members[0]], "cycle: %s", strings.Join(chain, " after "))
}

func (g *graph) known(n int) Known {
	e := g.entries[n]
	k := Known{Migration: &e.Migration, Named: len(e.After) > 0, Up: e.Up, Down: e.Down, Source: e.source, at: e.place}
	k.File, k.Line = e.base(), e.line
	for _, p := range g.parents[n] {
		k.Parents = append(k.Parents, g.entries[p].ID)
	}
	if !e.Change.IsZero() {
		k.Up, k.Down, k.NoDown = e.Change.functions()
	} else if k.Down == nil {
		k.NoDown = "it has no Down"
	}
	return k
}

// headsOf returns the IDs that are nobody's parent, in order of IDs.
func headsOf(known []Known) []string {
	parent := make(map[string]bool, len(known))
	for i := range known {
		for _, id := range known[i].Parents {
			parent[id] = true
		}
	}
	var heads []string
	for i := range known {
		if id := known[i].ID; !parent[id] {
			heads = append(heads, id)
		}
	}
	slices.Sort(heads)
	return heads
}

// ranks is a heap of ranks, the smallest first.
type ranks []int

func (r ranks) Len() int           { return len(r) }
func (r ranks) Less(i, j int) bool { return r[i] < r[j] }
func (r ranks) Swap(i, j int)      { r[i], r[j] = r[j], r[i] }
func (r *ranks) Push(x any)        { *r = append(*r, x.(int)) }
func (r *ranks) Pop() any {
	last := len(*r) - 1
	x := (*r)[last]
	*r = (*r)[:last]
	return x
}
