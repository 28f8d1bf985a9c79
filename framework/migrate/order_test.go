package migrate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// registryOf registers migrations that are written "ID" or "ID<PARENT,PARENT".
func registryOf(specs ...string) *Registry {
	r := NewRegistry()
	for _, s := range specs {
		id, parents, named := strings.Cut(s, "<")
		m := Migration{ID: id, Up: nothing, Down: nothing}
		if named {
			m.After = strings.Split(parents, ",")
		}
		r.Register(m)
	}
	return r
}

func idsOf(known []Known) []string {
	var ids []string
	for i := range known {
		ids = append(ids, known[i].ID)
	}
	return ids
}

func TestOrder(t *testing.T) {
	for _, c := range []struct{ name, specs, order, heads string }{
		{"nothing", "", "", ""},
		{"one", "1", "1", "1"},
		{"empty After is the previous ID", "3 1 2", "1 2 3", "3"},
		{"IDs compare as strings", "9 10 8", "10 8 9", "9"},
		{"counters and timestamps", "20261121 0002 0001", "0001 0002 20261121", "20261121"},
		{"a chain against the IDs", "1 2<3 3<1", "1 3 2", "2"},
		{"two name one parent", "1 2<1 3<1", "1 2 3", "2 3"},
		{"one names the parent of the next ID", "1 2 3<1", "1 2 3", "2 3"},
		{"an empty After follows the branch with the previous ID", "1 2<1 3<1 4", "1 2 3 4", "2 4"},
		{"a merge", "1 2<1 3<1 4<2,3", "1 2 3 4", "4"},
		{"a merge with a smaller ID", "1 2<4,5 4<1 5<1", "1 4 5 2", "2"},
		{"a branch of two, merged", "1 2<1 3<2 4<1 5<3,4", "1 2 3 4 5", "5"},
		{"ties by ID", "1 5<1 3<1 4<1 2<1", "1 2 3 4 5", "2 3 4 5"},
		{"an edge that says nothing new", "1 2 3<1,2", "1 2 3", "3"},
		{"the first ID names a later one", "1<2 2<3 3", "1 2 3", "1"}, // a cycle: 3 comes after the previous ID
		{"unknown parents are no edges", "1 2<9 3", "1 2 3", "1 3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := registryOf(strings.Fields(c.specs)...)
			if got := strings.Join(idsOf(r.known()), " "); got != c.order {
				t.Errorf("the order is %q, want %q", got, c.order)
			}
			if got := strings.Join(r.heads(), " "); got != c.heads {
				t.Errorf("the heads are %q, want %q", got, c.heads)
			}
		})
	}
}

// Whatever order files are initialised in, order and problems are the same.
func TestOrderDoesNotDependOnRegistration(t *testing.T) {
	specs := strings.Fields("1 2<1 3<1 4<2,3 5 6<9 7<7 8<4 x 90<91 91<90")
	random := rand.New(rand.NewPCG(1, 2))
	var want string
	for range 50 {
		random.Shuffle(len(specs), func(i, j int) { specs[i], specs[j] = specs[j], specs[i] })
		r := registryOf(specs...)
		got := fmt.Sprint(idsOf(r.known()), r.heads(), r.Problems())
		if want == "" {
			want = got
		}
		if got != want {
			t.Fatalf("%v gives\n%s\nwant\n%s", specs, got, want)
		}
	}
}

// Parents come first in graphs of every kind.
func TestParentsComeFirst(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		n := 2 + random.IntN(30)
		ids := random.Perm(1000)[:n]
		var specs []string
		for i, id := range ids {
			s := fmt.Sprintf("%03d", id)
			var parents []string
			for range random.IntN(3) {
				if i > 0 {
					parents = append(parents, fmt.Sprintf("%03d", ids[random.IntN(i)]))
				}
			}
			slices.Sort(parents)
			parents = slices.Compact(parents)
			if len(parents) > 0 {
				s += "<" + strings.Join(parents, ",")
			}
			specs = append(specs, s)
		}
		r := registryOf(specs...)
		if len(r.Problems()) > 0 {
			continue // an empty After has closed a cycle
		}
		seen := map[string]bool{}
		for _, k := range r.known() {
			for _, p := range k.Parents {
				if !seen[p] {
					t.Fatalf("%s runs before its parent %s in %v", k.ID, p, specs)
				}
			}
			seen[k.ID] = true
		}
		if len(seen) != n || len(r.heads()) == 0 {
			t.Fatalf("%d of %d migrations are in order, heads %v", len(seen), n, r.heads())
		}
	}
}

func BenchmarkOrder10000(b *testing.B) {
	r := NewRegistry()
	for i := range 10_000 {
		m := Migration{ID: fmt.Sprintf("%014d_x", (i*7919)%10_000), Up: nothing}
		r.Register(m)
	}
	for b.Loop() {
		resolve(r.entries)
	}
}
