package diff_test

import (
	"fmt"

	"github.com/leavendb/leaven/framework/diff"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

func ExampleCompare() {
	users := &schema.Table{Name: "users", Columns: []schema.Column{
		{Name: "id", Type: schema.BigInt, NotNull: true},
		{Name: "nick", Type: schema.Varchar(20)},
	}, PrimaryKey: []string{"id"}}

	wanted := users.Clone()
	wanted.Columns[1] = schema.Column{Name: "nickname", Type: schema.Text}
	wanted.Indexes = []schema.Index{{Name: "users_nickname_idx", Parts: schema.Columns("nickname")}}

	r, err := diff.Compare(&schema.Schema{Tables: []*schema.Table{users}}, &schema.Schema{Tables: []*schema.Table{wanted}}, diff.Options{
		Can: diff.Capabilities{ConcurrentIndexes: true},
		Renames: []diff.Rename{{
			From: op.Object{Kind: "column", Table: "users", Name: "nick"},
			To:   op.Object{Kind: "column", Table: "users", Name: "nickname"},
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, part := range r.Parts {
		fmt.Println("migration", i+1)
		for _, step := range part.Steps {
			fmt.Printf("  %s: %s\n", r.Changes[step.Change].Title, step.Op)
		}
	}
	// Output:
	// migration 1
	//   rename users.nick to nickname: rename column users.nick to nickname
	//   change users.nickname from varchar(20) to text: alter column users.nickname
	// migration 2
	//   add index users_nickname_idx on users: create index users_nickname_idx on users
}
