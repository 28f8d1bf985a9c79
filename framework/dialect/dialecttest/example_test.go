package dialecttest_test

import (
	"fmt"
	"testing"

	"github.com/leavendb/leaven/framework/dialect/dialecttest"
	"github.com/uptrace/bun"
)

// A dialect's own test opens its databases and runs the suite.
func ExampleRun() {
	var open, again func() *bun.DB // by the dialect's driver
	TestConformance := func(t *testing.T) {
		dialecttest.Run(t, dialecttest.Target{
			Open:  func(t testing.TB) *bun.DB { return open() },
			Again: func(t testing.TB, db *bun.DB) *bun.DB { return again() },
		})
	}
	fmt.Printf("%T\n", TestConformance)
	// Output: func(*testing.T)
}
