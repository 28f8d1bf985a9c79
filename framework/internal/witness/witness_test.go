package witness_test

import (
	"fmt"
	"testing"

	"github.com/leavendb/leaven/framework/internal/witness"
)

func Example() {
	even := func(tb testing.TB, n int) {
		if n%2 != 0 {
			tb.Fatalf("%d is odd", n)
		}
	}
	fmt.Print(witness.Of(nil, func(tb testing.TB) { even(tb, 3); even(tb, 5) }))
	// Output: 3 is odd
}

func TestOf(t *testing.T) {
	said := witness.Of(t, func(tb testing.TB) {
		tb.Error("one ", 1)
		tb.Errorf("%d", 2)
		tb.Fatal("three")
		tb.Error("four")
	})
	if want := "one 1\n2\nthree\n"; said != want {
		t.Errorf("heard %q, want %q", said, want)
	}
	if said := witness.Of(t, func(testing.TB) {}); said != "" {
		t.Errorf("heard %q of a check that is content", said)
	}
}
