package schema_test

import (
	"fmt"

	"github.com/leavendb/leaven/framework/schema"
)

// Tables are values: found in one place, wanted in another, and compared.
func Example() {
	found := &schema.Table{Name: "images", Columns: []schema.Column{
		{Name: "id", Type: schema.BigInt, AutoIncrement: true},
		{Name: "size", Type: schema.Integer},
	}, PrimaryKey: []string{"id"}}

	want := found.Clone()
	want.Column("size").Type = schema.BigInt
	want.Columns = append(want.Columns, schema.Column{Name: "alt", Type: schema.Varchar(200), NotNull: true, Default: schema.Literal("")})

	for _, line := range schema.Differences(found, want) {
		fmt.Println(line)
	}
	// Output:
	// column images.size: found integer, want bigint
	// column images.alt: found none, want varchar(200) not null default ""
}

// What no value says in all databases, each gets in its own words.
func ExampleType_On() {
	t := schema.Text.On("postgres", "citext")
	own, _ := t.Spelling("postgres")
	_, other := t.Spelling("sqlite")
	fmt.Println(own, other)
	// Output: citext false
}
