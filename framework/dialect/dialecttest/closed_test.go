package dialecttest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/leavendb/leaven/framework/dialect"
	_ "github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/op"
)

// kinds are those of the operations.
func kinds(ops ...op.Op) []string {
	var all []string
	for _, o := range ops {
		all = append(all, fmt.Sprintf("%T", o))
	}
	return all
}

// Every operation of package op goes there and back with rows, or is one that
// only some databases have.
func TestTheSuiteKnowsEveryOperation(t *testing.T) {
	var tried []string
	for _, c := range slices.Concat(operations(), vocabulary(), optional()) {
		tried = append(tried, kinds(c.do)...)
	}
	for _, kind := range kinds(op.Kinds()...) {
		if !slices.Contains(tried, kind) {
			t.Errorf("no test of %s", kind)
		}
	}
}

// Every operation that all databases have takes hostile names.
func TestEveryOperationTakesHostileNames(t *testing.T) {
	d := &database{dialect: dialect.All()[0]}
	tried := kinds(slices.Concat(d.named("a", "b"), unnamed("a"), d.hostile("a", "b"), dropping("a"))...)
	var common []string
	for _, c := range slices.Concat(operations(), vocabulary()) {
		common = append(common, kinds(c.do)...)
	}
	for _, kind := range kinds(op.Kinds()...) { // what only one dialect has, that one tries
		if slices.Contains(common, kind) && !slices.Contains(tried, kind) {
			t.Errorf("%s is never used with a hostile name", kind)
		}
	}
}
