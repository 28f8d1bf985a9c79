package pattern_test

import (
	"fmt"

	"github.com/leavendb/leaven/framework/internal/pattern"
)

var year = pattern.Lazy(`\b\d{4}\b`)

func Example() {
	fmt.Println(year().FindString("written in 2026"))
	// Output: 2026
}
