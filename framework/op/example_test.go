package op_test

import (
	"fmt"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// Operations are values: they tell what they do, what they make of a schema, and
// what undoes them.
func Example() {
	up := []op.Op{
		op.CreateTable{Name: "invoices", Columns: []schema.Column{
			{Name: "id", Type: schema.BigInt, AutoIncrement: true},
			{Name: "total", Type: schema.Numeric(12, 2), NotNull: true, Default: schema.Literal(0)},
		}, PrimaryKey: []string{"id"}},
		op.CreateIndex{Table: "invoices", Index: schema.Index{Name: "invoices_total", Parts: schema.Columns("total")}},
	}
	var made schema.Schema
	for _, o := range up {
		if err := o.Apply(&made); err != nil {
			fmt.Println(err)
		}
		fmt.Println(o)
	}
	for _, c := range made.Tables[0].Columns {
		fmt.Println("-", c.Name, c)
	}
	down, err := op.Reverse(up...)
	if err != nil {
		fmt.Println(err)
	}
	for _, o := range down {
		fmt.Println(o)
	}
	// Output:
	// create table invoices
	// create index invoices_total on invoices
	// - id bigint auto-increment
	// - total numeric(12,2) not null default 0
	// drop index invoices_total on invoices
	// drop table invoices
}

// What an operation does not hold cannot be undone, and is said.
func ExampleReverse() {
	_, err := op.Reverse(op.DropColumn{Table: "users", Name: "nickname"})
	fmt.Println(err)
	// Output:
	// drop column users.nickname has no reverse: Was does not say what the column was
}

// Incomplete operations are found before anything runs.
func ExampleValidate() {
	fmt.Println(op.Validate(op.CreateTable{Name: "users", PrimaryKey: []string{"id"}, Columns: []schema.Column{{Name: "email"}}}))
	// Output:
	// create table users: column email has no type; the primary key names column id, which the table does not have
}
