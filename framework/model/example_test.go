package model_test

import (
	"fmt"

	"github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/model"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// Customer is a bun model. What bun's tag cannot say stands in the tag leaven,
// and in Define.
type Customer struct {
	bun.BaseModel `bun:"table:customers" leaven:"comment:who buys"`

	ID        int64  `bun:",pk,autoincrement"`
	Email     string `bun:",notnull"          leaven:"unique"`
	Nickname  string `bun:"type:varchar(80)"  leaven:"renamed_from:nick"`
	InviterID *int64 `leaven:"index"`

	Inviter *Customer `bun:"rel:belongs-to,join:inviter_id=id,on_delete:SET NULL"`
}

// Define says what has no place in a tag.
func (*Customer) Define() schema.Extras {
	return schema.Extras{
		Checks:  []schema.Check{{Name: "customers_email_check", Expr: schema.Expr("email LIKE '%@%'")}},
		Indexes: []schema.Index{{Name: "customers_email_lower_idx", Unique: true, Parts: []schema.Part{{Expr: schema.Expr("lower(email)")}}}},
	}
}

// The models say what a database should be.
func Example() {
	want, err := model.Load(sqlite.Dialect{}, []any{(*Customer)(nil)}, model.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	t := want.Schema.Table("", "customers")
	fmt.Println(t.Name, t.Comment, t.PrimaryKey)
	for _, c := range t.Columns {
		fmt.Println(" ", c.Name, c)
	}
	for _, x := range t.Indexes {
		fmt.Println("  index", x.Name)
	}
	for _, f := range t.ForeignKeys {
		fmt.Println("  foreign key", f.Columns, "to", f.RefTable, "on delete", f.OnDelete)
	}
	for _, r := range want.Renames {
		fmt.Println("  formerly", r.From)
	}
	// Output:
	// customers who buys [id]
	//   id bigint auto-increment
	//   email varchar not null
	//   nickname varchar(80)
	//   inviter_id bigint
	//   index customers_email_lower_idx
	//   index customers_inviter_id_idx
	//   foreign key [inviter_id] to customers on delete SET NULL
	//   formerly nick
}

// Draft is a model with two faults.
type Draft struct {
	ID    int64  `bun:",pk,autoincrement"`
	State string `bun:",notnull,default:open"`
	Data  any
}

// Everything that is wrong is told at once.
func ExampleError() {
	_, err := model.Load(sqlite.Dialect{}, []any{(*Draft)(nil)}, model.Options{})
	fmt.Println(err)
	// Output:
	// model_test.Draft.State: default:open is not a value of SQL; a text needs quotes: default:'open'
	// model_test.Draft.Data: bun has no type of SQL for the Go type interface {}; say it, like `bun:"type:jsonb"`, or leave the field out with `bun:"-"`
}
