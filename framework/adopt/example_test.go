package adopt_test

import (
	"fmt"

	"github.com/leavendb/leaven/framework/adopt"
)

func Example() {
	ids := []string{"0001_users", "0002_orders", "0003_invoices"}
	goose := adopt.History{Tool: "goose", Versions: []adopt.Version{{Text: "1"}, {Text: "2"}}}
	plan := adopt.NewPlan(ids, nil, goose, nil)
	fmt.Println("record", plan.Mark, "and leave", plan.Pending)
	fmt.Println(adopt.Foreign("goose_db_version", []string{"id", "version_id", "is_applied", "tstamp"}))
	// Output:
	// record [0001_users 0002_orders] and leave [0003_invoices]
	// goose true
}
