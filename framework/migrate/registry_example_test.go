package migrate_test

import (
	"context"
	"fmt"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
)

// A registry finds the order by itself, and says what is wrong instead of
// panicking.
func ExampleRegistry() {
	up := func(context.Context, bun.IDB) error { return nil }
	r := migrate.NewRegistry()
	r.Register(migrate.Migration{ID: "0002_posts", After: []string{"0001_users"}, Up: up})
	r.Register(migrate.Migration{ID: "0001_users", Up: up})
	r.Register(migrate.Migration{ID: "0003_tags", After: []string{"0002_post"}, Up: up})

	for _, m := range r.Migrations() {
		fmt.Println(m.ID)
	}
	for _, p := range r.Problems() {
		fmt.Println(p.Message)
	}
	// Output:
	// 0001_users
	// 0002_posts
	// 0003_tags
	// 0003_tags names the parent "0002_post", which is not registered
}
