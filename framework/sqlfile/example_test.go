package sqlfile_test

import (
	"fmt"
	"testing/fstest"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/sqlfile"
)

func Example() {
	files := fstest.MapFS{ // in an app: an embed.FS
		"0001_users.up.sql":   {Data: []byte("CREATE TABLE users (id bigint PRIMARY KEY);")},
		"0001_users.down.sql": {Data: []byte("DROP TABLE users;")},
	}
	r := migrate.NewRegistry()
	sqlfile.Register(r, files)
	for _, m := range r.Migrations() {
		fmt.Println(m.ID, r.Problems())
	}
	// Output: 0001_users []
}
