package migrate

import (
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/op"
)

func TestChangeFunctions(t *testing.T) {
	table := op.CreateTable{Name: "users"}
	for _, c := range []struct {
		name string
		ops  []op.Op
		why  string // empty: it has a Down
	}{
		{"reversible", []op.Op{table, op.CreateTable{Name: "posts"}}, ""},
		{"no reverse", []op.Op{table, op.DropTable{Name: "posts"}}, "operation 2 of its Change (drop table posts)"},
		{"nil", []op.Op{nil}, "operation 1 of its Change (nil) is nil"},
		{"a nil pointer", []op.Op{(*op.CreateTable)(nil)}, "operation 1 of its Change (*op.CreateTable) cannot be reversed"},
	} {
		up, down, why := Reversible(c.ops...).functions()
		if up == nil || (down == nil) != (c.why != "") || !strings.Contains(why, c.why) || (why == "") != (c.why == "") {
			t.Errorf("%s: up %t, down %t, why %q", c.name, up != nil, down != nil, why)
		}
	}
	if n := Reversible(table, nil).missing(); n != 2 {
		t.Errorf("operation %d is said to be nil", n)
	}
	if n := Reversible(table).missing(); n != 0 {
		t.Errorf("operation %d is said to be nil", n)
	}
}

func TestKnownHasTheFunctionsOfItsChange(t *testing.T) {
	r := NewRegistry()
	r.Register(Migration{ID: "1", Change: Reversible(op.CreateTable{Name: "users"})})
	r.Register(Migration{ID: "2", Change: Reversible(op.DropTable{Name: "users"})})
	r.Register(Migration{ID: "3", Up: nothing})
	known := r.known()
	for i, want := range []bool{true, false, false} {
		if k := known[i]; k.Up == nil || (k.Down != nil) != want || (k.NoDown == "") != want {
			t.Errorf("%s has Up %t, Down %t, reason %q", k.ID, k.Up != nil, k.Down != nil, k.NoDown)
		}
	}
}
