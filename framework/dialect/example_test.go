package dialect_test

import (
	"fmt"

	"github.com/leavendb/leaven/framework/dialect"
	_ "github.com/leavendb/leaven/framework/dialect/postgres"
	_ "github.com/leavendb/leaven/framework/dialect/sqlite"
)

// What a program imports is what it supports.
func ExampleAll() {
	for _, d := range dialect.All() {
		fmt.Println(d.Name(), d.(dialect.Opener).Schemes(), d.Quote(`we"ird`), d.Literal("it's"))
	}
	// Output:
	// postgres [postgres postgresql] "we""ird" 'it''s'
	// sqlite [sqlite file] "we""ird" 'it''s'
}
