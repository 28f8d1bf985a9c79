package postgres_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/leavendb/leaven/framework/op"
)

// Every operation there is has golden SQL, goes there and back on a database with
// rows, and takes hostile names.
func TestEveryOperationIsTried(t *testing.T) {
	golden, trip, named := map[string]bool{}, map[string]bool{}, map[string]bool{}
	see := func(in map[string]bool, ops ...op.Op) {
		for _, o := range ops {
			in[fmt.Sprintf("%T", o)] = true
		}
	}
	for _, c := range each {
		see(golden, c.op)
	}
	for _, c := range trips {
		see(golden, c.do)
		see(trip, c.do)
		back, err := op.Reverse(c.do)
		must(t, err)
		see(trip, back...)
	}
	strangers := slices.Concat(basics("a"), strange("a", "b"))
	back, err := op.Reverse(strangers...)
	must(t, err)
	see(named, append(strangers, back...)...)
	// Nobody chooses the name of an extension, and SQL has none.
	see(named, op.CreateExtension{}, op.DropExtension{}, op.SQL{})
	see(trip, op.SQL{}) // in the suite of all dialects
	for _, o := range op.Kinds() {
		kind := fmt.Sprintf("%T", o)
		if !golden[kind] || !trip[kind] || !named[kind] {
			t.Errorf("%s: golden SQL %t, there and back %t, hostile names %t", kind, golden[kind], trip[kind], named[kind])
		}
	}
}
