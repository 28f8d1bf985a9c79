package dialecttest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/leavendb/leaven/framework/op"
)

// Every operation of package op is one of the suite's.
func TestTheSuiteKnowsEveryOperation(t *testing.T) {
	tried := map[string]bool{}
	for _, c := range slices.Concat(operations(), vocabulary(), optional()) {
		for _, o := range append(c.prepare, c.do) {
			tried[fmt.Sprintf("%T", o)] = true
		}
	}
	for _, o := range op.Kinds() {
		if !tried[fmt.Sprintf("%T", o)] {
			t.Errorf("no test of %T", o)
		}
	}
}
