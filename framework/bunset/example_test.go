package bunset_test

import (
	"fmt"
	"testing/fstest"

	"github.com/leavendb/leaven/framework/bunset"
	"github.com/leavendb/leaven/framework/migrate"
	bunmigrate "github.com/uptrace/bun/migrate"
)

func Example() {
	all := bunmigrate.NewMigrations() // the app's, as it is
	err := all.Discover(fstest.MapFS{"20240101000000_users.up.sql": {Data: []byte("CREATE TABLE users (id bigint)")}})
	if err != nil {
		fmt.Println(err)
	}
	r := migrate.NewRegistry()
	bunset.Register(r, all, bunset.Options{})
	for _, m := range r.Migrations() {
		fmt.Println(m.ID, "in a transaction of ours:", !m.NoTx)
	}
	// Output: 20240101000000_users in a transaction of ours: false
}
