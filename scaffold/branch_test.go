package scaffold

import (
	"slices"
	"strings"
	"testing"
)

// graph reads "1 2<1 3<1,2": IDs with what they name in After.
func graph(text string) (f Folder) {
	for word := range strings.FieldsSeq(text) {
		id, after, named := strings.Cut(word, "<")
		n := Node{ID: id}
		if named {
			n.After = strings.Split(after, ",")
		}
		f.Add(n)
	}
	return f
}

func TestBeside(t *testing.T) {
	for _, test := range []struct{ what, graph, id, want string }{
		{"two heads", "1 2<1 3<1", "3", "2"},
		{"the other of two heads", "1 2<1 3<1", "2", "3"},
		{"three heads", "1 2<1 3<1 4<1", "3", "2,4"},
		{"the first of a branch of two", "1 2<1 3<1 4<3", "3", "2"},
		{"the last of a branch of two", "1 2<1 3<1 4<3", "4", "2,3"},
		{"a late one of a chain without names", "1 2 3 4", "2", "4"},
		{"behind a merge that it is part of", "1 2<1 3<1 4<2,3", "3", "2"},
		{"a child's child that names nobody", "1 2<1 3<1 4<3 5", "3", "2"},
		{"the last one", "1 2<1 3<2", "3", "2"},
		{"everything is behind it", "1 2<1 3<2", "1", ""},
		{"alone", "1", "1", ""},
		{"a child with a smaller ID", "1 2<4 3<1 4<1", "4", "3"},
		{"a cycle among others", "1 2<3 3<2 4<1", "4", "1"},
	} {
		if got := strings.Join(graph(test.graph).Beside(test.id), ","); got != test.want {
			t.Errorf("%s: %s beside %s: got %q, want %q", test.what, test.graph, test.id, got, test.want)
		}
	}
}

func TestParents(t *testing.T) {
	f := graph("1 2 3<1")
	for id, want := range map[string][]string{"1": nil, "2": {"1"}, "3": {"1"}, "4": nil} {
		if got := f.Parents(id); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", id, got, want)
		}
	}
}
