package cli

import (
	"bytes"
	"testing"
)

// A narrow terminal cuts nothing off: remarks go below, and what can be looked up
// elsewhere is left out.
func TestTablesFitTheTerminal(t *testing.T) {
	g := grid{
		head: []string{"State", "Migration", "Took", remarks}, spare: []string{"Took"},
		rows: [][]string{{"applied", "0001_one", "3 ms", ""}, {"pending", "0002_two", "", "last attempt failed"}},
	}
	for _, tt := range []struct {
		width int
		want  string
	}{
		{0, "State    Migration  Took  Remarks\n---------------------------------------------\napplied  0001_one   3 ms\npending  0002_two         last attempt failed\n"},
		{30, "State    Migration  Took\n------------------------\napplied  0001_one   3 ms\npending  0002_two\n  last attempt failed\n"},
		{20, "State    Migration\n------------------\napplied  0001_one\npending  0002_two\n  last attempt failed\n"},
	} {
		var b bytes.Buffer
		g.show(output{w: &b, terminal: true, width: tt.width})
		if b.String() != tt.want {
			t.Errorf("%d cells:\n%s\nwant:\n%s", tt.width, b.String(), tt.want)
		}
	}
}
