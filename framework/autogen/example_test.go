package autogen_test

import (
	"fmt"

	"github.com/leavendb/leaven/framework/autogen"
	"github.com/leavendb/leaven/framework/diff"
	"github.com/leavendb/leaven/framework/schema"
)

// What was found becomes the arguments of op.Run.
func Example() {
	users := &schema.Table{Name: "users", Columns: []schema.Column{{Name: "id", Type: schema.BigInt, NotNull: true}}, PrimaryKey: []string{"id"}}
	named := users.Clone()
	named.Columns = append(named.Columns, schema.Column{Name: "nickname", Type: schema.Varchar(80)})
	found, err := diff.Compare(&schema.Schema{Tables: []*schema.Table{users}}, &schema.Schema{Tables: []*schema.Table{named}}, diff.Options{})
	if err != nil {
		panic(err)
	}
	for _, s := range autogen.Sources(found) {
		fmt.Println(autogen.Name(found))
		fmt.Println(s.Up[0])
		fmt.Println(s.Down[0])
	}
	// Output:
	// add users.nickname
	// op.AddColumn{Table: "users", Column: schema.Column{Name: "nickname", Type: schema.Varchar(80)}},
	// op.DropColumn{Table: "users", Name: "nickname"},
}
