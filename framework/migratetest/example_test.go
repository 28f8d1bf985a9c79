package migratetest_test

import (
	"fmt"
	"testing"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/migratetest"
)

// In an app this stands in migrations/migrations_test.go, and the functions are
// called TestMigrations and so on.
func Example() {
	set := &migratetest.Set{Options: migrate.Options{Registry: registry(users())}, Rows: entered}
	tests := []testing.InternalTest{
		{Name: "TestMigrations", F: func(t *testing.T) { set.Stairway(t) }},
		{Name: "TestOfTheApp", F: func(t *testing.T) { _ = set.Fresh(t) }},
	}
	for _, t := range tests {
		fmt.Println(t.Name)
	}
	// Output:
	// TestMigrations
	// TestOfTheApp
}
